"""Every error the service raises on purpose, and the HTTP answer each one becomes.

    ServiceError
    ├── Malformed            400  the bytes are not what they claim to be (JSON, a header, a form)
    ├── Unauthenticated      401  nobody is signed in, or the token is unknown or expired
    ├── Forbidden            403  this role never may
    ├── NotFound             404  there is no such thing, or it belongs to somebody else
    ├── Conflict             409  somebody saved first; carries what to merge
    ├── PreconditionFailed   412  If-Match named an older version
    ├── TooLarge             413  the body is larger than the service reads
    ├── UnsupportedMedia     415  a content type the service does not read
    ├── Invalid              422  well-formed, but breaks a rule; carries every problem
    ├── TooManyRequests      429  asked too often
    └── Unavailable          503  a store cannot be reached or written just now

Messages are shown to callers and written to logs: they name places (a linkId, a field, a column),
never a person, an NHS number, a postcode or any value somebody typed.
"""

from collections.abc import Sequence
from typing import ClassVar, Final, Protocol

# RFC 9457: the media type of a refusal, and where the type of each problem is named by its slug.
PROBLEM_JSON: Final = "application/problem+json"
PROBLEM_TYPES: Final = "https://template-service.example/problems"


class Issue(Protocol):
    """One thing wrong with an input, as `questionnaire.validation.Problem` carries it."""

    @property
    def severity(self) -> str:
        """`error`, `warning` or `information`."""

    @property
    def code(self) -> str:
        """A code of the FHIR value set issue-type."""

    @property
    def expression(self) -> str:
        """FHIRPath of the place, or an empty string."""

    @property
    def message(self) -> str:
        """What is wrong, in plain English, without a value somebody typed."""


class ServiceError(Exception):
    """Something the service refuses or cannot do; the base of every error it raises on purpose.

    `status` is the HTTP status, `code` the FHIR issue-type, `slug` the last part of the RFC 9457
    problem type and `title` its short, constant summary.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "exception"
    slug: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "Something went wrong in the service"

    def __init__(self, message: str = "") -> None:
        self.message = message or self.title
        super().__init__(self.message)


class Malformed(ServiceError):
    """The bytes are not what they claim to be: JSON that does not parse, a form that is not one."""

    status = 400
    code = "structure"
    slug = "malformed"
    title = "The request cannot be read"


class Unauthenticated(ServiceError):
    """Nobody is signed in, or the token is unknown, revoked or expired."""

    status = 401
    code = "login"
    slug = "unauthenticated"
    title = "Sign in or send a valid token"


class Forbidden(ServiceError):
    """This role never may do or see this."""

    status = 403
    code = "forbidden"
    slug = "forbidden"
    title = "Your role may not do this"


class NotFound(ServiceError):
    """There is no such thing, or it belongs to somebody else: the two look the same."""

    status = 404
    code = "not-found"
    slug = "not-found"
    title = "Not found"


class Conflict(ServiceError):
    """Somebody saved first. `merge` holds what both sides wrote, so that nothing typed is lost."""

    status = 409
    code = "conflict"
    slug = "conflict"
    title = "Somebody else saved this first"

    def __init__(self, message: str = "", *, merge: object = None) -> None:
        super().__init__(message)
        self.merge = merge


class PreconditionFailed(ServiceError):
    """`If-Match` named a version that is no longer the newest."""

    status = 412
    code = "conflict"
    slug = "precondition-failed"
    title = "This is no longer the newest version"


class TooLarge(ServiceError):
    """The body is larger than `TEMPLATE_SERVICE_MAX_BODY_BYTES`."""

    status = 413
    code = "too-long"
    slug = "too-large"
    title = "The request is larger than the service reads"


class UnsupportedMedia(ServiceError):
    """A content type the service does not read."""

    status = 415
    code = "not-supported"
    slug = "unsupported-media-type"
    title = "The service does not read this content type"


class Invalid(ServiceError):
    """Well-formed, but breaks a rule. `problems` holds every problem found, in document order."""

    status = 422
    code = "invalid"
    slug = "invalid"
    title = "The request breaks a rule"

    def __init__(self, message: str = "", *, problems: Sequence[Issue] = ()) -> None:
        super().__init__(message or next((problem.message for problem in problems), ""))
        self.problems = tuple(problems)


class TooManyRequests(ServiceError):
    """Asked too often, for example at the sign-in page."""

    status = 429
    code = "throttled"
    slug = "too-many-requests"
    title = "Too many attempts; wait a minute and try again"


class Unavailable(ServiceError):
    """A store cannot be reached or written just now; nothing was saved."""

    status = 503
    code = "transient"
    slug = "unavailable"
    title = "The service cannot do this just now; nothing was saved"
