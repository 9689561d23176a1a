"""What is known of R4's elements: types, choices, what repeats.

Types and choices come from the R4 model inside fhirpathpy, which does not know cardinality;
`r4_cardinality` lists that. A resource that is not listed is reported, never guessed.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from template_service.questionnaire.r4_cardinality import REPEATING, REQUIRED

_ALWAYS_REPEATING = frozenset(("extension", "modifierExtension", "contained"))


class Element(NamedTuple):
    """One element of R4: its model path, its type and whether it repeats.

    `path` is where its own children are looked up (`HumanName` for `Patient.name`); `type` is None
    for a backbone element. `choices` are the types of a choice such as `value[x]`, capitalised as
    they end its property; `name` is the JSON property, for a choice without its type.
    """

    name: str
    path: str
    type: str | None
    repeats: bool
    choices: tuple[str, ...] = ()


class _Model(NamedTuple):
    types: Mapping[str, str]
    choices: Mapping[str, list[str]]
    elsewhere: Mapping[str, str]
    parents: Mapping[str, str]
    backbones: frozenset[str]


@cache
def _model() -> _Model:
    # Imported when first needed: fhirpathpy takes a tenth of a second.
    from fhirpathpy.models import models  # noqa: PLC0415

    r4: dict[str, Any] = models["r4"]
    types: Mapping[str, str] = r4["path2Type"]
    around = (path.split(".") for path in (*types, *r4["choiceTypePaths"]))
    backbones = {".".join(names[:n]) for names in around for n in range(2, len(names))}
    return _Model(
        types,
        r4["choiceTypePaths"],
        r4["pathsDefinedElsewhere"],
        r4["type2Parent"],
        frozenset(backbones),
    )


def is_listed(resource_type: str) -> bool:
    """Whether it is a resource whose repeating elements are known here."""
    return resource_type in REPEATING and is_resource(resource_type)


def is_resource(name: str) -> bool:
    """Whether R4 has a resource of this name."""
    return _model().parents.get(name) in ("DomainResource", "Resource")


def required(resource_type: str) -> tuple[str, ...]:
    """The elements R4 requires at the top of a resource; choices end in `[x]`."""
    return tuple(REQUIRED.get(resource_type, "").split())


def child(around: str, name: str) -> Element | None:
    """The element of this name inside a type or backbone (`Patient`, `Patient.contact`).

    `name` may end in `[x]`. None when R4 has no such element there.
    """
    model = _model()
    bare = name.removesuffix("[x]")
    for owner in _lineage(around):
        place = f"{owner}.{bare}"
        path = model.elsewhere.get(place, place)
        repeats = bare in _ALWAYS_REPEATING or _repeats(owner, bare)
        if choices := model.choices.get(path):
            return Element(bare, path, None, repeats, tuple(choices))
        if name.endswith("[x]"):
            continue
        if (found := model.types.get(path)) is not None:
            type_ = found.removeprefix("System.")
            type_ = type_ if type_ == found else type_.lower()
            return Element(bare, type_, type_, repeats)
        if path in model.backbones:
            return Element(bare, path, None, repeats)
    return None


def is_primitive(type_: str) -> bool:
    """Whether a type is a primitive; their names begin with a small letter."""
    return type_[:1].islower()


def _lineage(around: str) -> tuple[str, ...]:
    """The type and what it specialises (Age is a Quantity); a backbone alone."""
    parents = _model().parents
    found = [around]
    while (parent := parents.get(found[-1])) is not None:
        found.append(parent)
    return tuple(found)


def _repeats(owner: str, name: str) -> bool:
    type_, _, path = owner.partition(".")
    return (f"{path}.{name}" if path else name) in _repeating(type_)


@cache
def _repeating(type_: str) -> frozenset[str]:
    return frozenset(REPEATING.get(type_, "").split())


def type_named(choice: str) -> str:
    """The type a choice's ending stands for: `DateTime` is dateTime, `Coding` is Coding."""
    return choice if choice in _model().parents else choice[:1].lower() + choice[1:]
