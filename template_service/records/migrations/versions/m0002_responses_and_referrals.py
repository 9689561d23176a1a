"""Responses with their revisions, facts, plans, cards and referrals."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_MOMENT = sa.DateTime(timezone=True)
# Never changed once written.
_APPEND_ONLY = ("response_revision", "referral_event")
# Changed as work goes on, never removed.
_KEPT = ("response", "urgent_card", "given", "referral")


def upgrade() -> None:
    """Create the tables, and the triggers that keep what must not change or go."""
    _response()
    _response_revision()
    _urgent_card()
    _given()
    _referral()
    _referral_event()
    for table in _APPEND_ONLY:
        _refuse(table, "UPDATE")
    for table in _APPEND_ONLY + _KEPT:
        _refuse(table, "DELETE")


def _refuse(table: str, change: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} refuses {change}'); END"
    )


def _response() -> None:
    op.create_table(
        "response",
        sa.Column("organisation_id", sa.String, nullable=False),
        sa.Column("response_id", sa.String, nullable=False),
        sa.Column("person_id", sa.String, nullable=False),
        sa.Column("questionnaire_url", sa.String, nullable=False),
        sa.Column("questionnaire_version", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("created_by", sa.String, nullable=False),
        sa.Column("created_by_name", sa.String, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.Column("updated_by", sa.String, nullable=False),
        sa.Column("updated_by_name", sa.String, nullable=False),
        sa.CheckConstraint("status IN ('in-progress', 'completed')", name="ck_response_status"),
        sa.ForeignKeyConstraint(
            ["organisation_id", "person_id"],
            ["person.organisation_id", "person.person_id"],
            name="fk_response_person",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "response_id", name="pk_response"),
    )
    op.create_index(
        "ix_response_person",
        "response",
        ["organisation_id", "person_id", "updated_at"],
        unique=False,
    )


def _response_revision() -> None:
    op.create_table(
        "response_revision",
        sa.Column("organisation_id", sa.String, nullable=False),
        sa.Column("response_id", sa.String, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("questionnaire_version", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("content_type", sa.String, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("saved_at", _MOMENT, nullable=False),
        sa.Column("saved_by", sa.String, nullable=False),
        sa.Column("saved_by_name", sa.String, nullable=False),
        sa.Column("idempotency_key", sa.String),
        sa.Column("directory_version", sa.String, nullable=False),
        sa.Column("states", sa.String, nullable=False),
        sa.Column("plan", sa.String, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "response_id"],
            ["response.organisation_id", "response.response_id"],
            name="fk_response_revision_response",
        ),
        sa.PrimaryKeyConstraint(
            "organisation_id", "response_id", "revision", name="pk_response_revision"
        ),
    )
    op.create_index(
        "ix_response_revision_idempotency_key",
        "response_revision",
        ["organisation_id", "idempotency_key"],
        unique=True,
        sqlite_where=sa.text("idempotency_key IS NOT NULL"),
        postgresql_where=sa.text("idempotency_key IS NOT NULL"),
    )


def _urgent_card() -> None:
    op.create_table(
        "urgent_card",
        sa.Column("organisation_id", sa.String, nullable=False),
        sa.Column("card_row_id", sa.String, nullable=False),
        sa.Column("person_id", sa.String, nullable=False),
        sa.Column("response_id", sa.String),
        sa.Column("card_id", sa.String, nullable=False),
        sa.Column("masked", sa.Boolean, nullable=False),
        sa.Column("raised_at", _MOMENT, nullable=False),
        sa.Column("raised_by", sa.String, nullable=False),
        sa.Column("raised_by_name", sa.String, nullable=False),
        sa.Column("acknowledged_at", _MOMENT),
        sa.Column("acknowledged_by", sa.String),
        sa.Column("acknowledged_by_name", sa.String),
        sa.Column("note", sa.LargeBinary),
        sa.Column("called_at", _MOMENT),
        sa.Column("called_by", sa.String),
        sa.Column("called_by_name", sa.String),
        sa.ForeignKeyConstraint(
            ["organisation_id", "person_id"],
            ["person.organisation_id", "person.person_id"],
            name="fk_urgent_card_person",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "response_id"],
            ["response.organisation_id", "response.response_id"],
            name="fk_urgent_card_response",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "card_row_id", name="pk_urgent_card"),
    )
    op.create_index(
        "ix_urgent_card_once",
        "urgent_card",
        ["organisation_id", "response_id", "card_id"],
        unique=True,
        sqlite_where=sa.text("acknowledged_at IS NULL"),
        postgresql_where=sa.text("acknowledged_at IS NULL"),
    )
    op.create_index(
        "ix_urgent_card_open",
        "urgent_card",
        ["organisation_id", "raised_at"],
        unique=False,
        sqlite_where=sa.text("acknowledged_at IS NULL"),
        postgresql_where=sa.text("acknowledged_at IS NULL"),
    )
    op.create_index(
        "ix_urgent_card_person", "urgent_card", ["organisation_id", "person_id"], unique=False
    )


def _given() -> None:
    op.create_table(
        "given",
        sa.Column("organisation_id", sa.String, nullable=False),
        sa.Column("given_id", sa.String, nullable=False),
        sa.Column("person_id", sa.String, nullable=False),
        sa.Column("response_id", sa.String),
        sa.Column("service_id", sa.String, nullable=False),
        sa.Column("service_name", sa.String, nullable=False),
        sa.Column("need", sa.String, nullable=False),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("directory_version", sa.String, nullable=False),
        sa.Column("given_at", _MOMENT, nullable=False),
        sa.Column("given_by", sa.String, nullable=False),
        sa.Column("given_by_name", sa.String, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "person_id"],
            ["person.organisation_id", "person.person_id"],
            name="fk_given_person",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "response_id"],
            ["response.organisation_id", "response.response_id"],
            name="fk_given_response",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "given_id", name="pk_given"),
    )
    op.create_index(
        "ix_given_person", "given", ["organisation_id", "person_id", "given_at"], unique=False
    )


def _referral() -> None:
    op.create_table(
        "referral",
        sa.Column("organisation_id", sa.String, nullable=False),
        sa.Column("referral_id", sa.String, nullable=False),
        sa.Column("pcn_code", sa.String, nullable=False),
        sa.Column("person_id", sa.String, nullable=False),
        sa.Column("response_id", sa.String),
        sa.Column("needs", sa.String, nullable=False),
        sa.Column("service_id", sa.String),
        sa.Column("reason", sa.LargeBinary),
        sa.Column("safe_contact", sa.LargeBinary),
        sa.Column("consent", sa.Boolean, nullable=False),
        sa.Column("urgency", sa.String, nullable=False),
        sa.Column("urgency_rank", sa.Integer, nullable=False),
        sa.Column("requested_at", _MOMENT, nullable=False),
        sa.Column("requested_by", sa.String, nullable=False),
        sa.Column("requested_by_name", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("status_at", _MOMENT, nullable=False),
        sa.Column("outcome", sa.String),
        sa.CheckConstraint("consent", name="ck_referral_consent"),
        sa.ForeignKeyConstraint(
            ["organisation_id", "person_id"],
            ["person.organisation_id", "person.person_id"],
            name="fk_referral_person",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "response_id"],
            ["response.organisation_id", "response.response_id"],
            name="fk_referral_response",
        ),
        sa.ForeignKeyConstraint(
            ["pcn_code"], ["organisation.ods_code"], name="fk_referral_organisation"
        ),
        sa.PrimaryKeyConstraint("organisation_id", "referral_id", name="pk_referral"),
    )
    op.create_index("ix_referral_pcn_person", "referral", ["pcn_code", "person_id"], unique=False)
    op.create_index(
        "ix_referral_person", "referral", ["organisation_id", "person_id"], unique=False
    )
    op.create_index(
        "ix_referral_worklist",
        "referral",
        ["pcn_code", "urgency_rank", "requested_at"],
        unique=False,
    )


def _referral_event() -> None:
    op.create_table(
        "referral_event",
        sa.Column("organisation_id", sa.String, nullable=False),
        sa.Column("referral_id", sa.String, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("outcome", sa.String),
        sa.Column("note", sa.LargeBinary),
        sa.Column("moved_at", _MOMENT, nullable=False),
        sa.Column("moved_by", sa.String, nullable=False),
        sa.Column("moved_by_name", sa.String, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "referral_id"],
            ["referral.organisation_id", "referral.referral_id"],
            name="fk_referral_event_referral",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "referral_id", "seq", name="pk_referral_event"),
    )
