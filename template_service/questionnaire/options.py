"""answerOptions and urgent cards of a Questionnaire item, compiled."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from template_service.questionnaire.extensions import (
    Named,
    by_name,
    extensions,
    value,
    value_in,
    values,
    values_in,
)
from template_service.questionnaire.form import SEEN_ALONE, Card, Option
from template_service.questionnaire.option_values import (
    WEIGHTS,
    as_coding,
    is_only_shown,
    kind_of,
    literal,
    weight_of,
)
from template_service.questionnaire.problems import Problem, Severity
from template_service.questionnaire.value_sets import ValueSets

# The code of a card's ownerRole that no other role may answer for.
CLINICIAN = "clinician"

_WEIGHT_ALONE = frozenset(WEIGHTS)
TEXT_LIMIT = 20_000
"""Characters of one text; help pages of several screens are shorter."""
PROBLEM_LIMIT = 200
"""A questionnaire odd in more places is not worth naming each one; twice that for errors."""
OPTION_LIMIT = 2_000
"""Options of one item; the longest public lists (countries, languages) have a few hundred."""
ALL_OPTIONS_LIMIT = 20_000
"""Options of one questionnaire: what compiles within a second."""


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
        # Warnings must not crowd out the error that makes a questionnaire unfit for use.
        limit = 2 * PROBLEM_LIMIT if severity == "error" else PROBLEM_LIMIT
        if len(self.found) < limit:
            self.found.append(Problem(severity, code, expression, link_id, message))

    @property
    def errors(self) -> list[Problem]:
        return [problem for problem in self.found if problem.severity == "error"]


_Plain = tuple[str, str | None, str, str, int | Decimal | None, str | None]
"""(kind, system, code, display, weight, gate) of an option"""


class Surroundings(NamedTuple):
    """What an item takes over from the groups around it."""

    domain: str | None = None
    masked: bool = False
    gate: str | None = None
    enabled_by: int = -1
    repeats: bool = False


@dataclass(slots=True)
class OptionCompiler:
    """Compiles options of one Questionnaire; `value_sets` are those inside it."""

    masked_domains: frozenset[str]
    value_sets: ValueSets
    findings: Findings
    counted: int = 0
    plain: dict[_Plain, Option] = field(default_factory=dict)

    def options(
        self, raw: Mapping[str, Any], expression: str, around: Surroundings
    ) -> tuple[tuple[Option, ...], bool]:
        """The options of an item, and whether they live in a value set that is not to hand."""
        found: dict[Option, None] = {}
        offered = raw.get("answerOption")
        if not isinstance(offered, list):
            offered = []
        if not self._in_reason(len(offered), expression, raw):
            return (), True
        for index, each in enumerate(offered):
            option = self._option(each, around) if isinstance(each, dict) else None
            if option is None or option in found:
                self._passed_over(option, each, f"{expression}.answerOption[{index}]", raw)
            else:
                found[option] = None
        value_set = raw.get("answerValueSet")
        if not isinstance(value_set, str):
            choice = raw.get("type") in ("choice", "open-choice")
            return tuple(found), choice and not found
        codings = self.value_sets.codings(value_set) or []
        if not self._in_reason(len(codings), expression, raw):
            return tuple(found), True
        options = [
            option for each in codings if (option := self._option({"valueCoding": each}, around))
        ]
        return (*found, *dict.fromkeys(options)), not options

    def _in_reason(self, count: int, expression: str, raw: Mapping[str, Any]) -> bool:
        """Whether so many more options can be compiled; a finding says so when not."""
        self.counted += count
        if count > OPTION_LIMIT:
            message = f"An item may have {OPTION_LIMIT} options, not {count}."
        elif self.counted > ALL_OPTIONS_LIMIT:
            message = f"A questionnaire may have {ALL_OPTIONS_LIMIT} options in all."
        else:
            return True
        self.findings.add(expression, raw.get("linkId"), message, "too-costly")
        return False

    def _passed_over(
        self, option: Option | None, given: Any, place: str, raw: Mapping[str, Any]
    ) -> None:
        link_id = raw.get("linkId")
        if option is None and is_only_shown(given):
            message = "The option has a text but no code, so nobody can choose it."
            self.findings.add(place, link_id, message, "required", "warning")
        elif option is None:
            self.findings.add(place, link_id, "An option needs a value with a code or text.")
        else:
            message = "The same option is offered twice; the first one counts."
            self.findings.add(place, link_id, message, "duplicate", "warning")

    def _option(self, raw: Mapping[str, Any], around: Surroundings) -> Option | None:
        kind = kind_of(raw)
        given = raw.get(kind)
        code = literal(kind, given)
        if not isinstance(code, str) or not code:
            return None
        coding = given if isinstance(given, dict) else {}
        system, display = coding.get("system"), coding.get("display")
        text = display[:TEXT_LIMIT] if isinstance(display, str) else code
        system = system if isinstance(system, str) else None
        named = by_name(raw)
        weight = weight_of(named, coding)
        is_safety = around.masked or around.domain in self.masked_domains
        if not is_safety and _WEIGHT_ALONE.issuperset(named):
            return self._plain_option((kind, system, code, text, weight, around.gate))
        masked = around.masked or value_in(named, "sdoh-masked", "valueBoolean") is True
        urgent = value_in(named, "sdoh-urgent", "valueCode")
        card = self._ticked_card(named, code, text, masked=masked)
        safety = around.domain in self.masked_domains and weight is not None and weight > 0
        return Option(
            system=system,
            code=code,
            display=text,
            kind=kind,
            weight=weight,
            needs=values_in(named, "sdoh-need", "valueCode"),
            urgent=urgent,
            exclusive=value_in(named, "questionnaire-optionExclusive", "valueBoolean") is True,
            masked=masked,
            hint=value_in(named, "sdoh-hint", "valueString"),
            seeker=value_in(named, "sdoh-seeker", "valueCode"),
            card=card,
            gate=card.gate if card and around.gate != SEEN_ALONE else around.gate,
            # Safety content outside its domain (a refuge) is kept like a safety answer.
            discloses=safety or urgent is not None or card is not None or (masked and bool(weight)),
            written=as_coding(kind, system, code, text),
        )

    def _plain_option(self, says: _Plain) -> Option:
        """An option that says no more than most do. Lists of answers repeat: equal ones are one."""
        if says not in self.plain:
            kind, system, code, text, weight, gate = says
            written = as_coding(kind, system, code, text)
            self.plain[says] = Option(system, code, text, kind, weight, gate=gate, written=written)
        return self.plain[says]

    def _ticked_card(self, named: Named, code: str, text: str, *, masked: bool) -> Card | None:
        """The card an option is a tick of; its needs are the option's."""
        for extension in named.get("sdoh-urgent-card", ()):
            needs = values_in(named, "sdoh-need", "valueCode")
            return self._card(extension, (code, text), needs, masked=masked)
        return None

    def derived_cards(
        self, raw: Mapping[str, Any], expression: str, *, masked: bool
    ) -> Iterator[Card]:
        """The cards an item declares without offering them as a tick; safety where the item is."""
        for extension in extensions(raw, "sdoh-urgent-card"):
            coding = value(extension, "card", "valueCoding") or {}
            code, text = coding.get("code"), coding.get("display")
            if not isinstance(code, str) or not isinstance(text, str):
                message = "A derived card needs a code and a text."
                self.findings.add(expression, raw.get("linkId"), message)
                continue
            needs = values(extension, "need", "valueCode")
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


def by_coding(options: Iterable[Option]) -> dict[tuple[str | None, str], Option]:
    """The coded options by (system, code)."""
    return {
        (option.system, option.code): option for option in options if option.kind == "valueCoding"
    }


def by_code(options: Iterable[Option]) -> dict[str, Option]:
    """The options by code alone; of several with one code the first that discloses, or the first.

    So an answer that does not say which one it means is never taken for the harmless one.
    """
    found: dict[str, Option] = {}
    for option in options:
        known = found.get(option.code)
        if known is None or (option.discloses and not known.discloses):
            found[option.code] = option
    return found
