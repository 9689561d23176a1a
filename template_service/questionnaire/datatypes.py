"""Whether a JSON value is a sound value of an R4 datatype: its elements, their types, lists.

What is stored must be R4 that others can read back. Elements, types and lists of the commonest
types are listed here, those of others come from the R4 model (`r4_elements`), which takes a tenth
of a second to load; the formats of primitives are in `primitives`.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from template_service.questionnaire.primitives import PRIMITIVES, is_storable, is_text
from template_service.questionnaire.r4_elements import child, is_primitive

DEPTH_LIMIT = 16
"""Elements within elements; no datatype of R4 goes half as deep without extensions."""

Wrong = tuple[str, str]
"""(where inside the value, such as `.coding[0].code`; what is wrong)"""

_COMMON: Mapping[str, Mapping[str, str]] = {
    "Reference": {
        "reference": "string",
        "type": "uri",
        "identifier": "Identifier",
        "display": "string",
    },
    "Identifier": {
        "use": "code",
        "type": "CodeableConcept",
        "system": "uri",
        "value": "string",
        "period": "Period",
        "assigner": "Reference",
    },
    "CodeableConcept": {"coding": "Coding*", "text": "string"},
    "Coding": {
        "system": "uri",
        "version": "string",
        "code": "code",
        "display": "string",
        "userSelected": "boolean",
    },
    "Period": {"start": "dateTime", "end": "dateTime"},
    "Quantity": {
        "value": "decimal",
        "comparator": "code",
        "unit": "string",
        "system": "uri",
        "code": "code",
    },
}
"""Type -> element -> its type; a star for a list."""

_REQUIRED: Mapping[str, tuple[str, ...]] = {
    "Annotation": ("text",),
    "Contributor": ("type", "name"),
    "DataRequirement": ("type",),
    "Expression": ("language",),
    "Extension": ("url",),
    "Narrative": ("status", "div"),
    "ParameterDefinition": ("use", "type"),
    "RelatedArtifact": ("type",),
    "SampledData": ("origin", "period", "dimensions"),
    "Signature": ("type", "when", "who"),
    "TriggerDefinition": ("type",),
    "UsageContext": ("code",),
}
_EVERYWHERE = {"id": "string", "extension": "Extension*"}


def is_plainly(type_: str, value: Any) -> bool:
    """Whether a value is seen at a glance to be sound: of a primitive, a Reference and no more.

    That is so of nearly all; of others `wrong_in` tells.
    """
    if type_ != "Reference":
        return type_ in PRIMITIVES and PRIMITIVES[type_](value)
    if type(value) is not dict or len(value) != 1:
        return False
    reference = value.get("reference")
    return type(reference) is str and bool(reference) and is_storable(reference)


def wrong_in(type_: str, value: Any) -> Wrong | None:
    """The first thing wrong with a value of a datatype such as `Reference`, or None.

    Never raises on any JSON value.
    """
    return next(_wrong(type_, value, "", 0), None)


def wrong_list(type_: str, value: Any) -> Wrong | None:
    """The first thing wrong with a list of values of a datatype, or None."""
    return next(_wrong_list(type_, value, "", 0), None)


def _wrong(type_: str, value: Any, place: str, depth: int) -> Iterator[Wrong]:
    if is_primitive(type_):
        if not PRIMITIVES.get(type_, is_text)(value):
            yield place, f"it is no {type_} of FHIR R4."
        return
    if not isinstance(value, dict) or not value:
        yield place, "it must be an object with something in it."
    elif depth > DEPTH_LIMIT:
        yield place, f"it is nested more than {DEPTH_LIMIT} deep."
    else:
        for name in _REQUIRED.get(type_, ()):
            if name not in value and f"_{name}" not in value:
                yield place, f"it needs its {name}."
        for name in value:
            yield from _wrong_element(type_, name, value[name], place, depth)


def _wrong_element(around: str, name: str, value: Any, place: str, depth: int) -> Iterator[Wrong]:
    bare = name.removeprefix("_")
    found = _element(around, bare)
    here = f"{place}.{name}"
    if found is None or (bare != name and not is_primitive(found[0])):
        yield place, "it has a property that is not one of FHIR R4 there."
        return
    type_, repeats = found
    each_is = "Element" if bare != name else type_
    check = _wrong_list if repeats else _wrong
    yield from check(each_is, value, here, depth + 1)


def _wrong_list(type_: str, value: Any, place: str, depth: int) -> Iterator[Wrong]:
    if not isinstance(value, list) or not value:
        yield place, "it must be a list with something in it."
        return
    for index, each in enumerate(value):
        # R4 pads the list of a repeating primitive, and that of its extensions, with null.
        if each is not None or not (is_primitive(type_) or type_ == "Element"):
            yield from _wrong(type_, each, f"{place}[{index}]", depth)


@lru_cache(maxsize=4096)
def _element(around: str, name: str) -> tuple[str, bool] | None:
    """(type, whether it repeats) of an element by its JSON name, choices by their typed name."""
    if (common := _COMMON.get(around)) is not None:
        named = common.get(name) or _EVERYWHERE.get(name)
        return None if named is None else (named.removesuffix("*"), named.endswith("*"))
    return _modelled(around, name)


def _modelled(around: str, name: str) -> tuple[str, bool] | None:
    found = child(around, name)
    if found is not None and not found.choices:
        return found.type or found.path, found.repeats
    for end in range(1, len(name)):
        if name[end].isupper() and (choice := child(around, name[:end])) and choice.choices:
            wanted = name[end:]
            if wanted in choice.choices:
                lower = wanted[0].lower() + wanted[1:]
                return (lower if lower in PRIMITIVES else wanted), False
    return None
