"""The library of questionnaires, and what was done to it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_APPEND_ONLY = ("questionnaire", "questionnaire_change")


def upgrade() -> None:
    """Add the tables, and the triggers that keep a version what it is."""
    _questionnaire()
    _questionnaire_change()
    for table in _APPEND_ONLY:
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} refuses {change}'); END"
            )


def _questionnaire() -> None:
    op.create_table(
        "questionnaire",
        sa.Column("url", sa.String, nullable=False),
        sa.Column("version", sa.String, nullable=False),
        sa.Column("resource_id", sa.String, nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("date", sa.String, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("url", "version", name="pk_questionnaire"),
        sa.UniqueConstraint("resource_id", name="uq_questionnaire_resource_id"),
    )


def _questionnaire_change() -> None:
    op.create_table(
        "questionnaire_change",
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("action", sa.String, nullable=False),
        sa.Column("url", sa.String, nullable=False),
        sa.Column("version", sa.String, nullable=False),
        sa.CheckConstraint(
            "action IN ('add', 'retire', 'put-back')", name="ck_questionnaire_change_action"
        ),
        sa.PrimaryKeyConstraint("seq", name="pk_questionnaire_change"),
    )
    op.create_index(
        "ix_questionnaire_change_of",
        "questionnaire_change",
        ["url", "version", "seq"],
        unique=False,
    )
