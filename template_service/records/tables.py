"""The tables of the records, as SQLAlchemy Core sees them; migrations/ creates them.

`organisation_id` leads every key, so that PostgreSQL can partition, distribute and guard rows so.
Identity and free text are `LargeBinary`: AES-256-GCM boxes (see `keys`).
"""

from datetime import UTC, datetime

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    TypeDecorator,
    text,
)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware on both sides, UTC in the store. A naive datetime raises `ValueError`."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """UTC without a zone for SQLite, which has no type with one; UTC for the rest."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment in the records needs a time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment in UTC, aware."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# Constraint names are needed to change a constraint in a later migration.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _organisation() -> Column[str]:
    return Column("organisation_id", String, ForeignKey("organisation.ods_code"), nullable=False)


organisation = Table(
    "organisation",
    metadata,
    Column("ods_code", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("parent", String),
    Column("postcode", String),
    CheckConstraint("kind IN ('practice', 'pcn', 'city')", name="kind"),
    Index("ix_organisation_parent", "parent"),
)

user_account = Table(
    "user_account",
    metadata,
    _organisation(),
    Column("user_id", String, nullable=False),
    Column("username", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("role", String, nullable=False),
    Column("password_hash", String, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("organisation_id", "user_id"),
)

session = Table(
    "session",
    metadata,
    Column("organisation_id", String, nullable=False),
    Column("session_id", String, nullable=False),
    Column("user_id", String, nullable=False),
    Column("secret_hash", LargeBinary, nullable=False, unique=True),
    Column("started_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("organisation_id", "session_id"),
    ForeignKeyConstraint(
        ["organisation_id", "user_id"], ["user_account.organisation_id", "user_account.user_id"]
    ),
    Index("ix_session_user", "organisation_id", "user_id"),
    Index("ix_session_started_at", "started_at"),
)

access_token = Table(
    "access_token",
    metadata,
    _organisation(),
    Column("token_id", String, nullable=False),
    Column("secret_hash", LargeBinary, nullable=False, unique=True),
    Column("role", String, nullable=False),
    Column("name", String, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
    PrimaryKeyConstraint("organisation_id", "token_id"),
)

person = Table(
    "person",
    metadata,
    _organisation(),
    Column("person_id", String, nullable=False),
    Column("nhs_number", LargeBinary),
    Column("nhs_number_hash", LargeBinary),
    Column("family_name", LargeBinary),
    Column("given_name", LargeBinary),
    Column("birth_date", LargeBinary),
    Column("postcode", LargeBinary),
    Column("sex", LargeBinary),
    Column("language", LargeBinary),
    Column("ethnicity", LargeBinary),
    Column("created_at", UtcDateTime, nullable=False),
    Column("active_at", UtcDateTime, nullable=False),
    # Since when the person objects to their answers being used in statistics; blank: they do not.
    Column("opted_out_at", UtcDateTime),
    PrimaryKeyConstraint("organisation_id", "person_id"),
    Index("ix_person_nhs_number", "organisation_id", "nhs_number_hash", unique=True),
    Index("ix_person_active", "organisation_id", "active_at"),
)

response = Table(
    "response",
    metadata,
    Column("organisation_id", String, nullable=False),
    Column("response_id", String, nullable=False),
    Column("person_id", String, nullable=False),
    Column("questionnaire_url", String, nullable=False),
    Column("questionnaire_version", String, nullable=False),
    Column("status", String, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", String, nullable=False),
    Column("created_by_name", String, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("updated_by", String, nullable=False),
    Column("updated_by_name", String, nullable=False),
    PrimaryKeyConstraint("organisation_id", "response_id"),
    ForeignKeyConstraint(
        ["organisation_id", "person_id"], ["person.organisation_id", "person.person_id"]
    ),
    CheckConstraint("status IN ('in-progress', 'completed')", name="status"),
    Index("ix_response_person", "organisation_id", "person_id", "updated_at"),
)

response_revision = Table(
    "response_revision",
    metadata,
    Column("organisation_id", String, nullable=False),
    Column("response_id", String, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("questionnaire_version", String, nullable=False),
    Column("status", String, nullable=False),
    Column("content_type", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("saved_at", UtcDateTime, nullable=False),
    Column("saved_by", String, nullable=False),
    Column("saved_by_name", String, nullable=False),
    Column("idempotency_key", String),
    Column("directory_version", String, nullable=False),
    # JSON, only ever read whole: the domains asked or not offered, and what was proposed.
    Column("states", String, nullable=False),
    Column("plan", String, nullable=False),
    # Last, because it is long: whoever wants another column need not read past it.
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("organisation_id", "response_id", "revision"),
    ForeignKeyConstraint(
        ["organisation_id", "response_id"], ["response.organisation_id", "response.response_id"]
    ),
    Index(
        "ix_response_revision_idempotency_key",
        "organisation_id",
        "idempotency_key",
        unique=True,
        sqlite_where=text("idempotency_key IS NOT NULL"),
    ),
)


# A card without a reason, by which a navigator calls a clinician.
CALL_A_CLINICIAN = "call-a-clinician"
# A card is open once per response; what is said again after it was dealt with opens it anew.
_ONCE = text("acknowledged_at IS NULL")

urgent_card = Table(
    "urgent_card",
    metadata,
    Column("organisation_id", String, nullable=False),
    Column("card_row_id", String, nullable=False),
    Column("person_id", String, nullable=False),
    Column("response_id", String),
    Column("card_id", String, nullable=False),
    Column("masked", Boolean, nullable=False),
    Column("raised_at", UtcDateTime, nullable=False),
    Column("raised_by", String, nullable=False),
    Column("raised_by_name", String, nullable=False),
    Column("acknowledged_at", UtcDateTime),
    Column("acknowledged_by", String),
    Column("acknowledged_by_name", String),
    Column("note", LargeBinary),
    Column("called_at", UtcDateTime),
    Column("called_by", String),
    Column("called_by_name", String),
    PrimaryKeyConstraint("organisation_id", "card_row_id"),
    ForeignKeyConstraint(
        ["organisation_id", "person_id"], ["person.organisation_id", "person.person_id"]
    ),
    ForeignKeyConstraint(
        ["organisation_id", "response_id"], ["response.organisation_id", "response.response_id"]
    ),
    Index(
        "ix_urgent_card_once",
        "organisation_id",
        "response_id",
        "card_id",
        unique=True,
        sqlite_where=_ONCE,
    ),
    Index("ix_urgent_card_person", "organisation_id", "person_id"),
    Index(
        "ix_urgent_card_open",
        "organisation_id",
        "raised_at",
        sqlite_where=text("acknowledged_at IS NULL"),
    ),
)

given = Table(
    "given",
    metadata,
    Column("organisation_id", String, nullable=False),
    Column("given_id", String, nullable=False),
    Column("person_id", String, nullable=False),
    Column("response_id", String),
    Column("service_id", String, nullable=False),
    Column("service_name", String, nullable=False),
    Column("need", String, nullable=False),
    Column("channel", String, nullable=False),
    Column("directory_version", String, nullable=False),
    Column("given_at", UtcDateTime, nullable=False),
    Column("given_by", String, nullable=False),
    Column("given_by_name", String, nullable=False),
    PrimaryKeyConstraint("organisation_id", "given_id"),
    ForeignKeyConstraint(
        ["organisation_id", "person_id"], ["person.organisation_id", "person.person_id"]
    ),
    ForeignKeyConstraint(
        ["organisation_id", "response_id"], ["response.organisation_id", "response.response_id"]
    ),
    Index("ix_given_person", "organisation_id", "person_id", "given_at"),
)

referral = Table(
    "referral",
    metadata,
    Column("organisation_id", String, nullable=False),
    Column("referral_id", String, nullable=False),
    Column("pcn_code", String, ForeignKey("organisation.ods_code"), nullable=False),
    Column("person_id", String, nullable=False),
    Column("response_id", String),
    Column("needs", String, nullable=False),
    Column("service_id", String),
    Column("reason", LargeBinary),
    Column("safe_contact", LargeBinary),
    Column("consent", Boolean, nullable=False),
    Column("urgency", String, nullable=False),
    Column("urgency_rank", Integer, nullable=False),
    Column("requested_at", UtcDateTime, nullable=False),
    Column("requested_by", String, nullable=False),
    Column("requested_by_name", String, nullable=False),
    Column("status", String, nullable=False),
    Column("status_at", UtcDateTime, nullable=False),
    Column("outcome", String),
    PrimaryKeyConstraint("organisation_id", "referral_id"),
    ForeignKeyConstraint(
        ["organisation_id", "person_id"], ["person.organisation_id", "person.person_id"]
    ),
    ForeignKeyConstraint(
        ["organisation_id", "response_id"], ["response.organisation_id", "response.response_id"]
    ),
    CheckConstraint("consent", name="consent"),
    Index("ix_referral_worklist", "pcn_code", "urgency_rank", "requested_at"),
    Index("ix_referral_pcn_person", "pcn_code", "person_id"),
    Index("ix_referral_person", "organisation_id", "person_id"),
)

referral_event = Table(
    "referral_event",
    metadata,
    Column("organisation_id", String, nullable=False),
    Column("referral_id", String, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("status", String, nullable=False),
    Column("outcome", String),
    Column("note", LargeBinary),
    Column("moved_at", UtcDateTime, nullable=False),
    Column("moved_by", String, nullable=False),
    Column("moved_by_name", String, nullable=False),
    PrimaryKeyConstraint("organisation_id", "referral_id", "seq"),
    ForeignKeyConstraint(
        ["organisation_id", "referral_id"], ["referral.organisation_id", "referral.referral_id"]
    ),
)

# A month is sealed for the whole store, so that it is the same month for every organisation.
fact_month = Table(
    "fact_month",
    metadata,
    Column("month", String, primary_key=True),
    Column("sealed_at", UtcDateTime, nullable=False),
)

fact_ledger = Table(
    "fact_ledger",
    metadata,
    _organisation(),
    # A keyed hash of the financial year; it leads nowhere without the keys.
    Column("person_year", String, nullable=False),
    Column("domain", String, nullable=False),
    Column("what", String, nullable=False),
    Column("month", String, ForeignKey("fact_month.month"), nullable=False),
    PrimaryKeyConstraint("organisation_id", "person_year", "domain", "what"),
)

# The library of questionnaires is the same for every organisation of the store.
questionnaire = Table(
    "questionnaire",
    metadata,
    Column("url", String, nullable=False),
    # Blank where the questionnaire names no version.
    Column("version", String, nullable=False),
    Column("resource_id", String, nullable=False, unique=True),
    Column("title", String, nullable=False),
    Column("status", String, nullable=False),
    Column("date", String, nullable=False),
    Column("digest", String, nullable=False),
    # As received, and last, because it is long.
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("url", "version"),
)

questionnaire_change = Table(
    "questionnaire_change",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("by", String, nullable=False),
    Column("action", String, nullable=False),
    # Without a foreign key: a questionnaire that is shipped can be retired too.
    Column("url", String, nullable=False),
    Column("version", String, nullable=False),
    CheckConstraint("action IN ('add', 'retire', 'put-back')", name="action"),
    Index("ix_questionnaire_change_of", "url", "version", "seq"),
)

audit = Table(
    "audit",
    metadata,
    _organisation(),
    Column("seq", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String, nullable=False),
    Column("action", String, nullable=False),
    Column("entities", String, nullable=False),
    Column("detail", String, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    PrimaryKeyConstraint("organisation_id", "seq"),
)
