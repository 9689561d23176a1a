"""The official geography files, as they are published, made into the geography tables."""
