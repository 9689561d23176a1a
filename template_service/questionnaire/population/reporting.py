"""What could not be filled in, and why: collected once per reason, with every item it stopped."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from template_service.questionnaire.form import Item
from template_service.questionnaire.problems import Problem, Severity, shown

_NAMED_LIMIT = 200
"""Items a message names: beyond that it says how many more."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """Why one item was not filled in, not yet said: what comes later may still fill it."""

    severity: Severity
    code: str
    reason: str


@dataclass(slots=True)
class Absent:
    """A name expressions may ask for and that holds nothing; `items` are those it left empty.

    `always`: it is worth saying even when it left none empty.
    """

    name: str
    place: str
    link_id: str | None
    code: str
    reason: str
    severity: Severity = "warning"
    always: bool = False
    items: dict[str, None] = field(default_factory=dict)

    def problem(self) -> Problem:
        """The reason, naming every item that could not be filled because of it."""
        named = ", ".join(shown(link_id) for link_id in list(self.items)[:_NAMED_LIMIT])
        more = len(self.items) - _NAMED_LIMIT
        rest = f" and {more} more" if more > 0 else ""
        stopped = f" Not filled in because of it: {named}{rest}." if self.items else ""
        message = f"{self.reason}{stopped}"
        return Problem(self.severity, self.code, self.place, self.link_id, message)


class Report:
    """The problems of one population. The same reason at one item is said once."""

    def __init__(self) -> None:
        self._problems: dict[Problem, None] = {}
        self._absent: list[Absent] = []

    def add(self, item: Item, complaint: Complaint) -> None:
        """One reason at one item."""
        message = f"{shown(item.link_id)}: {complaint.reason}"
        self.say(
            Problem(complaint.severity, complaint.code, item.expression, item.link_id, message)
        )

    def take(self, problems: Iterable[Problem], absent: Iterable[Absent]) -> None:
        """Problems as they are, and names to watch."""
        for problem in problems:
            self.say(problem)
        self.watch(absent)

    def say(self, problem: Problem) -> None:
        """A problem as it is."""
        self._problems[problem] = None

    def watch(self, absent: Iterable[Absent]) -> None:
        """Names that hold nothing: reported at the end if items were left empty by them."""
        self._absent.extend(absent)

    def problems(self) -> tuple[Problem, ...]:
        """Everything found, the names that hold nothing first."""
        stopped = [each.problem() for each in self._absent if each.items or each.always]
        return (*stopped, *self._problems)
