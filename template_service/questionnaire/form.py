"""A questionnaire compiled: immutable values with everything that is needed often worked out once.

The linkIds named here are the contract between a template and the engine; everything else a
template says is data.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from template_service.questionnaire.problems import Problem

if TYPE_CHECKING:
    from template_service.questionnaire.constraints import Constraints

SEEN_ALONE = "seen-alone"
INTERPRETER = "interpreter"
INFORMAL_INTERPRETER = "informal"
HOUSEHOLD = "household"
ASKED_REST = "asked-rest"
PRIORITY = "priority"

Effect = Literal["raise", "at-least", "set"]


@dataclass(frozen=True, slots=True)
class Card:
    """An urgent card: who owns it and what to do.

    `level` is what a tick sets its domain to; `derived` cards are raised by rules and never
    offered as a tick. `gate` is `seen-alone`, `staff-only` or None. `masked` cards are safety,
    with the gate `seen-alone`: an answer, an item or a domain of safety declares or raises them.
    `for_clinician`: only a clinician may say that it is dealt with.
    """

    id: str
    text: str
    domain: str | None
    level: int | None
    gate: str | None
    derived: bool
    owner: str
    actions: tuple[str, ...]
    needs: tuple[str, ...]
    masked: bool
    for_clinician: bool


@dataclass(frozen=True, slots=True)
class Option:
    """One answerOption. Equal when kind, system and code are equal.

    `kind` is its value[x] property; for anything but a coding, `code` is the value as text and
    `system` None. `weight` is the level it stands for (None: unknown, changes nothing), `urgent`
    the card it raises, `card` the card it is a tick of. `discloses`: an urgent option, or a safety
    answer above level 0, which counts wherever it arrives (rules.md, rule 4a). `written` is the
    coding as a sound response has it, to compare with. `seeker` is what
    it tells of eligibility for services, such as `no-public-funds`.
    """

    system: str | None
    code: str
    display: str = field(compare=False)
    kind: str = "valueCoding"
    weight: int | Decimal | None = field(default=None, compare=False)
    needs: tuple[str, ...] = field(default=(), compare=False)
    urgent: str | None = field(default=None, compare=False)
    exclusive: bool = field(default=False, compare=False)
    masked: bool = field(default=False, compare=False)
    hint: str | None = field(default=None, compare=False)
    seeker: str | None = field(default=None, compare=False)
    card: Card | None = field(default=None, compare=False)
    gate: str | None = field(default=None, compare=False)
    discloses: bool = field(default=False, compare=False)
    written: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)

    def as_answer(self) -> dict[str, Any]:
        """The option as the `answer` element of a QuestionnaireResponse item, newly made."""
        kind, code, display = self.kind, self.code, self.display
        if kind == "valueInteger":
            return {kind: int(code)}
        if kind == "valueReference":
            return {kind: {"reference": code, **({"display": display} if display != code else {})}}
        if kind != "valueCoding":
            return {kind: code}
        coding = {"system": self.system, "code": code, "display": display}
        return {kind: {name: value for name, value in coding.items() if value}}


@dataclass(frozen=True, slots=True)
class Element:
    """An answer that is a structure (Quantity, Reference, Attachment) as canonical JSON text."""

    kind: str
    body: str

    def as_json(self) -> dict[str, Any]:
        """The structure, newly made."""
        found: dict[str, Any] = json.loads(self.body)
        return found


Value = Option | Element | bool | str | int | Decimal
Answers = Mapping[str, tuple[Value, ...]]
"""linkId -> values, in document order."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the form.

    `gate` and `masked` hold for the item and everything inside it (inherited). `enabled_by` is the
    index in `Form.conditions` of the nearest enableWhen at or above it, -1 when always enabled.
    `calculated` is its calculatedExpression; the value a response carries for it is ignored.
    `any_coding`: its options live in a value set outside the questionnaire. `constraints` is what
    else the questionnaire demands of its answers, None for most. `inside_repeats`: something around
    it may be there several times. `flawless` are the coded options by code, whose `written` form
    needs no closer look; none for a calculated item, or one that demands more of each answer.
    `sound_text` is the text if it is a string of R4, which a response may repeat. `raw` is the item
    as received, for what only a few places need.
    """

    link_id: str
    text: str
    type: str
    repeats: bool
    required: bool
    read_only: bool
    hidden: bool
    options: tuple[Option, ...]
    children: tuple["Item", ...]
    parent: str | None
    gate: str | None
    masked: bool
    source: str | None
    max_length: int | None
    domain: str | None
    calculated: str | None
    any_coding: bool
    enabled_by: int
    expression: str
    constraints: "Constraints | None" = field(repr=False, compare=False)
    inside_repeats: bool
    raw: Mapping[str, Any] = field(repr=False, compare=False)
    by_coding: Mapping[tuple[str | None, str], Option] = field(repr=False)
    by_code: Mapping[str, Option] = field(repr=False)
    flawless: Mapping[str, Option] = field(repr=False)
    sound_text: str | None = field(repr=False)
    by_link_id: Mapping[str, "Item"] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a modifier may look at: the context and the codes of the answers that count."""

    age: int | None
    conditions: frozenset[str]
    counted: Answers
    response: Callable[[], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Modifier:
    """A rule that raises a domain's level; `holds(level, facts)` is its condition, compiled."""

    id: str
    expression: str
    holds: Callable[[int | None, Facts], bool] = field(repr=False, compare=False)
    effect: Effect
    level: int | None
    card: str | None
    source: str


@dataclass(frozen=True, slots=True)
class Domain:
    """One area of need, with its questions.

    `floor` is the least level of a need, `floor_card` the card a need raises, `household_needs`
    pairs of (any of these household codes, the needs they bring). `scored` are the linkIds inside
    the domain whose options carry weights.
    """

    id: str
    title: str
    weight: int
    floor: int
    floor_card: str | None
    default_needs: tuple[str, ...]
    household_needs: tuple[tuple[frozenset[str], tuple[str, ...]], ...]
    why_we_ask: str
    ages: str | None
    marmot: tuple[int, ...]
    indicators: tuple[int, ...]
    always_offered: bool
    masked: bool
    gate: str | None
    screen: Item
    follow_ups: tuple[Item, ...]
    wants_help: Item
    level: Item | None
    modifiers: tuple[Modifier, ...]
    scored: tuple[str, ...]


class Clause(NamedTuple):
    """One enableWhen entry: `holds(answers)` tests the answers of its question.

    `precedes`: the question comes before the item. `option` is there when the entry only asks
    whether this option was chosen.
    """

    question: Item
    precedes: bool
    holds: Callable[[tuple[Value, ...]], bool]
    option: Option | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """The enableWhen of one item; `parent` is the index of the one around it, or -1.

    `rule(answers, opened)` reads answers that are themselves enabled only; `opened` holds the
    outcome of every condition that comes earlier in `Form.conditions`. `every`: all `clauses` must
    hold, not any. `expression` is the FHIRPath of an enableWhenExpression, which only an occurrence
    of `item` can tell: its `rule` always holds.
    """

    parent: int
    rule: Callable[[Answers, Sequence[bool]], bool] = field(repr=False, compare=False)
    item: Item = field(repr=False, compare=False)
    clauses: tuple[Clause, ...] = field(default=(), repr=False, compare=False)
    every: bool = False
    expression: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """A compiled Questionnaire. `items` and `cards` are in document order.

    Two forms are the same only when they are one, so that what follows from a form can be kept.

    `conditions` are ordered so that each needs earlier ones only. `variables` are the root SDC
    variables (name -> FHIRPath). `weighted`, `ticks` and `tells` are the linkIds that offer an
    option with a weight, with a card, or that tells of eligibility; `alarms` those outside every
    domain that offer an urgent one. `problems` are warnings found when compiling. `domains` is
    empty for a questionnaire that defines none.

    `flat`: `conditions` can be told from Answers alone; no enableWhenExpression, no question that
    is calculated or in something that repeats. `simple`: so can what is required; nothing is
    required, counted or ruled per occurrence. `constraints` are those of the questionnaire as a
    whole.
    """

    url: str
    version: str | None
    id: str
    title: str
    status: str
    roots: tuple[Item, ...]
    items: Mapping[str, Item] = field(repr=False)
    domains: tuple[Domain, ...] = field(repr=False)
    cards: Mapping[str, Card] = field(repr=False)
    conditions: tuple[Condition, ...] = field(repr=False)
    required: tuple[Item, ...] = field(repr=False)
    weighted: tuple[str, ...] = field(repr=False)
    ticks: tuple[str, ...] = field(repr=False)
    alarms: tuple[str, ...] = field(repr=False)
    tells: tuple[str, ...] = field(repr=False)
    variables: Mapping[str, str] = field(repr=False)
    resource: Mapping[str, Any] = field(repr=False, compare=False)
    problems: tuple[Problem, ...]
    by_root: Mapping[str, Item] = field(repr=False)
    by_domain: Mapping[str, Domain] = field(repr=False)
    flat: bool
    simple: bool
    constraints: "Constraints | None" = field(repr=False, compare=False)

    def domain(self, domain_id: str) -> Domain:
        """The domain of this id; KeyError when the template has none."""
        return self.by_domain[domain_id]

    @property
    def canonical(self) -> str:
        """`url|version`, or the url alone for a questionnaire without a version."""
        return self.url if self.version is None else f"{self.url}|{self.version}"
