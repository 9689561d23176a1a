"""A self-contained demonstration: made-up people at real Leeds practices."""
