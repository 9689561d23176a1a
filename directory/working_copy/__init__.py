"""What curators work on before it is published: what sources said, what was changed, by whom."""
