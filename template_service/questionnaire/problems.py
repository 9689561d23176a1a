"""What is wrong with a Questionnaire or a QuestionnaireResponse, and where."""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from template_service.errors import Invalid

Severity = Literal["error", "warning", "information"]

# FHIR limits no linkId; a longer one in a message is noise, or somebody's text in the wrong place.
_NAME_LIMIT = 64


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong, ready to become an OperationOutcome issue.

    `code` is a FHIR issue-type, `expression` a FHIRPath such as
    `QuestionnaireResponse.item[3].item[0].answer[0]`, `link_id` the item it is about or None. The
    message is plain English and never holds what a person answered.
    """

    severity: Severity
    code: str
    expression: str
    link_id: str | None
    message: str


class Finding(NamedTuple):
    """What was wrong with one answer: severity, FHIR issue-type and a plain sentence."""

    severity: Severity
    code: str
    message: str


class QuestionnaireError(Invalid):
    """A Questionnaire that cannot be used; `problems` names every place."""

    title = "The questionnaire cannot be used"


Path = tuple[Any, ...]
"""A place in a response: (path around it, property, index or None). Written out only when there is
something to say, because nearly always there is not."""

ROOT: Path = ()


def written(path: Path) -> str:
    """A path as FHIRPath, such as `QuestionnaireResponse.item[3].answer[0]`."""
    parts: list[str] = []
    while path:
        path, name, index = path
        if name:
            parts.append(f".{name}" if index is None else f".{name}[{index}]")
    return "QuestionnaireResponse" + "".join(reversed(parts))


def shown(link_id: str) -> str:
    """A linkId as it may stand in a message: quoted, cut to 64 characters."""
    return f"'{link_id[:_NAME_LIMIT]}'"
