"""Opt-outs from statistics, and the ledger of what has been counted in them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_MOMENT = sa.DateTime(timezone=True)
_APPEND_ONLY = ("fact_month", "fact_ledger")


def upgrade() -> None:
    """Add the column and the tables, and the triggers that keep what was sealed."""
    op.add_column("person", sa.Column("opted_out_at", _MOMENT))
    _fact_month()
    _fact_ledger()
    for table in _APPEND_ONLY:
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} refuses {change}'); END"
            )


def _fact_month() -> None:
    op.create_table(
        "fact_month",
        sa.Column("month", sa.String, nullable=False),
        sa.Column("sealed_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("month", name="pk_fact_month"),
    )


def _fact_ledger() -> None:
    op.create_table(
        "fact_ledger",
        sa.Column("organisation_id", sa.String, nullable=False),
        sa.Column("person_year", sa.String, nullable=False),
        sa.Column("domain", sa.String, nullable=False),
        sa.Column("what", sa.String, nullable=False),
        sa.Column("month", sa.String, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.ods_code"], name="fk_fact_ledger_organisation"
        ),
        sa.ForeignKeyConstraint(["month"], ["fact_month.month"], name="fk_fact_ledger_fact_month"),
        sa.PrimaryKeyConstraint(
            "organisation_id", "person_year", "domain", "what", name="pk_fact_ledger"
        ),
    )
