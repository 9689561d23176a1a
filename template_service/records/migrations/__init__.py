"""Schema changes of the records: one ordered chain of Alembic revisions, shipped in the wheel."""
