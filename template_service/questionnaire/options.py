"""answerOptions and urgent cards of a Questionnaire item, compiled."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from template_service.questionnaire.extensions import extensions, value, values
from template_service.questionnaire.form import Card, Option
from template_service.questionnaire.problems import Problem, Severity

# The code of a card's ownerRole that no other role may answer for.
CLINICIAN = "clinician"

_KINDS = ("valueCoding", "valueString", "valueInteger", "valueDate", "valueTime")


@dataclass(slots=True)
class Findings:
    """Problems of one Questionnaire, collected while it is compiled."""

    found: list[Problem] = field(default_factory=list)

    def add(
        self,
        expression: str,
        link_id: str | None,
        message: str,
        code: str = "invalid",
        severity: Severity = "error",
    ) -> None:
        self.found.append(Problem(severity, code, expression, link_id, message))

    @property
    def errors(self) -> list[Problem]:
        return [problem for problem in self.found if problem.severity == "error"]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an item takes over from the groups around it."""

    domain: str | None = None
    masked: bool = False
    gate: str | None = None
    enabled_by: int = -1


@dataclass(frozen=True, slots=True)
class OptionCompiler:
    """Compiles options of one Questionnaire; `contained` are its value sets by id."""

    masked_domains: frozenset[str]
    contained: Mapping[str, Mapping[str, Any]]
    findings: Findings

    def options(
        self, raw: Mapping[str, Any], expression: str, around: Surroundings
    ) -> tuple[tuple[Option, ...], bool]:
        """The options of an item, and whether they live in a value set that is not to hand."""
        found: list[Option] = []
        offered = raw.get("answerOption")
        for index, each in enumerate(offered if isinstance(offered, list) else ()):
            place, link_id = f"{expression}.answerOption[{index}]", raw.get("linkId")
            option = self._option(each, around) if isinstance(each, dict) else None
            if option is None:
                self.findings.add(place, link_id, "An option needs a value with a code or text.")
            elif option in found:
                message = "The same option is offered twice; the first one counts."
                self.findings.add(place, link_id, message, "duplicate", "warning")
            else:
                found.append(option)
        value_set = raw.get("answerValueSet")
        if not isinstance(value_set, str):
            choice = raw.get("type") in ("choice", "open-choice")
            return tuple(found), choice and not found
        codings = _contained_codings(self.contained.get(value_set.removeprefix("#")))
        options = [option for each in codings if (option := self._option(each, around))]
        return (*found, *dict.fromkeys(options)), not options

    def _option(self, raw: Mapping[str, Any], around: Surroundings) -> Option | None:
        kind = next((kind for kind in _KINDS if kind in raw), "")
        given = raw.get(kind)
        coding = given if kind == "valueCoding" and isinstance(given, dict) else {}
        code = coding.get("code") if kind == "valueCoding" else _literal(given)
        if not isinstance(code, str) or not code:
            return None
        system, display = coding.get("system"), coding.get("display")
        text = display if isinstance(display, str) else code
        masked = around.masked or value(raw, "sdoh-masked", "valueBoolean") is True
        weight = _weight(raw, coding)
        urgent = value(raw, "sdoh-urgent", "valueCode")
        card = self._ticked_card(raw, code, text, masked=masked)
        safety = around.domain in self.masked_domains and weight is not None and weight > 0
        option = Option(
            system=system if isinstance(system, str) else None,
            code=code,
            display=text,
            kind=kind,
            weight=weight,
            needs=values(raw, "sdoh-need", "valueCode"),
            urgent=urgent,
            exclusive=value(raw, "questionnaire-optionExclusive", "valueBoolean") is True,
            masked=masked,
            hint=value(raw, "sdoh-hint", "valueString"),
            seeker=value(raw, "sdoh-seeker", "valueCode"),
            card=card,
            gate=card.gate if card else around.gate,
            # Safety content outside its domain (a refuge) is kept like a safety answer.
            discloses=safety or urgent is not None or card is not None or (masked and bool(weight)),
        )
        return replace(option, written=option.as_answer())

    def _ticked_card(
        self, raw: Mapping[str, Any], code: str, text: str, *, masked: bool
    ) -> Card | None:
        """The card an option is a tick of; its needs are the option's."""
        for extension in extensions(raw, "sdoh-urgent-card"):
            needs = values(raw, "sdoh-need", "valueCode")
            return self._card(extension, (code, text), needs, masked=masked)
        return None

    def derived_cards(self, raw: Mapping[str, Any], expression: str) -> Iterator[Card]:
        """The cards an item declares without offering them as a tick."""
        for extension in extensions(raw, "sdoh-urgent-card"):
            coding = value(extension, "card", "valueCoding") or {}
            code, text = coding.get("code"), coding.get("display")
            if not isinstance(code, str) or not isinstance(text, str):
                message = "A derived card needs a code and a text."
                self.findings.add(expression, raw.get("linkId"), message)
                continue
            needs = values(extension, "need", "valueCode")
            masked = value(raw, "sdoh-masked", "valueBoolean") is True
            yield self._card(extension, (code, text), needs, masked=masked)

    def _card(
        self,
        extension: Mapping[str, Any],
        named: tuple[str, str],
        needs: tuple[str, ...],
        *,
        masked: bool,
    ) -> Card:
        card_id, text = named
        domain = value(extension, "domain", "valueCode")
        return Card(
            id=card_id,
            text=text,
            domain=domain,
            level=value(extension, "level", "valueInteger"),
            gate=value(extension, "gate", "valueCode"),
            derived=value(extension, "derived", "valueBoolean") is True,
            owner=value(extension, "owner", "valueString") or "",
            actions=values(extension, "action", "valueString"),
            needs=needs,
            masked=masked or domain in self.masked_domains,
            for_clinician=value(extension, "ownerRole", "valueCode") == CLINICIAN,
        )


def _literal(given: object) -> str | None:
    if isinstance(given, int) and not isinstance(given, bool):
        return str(given) if abs(given) < 2**31 else None
    return given if isinstance(given, str) else None


def _weight(raw: Mapping[str, Any], coding: Mapping[str, Any]) -> int | Decimal | None:
    """itemWeight, or ordinalValue as older questionnaires say it, on the option or its coding."""
    for element in (raw, coding):
        for name in ("itemWeight", "ordinalValue", "questionnaire-ordinalValue"):
            given = value(element, name, "valueDecimal")
            if given is not None:
                weight = Decimal(str(given))
                return int(weight) if weight == weight.to_integral_value() else weight
    return None


def by_coding(options: Iterable[Option]) -> dict[tuple[str | None, str], Option]:
    """The coded options by (system, code)."""
    return {
        (option.system, option.code): option for option in options if option.kind == "valueCoding"
    }


def by_code(options: Iterable[Option]) -> dict[str, Option]:
    """The options by code alone; the first of several with one code."""
    return {option.code: option for option in reversed(tuple(options))}


def _contained_codings(value_set: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """The codings of a contained value set: its expansion, or the concepts it lists."""
    if value_set is None:
        return []
    expansion = value_set.get("expansion")
    listed = expansion.get("contains") if isinstance(expansion, dict) else None
    if isinstance(listed, list):
        return [{"valueCoding": each} for each in listed if isinstance(each, dict)]
    compose = value_set.get("compose")
    included = compose.get("include") if isinstance(compose, dict) else None
    codings: list[dict[str, Any]] = []
    for include in included if isinstance(included, list) else ():
        concepts = include.get("concept") if isinstance(include, dict) else None
        if not isinstance(concepts, list):
            # A filter or a whole code system: what it holds cannot be known from here.
            return []
        codings += [
            {"valueCoding": {"system": include.get("system"), **concept}}
            for concept in concepts
            if isinstance(concept, dict)
        ]
    return codings
