"""A Questionnaire as received, with its items in order, and the report on it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from template_service.questionnaire.elements import listed
from template_service.questionnaire.extensions import Named, by_name, value_in
from template_service.questionnaire.problems import Problem, Severity, shown


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """One item as received: its JSON, its place as FHIRPath, and the item around it."""

    json: Mapping[str, Any]
    place: str
    around: "Placed | None" = field(repr=False)
    named: Named = field(repr=False)
    """Its extensions, by name."""

    @property
    def link_id(self) -> str:
        """Its linkId; empty when it has none."""
        link_id = self.json.get("linkId")
        return link_id if isinstance(link_id, str) else ""

    @property
    def type(self) -> str:
        """Its type; empty when it has none."""
        kind = self.json.get("type")
        return kind if isinstance(kind, str) else ""

    def outwards(self) -> Iterator["Placed"]:
        """The item and those around it, from the inside."""
        here: Placed | None = self
        while here is not None:
            yield here
            here = here.around

    def flag(self, name: str) -> bool:
        """Whether an extension of this name says true."""
        return value_in(self.named, name, "valueBoolean") is True


@dataclass(frozen=True, slots=True)
class Source:
    """A Questionnaire with its items in document order; `by_link_id` has the first of each."""

    resource: Mapping[str, Any]
    items: tuple[Placed, ...]
    by_link_id: Mapping[str, Placed]

    @classmethod
    def of(cls, resource: Mapping[str, Any]) -> "Source":
        """The items of a Questionnaire, however deep."""
        items = tuple(_placed(resource))
        by_link_id = {item.link_id: item for item in reversed(items) if item.link_id}
        return cls(resource, items, by_link_id)


def _placed(resource: Mapping[str, Any]) -> Iterator[Placed]:
    waiting = _inside(resource, "Questionnaire", None)
    while waiting:
        item = waiting.pop()
        yield item
        waiting += _inside(item.json, item.place, item)


def _inside(holder: Mapping[str, Any], place: str, around: Placed | None) -> list[Placed]:
    """The items directly inside, last first, as a stack wants them."""
    found = [
        Placed(each, f"{place}.item[{index}]", around, by_name(each))
        for index, each in enumerate(listed(holder.get("item")))
        if isinstance(each, dict)
    ]
    return found[::-1]


@dataclass(slots=True)
class Report:
    """The problems found so far."""

    problems: list[Problem] = field(default_factory=list)

    def add(
        self, place: str, message: str, code: str = "invalid", severity: Severity = "warning"
    ) -> None:
        """A problem of the questionnaire itself."""
        self.problems.append(Problem(severity, code, place, None, message))

    def on(
        self,
        item: Placed,
        message: str,
        code: str = "invalid",
        severity: Severity = "warning",
        *,
        at: str = "",
    ) -> None:
        """A problem of an item; `at` is the place inside it, such as `.enableWhen[0]`."""
        text = f"{shown(item.link_id)}: {message}" if item.link_id else message
        self.problems.append(Problem(severity, code, item.place + at, item.link_id or None, text))


class Anywhere:
    """Says what is wrong at places inside items, whichever those are."""

    def __init__(self, source: Source, report: Report) -> None:
        self._items = {item.place: item for item in source.items}
        self._report = report

    def say(
        self, place: str, message: str, severity: Severity = "error", code: str = "invalid"
    ) -> None:
        """A problem at a place of the questionnaire, told at the item it is inside of."""
        around = place
        while around and around not in self._items:
            around = around.rpartition(".")[0]
        if around:
            item = self._items[around]
            self._report.on(item, message, code, severity, at=place.removeprefix(around))
        else:
            self._report.add(place, message, code, severity)
