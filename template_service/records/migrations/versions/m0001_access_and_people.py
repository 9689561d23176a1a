"""Organisations, accounts, sessions, tokens, people and the audit."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables, and the triggers that keep the audit as it was written."""
    _organisation()
    _user_account()
    _session()
    _access_token()
    _person()
    _audit()
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_no_{change.lower()} BEFORE {change} ON audit "
            f"BEGIN SELECT RAISE(ABORT, 'audit refuses {change}'); END"
        )


def _organisation() -> None:
    op.create_table(
        "organisation",
        sa.Column("ods_code", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("parent", sa.String),
        sa.Column("postcode", sa.String),
        sa.CheckConstraint("kind IN ('practice', 'pcn', 'city')", name="ck_organisation_kind"),
        sa.PrimaryKeyConstraint("ods_code", name="pk_organisation"),
    )
    op.create_index("ix_organisation_parent", "organisation", ["parent"], unique=False)


def _user_account() -> None:
    op.create_table(
        "user_account",
        sa.Column("organisation_id", sa.String, nullable=False),
        sa.Column("user_id", sa.String, nullable=False),
        sa.Column("username", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("password_hash", sa.String, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.ods_code"], name="fk_user_account_organisation"
        ),
        sa.PrimaryKeyConstraint("organisation_id", "user_id", name="pk_user_account"),
        sa.UniqueConstraint("username", name="uq_user_account_username"),
    )


def _session() -> None:
    op.create_table(
        "session",
        sa.Column("organisation_id", sa.String, nullable=False),
        sa.Column("session_id", sa.String, nullable=False),
        sa.Column("user_id", sa.String, nullable=False),
        sa.Column("secret_hash", sa.LargeBinary, nullable=False),
        sa.Column("started_at", _MOMENT, nullable=False),
        sa.Column("seen_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "user_id"],
            ["user_account.organisation_id", "user_account.user_id"],
            name="fk_session_user_account",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "session_id", name="pk_session"),
        sa.UniqueConstraint("secret_hash", name="uq_session_secret_hash"),
    )
    op.create_index("ix_session_started_at", "session", ["started_at"], unique=False)
    op.create_index("ix_session_user", "session", ["organisation_id", "user_id"], unique=False)


def _access_token() -> None:
    op.create_table(
        "access_token",
        sa.Column("organisation_id", sa.String, nullable=False),
        sa.Column("token_id", sa.String, nullable=False),
        sa.Column("secret_hash", sa.LargeBinary, nullable=False),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("revoked_at", _MOMENT),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.ods_code"], name="fk_access_token_organisation"
        ),
        sa.PrimaryKeyConstraint("organisation_id", "token_id", name="pk_access_token"),
        sa.UniqueConstraint("secret_hash", name="uq_access_token_secret_hash"),
    )


def _person() -> None:
    op.create_table(
        "person",
        sa.Column("organisation_id", sa.String, nullable=False),
        sa.Column("person_id", sa.String, nullable=False),
        sa.Column("nhs_number", sa.LargeBinary),
        sa.Column("nhs_number_hash", sa.LargeBinary),
        sa.Column("family_name", sa.LargeBinary),
        sa.Column("given_name", sa.LargeBinary),
        sa.Column("birth_date", sa.LargeBinary),
        sa.Column("postcode", sa.LargeBinary),
        sa.Column("sex", sa.LargeBinary),
        sa.Column("language", sa.LargeBinary),
        sa.Column("ethnicity", sa.LargeBinary),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("active_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.ods_code"], name="fk_person_organisation"
        ),
        sa.PrimaryKeyConstraint("organisation_id", "person_id", name="pk_person"),
    )
    op.create_index("ix_person_active", "person", ["organisation_id", "active_at"], unique=False)
    op.create_index(
        "ix_person_nhs_number", "person", ["organisation_id", "nhs_number_hash"], unique=True
    )


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("organisation_id", sa.String, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("action", sa.String, nullable=False),
        sa.Column("entities", sa.String, nullable=False),
        sa.Column("detail", sa.String, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.ods_code"], name="fk_audit_organisation"
        ),
        sa.PrimaryKeyConstraint("organisation_id", "seq", name="pk_audit"),
    )
