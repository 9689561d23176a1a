"""The service's own extensions: each one known, where it is read, with all that it needs.

A misspelt one marks nothing, and a card with a misspelt need shows no help, so these are errors.
Of what is marked as safety, gated or urgent `questionnaire.marks` tells more when it compiles.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from template_service.questionnaire.checking.misspelt import (
    Extension,
    Misspelt,
    name_of,
    quoted,
)
from template_service.questionnaire.checking.own_extensions import Own, own_extensions
from template_service.questionnaire.checking.source import Anywhere, Report, Source
from template_service.questionnaire.elements import elements, objects
from template_service.questionnaire.extensions import value_in
from template_service.questionnaire.problems import Severity

_TOLD_BY_COMPILING = frozenset({"sdoh-masked", "sdoh-display-gate", "sdoh-urgent"})
_CARD, _NEED = "sdoh-urgent-card", "need"
# What a page shows beside a question: to lose it harms nobody.
_ONLY_SHOWN = frozenset({"sdoh-hint", "sdoh-source", "sdoh-age-view"})
_MISSED: Mapping[str, str] = {
    f"{_CARD}.owner": ", so nobody is named to act",
    f"{_CARD}.action": ", so nobody is told what to do",
}
_INDEX = re.compile(r"\[\d+\]")
_ITEMS = re.compile(r"(?:\.item)+")


class _Found(NamedTuple):
    """An extension, its place, and the place of the element it stands on."""

    json: Extension
    place: str
    around: str


def check_marking(source: Source, report: Report) -> None:
    """Report extensions of ours that are unknown, misplaced, or that say what nobody reads."""
    found = tuple(_extensions(source.resource))
    marking = _Marking(found, Anywhere(source, report))
    seen = Counter[tuple[str, str]]()
    for one in found:
        seen[one.around, name_of(one.json)] += 1
        marking.check(one, seen[one.around, name_of(one.json)])


def _extensions(resource: Mapping[str, Any]) -> Iterator[_Found]:
    """Every extension of a questionnaire, but for the parts of ours.

    Of what it contains, those of value sets only: their options are its own.
    """
    contained = [
        each if each.get("resourceType") == "ValueSet" else {}
        for each in objects(resource.get("contained"))
    ]
    for around, element in elements({**resource, "contained": contained}, "Questionnaire"):
        if name_of(element) not in own_extensions():
            for index, each in enumerate(objects(element.get("extension"))):
                yield _Found(each, f"{around}.extension[{index}]", around)


class _Marking:
    """Looks at the extensions of one questionnaire, one at a time."""

    def __init__(self, found: tuple[_Found, ...], anywhere: Anywhere) -> None:
        self._say = anywhere.say
        self._misspelt = Misspelt((one.json for one in found), anywhere)

    def check(self, one: _Found, nth: int) -> None:
        """An extension, the nth of its name on its element."""
        name = name_of(one.json)
        own = own_extensions().get(name)
        if own is None:
            self._misspelt.check(one.json, one.place)
        elif name not in _TOLD_BY_COMPILING:
            self._check_own(name, own, one.json, one.place)
            self._check_place(name, own, one, nth)

    def _check_place(self, name: str, own: Own, one: _Found, nth: int) -> None:
        """That it is read there, and not passed over for another of its kind before it."""
        on = _ITEMS.sub(".item", _INDEX.sub("", one.around))
        is_tick = name == _CARD and on.endswith(".answerOption")
        if on not in own.contexts:
            self._say(one.place, f"{name} stands where nobody reads it.", _severity(name))
        elif nth == (2 if is_tick else (own.most or nth) + 1):
            message = f"{name} is said twice; only the first is read."
            self._say(one.place, message, _severity(name))
        elif is_tick and any(name_of(part) == _NEED for part in objects(one.json.get("extension"))):
            message = "Nobody reads a need of an option's card: the option says it (sdoh-need)."
            self._say(one.place, message)

    def _check_own(self, name: str, own: Own, given: Extension, place: str) -> None:
        """What one of ours says, or a part of one (`sdoh-urgent-card.owner`)."""
        if own.kind:
            self._check_value(name, own, given, place)
        counted = Counter[str]()
        for index, part in enumerate(objects(given.get("extension"))):
            called, at = name_of(part), f"{place}.extension[{index}]"
            counted[called] += 1
            if called in own.parts:
                self._check_own(f"{name}.{called}", own.parts[called], part, at)
            else:
                meant = self._misspelt.meant(called, frozenset(own.parts))
                self._say(at, f"{quoted(called)} is no part of {name}{meant}.")
        self._check_counts(name, own, counted, place)

    def _check_counts(self, name: str, own: Own, counted: Counter[str], place: str) -> None:
        for part, known in own.parts.items():
            if counted[part] < known.least:
                so = _MISSED.get(f"{name}.{part}", "")
                self._say(place, f"{name} has no '{part}'{so}.", "warning")
            elif known.most is not None and counted[part] > known.most:
                message = f"{name} has more than one '{part}'; only the first is read."
                self._say(place, message, "warning")

    def _check_value(self, name: str, own: Own, given: Extension, place: str) -> None:
        value = value_in({name: [given]}, name, own.kind)
        if value is None or (isinstance(value, str) and not value.strip()):
            self._say(place, f"{name} needs a {own.kind}.", _severity(name))
        elif own.codes is not None and value not in own.codes:
            meant = self._misspelt.meant(value, own.codes)
            message = f"{quoted(value)} is no code known for {name}{meant}."
            self._say(place, message, _severity(name))


def _severity(name: str) -> Severity:
    return "warning" if name in _ONLY_SHOWN else "error"
