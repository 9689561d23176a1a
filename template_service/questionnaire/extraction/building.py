"""A resource built element by element: HL7 SDC 4, "Form Data Extraction", definition-based.

An element is named by its id in the definition, such as `Patient.name:official.given` or
`Observation.value[x]`. A group with a definition opens the element it names, one for each of its
occurrences; what is inside it is written there. Elsewhere a repeating element on the way is made
once and used again, one for each slice.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from template_service.questionnaire.extraction.fitting import choose, fit
from template_service.questionnaire.extraction.work import DEPTH_LIMIT
from template_service.questionnaire.r4_elements import Element, child, is_primitive

_SHOWN = 64
_DEEP = f"The definition names an element more than {DEPTH_LIMIT} deep."
_UNKNOWN = "FHIR R4 has no element {}."
_CHOICE = "{} is a choice of types and has no elements of its own."
_SIMPLE = "{} is one value and has no elements of its own."
_UNFIT = "The value does not fit the element {}{}."
_SINGLE = "{} takes one value, and there are more; only one that was written before is extracted."
_NAMELESS = "An extension has no url (definitionExtractValue can give one); it is left out."
_SEVERAL = "The resource has several {} and nothing says which; nothing is extracted into it."

_OF_ONE_PIECE = frozenset(("CodeableConcept", "Coding", "Identifier", "Quantity", "Reference"))
"""Types whose parts say one thing together: a new text beside an old coding would be two things."""


class Step(NamedTuple):
    """One name of an element id, with its slice."""

    name: str
    slice: str | None


class Unwritable(Exception):
    """A value cannot be written; the message says why, without the value."""


class Given(NamedTuple):
    """A value and its FHIR type; None where an expression gave it."""

    value: Any
    type: str | None


@dataclass(slots=True, eq=False)
class Target:
    """A resource being built. `canonical` is the definition it is extracted by, None for any."""

    canonical: str | None
    type: str
    resource: dict[str, Any]
    exists: bool = False
    _current: dict[tuple[int, str | None], dict[str, Any]] = field(default_factory=dict)
    _written: set[tuple[int, str]] = field(default_factory=set)
    _emptied: set[tuple[int, str]] = field(default_factory=set)

    def enter(
        self, node: dict[str, Any], element: Element, slice_: str | None, *, new: bool = False
    ) -> dict[str, Any]:
        """The object of an element inside `node`, made when it is not there or must be new."""
        if not element.repeats:
            if self.exists and element.type in _OF_ONE_PIECE:
                self._replace(node, element.name)
            made = node.setdefault(element.name, {})
            if isinstance(made, dict):
                return made
            raise Unwritable(_SIMPLE.format(element.name))
        several = node.setdefault(element.name, [])
        if not isinstance(several, list):
            raise Unwritable(_SIMPLE.format(element.name))
        key = (id(several), slice_)
        if key not in self._current or new:
            self._current[key] = self._next(several, element, slice_, new=new)
        return self._current[key]

    def _replace(self, node: dict[str, Any], name: str) -> None:
        """Empties an element of an existing resource before it is first written into."""
        if (id(node), name) not in self._emptied:
            self._emptied.add((id(node), name))
            node[name] = {}

    def _next(
        self, several: list[Any], element: Element, slice_: str | None, *, new: bool
    ) -> dict[str, Any]:
        known = {id(each) for each in self._current.values()}
        foreign = [each for each in several if isinstance(each, dict) and id(each) not in known]
        if self.exists and foreign and not new:
            if len(foreign) > 1 or slice_ is not None:
                raise Unwritable(_SEVERAL.format(element.name))
            if element.type in _OF_ONE_PIECE and element.type != "Identifier":
                # One of a list may be changed in part: an identifier keeps its system.
                foreign[0].clear()
            return foreign[0]
        made: dict[str, Any] = {}
        several.append(made)
        return made

    def put(self, node: dict[str, Any], element: Element, values: list[tuple[str, Any]]) -> None:
        """Writes (property, value) pairs into an element. Unwritable, and nothing is written, for
        more than it takes: of a choice one value, whatever its type.

        What an existing resource had there goes, with all that stood beside it.
        """
        if element.repeats:
            held = node.setdefault(element.name, [])
            if isinstance(held, list):
                # What a resource has already is not added to it again.
                had = held if self.exists else []
                held.extend([value for _, value in values if value not in had])
            return
        key = (id(node), element.name)
        is_first = key not in self._written
        self._written.add(key)
        if not is_first or len(values) > 1:
            raise Unwritable(_SINGLE.format(element.name + ("[x]" if element.choices else "")))
        endings = element.choices or ("",)
        for ending in endings:
            node.pop(f"{element.name}{ending}", None)
            node.pop(f"_{element.name}{ending}", None)
        node.update(values)


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """Where in a target the definitions of a place are written: `steps` below its top."""

    target: Target
    steps: tuple[Step, ...]
    node: dict[str, Any]
    model: str

    def opened(self, steps: tuple[Step, ...]) -> "Frame":
        """The element that a group's definition names, new where it repeats."""
        way = self._way(steps)
        if not way:
            return self
        last = way[-1][1]
        _check_has_elements(last)
        node = self._walk(way[:-1])
        made = self.target.enter(node, last, way[-1][0].slice, new=last.repeats)
        return Frame(self.target, steps, made, last.path)

    def write(
        self, steps: tuple[Step, ...], given: list[Given], unit: Mapping[str, Any] | None
    ) -> None:
        """Writes values into an element. Raises Unwritable."""
        way = self._way(steps)
        if not way:
            raise Unwritable(_UNFIT.format(self.target.type, ""))
        element = way[-1][1]
        fitted = [_fitted(each, element, unit) for each in given]
        node = self._walk(way[:-1])
        self.target.put(node, element, fitted)

    def _way(self, steps: tuple[Step, ...]) -> list[tuple[Step, Element]]:
        """Each step from here with its element of R4; Unwritable when R4 has none."""
        if len(steps) > DEPTH_LIMIT:
            raise Unwritable(_DEEP)
        model = self.model
        way: list[tuple[Step, Element]] = []
        for step in steps[len(self.steps) :]:
            if way:
                _check_has_elements(way[-1][1])
            element = child(model, step.name)
            if element is None:
                raise Unwritable(_UNKNOWN.format(f"{model}.{step.name[:_SHOWN]}"))
            way.append((step, element))
            model = element.path
        return way

    def _walk(self, way: list[tuple[Step, Element]]) -> dict[str, Any]:
        node = self.node
        for step, element in way:
            node = self.target.enter(node, element, step.slice)
        return node


def _check_has_elements(element: Element) -> None:
    if element.choices:
        raise Unwritable(_CHOICE.format(f"{element.name}[x]"))
    if element.type is not None and is_primitive(element.type):
        raise Unwritable(_SIMPLE.format(element.name))


def steps_of(element_id: str) -> tuple[str, tuple[Step, ...]]:
    """(type, steps) of an element id: `Patient.name:official.given`.

    A slice of a choice (`value[x]:valueQuantity`) names the property itself.
    """
    type_, *names = element_id.split(".")
    found = []
    for name in names:
        bare, _, slice_ = name.partition(":")
        if bare.endswith("[x]") and slice_:
            bare, slice_ = slice_, ""
        found.append(Step(bare, slice_ or None))
    return type_, tuple(found)


def _fitted(given: Given, element: Element, unit: Mapping[str, Any] | None) -> tuple[str, Any]:
    """(property, value) of one value in an element."""
    if element.choices:
        chosen = choose(given.type, given.value, element.choices, unit)
        if chosen is not None:
            return f"{element.name}{chosen[0]}", chosen[1]
        raise Unwritable(_UNFIT.format(element.name, "[x]"))
    value = fit(given.type, given.value, element.type, unit) if element.type else None
    if value is None:
        raise Unwritable(_UNFIT.format(element.name, f", a {element.type}" if element.type else ""))
    return element.name, value


def pruned(resource: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """A resource without empty elements, and why extensions without a url were left out."""
    told: list[str] = []
    return _pruned(resource, told, 0) or {}, told


def _pruned(node: Any, told: list[str], depth: int) -> Any:
    """The node without what is empty, None when nothing is left."""
    if depth > DEPTH_LIMIT:
        # What an existing resource or an answer holds there was not built here.
        return node
    if isinstance(node, list):
        found = (_pruned(each, told, depth + 1) for each in node)
        return [each for each in found if each is not None] or None
    if not isinstance(node, dict):
        return node
    pairs = ((name, _pruned(each, told, depth + 1)) for name, each in node.items())
    made = {name: each for name, each in pairs if each is not None}
    for name in ("extension", "modifierExtension"):
        if isinstance(made.get(name), list):
            _drop_nameless(made, name, told)
    return made or None


def _drop_nameless(made: dict[str, Any], name: str, told: list[str]) -> None:
    whole = [each for each in made[name] if isinstance(each, dict) and "url" in each]
    if len(whole) < len(made[name]):
        told.append(_NAMELESS)
        made[name] = whole
    if not whole:
        del made[name]
