"""What a questionnaire demands of answers beyond their type, read from an item's extensions.

FHIR core extensions: minLength, regex, entryFormat, minValue, maxValue, maxDecimalPlaces, maxSize,
mimeType, questionnaire-minOccurs, -maxOccurs, -unitOption, -unitValueSet, -referenceResource,
-referenceProfile, -constraint, targetConstraint; SDC: minQuantity, maxQuantity, unitOpen.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from template_service.questionnaire import checks, patterns, units
from template_service.questionnaire.checks import Check
from template_service.questionnaire.expressions.expression import refused
from template_service.questionnaire.extensions import Named, by_name, value, value_in, values_in
from template_service.questionnaire.options import Findings
from template_service.questionnaire.problems import shown
from template_service.questionnaire.value_sets import ValueSets, is_nowhere
from template_service.questionnaire.values import read_plain

_LEAST = ("minValue", "sdc-questionnaire-minQuantity", "minQuantity")
_MOST = ("maxValue", "sdc-questionnaire-maxQuantity", "maxQuantity")
_INVARIANTS = ("questionnaire-constraint", "targetConstraint")
_BOUNDED = ("Integer", "Decimal", "Date", "DateTime", "Time", "Quantity")
_CALCULATED = ("cqf-calculatedValue", "cqf-expression")
_TYPES_WITH_TEXT = frozenset({"string", "text", "url", "open-choice"})
_FHIR_TYPE = "http://hl7.org/fhir/StructureDefinition/"
_HUMAN_LIMIT = 300
_INTEGER_LIMIT = 2**31
_LEAST_SIZE_IN_BYTES = 1024


@dataclass(frozen=True, slots=True)
class Invariant:
    """A rule in FHIRPath over an item or the response; `human` says it in plain words."""

    key: str
    severity: Literal["error", "warning"]
    expression: str
    human: str


@dataclass(frozen=True, slots=True)
class Limit:
    """A bound that is calculated where the answer is, to a value[`kind`]."""

    expression: str
    kind: str
    least: bool


@dataclass(frozen=True, slots=True)
class Constraints:
    """The demands of one item, compiled; `max_occurs` None: any number.

    `value_set_is_nowhere`: its answerValueSet is said to be where nothing is ever published.
    """

    checks: tuple[Check, ...] = field(default=(), repr=False)
    min_occurs: int = 0
    max_occurs: int | None = None
    invariants: tuple[Invariant, ...] = ()
    limits: tuple[Limit, ...] = ()
    value_set_is_nowhere: bool = False

    @property
    def by_occurrence(self) -> bool:
        """Whether each occurrence must be looked at, with what is around it."""
        return bool(self.min_occurs or self.invariants or self.limits)

    @property
    def by_answer(self) -> bool:
        """Whether each answer must be looked at, even if it is an option as it is offered."""
        return bool(self.checks or self.value_set_is_nowhere)


_NOTHING = Constraints()


@dataclass(frozen=True, slots=True)
class ConstraintCompiler:
    """Compiles the demands of the items of one Questionnaire."""

    value_sets: ValueSets
    findings: Findings
    units: dict[str, checks.Units] = field(default_factory=dict)
    """The units of each value set."""

    def constraints(self, json: Mapping[str, Any], place: str, named: Named) -> Constraints | None:
        """The demands of an item (or of the Questionnaire); None when there are none.

        `named` are its extensions by name. What cannot be used is named in the findings.
        """
        if not named and "answerValueSet" not in json:
            return None
        link_id = json.get("linkId")
        found = Constraints(
            checks=tuple(self._checks(json, place, named)),
            min_occurs=self._count(named, "questionnaire-minOccurs", place, link_id) or 0,
            max_occurs=self._count(named, "questionnaire-maxOccurs", place, link_id),
            invariants=tuple(self._invariants(named, place, link_id)),
            limits=tuple(_limits(named)),
            value_set_is_nowhere=self._is_nowhere(json.get("answerValueSet")),
        )
        return None if found == _NOTHING else found

    def _count(self, named: Named, name: str, place: str, link_id: object) -> int | None:
        count = value_in(named, name, "valueInteger")
        if count is None or 0 <= count < _INTEGER_LIMIT:
            return None if count is None else int(count)
        message = f"{name} is no number of answers; it is not checked."
        self.findings.add(place, _text(link_id), message, "value", "warning")
        return None

    def _checks(self, json: Mapping[str, Any], place: str, named: Named) -> Iterator[Check]:
        kind = json.get("type")
        # That of the questionnaire itself may be anything.
        if isinstance(kind, str) and kind in _TYPES_WITH_TEXT:
            yield from self._text_checks(named, place, json.get("linkId"))
        yield from _bounds(named)
        if kind in ("decimal", "quantity"):
            places = value_in(named, "maxDecimalPlaces", "valueInteger")
            if places is not None and places >= 0:
                yield checks.at_most_places(places)
        if kind == "quantity":
            yield from self._unit_checks(named)
        elif kind == "attachment":
            yield from _attachment_checks(named)
        elif kind == "reference":
            yield from _reference_checks(named)

    def _text_checks(self, named: Named, place: str, link_id: object) -> Iterator[Check]:
        least = value_in(named, "minLength", "valueInteger")
        if least is not None and least > 0:
            yield checks.at_least_characters(least)
        pattern = value_in(named, "regex", "valueString")
        if pattern is None:
            return
        if not patterns.is_usable(pattern):
            message = "This regular expression cannot be used; answers are not checked with it."
            self.findings.add(place, _text(link_id), message, "not-supported", "warning")
        yield checks.of_pattern(pattern, value_in(named, "entryFormat", "valueString"))

    def _unit_checks(self, named: Named) -> Iterator[Check]:
        offered = values_in(named, "questionnaire-unitOption", "valueCoding")
        value_set = value_in(named, "questionnaire-unitValueSet", "valueCanonical")
        known: list[Any] | None = [] if value_set is None else self.value_sets.codings(value_set)
        if value_in(named, "sdc-questionnaire-unitOpen", "valueCode") not in (None, "optionsOnly"):
            return
        if known is None:
            yield checks.unit_of_elsewhere
        elif offered or known:
            yield checks.one_of_units(checks.units_of(offered), self._known_units(value_set, known))

    def _known_units(self, value_set: str | None, known: list[Any]) -> checks.Units:
        """The units of a value set, compiled once for all items that share it."""
        name = value_set or ""
        if name not in self.units:
            self.units[name] = checks.units_of(known)
        return self.units[name]

    def _is_nowhere(self, value_set: object) -> bool:
        if not isinstance(value_set, str) or not is_nowhere(value_set):
            return False
        return self.value_sets.codings(value_set) is None

    def _invariants(self, named: Named, place: str, link_id: object) -> Iterator[Invariant]:
        for name in _INVARIANTS:
            for extension in named.get(name, ()):
                found = _invariant(extension)
                if isinstance(found, Invariant):
                    yield found
                else:
                    message = f"A rule of the questionnaire is not checked. {found}"
                    self.findings.add(place, _text(link_id), message, "not-supported", "warning")


def _invariant(extension: Mapping[str, Any]) -> Invariant | str:
    parts = by_name(extension)
    expression = value_in(parts, "expression", "valueString")
    if expression is None:
        given = value_in(parts, "expression", "valueExpression")
        if (reason := refused(given)) is not None:
            return reason
        expression = given["expression"]
    severity = value_in(parts, "severity", "valueCode")
    key = value_in(parts, "key", "valueId") or ""
    human = value_in(parts, "human", "valueString") or value_in(parts, "human", "valueMarkdown")
    return Invariant(
        key[:64],
        "warning" if severity == "warning" else "error",
        expression,
        str(human or f"Rule {shown(key)} does not hold.")[:_HUMAN_LIMIT],
    )


def _text(link_id: object) -> str | None:
    return link_id if isinstance(link_id, str) else None


def _bound_extensions(named: Named) -> Iterator[tuple[bool, Mapping[str, Any]]]:
    for least, names in ((True, _LEAST), (False, _MOST)):
        for name in names:
            for extension in named.get(name, ()):
                yield least, extension


def _bounds(named: Named) -> Iterator[Check]:
    for least, extension in _bound_extensions(named):
        for kind in _BOUNDED:
            bound = read_plain(f"value{kind}", extension.get(f"value{kind}"))
            if bound is not None:
                yield checks.bound_check(kind, bound, least=least)


def _limits(named: Named) -> Iterator[Limit]:
    """Bounds whose value is an expression (extension cqf-calculatedValue on the value)."""
    for least, extension in _bound_extensions(named):
        for kind in _BOUNDED:
            around: Any = extension.get(f"_value{kind}")
            for name in _CALCULATED if isinstance(around, dict) else ():
                given = value(around, name, "valueExpression")
                if given is not None and refused(given) is None:
                    yield Limit(given["expression"], kind, least)


def _attachment_checks(named: Named) -> Iterator[Check]:
    most = units.number(value_in(named, "maxSize", "valueDecimal"))
    if most is not None:
        # R4 names no unit. Nobody means so few bytes, and nobody a part of one: others write MB.
        whole = most == most.to_integral_value() and most >= _LEAST_SIZE_IN_BYTES
        yield checks.at_most_bytes(int(most)) if whole else checks.of_unknown_size
    allowed = tuple(kind.lower() for kind in values_in(named, "mimeType", "valueCode"))
    if allowed:
        yield checks.of_media_types(allowed)


def _reference_checks(named: Named) -> Iterator[Check]:
    profiles = values_in(named, "questionnaire-referenceProfile", "valueCanonical")
    of_core = [each.partition("|")[0].removeprefix(_FHIR_TYPE) for each in profiles]
    allowed = {
        *values_in(named, "questionnaire-referenceResource", "valueCode"),
        *(name for name in of_core if name.isalpha()),
    }
    if allowed and "Resource" not in allowed:
        yield checks.of_resource_types(allowed)
    if any(not name.isalpha() for name in of_core):
        yield checks.of_unknown_profile
