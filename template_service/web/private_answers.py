"""What was answered that may be read in the private notes only."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from template_service.actions.questionnaire_working import environment_of
from template_service.questionnaire.elements import objects
from template_service.questionnaire.form import Form, Item
from template_service.questionnaire.privacy import private_items
from template_service.questionnaire.validation import validate
from template_service.records.people import Person
from template_service.web.questionnaire_gate import Sight, is_told
from template_service.web.questionnaire_result import label_of, row_label
from template_service.web.questionnaire_words import answers_text
from template_service.web.speech import joined

Node = Mapping[str, Any]


def private_answers(form: Form, response: Node, *, young: bool) -> tuple[tuple[str, str], ...]:
    """Whatever `questionnaire_result.answer_lines` and `worked_out` keep back: (question, answer).

    In the order of the response, each in its row. What is hidden is among them where it is safety
    that somebody answered. `young`: of somebody under 16.
    """
    sight = Sight(private_items(form), sees_safety=True, young=young)
    return tuple(_kept(form, response.get("item"), sight, "", inside=False))


def still_needed(form: Form, response: Node, person: Person, *, young: bool) -> tuple[str, ...]:
    """The questions that are asked alone and needed, and that a finished response leaves open."""
    sight = Sight(private_items(form), sees_safety=True, young=young)
    gated = {link_id for link_id, item in form.items.items() if item.required and sight.gates(item)}
    if not gated:
        return ()
    found = validate(form, dict(response), environment_of(person)).errors
    missing = {each.link_id for each in found if each.code == "required"}
    return tuple(
        label_of(form.items[link_id]) for link_id in form.items if link_id in gated & missing
    )


def _kept(
    form: Form, nodes: Any, sight: Sight, row: str, *, inside: bool
) -> Iterator[tuple[str, str]]:
    """`inside`: they stand in what is kept back as a whole."""
    numbers: Counter[str] = Counter()
    for node in objects(nodes):
        item = form.items.get(str(node.get("linkId")))
        # What the questionnaire does not know cannot be shown to be harmless.
        whole = inside or item is None or sight.gates(item)
        answers, here = objects(node.get("answer")), row
        if item is not None:
            texts = _texts(item, answers, sight, whole=whole)
            if texts:
                yield joined(": ", (*filter(None, (row,)), label_of(item))), joined(", ", texts)
            if item.type == "group" and item.repeats:
                numbers[item.link_id] += 1
                named = row_label(item, numbers[item.link_id])
                here = joined(": ", (*filter(None, (row,)), named))
        for each in (node, *answers):
            yield from _kept(form, each.get("item"), sight, here, inside=whole)


def _texts(item: Item, answers: list[Any], sight: Sight, *, whole: bool) -> tuple[str, ...]:
    if item.hidden and item.calculated is not None:
        return ()
    return answers_text(item, (each for each in answers if whole or not is_told(item, each, sight)))
