"""Where the parts of a module's root go: its extensions, and the resources it contains."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from template_service.questionnaire.elements import fingerprint, listed, objects
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
    return extension


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
_KEYS: Mapping[str, Key] = {**_TO_THE_WHOLE, **_TO_THE_ITEM}
# What only says how the module itself is to be put together, or used by itself.
_FOR_THE_MODULE = frozenset(
    {
        f"{_SDC}assemble-expectation",
        f"{_SDC}assembleContext",
        f"{_SDC}assembledFrom",
    }
)
_ASSEMBLY_ONLY = "linkIdPrefix"

_NOT_IN_AN_ID = re.compile(r"[^A-Za-z0-9.-]")
_ID_LIMIT = 64
_NUMBER = 6
"""Characters kept free for a number: a dash, and more digits than there can be modules."""


class Merger:
    """Puts the root extensions of modules in their places.

    It keeps an index of what is there: a list searched for each of thousands of variables would
    cost the square of their number.
    """

    def __init__(self, whole: dict[str, Any]) -> None:
        self._whole = whole
        # By element, by name and key: the first extension there.
        self._there: dict[int, dict[tuple[str, str], Mapping[str, Any]]] = {}
        self._prints: dict[int, str] = {}

    def merge_into(
        self, holder: dict[str, Any], extensions: list[dict[str, Any]]
    ) -> Iterator[tuple[Severity, str]]:
        """Put a module's extensions on the whole and the item; what clashes or is left, and why."""
        left: dict[str, None] = {}
        for extension in extensions:
            name = _name(extension)
            if name in _TO_THE_WHOLE:
                yield from self._put(self._whole, extension, _TO_THE_WHOLE[name])
            elif name == "variable" and _by_name(extension) == _ASSEMBLY_ONLY:
                continue
            elif name in _TO_THE_ITEM:
                yield from self._put(holder, extension, _TO_THE_ITEM[name])
            elif name.startswith(_SDC) and name not in _FOR_THE_MODULE:
                left[name] = None
        if left:
            names = ", ".join(left)
            yield "information", f"A module's own {names} does not come with its items (SDC)."

    def _put(
        self, element: dict[str, Any], extension: dict[str, Any], key: Key
    ) -> Iterator[tuple[Severity, str]]:
        """Add an extension unless it is there; another one of the same name is an error."""
        name, wanted = _name(extension), key(extension)
        there, place = self._index(element), (name, _written(wanted))
        first = there.get(place)
        if first is None:
            there[place] = extension
            element["extension"] = listed(element.get("extension"))
            element["extension"].append(extension)
        elif self._print(first) != fingerprint(extension):
            said = f" '{wanted[:64]}'" if isinstance(wanted, str) else ""
            severity: Severity = "warning" if name in _TO_THE_WHOLE else "error"
            yield severity, f"Two different {name}{said} come together; the first one stays."

    def _print(self, first: Mapping[str, Any]) -> str:
        if id(first) not in self._prints:
            self._prints[id(first)] = fingerprint(first)
        return self._prints[id(first)]

    def _index(self, element: Mapping[str, Any]) -> dict[tuple[str, str], Mapping[str, Any]]:
        found = self._there.get(id(element))
        if found is None:
            found = self._there[id(element)] = {}
            for extension in objects(element.get("extension")):
                key = _KEYS.get(_name(extension))
                if key is not None:
                    found.setdefault((_name(extension), _written(key(extension))), extension)
        return found


def _written(key: object) -> str:
    return key if isinstance(key, str) else fingerprint(key)


def _name(extension: Any) -> str:
    url = extension.get("url") if isinstance(extension, dict) else None
    return url.rsplit("/", 1)[-1] if isinstance(url, str) else ""


class Contained:
    """What the whole contains so far, by id and by what it says."""

    def __init__(self, whole: Mapping[str, Any]) -> None:
        self._prints: dict[str, str] = {}
        self._known: dict[tuple[str, str], str] = {}
        self._last: dict[str, int] = {}
        for each in objects(whole.get("contained")):
            if isinstance(each.get("id"), str):
                self._prints[each["id"]] = _print(each)

    def take_in(
        self, resources: list[dict[str, Any]], prefix: str
    ) -> tuple[list[dict[str, Any]], dict[str, str]]:
        """Give a module's contained resources their ids; the new ones, and old `#id` to new.

        One that the whole already has under its id, alike in everything, is shared; another one of
        the same id gets a number. The prefix of linkIds stands before ids too (SDC).
        """
        added: list[dict[str, Any]] = []
        renamed: dict[str, str] = {}
        for resource in resources:
            old = resource.get("id")
            if isinstance(old, str):
                wanted = _NOT_IN_AN_ID.sub("-", prefix + old)[:_ID_LIMIT]
                resource["id"], is_new = self._placed(wanted, _print(resource))
                renamed[f"#{old}"] = f"#{resource['id']}"
                added += [resource] if is_new else []
        return added, renamed

    def _placed(self, wanted: str, content: str) -> tuple[str, bool]:
        """The id for a resource, and whether the whole did not have it."""
        if self._prints.get(wanted) == content:
            return wanted, False
        known = self._known.get((wanted, content))
        if known is not None:
            return known, False
        id_ = (
            wanted if wanted not in self._prints else self._numbered(wanted[: _ID_LIMIT - _NUMBER])
        )
        self._prints[id_] = content
        self._known[wanted, content] = id_
        return id_, True

    def _numbered(self, stem: str) -> str:
        number = self._last.get(stem, 1) + 1
        while f"{stem}-{number}" in self._prints:
            number += 1
        self._last[stem] = number
        return f"{stem}-{number}"


def _print(resource: Mapping[str, Any]) -> str:
    return fingerprint({name: value for name, value in resource.items() if name != "id"})
