"""What a page cannot hold is not put on it: nothing is offered that would lose answers unseen."""

from typing import Any

from template_service.questionnaire.answers import response_items
from template_service.questionnaire.form import Form
from template_service.questionnaire.privacy import is_private_option, private_items
from template_service.web.questionnaire_fields import Fields
from template_service.web.questionnaire_gate import Sight
from template_service.web.questionnaire_reading import Node, read_page, written_page
from template_service.web.questionnaire_rows import Named, named, repeating_around
from template_service.web.speech import mark

SAFETY_IN_ROWS = mark(
    "This questionnaire cannot be asked on this page yet. In a list of rows it asks for something "
    "that is never shown again, and this page could not tell the rows apart safely."
)
MORE_THAN_SHOWN = mark(
    "This draft holds answers that this page cannot show. So that none of them is lost, nothing "
    "can be saved here, and the draft stays as it is."
)

_NO_ANSWER = frozenset({"id", "linkId", "text", "answer", "item"})


def cannot_be_asked(form: Form) -> bool:
    """Whether something of safety stands in what repeats: unseen, its rows cannot be told apart."""
    private = private_items(form)
    return any(
        repeating_around(form, link_id)
        for link_id, item in form.items.items()
        if link_id in private or any(map(is_private_option, item.options))
    )


def holds(form: Form, stored: Node, sight: Sight) -> bool:
    """Whether a page that shows what is stored, and is sent back unchanged, gives the same again.

    The order of questions does not matter, nor what is empty, nor the words beside a linkId.
    """
    reading = read_page(form, written_page(form, stored, sight), stored, sight)
    given, kept = (_items(one.get("item")) for one in (stored, reading.response))
    fits = not any(_has_too_many(form, node, sight) for _, node in response_items(stored))
    return fits and not reading.errors and given == kept


def _has_too_many(form: Form, node: Node, sight: Sight) -> bool:
    """Whether there are several answers where the page has room for one."""
    item = form.items.get(str(node["linkId"]))
    given = node.get("answer")
    if item is None or item.repeats or not sight.shows(item) or not isinstance(given, list):
        return False
    return len(given) > 1


def with_unnamed_rows(form: Form, fields: Fields, stored: Node, sight: Sight) -> Fields:
    """The fields of a posted page, with those stored of rows that it does not name at all."""
    written = written_page(form, stored, sight)
    missing = {name for name in written if name.startswith("row") and name not in fields}
    if not missing:
        return fields
    again = {name: written[name] for name in written if not missing.isdisjoint(_rows(form, name))}
    return {**again, **fields}


def _rows(form: Form, name: str) -> list[str]:
    """The names of the `row` fields that a field stands under, its own among them."""
    found = named(form, name)
    if found is None:
        return []
    around = repeating_around(form, found.link_id)
    return [
        str(Named("row", found.rows[:depth], each.link_id))
        for depth, each in enumerate(around)
        if depth <= len(found.rows)
    ]


def _items(nodes: Any) -> dict[str, list[Any]]:
    """What is answered in a list of items, by linkId; what cannot be read is compared as it is."""
    found: dict[str, list[Any]] = {}
    for node in nodes if isinstance(nodes, list) else [] if nodes is None else [nodes]:
        if not isinstance(node, dict):
            found.setdefault("", []).append(node)
            continue
        made = _item(node)
        if made:
            found.setdefault(str(node.get("linkId")), []).append(made)
    return found


def _item(node: dict[str, Any]) -> dict[str, Any]:
    made = {key: value for key, value in node.items() if key not in _NO_ANSWER}
    answers = node.get("answer")
    given = [_answer(each) for each in (answers if isinstance(answers, list) else [answers])]
    inside = _items(node.get("item"))
    kept = [each for each in given if each]
    return made | ({"answer": kept} if kept else {}) | ({"item": inside} if inside else {})


def _answer(answer: Any) -> Any:
    if not isinstance(answer, dict):
        return answer
    inside = _items(answer.get("item"))
    others = {key: value for key, value in answer.items() if key != "item"}
    return others | ({"item": inside} if inside else {})
