"""Where the items of a form occur in a response, each with what an expression sees there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from template_service.questionnaire.elements import listed, value_of
from template_service.questionnaire.expressions.scope import Scope
from template_service.questionnaire.extensions import values
from template_service.questionnaire.extraction.work import NESTING_LIMIT, Work
from template_service.questionnaire.form import Form, Item
from template_service.questionnaire.problems import ROOT, Path, shown, written

_NESTED = f"Items nested more than {NESTING_LIMIT} deep are not extracted."

ALLOCATE = "sdc-questionnaire-extractAllocateId"


@dataclass(slots=True, eq=False)
class Place:
    """One occurrence of an item, or the whole response (`item` is None).

    `element` is the Questionnaire or its item, `node` the response or its item. `answered`:
    an answer with a value is here or further in.
    """

    item: Item | None
    element: Mapping[str, Any]
    node: Mapping[str, Any]
    path: Path
    parent: "Place | None"
    scope: Scope
    level: int = 0
    answered: bool = False
    children: list["Place"] = field(default_factory=list)

    @property
    def link_id(self) -> str | None:
        """The linkId of the item, None for the whole response."""
        return None if self.item is None else self.item.link_id

    @property
    def written(self) -> str:
        """The place as FHIRPath."""
        return written(self.path)

    def answers(self) -> list[tuple[str, Any, Path]]:
        """(value[x], the value, its path) of every answer that has one."""
        found = []
        for index, answer in numbered(self.node.get("answer")):
            kind, value = value_of(answer)
            if value is not None:
                found.append((kind, value, (self.path, "answer", index)))
        return found

    def iterations(self) -> "list[Place]":
        """A place for each answer of a question with several, as repeating groups have; or itself.

        SDC: on a repeating item a resource is made for each iteration.
        """
        answers = numbered(self.node.get("answer"))
        if len(answers) <= 1 or self.item is None or self.parent is None:
            return [self]
        found = []
        for index, answer in answers:
            node = {**self.node, "answer": [answer]}
            path = (self.path, "answer", index)
            place = _place(self.item, node, path, self.parent)
            place.answered = bool(place.answers())
            found.append(place)
        return found


def places(
    form: Form,
    response: Mapping[str, Any],
    paths: Mapping[int, Path],
    environment: Mapping[str, Any],
    work: Work,
) -> list[Place]:
    """The response and every occurrence of an item of the form in it, parents first.

    Items the form does not have are told as problems and looked through. Ids that SDC's
    extractAllocateId asks for are in the scope of the place that asks and of all inside it.
    `paths` says where items stood (by id) before others were taken out.
    """
    given = {**environment, **_ids(form.resource)}
    scope = Scope.of(form, response, given)
    scope.shared.seconds = work.seconds
    root = Place(None, form.resource, response, ROOT, None, scope)
    found = [root]
    waiting = [(root, *each) for each in _inside(response, ROOT)]
    waiting.reverse()
    while waiting:
        around, node, path = waiting.pop()
        path = paths.get(id(node), path)
        link_id = node.get("linkId")
        item = form.items.get(link_id) if isinstance(link_id, str) else None
        if item is None:
            name = link_id if isinstance(link_id, str) else None
            message = f"No item {shown(name)} in the form." if name else "An item has no linkId."
            work.tell("warning", "not-found", written(path), name, message)
            waiting.extend(reversed([(around, *each) for each in _inside(node, path)]))
            continue
        if around.level == NESTING_LIMIT:
            work.tell("error", "too-long", written(path), link_id, _NESTED)
            continue
        place = _place(item, node, path, around)
        around.children.append(place)
        found.append(place)
        waiting.extend(reversed([(place, *each) for each in _inside(node, path)]))
    _mark_answered(found)
    return found


def _inside(node: Mapping[str, Any], path: Path) -> Iterator[tuple[Mapping[str, Any], Path]]:
    """The items directly inside a response or an item, those of its answers too."""
    for index, each in numbered(node.get("item")):
        yield each, (path, "item", index)
    for index, answer in numbered(node.get("answer")):
        inner = (path, "answer", index)
        for number, each in numbered(answer.get("item")):
            yield each, (inner, "item", number)


def numbered(value: Any) -> list[tuple[int, dict[str, Any]]]:
    """The objects of a list, each with its index there; empty when it is no list."""
    return [(index, each) for index, each in enumerate(listed(value)) if isinstance(each, dict)]


def _mark_answered(found: list[Place]) -> None:
    for place in reversed(found):
        place.answered = place.answered or bool(place.answers())
        if place.answered and place.parent is not None:
            place.parent.answered = True


def _place(item: Item, node: Mapping[str, Any], path: Path, around: Place) -> Place:
    """An occurrence of an item, with the ids it asks for in its scope."""
    scope = around.scope.inside(item, node)
    if ids := _ids(item.raw):
        scope = seen_from(scope, scope.focus, ids)
    return Place(item, item.raw, node, path, around, scope, around.level + 1)


def seen_from(scope: Scope, focus: Any, known: Mapping[str, Any]) -> Scope:
    """What is visible in `scope`, from another focus, with further variables.

    `focus` is FHIR JSON, Typed or one thing that `evaluate_nodes` found.
    """
    return Scope(focus, dict(known), {}, scope, scope.sight.form)


def _ids(element: Mapping[str, Any]) -> dict[str, Any]:
    """A new `urn:uuid:` for every name of extractAllocateId (SDC 4, that extension's page)."""
    return {name: f"urn:uuid:{uuid4()}" for name in values(element, ALLOCATE, "valueString")}
