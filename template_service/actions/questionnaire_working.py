"""What follows from the answers of a questionnaire: values worked out, and what does not apply."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from template_service.questionnaire import counts
from template_service.questionnaire.conditions import enable, without_disabled
from template_service.questionnaire.expressions.calculation import calculate
from template_service.questionnaire.expressions.scope import Scope
from template_service.questionnaire.form import Form, Item
from template_service.questionnaire.occurrences import every, read_occurrences
from template_service.questionnaire.privacy import is_private_answer, private_items
from template_service.records.people import Person


@dataclass(frozen=True, slots=True)
class Settled:
    """A response with its calculated values, without answers to what is not asked (`dropped`)."""

    response: dict[str, Any]
    dropped: bool


@dataclass(frozen=True, slots=True)
class ShownNow:
    """A response with its values worked out, and the element ids of what it does not ask for."""

    response: dict[str, Any]
    hidden: frozenset[str]


def environment_of(person: Person) -> dict[str, Any]:
    """What expressions may ask about the person: SDC's launch context `patient`, without a name."""
    born: date | None = person.birth_date
    known = {"birthDate": born.isoformat() if born else None, "gender": person.sex}
    return {
        "patient": {
            "resourceType": "Patient",
            "id": person.person_id,
            **{name: value for name, value in known.items() if value},
        }
    }


def without_names(response: Mapping[str, Any]) -> dict[str, Any]:
    """The response without the names of fields that `read_page` gave its items."""
    return {key: _unnamed(value) for key, value in response.items()}


def _unnamed(value: Any) -> Any:
    # A form is at most so deep, and the response of a page with it.
    if isinstance(value, list):
        return [_unnamed(each) for each in value]
    if not isinstance(value, dict) or not ("linkId" in value or "item" in value):
        return value
    return {
        key: _unnamed(each) if key in ("item", "answer") else each
        for key, each in value.items()
        if key != "id" or not _is_name(each)
    }


def _is_name(value: object) -> bool:
    return isinstance(value, str) and value.startswith("q") and ":" in value


def settled(form: Form, response: Mapping[str, Any], person: Person) -> Settled:
    """What is submitted of a response: its values worked out from the answers that count."""
    final, dropped = counts.settled(form, response, environment_of(person))
    typed = (each for each in dropped if each.link_id in form.items)
    return Settled(final, any(form.items[str(each.link_id)].calculated is None for each in typed))


def with_masked(form: Form, whole: Mapping[str, Any], kept: Mapping[str, Any]) -> dict[str, Any]:
    """What is submitted, with every answer of safety in `whole` back in its place.

    Whoever changed what it depends on may not have seen that it is there. What is masked in rows is
    on no page (`web.questionnaire_holding`), so a linkId that is there more than once is passed by.
    """
    items = _masked_back(form, whole.get("item"), kept.get("item"))
    return {**kept, **({"item": items} if items else {})}


def _masked_back(form: Form, whole: Any, kept: Any) -> list[Any]:
    given, left, private = _nodes(whole), _nodes(kept), private_items(form)
    found: list[Any] = []
    for link_id in dict.fromkeys(node.get("linkId") for node in given):
        before = [node for node in given if node.get("linkId") == link_id]
        now = [node for node in left if node.get("linkId") == link_id]
        item = form.items.get(str(link_id))
        if item is None or len(before) > 1 or len(now) > 1:
            found += now
        elif link_id in private and item.calculated is None and not now:
            found += before
        else:
            found += _node_back(form, item, before[0], now[0] if now else {})
    known = {node.get("linkId") for node in given}
    return found + [node for node in left if node.get("linkId") not in known]


def _node_back(
    form: Form, item: Item, before: Mapping[str, Any], now: Mapping[str, Any]
) -> list[Any]:
    """An item with what is masked in it; nothing when nothing of it is kept or masked."""
    made = {**{key: before[key] for key in ("id", "linkId", "text") if key in before}, **now}
    answers = _answers_back(form, item, before, _nodes(now.get("answer")))
    inside = _masked_back(form, before.get("item"), now.get("item"))
    made |= {key: each for key, each in (("answer", answers), ("item", inside)) if each}
    return [made] if now or answers or inside else []


def _answers_back(
    form: Form, item: Item, before: Mapping[str, Any], kept: list[Any]
) -> list[dict[str, Any]]:
    """The kept answers of a question and its masked ones, each with what is masked inside it."""
    answers, free = list(kept), list(range(len(kept)))
    for given in _nodes(before.get("answer")):
        alone = _alone(given)
        same = [place for place in free if _alone(answers[place]) == alone]
        if not same and item.calculated is None and is_private_answer(item, given):
            answers.append(alone)
            same = [len(answers) - 1]
        # Where the value is gone, what was inside stands in what is left of a single answer.
        same = same or ([] if item.repeats else free[:1])
        stood = answers[same[0]].get("item") if same else None
        inside = _masked_back(form, given.get("item"), stood)
        free = [place for place in free if place not in same[:1]]
        if inside and same:
            answers[same[0]] = {**answers[same[0]], "item": inside}
        elif inside:
            answers.append({"item": inside})
    return answers


def _alone(answer: Mapping[str, Any]) -> dict[str, Any]:
    """An answer without what is inside it."""
    return {key: value for key, value in answer.items() if key != "item"}


def _nodes(value: Any) -> list[Any]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def shown_now(form: Form, response: Mapping[str, Any], person: Person) -> ShownNow:
    """What a page with these answers shows: the values that would be submitted, and what is hidden.

    Items are told by their element ids.
    """
    environment = environment_of(person)
    whole = calculate(form, response, environment).response
    roots = read_occurrences(form, whole)
    enable(form, roots, Scope.of(form, whole, environment))
    hidden = (one.node.get("id") for one in every(roots) if not one.enabled)
    kept, dropped = without_disabled(form, whole, environment)
    final = calculate(form, kept, environment).response if dropped else whole
    return ShownNow(final, frozenset(each for each in hidden if isinstance(each, str)))
