"""Who is acting: a role, at an organisation, by a session or a token."""

from dataclasses import dataclass
from enum import StrEnum

# Reception staff see everything but safety content (rules.md, rule 6); curators, public health and
# administrators see no person at all.
_SEES_SAFETY = frozenset({"clinician", "integrator"})
_SEES_PEOPLE = _SEES_SAFETY | {"care_navigator", "link_worker"}


class Role(StrEnum):
    """The seven roles of the service (rules.md, rule 13)."""

    CLINICIAN = "clinician"
    CARE_NAVIGATOR = "care_navigator"
    LINK_WORKER = "link_worker"
    CURATOR = "curator"
    PUBLIC_HEALTH = "public_health"
    INTEGRATOR = "integrator"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody signed in, or a system with a token.

    `organisation_id` is the ODS code of a practice, a PCN (link workers) or the city; it comes from
    the session or token and never from a request. `name` is shown to colleagues. Somebody signed in
    has `user_id` and `session_id`, a system `token_id`.
    """

    role: Role
    organisation_id: str
    name: str
    user_id: str | None = None
    token_id: str | None = None
    session_id: str | None = None

    @property
    def sees_safety(self) -> bool:
        """Whether safety content (and what counts as safety) may be shown to this role."""
        return self.role in _SEES_SAFETY

    @property
    def sees_people(self) -> bool:
        """Whether this role ever opens a person's record."""
        return self.role in _SEES_PEOPLE

    @property
    def actor(self) -> str:
        """How the audit names whoever acts: an id, no personal data (`user:…` or `token:…`)."""
        if self.token_id is not None:
            return f"token:{self.token_id}"
        return f"user:{self.user_id}"
