"""The page of a questionnaire put together: blocks, room, language, errors and what was saved."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from markupsafe import Markup

from template_service.actions.questionnaire_working import shown_now
from template_service.questionnaire.checking.doubtful import doubtful_results
from template_service.questionnaire.completeness import REQUIRED
from template_service.questionnaire.form import SEEN_ALONE, Form, Item
from template_service.questionnaire.problems import Problem, shown
from template_service.records.people import Person
from template_service.web.blueprint import Link
from template_service.web.card_view import CardView
from template_service.web.gate import Gate
from template_service.web.questionnaire_fields import Fields, by_rows, is_calculated, shape_of
from template_service.web.questionnaire_fields import field as field_name
from template_service.web.questionnaire_gate import Sight
from template_service.web.questionnaire_language import Spoken
from template_service.web.questionnaire_reading import Node, named_nodes, read_page, rows_named
from template_service.web.questionnaire_styles import has_condition, shown_by_styles
from template_service.web.questionnaire_view import Asked, Block, Row, has_trouble
from template_service.web.questionnaire_words import answers_text
from template_service.web.speech import english, joined, mark
from template_service.web.speech import gettext as _
from template_service.web.template_page import ErrorLink

_STEP = re.compile(r"\.(item|answer)\[([0-9]+)\]")


ONE_OF_GROUP = mark("Answer at least one question here.")
_ASKED_ALONE = mark("A question that is asked alone needs an answer: ask when the person is alone.")

Say = Callable[[str], str]
"""How the page says a text of the questionnaire (`questionnaire_language.Spoken.said`)."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a page comes back instead of being saved, by the names of fields."""

    title: str = ""
    text: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    theirs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class QuestionnairePage:
    """Everything questionnaire.html shows. `look` is where a script asks what follows from it.

    `token` tells this page from any other: what it finishes is finished once. `meanwhile` are the
    revisions that colleagues saved beside it, `aside` the drafts it goes on without. `filled` are
    the questions filled in from the record, `private_href` leads to the private notes, `draft`
    says whether there is one to discard, and `needed` which marks stand on the page (`marks_in`).
    """

    blocks: tuple[Block, ...]
    cards: tuple[CardView, ...]
    title: str
    spoken: Spoken
    back: str
    action: str
    look: str
    styles: str
    gate: Gate
    room: tuple[Block, ...]
    trouble: Trouble
    errors: tuple[ErrorLink, ...]
    revision: int
    response: str
    version: str
    token: str
    meanwhile: tuple[str, ...]
    aside: tuple[str, ...]
    filled: tuple[str, ...]
    private_href: str
    draft: bool
    saved: str
    unsaved: bool
    needed: frozenset[str]
    languages: tuple[Link, ...]
    focus: str


def is_live(form: Form) -> bool:
    """Whether the server must work something out while the page is filled in."""
    by_styles = shown_by_styles(form)
    return any(
        item.calculated is not None or (has_condition(item) and item.link_id not in by_styles)
        for item in form.items.values()
        if not item.hidden
    )


def asked_for(
    spoken: Spoken,
    form: Form,
    fields: Fields,
    *,
    stored: Node,
    sight: Sight,
    person: Person,
    trouble: Trouble,
    focus: str,
) -> Asked:
    """What follows from the fields as they are: what is hidden, and the values worked out."""
    response = read_page(form, fields, stored, sight, blanks=True).response
    now = shown_now(form, response, person)
    return Asked(
        hidden=now.hidden,
        errors=trouble.errors,
        theirs=trouble.theirs,
        values=dict(_values(spoken.form, now.response, sight)),
        doubtful=doubtful_results(form),
        focus=focus,
    )


def _values(form: Form, response: Node, sight: Sight) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, node in named_nodes(form, response):
        item = form.items[node["linkId"]]
        if (is_calculated(item) or shape_of(item) == "nothing") and not sight.is_safety(item):
            yield name, answers_text(item, node.get("answer") or ())


def names_of_problems(form: Form, problems: Iterable[Problem], response: Node) -> dict[str, str]:
    """The message of each problem by the name of the field it is about; the first one counts."""
    found: dict[str, str] = {}
    for problem in problems:
        item = form.items.get(problem.link_id or "")
        if item is None:
            found.setdefault("", english(problem.message))
        else:
            rows = _rows_at(response, problem.expression)[: _depth(form, item)]
            found.setdefault(field_name(item, rows), _said_at(item, problem.message))
    return found


def _said_at(item: Item, message: str) -> str:
    """The message of a problem at its item; at a group that is needed, what to do there."""
    said = message.removeprefix(f"{shown(item.link_id)}: ")
    return _(ONE_OF_GROUP) if item.type == "group" and said == REQUIRED else english(said)


def _rows_at(response: Node, expression: str) -> tuple[int, ...]:
    """The rows of the innermost item with a name on the way to a place of a response."""
    rows: tuple[int, ...] = ()
    here: Node = response
    for kind, index in _STEP.findall(expression):
        inside = here.get(kind)
        if not isinstance(inside, list) or int(index) >= len(inside):
            break
        here = inside[int(index)]
        if kind == "item":
            named = rows_named(here)
            rows = rows if named is None else named
    return rows


def _depth(form: Form, item: Item) -> int:
    """How many things that repeat an item stands in; a row of a repeating group is one itself."""
    count = int(item.type == "group" and by_rows(item))
    around = form.items.get(item.parent or "")
    while around is not None:
        count += by_rows(around)
        around = form.items.get(around.parent or "")
    return count


def error_links(
    blocks: Iterable[Block], trouble: Trouble, say: Say, *, alone: bool
) -> tuple[ErrorLink, ...]:
    """The error summary in the order of the page; what belongs nowhere comes first.

    Unless the person is seen `alone`, it says nothing of a question that is asked alone but that
    there is one.
    """
    general = [ErrorLink(trouble.errors[""], "")] if "" in trouble.errors else []
    links = (*general, *_links(blocks, say, alone=alone))
    return tuple(dict.fromkeys(links))


def _links(blocks: Iterable[Block], say: Say, *, alone: bool, row: str = "") -> Iterator[ErrorLink]:
    """One line for each block in trouble; `row` names the rows that it stands in."""
    for block in blocks:
        if block.alone and not alone:
            if has_trouble((block,)):
                yield _asked_alone()
            continue
        said = block.error or block.theirs
        if said:
            label = _within(row, _label(block), say)
            yield ErrorLink(joined(": ", (label, said)), f"#{block.id}")
        yield from _links(block.blocks, say, alone=alone, row=row)
        for each in block.rows:
            yield from _links_of_row(each, say, alone=alone, around=row)


def _links_of_row(row: Row, say: Say, *, alone: bool, around: str) -> Iterator[ErrorLink]:
    if row.alone and not alone:
        if row.error or has_trouble(row.blocks):
            yield _asked_alone()
        return
    name = _around(around, row.text)
    if row.error:
        yield ErrorLink(joined(": ", (say(name), row.error)), f"#{row.id}-row")
    yield from _links(row.blocks, say, alone=alone, row=name)


def _asked_alone() -> ErrorLink:
    return ErrorLink(_(_ASKED_ALONE), f"#gate-{SEEN_ALONE}")


def _within(row: str, label: str, say: Say) -> str:
    """A label with the rows it stands in; one without words is told of by ours."""
    if not label and not row:
        return _("A question without words")
    return say(_around(row, label))


def _around(row: str, label: str) -> str:
    """A label with the rows it stands in; the one answer of a row is named as its row is."""
    if not row or row.endswith(label):
        return row or label
    return joined(": ", (row, label))


def _label(block: Block) -> str:
    """The words of a question without marks, for a list of links."""
    text = block.text.striptags() if isinstance(block.text, Markup) else block.text
    return text or block.prefix
