"""Why a row is refused that names an object which is not held: as it is worded, and read again."""

import re
from typing import Final, NamedTuple, Self

_NOT_TAKEN: Final = "was not taken"
_MISSING: Final = "is not there"
_WORDED: Final = re.compile(rf"(\w+): (\w+) (.+) ({_NOT_TAKEN}|{_MISSING})", re.DOTALL)


class Dangling(NamedTuple):
    """The field of a row that names an object, which one, and whether the source has it, refused.

    As text it is the reason that quarantine keeps.
    """

    field: str
    kind: str
    id: str
    refused: bool

    def __str__(self) -> str:
        why = _NOT_TAKEN if self.refused else _MISSING
        return f"{self.field}: {self.kind} {self.id} {why}"

    @classmethod
    def read(cls, reason: str) -> Self | None:
        """What a reason says; None for every other reason."""
        found = _WORDED.fullmatch(reason)
        return cls(found[1], found[2], found[3], found[4] == _NOT_TAKEN) if found else None
