"""A posted template page as answers, and stored answers as what may be shown on a page again."""

import re
from collections.abc import Iterable, Iterator
from typing import Protocol

from template_service.errors import Malformed
from template_service.questionnaire.form import (
    INTERPRETER,
    SEEN_ALONE,
    Answers,
    Form,
    Item,
    Option,
    Value,
)
from template_service.questionnaire.problems import Problem
from template_service.web.speech import gettext as _

# Whether somebody is alone is true of one visit only, so it is asked each time (rules.md, rule 6).
PER_VISIT = frozenset({SEEN_ALONE, INTERPRETER})

_NOT_ANSWERED = frozenset({"group", "display"})
_REVISION = re.compile(r"[0-9]{1,9}")
_RESPONSE = re.compile(r"[0-9A-Za-z.-]{1,64}")
_PAGE_FIELDS = frozenset(
    {
        "csrf_token",
        "revision",
        "response",
        "acknowledge",
        "acknowledge-call",
        "call",
        "clear",
        "meanwhile",
        "view",
    }
)
_NEED = "need"
_BOOLEANS = {"true": True, "false": False}


class Posted(Protocol):
    """The part of a posted form that is read here."""

    def getlist(self, key: str, /) -> list[str]:
        """Every value sent for one field, in order; none when it was not sent."""


def posted_revision(posted: Posted) -> int:
    """The revision a page started from, as it was sent with the form; raises Malformed."""
    sent = posted.getlist("revision")
    if len(sent) != 1 or not _REVISION.fullmatch(sent[0]):
        raise Malformed("The page lost the number of the version it started from")
    return int(sent[0])


def posted_response(posted: Posted) -> str | None:
    """The id of the response a page started from, None when there was none; raises Malformed."""
    sent = "".join(posted.getlist("response"))
    if sent and not _RESPONSE.fullmatch(sent):
        raise Malformed("The page lost the name of the template it started from")
    return sent or None


def has_unknown(form: Form, names: Iterable[str]) -> bool:
    """Whether a page sent a field that neither it nor `form` has: it is older than the template."""
    known = _PAGE_FIELDS | {item.link_id for item in answerable(form)}
    return not known.issuperset(names)


def answerable(form: Form) -> Iterator[Item]:
    """The items a person can answer, in document order."""
    return (
        item
        for item in form.items.values()
        if item.type not in _NOT_ANSWERED and not item.hidden and not item.read_only
    )


def read_form(form: Form, posted: Posted) -> tuple[Answers, tuple[Problem, ...]]:
    """What was typed, by linkId in document order, and a problem for each value not on offer.

    Line ends of text become single newlines, as HTML forms send carriage returns.
    """
    typed: dict[str, tuple[Value, ...]] = {}
    problems: list[Problem] = []
    for item in answerable(form):
        sent = [text for text in posted.getlist(item.link_id) if text.strip()]
        values = tuple(value for text in sent if (value := _value(item, text)) is not None)
        if len(values) < len(sent):
            problems.append(_not_on_offer(item))
        if values:
            typed[item.link_id] = values
    return typed, tuple(problems)


def tells_what_it_has_not(form: Form, posted: Posted) -> bool:
    """Whether a field is filled in that no page has for a role without safety."""
    return any(
        _is_masked(form, item) or ((found := item.by_code.get(text)) is not None and found.masked)
        for item in answerable(form)
        for text in posted.getlist(item.link_id)
        if text.strip()
    )


def _is_masked(form: Form, item: Item) -> bool:
    domain = form.by_domain.get(item.domain or "")
    return item.masked or (domain is not None and domain.masked)


def with_unseen(
    form: Form,
    typed: Answers,
    stored: Answers,
    not_offered: frozenset[str] = frozenset(),
    *,
    gate_open: bool = False,
) -> Answers:
    """`typed` plus the stored answers the page did not show, so that no page erases them unseen.

    Unshown are safety items, masked options (a refuge) and the rows of domains not offered. A
    stored masked option gives way to another choice only on a page whose safety gate was open
    (`gate_open`); a stored disclosure in the safety row, which no page shows again, gives way to
    another disclosure only.
    """
    whole: dict[str, tuple[Value, ...]] = {}
    for item in answerable(form):
        values = typed.get(item.link_id, ())
        before = stored.get(item.link_id, ())
        if not values and _is_left_out(form, item, not_offered):
            values = before
        elif item.masked:
            values = _of_safety(form, item, values, before)
        elif item.repeats or not values:
            values = _in_order(item, (*values, *filter(is_private, before)))
        elif not gate_open and any(map(is_private, before)) and not any(map(is_private, values)):
            values = before
        if values:
            whole[item.link_id] = values
    return whole


def shown_again(form: Form, stored: Answers) -> Answers:
    """The stored answers a page may show: nothing of safety, nothing true of one visit only."""
    shown: dict[str, tuple[Value, ...]] = {}
    for link_id, values in stored.items():
        item = form.items.get(link_id)
        if item is None or item.masked or link_id in PER_VISIT:
            continue
        left = tuple(value for value in values if not is_private(value))
        if left:
            shown[link_id] = left
    return shown


def _value(item: Item, text: str) -> Value | None:
    if item.options:
        return item.by_code.get(text)
    if item.type == "boolean":
        return _BOOLEANS.get(text)
    return text.replace("\r\n", "\n").strip()


def _not_on_offer(item: Item) -> Problem:
    return Problem(
        severity="error",
        code="code-invalid",
        expression=item.expression,
        link_id=item.link_id,
        message=_("Choose one of the answers on the page."),
    )


def _is_left_out(form: Form, item: Item, not_offered: frozenset[str]) -> bool:
    if item.domain is None or item.domain not in not_offered:
        return False
    return item.link_id != form.domain(item.domain).wants_help.link_id


def _of_safety(
    form: Form, item: Item, values: tuple[Value, ...], before: tuple[Value, ...]
) -> tuple[Value, ...]:
    """What counts of an answer in the safety row: a disclosure gives way to a disclosure only."""
    told = tuple(value for value in before if _tells_safety(form, item, value))
    if not values or (told and not any(_tells_safety(form, item, value) for value in values)):
        return before
    return _in_order(item, (*values, *told)) if item.repeats else values


def _tells_safety(form: Form, item: Item, value: Value) -> bool:
    """Whether an answer of the safety row discloses something; its screen carries no weight."""
    if not isinstance(value, Option):
        return False
    screens = {domain.screen.link_id for domain in form.domains}
    return value.discloses or (item.link_id in screens and value.code == _NEED)


def is_private(value: Value) -> bool:
    """Whether an answer counts as safety: a masked option, or the tick of a masked card."""
    if not isinstance(value, Option):
        return False
    return value.masked or (value.card is not None and value.card.masked)


def _in_order(item: Item, values: tuple[Value, ...]) -> tuple[Value, ...]:
    """Each value once, options in the order of the template."""
    if not item.options:
        return tuple(dict.fromkeys(values))
    return tuple(option for option in item.options if option in values)
