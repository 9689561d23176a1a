"""Where the extensions of a module's root go: up to the whole, to the item around, or nowhere."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from template_service.questionnaire.elements import listed
from template_service.questionnaire.extensions import value
from template_service.questionnaire.problems import Severity

_SDC = "sdc-questionnaire-"


def _by_canonical(extension: Mapping[str, Any]) -> object:
    return extension.get("valueCanonical")


def _by_code(extension: Mapping[str, Any]) -> object:
    return (value(extension, "name", "valueCoding") or {}).get("code")


def _by_name(extension: Mapping[str, Any]) -> object:
    given = extension.get("valueExpression")
    return given.get("name") if isinstance(given, dict) else None


def _by_itself(extension: Mapping[str, Any]) -> object:
    return str(extension)


def _only_one(_extension: Mapping[str, Any]) -> object:
    return None


Key = Callable[[Mapping[str, Any]], object]

# SDC, "Modular Questionnaires", the step on extensions: these go to the root of the whole ...
_TO_THE_WHOLE: Mapping[str, Key] = {
    "cqf-library": _by_canonical,
    f"{_SDC}launchContext": _by_code,
    f"{_SDC}observationExtract": _only_one,
    f"{_SDC}observationLinkPeriod": _only_one,
}
# ... and these to the item that the module's place is in.
_TO_THE_ITEM: Mapping[str, Key] = {
    "targetConstraint": _by_itself,
    "questionnaire-constraint": _by_itself,
    "variable": _by_name,
    f"{_SDC}itemPopulationContext": _only_one,
    f"{_SDC}itemExtractionContext": _only_one,
}
# What only says how the module itself is to be put together, or used by itself.
_FOR_THE_MODULE = frozenset(
    {
        f"{_SDC}assemble-expectation",
        f"{_SDC}assembleContext",
        f"{_SDC}assembledFrom",
    }
)
_ASSEMBLY_ONLY = "linkIdPrefix"


def merge_into(
    whole: dict[str, Any], holder: dict[str, Any], extensions: list[dict[str, Any]]
) -> Iterator[tuple[Severity, str]]:
    """Put a module's root extensions in their places; what clashes or is left behind, and why."""
    left: list[str] = []
    for extension in extensions:
        name = _name(extension)
        if name in _TO_THE_WHOLE:
            yield from _put(whole, extension, _TO_THE_WHOLE[name])
        elif name == "variable" and _by_name(extension) == _ASSEMBLY_ONLY:
            continue
        elif name in _TO_THE_ITEM:
            yield from _put(holder, extension, _TO_THE_ITEM[name])
        elif name.startswith(_SDC) and name not in _FOR_THE_MODULE:
            left.append(name)
    if left:
        names = ", ".join(dict.fromkeys(left))
        yield "information", f"A module's own {names} does not come with its items (SDC)."


def _put(
    element: dict[str, Any], extension: dict[str, Any], key: Key
) -> Iterator[tuple[Severity, str]]:
    """Add an extension unless it is there; another one of the same name is an error."""
    name, wanted = _name(extension), key(extension)
    there = listed(element.get("extension"))
    same = [each for each in there if _name(each) == name and key(each) == wanted]
    if not same:
        element["extension"] = [*there, extension]
    elif extension not in same:
        said = f" '{wanted[:64]}'" if isinstance(wanted, str) else ""
        severity: Severity = "warning" if name in _TO_THE_WHOLE else "error"
        yield severity, f"Two different {name}{said} come together; the first one stays."


def _name(extension: Any) -> str:
    url = extension.get("url") if isinstance(extension, dict) else None
    return url.rsplit("/", 1)[-1] if isinstance(url, str) else ""
