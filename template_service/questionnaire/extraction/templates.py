"""A template filled: HL7 SDC 4, "Form Data Extraction", template-based extraction.

A template is a resource contained in the Questionnaire. `templateExtractContext` on an element
makes one element for each thing its expression finds, and what is inside starts from there;
`templateExtractValue` puts what its expression finds in place of the element. Where either finds
nothing the element goes, with all that is inside it. On a primitive both stand in its `_name`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from template_service.questionnaire.expressions.expression import refused
from template_service.questionnaire.expressions.scope import Scope
from template_service.questionnaire.extensions import extensions
from template_service.questionnaire.extraction.places import seen_from
from template_service.questionnaire.extraction.work import DEPTH_LIMIT, TooMuch, Work
from template_service.questionnaire.problems import QuestionnaireError

CONTEXT = "sdc-questionnaire-templateExtractContext"
VALUE = "sdc-questionnaire-templateExtractValue"

_NESTED = f"A template has elements nested more than {DEPTH_LIMIT} deep."
_OBJECT = "The expression gives no object, which this element needs; it is left out."
_PRIMITIVE = "The expression gives an object where one value belongs; it is left out."
_SEVERAL = "The expression finds {} values where one belongs; the element is left out."
_HOLLOW = "The context finds something, but no expression inside does; it is left out."
_LIST = "A list stands directly in a list; it is left out."

Pair = tuple[Any, dict[str, Any] | None]
"""One primitive and what stands beside it in `_name`."""


@dataclass(frozen=True, slots=True)
class _Directions:
    """The extract extensions of an element; `rest` is the element without them."""

    context: tuple[str, str | None] | None
    value: str | None
    rest: dict[str, Any]


class Filler:
    """Fills the templates of one extraction, for one item; problems name `link_id`."""

    def __init__(self, work: Work, link_id: str | None) -> None:
        self._work = work
        self._link_id = link_id

    def fill(self, template: Mapping[str, Any], scope: Scope, place: str) -> list[dict[str, Any]]:
        """The resources a template becomes: one, or as many as a context at its top finds.

        `place` is where the template stands (`Questionnaire.contained[2]`). Elements left without
        content are gone. Raises TooMuch.
        """
        return self._elements(template, scope, place, 0)

    def _elements(
        self, json: Mapping[str, Any], scope: Scope, place: str, depth: int
    ) -> list[dict[str, Any]]:
        """What an element of the template becomes."""
        if depth > DEPTH_LIMIT:
            raise TooMuch(_NESTED)
        directions = self._directions(json, place)
        found: list[dict[str, Any]] = []
        for inner in self._scopes(directions, scope, place):
            self._work.element()
            body = self._children(directions.rest, inner, place, depth)
            if directions.value is None:
                found.extend([body] if body else [])
                if not body and directions.context is not None:
                    self._tell("warning", "incomplete", place, _HOLLOW)
                continue
            for value in self._values(directions.value, inner, place):
                if isinstance(value, dict):
                    found.append({**body, **self._work.copy(value)})
                else:
                    self._tell("error", "value", place, _OBJECT)
        return found

    def _children(
        self, json: Mapping[str, Any], scope: Scope, place: str, depth: int
    ) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for name in dict.fromkeys(key.removeprefix("_") for key in json):
            value, beside = json.get(name), json.get(f"_{name}")
            where = f"{place}.{name}"
            several = isinstance(value, list) or isinstance(beside, list)
            fill: Callable[..., tuple[Any, Any]] = self._list if several else self._one
            filled, extra = fill(value, beside, scope, where, depth)
            if filled is not None:
                made[name] = filled
            if extra is not None:
                made[f"_{name}"] = extra
        return made

    def _one(
        self, value: Any, beside: Any, scope: Scope, place: str, depth: int
    ) -> tuple[Any, dict[str, Any] | None]:
        pairs = self._pairs(value, beside, scope, place, depth)
        if len(pairs) > 1:
            self._tell("error", "multiple-matches", place, _SEVERAL.format(len(pairs)))
            return None, None
        return pairs[0] if pairs else (None, None)

    def _list(
        self, value: Any, beside: Any, scope: Scope, place: str, depth: int
    ) -> tuple[list[Any] | None, list[Any] | None]:
        values = value if isinstance(value, list) else []
        extras = beside if isinstance(beside, list) else []
        pairs: list[Pair] = []
        for index in range(max(len(values), len(extras))):
            each = values[index] if index < len(values) else None
            extra = extras[index] if index < len(extras) else None
            pairs += self._pairs(each, extra, scope, f"{place}[{index}]", depth)
        found, kept = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        return (
            found if any(each is not None for each in found) else None,
            kept if any(each is not None for each in kept) else None,
        )

    def _pairs(self, value: Any, beside: Any, scope: Scope, place: str, depth: int) -> list[Pair]:
        """What one value and its `_name` become."""
        if isinstance(value, dict):
            return [(made, None) for made in self._elements(value, scope, place, depth + 1)]
        if isinstance(value, list):
            self._tell("error", "structure", place, _LIST)
            return []
        if isinstance(beside, dict):
            return list(self._primitives(value, beside, scope, place, depth + 1))
        return [] if value is None else [(self._work.write(value), None)]

    def _primitives(
        self, value: Any, beside: Mapping[str, Any], scope: Scope, place: str, depth: int
    ) -> Iterator[Pair]:
        directions = self._directions(beside, place)
        for inner in self._scopes(directions, scope, place):
            self._work.element()
            extra = self._children(directions.rest, inner, place, depth) or None
            if directions.value is None:
                if value is not None or extra is not None:
                    yield self._work.write(value), extra
                continue
            for found in self._values(directions.value, inner, place):
                if isinstance(found, dict | list):
                    self._tell("error", "value", place, _PRIMITIVE)
                else:
                    yield self._work.write(found), extra

    def _directions(self, json: Mapping[str, Any], place: str) -> _Directions:
        context, value = self._told(json, CONTEXT, place), self._told(json, VALUE, place)
        if context is None and value is None:
            return _Directions(None, None, dict(json))
        marked = [id(each) for name in (CONTEXT, VALUE) for each in extensions(json, name)]
        others = [each for each in json["extension"] if id(each) not in marked]
        rest = {name: each for name, each in json.items() if name != "extension"}
        if others:
            rest["extension"] = others
        return _Directions(context, None if value is None else value[0], rest)

    def _told(
        self, json: Mapping[str, Any], name: str, place: str
    ) -> tuple[str, str | None] | None:
        """(expression, the name its result gets) of an extension of this name."""
        extension = next(extensions(json, name), None)
        if extension is None:
            return None
        text = extension.get("valueString")
        if isinstance(text, str):
            return text, None
        expression = extension.get("valueExpression")
        why = refused(expression)
        if why is not None or not isinstance(expression, dict):
            self._tell("error", "not-supported", place, f"{name}: {why} The element is left out.")
            # `{}` is FHIRPath for nothing at all.
            return "{}", None
        called = expression.get("name")
        return expression["expression"], called if isinstance(called, str) else None

    def _scopes(self, directions: _Directions, scope: Scope, place: str) -> Iterator[Scope]:
        """What an element is made from: all that its context finds, each with its name if any."""
        if directions.context is None:
            yield scope
            return
        expression, name = directions.context
        try:
            found = self._work.nodes(expression, scope)
        except QuestionnaireError as error:
            self._tell("error", "processing", place, f"{error} The element is left out.")
            return
        for node in found:
            yield seen_from(scope, node, {name: node} if name else {})

    def _values(self, expression: str, scope: Scope, place: str) -> list[Any]:
        try:
            return self._work.values(expression, scope)
        except QuestionnaireError as error:
            self._tell("error", "processing", place, f"{error} The element is left out.")
            return []

    def _tell(self, severity: Any, code: str, place: str, message: str) -> None:
        self._work.tell(severity, code, place, self._link_id, message)
