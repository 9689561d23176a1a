"""The style sheet of a template: what appears beside which answer, without JavaScript.

It holds rules only about the template, nothing about a person, and is served from 'self' under the
strict policy (no inline style). Every rule reads `:has()`; a browser without it drops them all, and
app.css then shows everything but what stands behind the safety gate.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from template_service.questionnaire.age_views import age_views
from template_service.questionnaire.form import (
    ASKED_REST,
    INFORMAL_INTERPRETER,
    INTERPRETER,
    SEEN_ALONE,
    Card,
    Domain,
    Form,
    Item,
    Option,
)
from template_service.web.gate import ADULT, PATIENT, SUICIDAL, WHO, YOUNG

FORM = "#template"
VIEW = "view"
"""The field of the page, not of the template, that says which view for an age is looked at."""

# The gate of rules.md, rules 6 and 9: the person is alone, and no family or friend interprets; of
# somebody under 16, they answer themselves. A page that does not say whose it is stays closed.
_ADULT = f'{FORM}[data-gate="{ADULT}"]'
_ANSWERS_ALONE = f'{FORM}[data-gate="{YOUNG}"]:has([name="{WHO}"][value="{PATIENT}"]:checked)'
_ALONE = (
    f":is({_ADULT},{_ANSWERS_ALONE})"
    f':has([name="{SEEN_ALONE}"][value="true"]:checked)'
    f':not(:has([name="{INTERPRETER}"][value="{INFORMAL_INTERPRETER}"]:checked))'
)
_UNLESS_YOUNG = f":is({_ADULT},{_ALONE})"


def form_stylesheet(form: Form) -> str:
    """CSS for `form`: conditional items, urgent cards, hints and the safety gate."""
    rules = [
        f"{_ALONE} .row.alone{{display:grid}}",
        f"{_ALONE} .tick.alone{{display:flex}}",
        f"{_ALONE} .pill.alone{{display:inline-flex}}",
        f"{_ALONE} .card.alone.raised{{display:block}}",
        *_conditional_rules(form),
        *_card_rules(form),
        *(rule for domain in form.domains for rule in _help_rules(form, domain)),
        *_hint_rules(form),
        *_view_rules(form),
    ]
    return "\n".join(rules) + "\n"


def stylesheet_version(form: Form) -> str:
    """A name for the style sheet that changes when its content does; it goes into the address."""
    return hashlib.sha256(form_stylesheet(form).encode()).hexdigest()[:16]


def _checked(link_id: str, code: str) -> str:
    return f'[name="{_quoted(link_id)}"][value="{_quoted(code)}"]:checked'


def _quoted(text: str) -> str:
    """Text as the inside of a CSS string: a template is data, and may hold any character."""
    safe = (c if c.isalnum() or c in "-_. " else f"\\{ord(c):x} " for c in text)
    return "".join(safe)


def _conditional_rules(form: Form) -> Iterator[str]:
    for raw in _raw_items(form.resource.get("item", ())):
        if not raw.get("enableWhen"):
            continue
        item = form.items[raw["linkId"]]
        shown = f'[data-when="{_quoted(item.link_id)}"]{{display:block}}'
        for selector in _openers(raw, item):
            yield f"{selector} {shown}"


def _openers(raw: Mapping[str, Any], item: Item) -> Iterator[str]:
    """What opens an item: its enableWhen, or an urgent answer inside it, which is never hidden."""
    tests = [_test(condition) for condition in raw["enableWhen"]]
    known = [test for test in tests if test]
    if len(known) < len(tests):
        yield FORM
    elif raw.get("enableBehavior") == "all":
        yield FORM + "".join(f":has({test})" for test in known)
    else:
        yield f"{FORM}:has({','.join(known)})"
    inside = ",".join(_checked(link_id, option.code) for link_id, option in _urgent_inside(item))
    if inside:
        yield f"{FORM}:has({inside})"


def _raw_items(items: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for item in items:
        yield item
        yield from _raw_items(item.get("item", ()))


def _test(condition: Mapping[str, Any]) -> str | None:
    """The selector of one enableWhen; None for one CSS cannot express, which stays in sight."""
    question, operator = condition["question"], condition["operator"]
    coding = condition.get("answerCoding")
    if operator == "=" and coding:
        return _checked(question, coding["code"])
    if operator == "=" and isinstance(condition.get("answerBoolean"), bool):
        return _checked(question, str(condition["answerBoolean"]).lower())
    return None


def _urgent_inside(item: Item) -> Iterator[tuple[str, Option]]:
    yield from ((item.link_id, option) for option in item.options if option.urgent)
    for child in item.children:
        yield from _urgent_inside(child)


def raised_by(form: Form, card: Card) -> tuple[tuple[str, str], ...]:
    """The (linkId, code) pairs that raise `card` at once: its tick, an urgent option, a floor."""
    ticks = (
        (link_id, option.code)
        for link_id in form.ticks
        for option in form.items[link_id].options
        if option.card and option.card.id == card.id
    )
    options = (
        (link_id, option.code)
        for link_id, item in form.items.items()
        for option in item.options
        if option.urgent == card.id
    )
    floors = (
        (domain.screen.link_id, "need") for domain in form.domains if domain.floor_card == card.id
    )
    return tuple(dict.fromkeys((*ticks, *options, *floors)))


def _card_rules(form: Form) -> Iterator[str]:
    for card in form.cards.values():
        pairs = raised_by(form, card)
        if not pairs:
            continue
        start = _ALONE if card.masked else _UNLESS_YOUNG if card.id == SUICIDAL else FORM
        tests = ",".join(_checked(link_id, code) for link_id, code in pairs)
        yield f'{start}:has({tests}) [data-card="{_quoted(card.id)}"]{{display:block}}'


def _help_rules(form: Form, domain: Domain) -> Iterator[str]:
    """Whether help is wanted stands by a row once there is a need, however it arose."""
    tests = [_checked(domain.screen.link_id, code) for code in ("need", "unsure")]
    unique = ",".join(dict.fromkeys((*tests, *_ticks_of(form, domain.id))))
    yield f'{FORM}:has({unique}) [data-help="{_quoted(domain.id)}"]{{display:block}}'


def _ticks_of(form: Form, domain: str) -> Iterator[str]:
    """The answers that raise a card of this domain, wherever they stand on the page."""
    for card in form.cards.values():
        if card.domain == domain:
            yield from (_checked(link_id, code) for link_id, code in raised_by(form, card))


def _view_rules(form: Form) -> Iterator[str]:
    """What a view for an age folds away: never safety, never a row with an answer.

    Nor while somebody says that the rest was asked: they must see what they say it of.
    """
    rest = f'[name="{ASKED_REST}"]:checked'
    for view in age_views(form.resource):
        chosen = f'{FORM}:has([name="{VIEW}"][value="{_quoted(view.code)}"]:checked)'
        for domain in view.leaves_out:
            if domain in form.by_domain and not form.domain(domain).masked:
                kept = ",".join((rest, *_ticks_of(form, domain)))
                row = f'[data-row="{_quoted(domain)}"]:not(:has(:checked:not([value=""])))'
                yield f"{chosen}:not(:has({kept})) {row}{{display:none}}"


def _hint_rules(form: Form) -> Iterator[str]:
    for link_id, item in form.items.items():
        for option in item.options:
            if option.hint:
                name = _quoted(f"{link_id} {option.code}")
                chosen = _checked(link_id, option.code)
                yield f'{FORM}:has({chosen}) [data-hint="{name}"]{{display:block}}'
