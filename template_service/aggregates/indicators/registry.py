"""The registry of the fifteen indicators, and the template domains each one stands beside.

`registry.json` holds what the programme published; what it has not published is blank there. The
neighbouring domains and their Marmot principles come from the Questionnaire (`sdoh-domain`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import orjson
from marshmallow import Schema, ValidationError, fields, post_load, validate

from template_service.aggregates.indicators.breakdowns import PUBLISHED_BREAKDOWNS
from template_service.aggregates.indicators.periods import read_period
from template_service.aggregates.indicators.units import UNITS, Unit
from template_service.aggregates.vocabulary import GEOGRAPHY_TYPES
from template_service.artefacts import artefact_path
from template_service.errors import Invalid
from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.form import Domain

_FILE: Final = Path(__file__).with_name("registry.json")
_TEMPLATE: Final = "leeds-social-determinants"
_COUNT: Final = 15
_PRINCIPLES: Final = 8

HIGHER: Final = "higher_is_better"
LOWER: Final = "lower_is_better"
Polarity = Literal["higher_is_better", "lower_is_better"]


class RegistryError(Invalid):
    """A registry that cannot be used; the message names every place, one to a line."""

    title = "The registry of indicators cannot be used"


@dataclass(frozen=True, slots=True)
class Principle:
    """One of the eight Marmot principles."""

    number: int
    words: str


@dataclass(frozen=True, slots=True)
class Break:
    """A break in a series: from this month (`YYYY-MM`) on, this breakdown counts other people."""

    since: str
    breakdown: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One indicator as the programme published it.

    `unit` and `polarity` are None, text is blank and `target_year` None where the programme has
    published nothing. `areas` and `breakdowns` are what it publishes, `breakdowns_confirmed` False
    where it has yet to say. `domains` are ids of the template's domains it is shown beside, in
    template order; `principles` are the principles of those domains.
    """

    id: int
    name: str
    unit: Unit | None
    polarity: Polarity | None
    areas: tuple[str, ...]
    breakdowns: tuple[str, ...]
    breakdowns_confirmed: bool
    developmental: bool
    source: str
    owner: str
    baseline: str
    target: str
    target_year: int | None
    gap_measure: str
    next_review: str
    note: str
    breaks: tuple[Break, ...]
    domains: tuple[str, ...] = ()
    principles: tuple[Principle, ...] = ()


@dataclass(frozen=True, slots=True)
class Registry:
    """Every indicator, by id from 1, and the principles, by number from 1."""

    source: str
    indicators: tuple[Indicator, ...]
    principles: tuple[Principle, ...]

    def indicator(self, number: int) -> Indicator | None:
        """The indicator of this id, or None."""
        return self.indicators[number - 1] if 1 <= number <= len(self.indicators) else None

    def beside(self, domain: str) -> tuple[Indicator, ...]:
        """The indicators shown beside a domain of the template, by id."""
        return tuple(each for each in self.indicators if domain in each.domains)


@cache
def registry() -> Registry:
    """The registry as shipped, beside the domains of the shipped template."""
    template = orjson.loads(artefact_path("Questionnaire", _TEMPLATE).read_bytes())
    return load_registry(_FILE.read_bytes(), compile_questionnaire(template).domains)


def load_registry(raw: bytes, domains: Sequence[Domain]) -> Registry:
    """A registry from JSON, beside these domains; raises RegistryError naming every problem.

    There are exactly the ids 1 to 15, in order, and eight principles; no domain names another.
    """
    try:
        loaded = _RegistrySchema().load(orjson.loads(raw))
    except orjson.JSONDecodeError as problem:
        place = f"line {problem.lineno}, column {problem.colno}"
        raise RegistryError(f"{_FILE.name}: not valid JSON ({place})") from None
    except ValidationError as refusal:
        problems = tuple(_flat(refusal.messages))
        raise RegistryError("\n".join(f"{_FILE.name}: {each}" for each in problems)) from None
    _refuse_unknown_numbers(domains)
    principles = tuple(Principle(*each) for each in enumerate(loaded["principles"], start=1))
    indicators = tuple(_placed(each, domains, principles) for each in loaded["indicators"])
    return Registry(loaded["source"], indicators, principles)


def _placed(
    indicator: Indicator, domains: Sequence[Domain], principles: Sequence[Principle]
) -> Indicator:
    beside = [domain for domain in domains if indicator.id in domain.indicators]
    numbers = sorted({number for domain in beside for number in domain.marmot})
    return replace(
        indicator,
        domains=tuple(domain.id for domain in beside),
        principles=tuple(principles[number - 1] for number in numbers),
    )


def _refuse_unknown_numbers(domains: Iterable[Domain]) -> None:
    problems = [
        f"domain {domain.id}: names {what} that is not one of 1 to {count}"
        for domain in domains
        for what, numbers, count in (
            ("an indicator", domain.indicators, _COUNT),
            ("a Marmot principle", domain.marmot, _PRINCIPLES),
        )
        if not all(1 <= number <= count for number in numbers)
    ]
    if problems:
        raise RegistryError("\n".join(problems))


def _flat(messages: Mapping[Any, Any] | list[str], place: str = "") -> Iterator[str]:
    """The nested messages of marshmallow as `indicators.3.unit: ...`."""
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            yield from _flat(inner, f"{place}.{name}" if place else str(name))
    else:
        yield from (f"{place}: {message}" for message in messages)


def _in_order(ids: Sequence[Indicator]) -> None:
    if [each.id for each in ids] != list(range(1, _COUNT + 1)):
        raise ValidationError(f"The ids are not 1 to {_COUNT}, each once and in order.")


def _is_month(text: str) -> None:
    try:
        months = read_period(text).form == "months"
    except ValueError:
        months = False
    if not months:
        raise ValidationError("Not a month written YYYY-MM.")


class _BreakSchema(Schema):
    since = fields.String(required=True, data_key="from", validate=_is_month)
    breakdown = fields.String(required=True, validate=validate.OneOf(PUBLISHED_BREAKDOWNS))
    note = fields.String(required=True, validate=validate.Length(min=1))

    @post_load
    def _made(self, data: dict[str, Any], **_: Any) -> Break:
        return Break(**data)


def _words_of(known: Iterable[str]) -> fields.List[str]:
    word = fields.String(validate=validate.OneOf(tuple(known)))
    return fields.List(word, required=True, validate=_each_once)


def _each_once(words: Sequence[str]) -> None:
    if len(set(words)) != len(words):
        raise ValidationError("The same word stands there twice.")


class _IndicatorSchema(Schema):
    id = fields.Integer(required=True, strict=True)
    name = fields.String(required=True, validate=validate.Length(min=1))
    unit = fields.String(required=True, allow_none=True, validate=validate.OneOf(UNITS))
    polarity = fields.String(
        required=True, allow_none=True, validate=validate.OneOf((HIGHER, LOWER))
    )
    areas = _words_of(GEOGRAPHY_TYPES)
    breakdowns = _words_of(PUBLISHED_BREAKDOWNS)
    breakdowns_confirmed = fields.Boolean(required=True)
    developmental = fields.Boolean(required=True)
    source = fields.String(required=True)
    owner = fields.String(required=True)
    baseline = fields.String(required=True)
    target = fields.String(required=True)
    target_year = fields.Integer(required=True, strict=True, allow_none=True)
    gap_measure = fields.String(required=True)
    next_review = fields.String(required=True)
    note = fields.String(required=True)
    breaks = fields.List(fields.Nested(_BreakSchema), required=True)

    @post_load
    def _made(self, data: dict[str, Any], **_: Any) -> Indicator:
        lists = {name: tuple(data[name]) for name in ("areas", "breakdowns", "breaks")}
        unit = UNITS[data["unit"]] if data["unit"] else None
        return Indicator(**data | lists | {"unit": unit})


class _RegistrySchema(Schema):
    source = fields.String(required=True, validate=validate.Length(min=1))
    principles = fields.List(
        fields.String(validate=validate.Length(min=1)),
        required=True,
        validate=validate.Length(equal=_PRINCIPLES),
    )
    indicators = fields.List(fields.Nested(_IndicatorSchema), required=True, validate=_in_order)
