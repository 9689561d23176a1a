"""From needs, a person and the directory to a plan: urgent cards first, then services that fit."""
