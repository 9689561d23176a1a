"""What each question has to choose from, and whether a condition's answer is among it."""

from collections.abc import Mapping
from typing import Any

from template_service.questionnaire.checking.source import Placed, Source
from template_service.questionnaire.elements import fingerprint, objects, value_of
from template_service.questionnaire.value_sets import ValueSets

Entry = Mapping[str, Any]

_OPTIONS_MADE_LATER = (
    "sdc-questionnaire-answerExpression",
    "sdc-questionnaire-candidateExpression",
)
_CLOSED = frozenset({"choice", "string", "integer", "date", "time"})


class _Answers:
    """What one question has to choose from, to be asked many times; nothing when not known here."""

    __slots__ = ("_systems", "_values")

    def __init__(self, offered: list[Any]) -> None:
        self._values: set[Any] = set()
        self._systems: dict[Any, set[str | None]] = {}
        """By code; None stands for any system, as in a coding without one."""
        for each in offered:
            self._values.add(_hashable(each))
            if isinstance(each, dict):
                code = _hashable(each.get("code"))
                self._values.add(code)
                self._systems.setdefault(code, set()).add(_system(each))

    def __bool__(self) -> bool:
        return bool(self._values)

    def have(self, wanted: Any) -> bool:
        """Whether one of them is this value; a plain text may stand for the code of an option."""
        return _hashable(wanted) in self._values

    def have_coding(self, wanted: Entry) -> bool:
        """Whether one of them is this coding; without a system that of any."""
        systems, system = self._systems.get(_hashable(wanted.get("code"))), _system(wanted)
        return systems is not None and (system is None or not systems.isdisjoint({None, system}))


def _hashable(value: Any) -> Any:
    return fingerprint(value) if isinstance(value, dict | list) else value


def _system(coding: Entry) -> str | None:
    system = coding.get("system")
    return system if isinstance(system, str) else None


class Offered:
    """What each question has to choose from, read once."""

    def __init__(self, source: Source) -> None:
        self._value_sets = ValueSets(source.resource)
        self._known: dict[str, _Answers] = {}

    def has(self, question: Placed, entry: Entry) -> bool:
        """Whether a question can be answered as a condition says; True where nobody can know."""
        if question.type not in _CLOSED:
            return True
        if not question.named.keys().isdisjoint(_OPTIONS_MADE_LATER):
            return True
        offered = self._by(question)
        if not offered:
            return True
        kind, wanted = value_of(entry, "answer")
        if kind == "answerCoding" and isinstance(wanted, dict):
            return offered.have_coding(wanted)
        return offered.have(wanted)

    def _by(self, question: Placed) -> _Answers:
        """The values or codings of the options; none when they are not known here."""
        if question.place not in self._known:
            self._known[question.place] = _Answers(self._read(question))
        return self._known[question.place]

    def _read(self, question: Placed) -> list[Any]:
        named = question.json.get("answerValueSet")
        if named is None:
            return [value_of(option)[1] for option in objects(question.json.get("answerOption"))]
        return (self._value_sets.codings(named) or []) if isinstance(named, str) else []
