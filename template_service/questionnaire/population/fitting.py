"""What an answer of a response is here, and why a value is none."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

Answer = dict[str, Any]
"""The `answer` element of a QuestionnaireResponse item."""

WRONG_TYPE = "The value is not of the item's type."


class Unfit(Exception):
    """A value an item cannot take: a FHIR issue-type and a sentence without the value."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code: Final = code
        self.reason: Final = reason


def scalars(given: Mapping[str, Any], names: Iterable[str], kind: type) -> dict[str, Any]:
    """Those of the properties that are of a type: nothing else of a stranger's JSON is copied."""
    return {name: given[name] for name in names if type(given.get(name)) is kind}
