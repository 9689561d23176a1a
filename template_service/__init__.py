"""Asks about what shapes a person's health, and signposts to local services that fit."""

__version__ = "0.1.0"
