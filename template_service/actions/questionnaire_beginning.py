"""What a new response begins with: what the questionnaire says itself, and what the record knows.

HL7 SDC "Form population" with the launch contexts `patient` and `user`; nothing of safety, and
nothing that discloses, is ever filled in by a machine.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from template_service.access.principal import Principal
from template_service.actions.questionnaire_working import environment_of
from template_service.actions.subject import NHS_NUMBER_SYSTEM
from template_service.questionnaire.form import Form, Item, Option
from template_service.questionnaire.population.populate import populate
from template_service.questionnaire.privacy import is_private_option, private_items
from template_service.questionnaire.values import read_value
from template_service.records.people import Person


def beginning_of(form: Form, person: Person, principal: Principal) -> dict[str, Any]:
    """What a page of a new response starts from, as a QuestionnaireResponse with items only."""
    context = {"patient": _patient(person), "user": _user(principal)}
    filled = populate(form, context, subject=f"Patient/{person.person_id}").response
    return {"item": _unmasked(form, filled.get("item"), private_items(form))}


def filled_in(form: Form, beginning: Mapping[str, Any]) -> tuple[Item, ...]:
    """The questions that were answered from the record, and not by the questionnaire itself."""
    return tuple({item.link_id: item for item in _filled_in(form, beginning)}.values())


def _filled_in(form: Form, around: Mapping[str, Any]) -> Iterator[Item]:
    for node in around.get("item", ()):
        item = form.items[node["linkId"]]
        if node.get("answer") and not _has_default(item):
            yield item
        for each in (node, *node.get("answer", ())):
            yield from _filled_in(form, each)


def _has_default(item: Item) -> bool:
    """Whether the questionnaire itself says what an item starts with (R4: initial)."""
    offered = item.raw.get("answerOption")
    chosen = offered if isinstance(offered, list) else []
    return bool(item.raw.get("initial")) or any(
        isinstance(each, dict) and each.get("initialSelected") is True for each in chosen
    )


def _unmasked(form: Form, nodes: Any, private: frozenset[str]) -> list[dict[str, Any]]:
    """Items without what is safety, discloses or is worked out anew each time."""
    made = []
    for node in nodes or ():
        item = form.items[node["linkId"]]
        if item.link_id in private or item.calculated is not None:
            continue
        answers = [
            _with(answer, item=_unmasked(form, answer.get("item"), private))
            for answer in node.get("answer", ())
            if _may_be_filled(item, answer)
        ]
        inside = _unmasked(form, node.get("item"), private)
        if answers or inside:
            made.append(_with(node, answer=answers, item=inside))
    return made


def _may_be_filled(item: Item, answer: Mapping[str, Any]) -> bool:
    value, _ = read_value(item, answer)
    return not (isinstance(value, Option) and (value.discloses or is_private_option(value)))


def _with(element: Mapping[str, Any], **lists: list[dict[str, Any]]) -> dict[str, Any]:
    """An element with these lists in place of its own, and without those that are empty."""
    others = {key: each for key, each in element.items() if key not in lists}
    return others | {key: each for key, each in lists.items() if each}


def _patient(person: Person) -> dict[str, Any]:
    """The person as a Patient (R4): what the record knows, and nothing that it does not."""
    known: dict[str, Any] = {**environment_of(person)["patient"]}
    named = {"family": person.family_name, "given": [person.given_name] * bool(person.given_name)}
    if any(named.values()):
        known["name"] = [{"use": "official", **{key: each for key, each in named.items() if each}}]
    if person.nhs_number:
        known["identifier"] = [{"system": NHS_NUMBER_SYSTEM, "value": person.nhs_number}]
    if person.postcode:
        known["address"] = [{"use": "home", "postalCode": person.postcode}]
    if person.language:
        coding = {"system": "urn:ietf:bcp:47", "code": person.language}
        known["communication"] = [{"language": {"coding": [coding]}}]
    return known


def _user(principal: Principal) -> dict[str, Any]:
    """Whoever is at the page as a Practitioner."""
    named = {"id": principal.user_id} if principal.user_id else {}
    return {"resourceType": "Practitioner", **named, "name": [{"text": principal.name}]}
