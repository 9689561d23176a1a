"""The style sheet of a questionnaire: what appears beside which answer, without JavaScript.

It says only what CSS can: conditions on options, yes and no, outside repeating groups. Whatever
else decides (numbers, expressions, rows) the server works out, when the page is updated. As in
`form_stylesheet`, a browser without `:has()` drops all of it and shows everything but safety.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from template_service.questionnaire.extensions import value
from template_service.questionnaire.form import (
    INFORMAL_INTERPRETER,
    INTERPRETER,
    SEEN_ALONE,
    Form,
    Item,
    Option,
)
from template_service.web.gate import ADULT, PATIENT, SUICIDAL, WHO, YOUNG
from template_service.web.questionnaire_cards import card_mark, raised_at_once
from template_service.web.questionnaire_fields import (
    by_rows,
    choice_value,
    chosen_option,
    field,
    is_asked,
    item_control,
    shape_of,
)
from template_service.web.questionnaire_kept import KeptByForm

FORM = "#questionnaire"
GATE = "gate:"
GRIDS = frozenset({"grid", "gtable", "table", "htable"})

# Conditions on conditions make selectors longer; a browser reads such a one, but not for ever.
_LONGEST = 4_000
_DEEPEST_CHAIN = 30

_KEPT: KeptByForm[Mapping[str, str]] = KeptByForm()
_VERSIONS: KeptByForm[str] = KeptByForm()

_ADULT = f'{FORM}[data-gate="{ADULT}"]'
_ANSWERS_ALONE = f'{FORM}[data-gate="{YOUNG}"]:has([name="{GATE}{WHO}"][value="{PATIENT}"]:checked)'
_ALONE = (
    f":is({_ADULT},{_ANSWERS_ALONE})"
    f':has([name="{GATE}{SEEN_ALONE}"][value="true"]:checked)'
    f':not(:has([name="{GATE}{INTERPRETER}"][value="{INFORMAL_INTERPRETER}"]:checked))'
)
_UNLESS_YOUNG = f":is({_ADULT},{_ALONE})"


def styles_of(form: Form) -> str:
    """CSS for the page of a questionnaire: its conditions, and the gate before safety."""
    rules = [
        f"{_ALONE} :is(.gated,.section).alone{{display:block}}",
        f"{_ALONE} .pill.alone{{display:inline-flex}}",
        f"@media (min-width: 701px){{{_ALONE} tr.gated.alone{{display:table-row}}}}",
        f"{_ALONE} :is(.card,.strip-line).alone.raised{{display:block}}",
        *_card_rules(form),
    ]
    for link_id, selector in shown_by_styles(form).items():
        shown = f'[data-when="{_quoted(link_id)}"]{{display:block}}'
        rules.append(f"{FORM}{selector} {shown}")
        urgent = ",".join(_urgent_inside(form.items[link_id]))
        if urgent:
            # An urgent answer inside is never hidden, whatever was changed since.
            rules.append(f"{FORM}:has({urgent}) {shown}")
    return "\n".join(rules) + "\n"


def _card_rules(form: Form) -> Iterator[str]:
    """An urgent answer opens its card at once; a masked card only behind the gate.

    So does, of somebody under 16, the one about suicide (rules.md, rules 5, 6 and 9).
    """
    for card_id in sorted(raised_at_once(form)):
        young = _UNLESS_YOUNG if card_id == SUICIDAL else FORM
        start = _ALONE if form.cards[card_id].masked else young
        ticked = f'[data-raises~="{card_mark(form, card_id)}"]:checked'
        yield f'{start}:has({ticked}) [data-card="{_quoted(card_id)}"]{{display:block}}'


def styles_version(form: Form) -> str:
    """A name for the style sheet that changes when its content does; it goes into the address."""
    made = _VERSIONS.get(form, "", lambda: hashlib.sha256(styles_of(form).encode()).hexdigest())
    return made[:16]


def shown_by_styles(form: Form) -> Mapping[str, str]:
    """The items whose own condition the style sheet decides, with what the form must be like."""
    return _KEPT.get(form, "", lambda: _shown_by_styles(form))


def _shown_by_styles(form: Form) -> Mapping[str, str]:
    known: dict[str, str | None] = {}
    for item in form.items.values():
        if has_condition(item):
            _own(form, item, known, frozenset())
    return {link_id: known[link_id] or "" for link_id in form.items if known.get(link_id)}


def has_condition(item: Item) -> bool:
    """Whether an item is asked only in some cases."""
    return bool(item.raw.get("enableWhen")) or _by_expression(item)


def _by_expression(item: Item) -> bool:
    name = "sdc-questionnaire-enableWhenExpression"
    return value(item.raw, name, "valueExpression") is not None


def _own(
    form: Form, item: Item, known: dict[str, str | None], waiting: frozenset[str]
) -> str | None:
    """The selector of an item's own condition; None when CSS cannot say it."""
    if item.link_id not in known:
        # Neither a circle nor a chain too long to follow at once: the server decides those.
        stop = item.link_id in waiting or len(waiting) >= _DEEPEST_CHAIN
        found = None if stop else _selector(form, item, known, waiting | {item.link_id})
        known[item.link_id] = found if found is not None and len(found) <= _LONGEST else None
    return known[item.link_id]


def _selector(
    form: Form, item: Item, known: dict[str, str | None], waiting: frozenset[str]
) -> str | None:
    if _by_expression(item) or _stands_in_rows(form, item):
        return None
    tests = [_test(form, each, known, waiting) for each in item.raw["enableWhen"]]
    if not all(tests):
        return None
    every = item.raw.get("enableBehavior") == "all" or len(tests) == 1
    return "".join(map(str, tests)) if every else f":is({','.join(map(str, tests))})"


def _stands_in_rows(form: Form, item: Item) -> bool:
    """Whether an item may stand there several times, or as a row of a table."""
    around: Item | None = item
    while around is not None:
        if by_rows(around) or item_control(around) in GRIDS:
            return True
        around = form.items.get(around.parent or "")
    return False


def _test(
    form: Form, entry: Mapping[str, Any], known: dict[str, str | None], waiting: frozenset[str]
) -> str | None:
    """One enableWhen entry: answered so, by a question that is itself asked."""
    question = form.items[entry["question"]]
    if not is_asked(question) or _stands_in_rows(form, question):
        return None
    found = _answered(question, entry)
    asked = _asked(form, question, known, waiting)
    if found is None or asked is None:
        return None
    selector, holds = found
    return f":has({selector}){asked}" if holds else f":not(:has({selector}){asked})"


def _asked(
    form: Form, question: Item, known: dict[str, str | None], waiting: frozenset[str]
) -> str | None:
    """The selector of everything that must hold for a question to be asked; may be empty."""
    selectors = []
    around: Item | None = question
    while around is not None:
        if has_condition(around):
            own = _own(form, around, known, waiting)
            if own is None:
                return None
            selectors.append(own)
        around = form.items.get(around.parent or "")
    return "".join(selectors)


def _answered(question: Item, entry: Mapping[str, Any]) -> tuple[str, bool] | None:
    """What is ticked in the case of an entry, and whether it must be or must not be."""
    operator = entry["operator"]
    if shape_of(question) not in ("pills", "select"):
        return None
    if operator == "exists" and question.type in ("choice", "boolean"):
        return _ticked(question, None), entry.get("answerBoolean") is True
    text = _expected(question, entry)
    if text is None or operator not in ("=", "!="):
        return None
    return _ticked(question, text), operator == "="


def _expected(question: Item, entry: Mapping[str, Any]) -> str | None:
    coding, plain = entry.get("answerCoding"), entry.get("answerBoolean")
    if isinstance(plain, bool):
        return str(plain).lower() if question.type == "boolean" else None
    if isinstance(coding, dict):
        system = coding.get("system")
        option = question.by_coding.get((system, coding["code"]))
        option = option or (None if system else question.by_code.get(coding["code"]))
        return None if option is None else choice_value(question, option)
    text = entry.get("answerString")
    option = chosen_option(question, text) if isinstance(text, str) else None
    return None if option is None else choice_value(question, option)


def _ticked(question: Item, text: str | None) -> str:
    """The selector of a ticked answer: this one, or any."""
    wanted = ':not([value=""])' if text is None else f'[value="{_quoted(text)}"]'
    name = f'[name="{_quoted(field(question, ()))}"]'
    inside = " option" if shape_of(question) == "select" else ""
    return f"{name}{inside}{wanted}:checked"


def _urgent_inside(item: Item) -> Iterator[str]:
    if not by_rows(item) and shape_of(item) in ("pills", "select"):
        urgent: Iterator[Option] = (
            option for option in item.options if option.urgent or option.card
        )
        yield from (_ticked(item, choice_value(item, option)) for option in urgent)
    for child in item.children:
        yield from _urgent_inside(child)


def _quoted(text: str) -> str:
    """Text as the inside of a CSS string: a questionnaire is data, and may hold any character."""
    safe = (c if c.isalnum() or c in "-_. " else f"\\{ord(c):x} " for c in text)
    return "".join(safe)
