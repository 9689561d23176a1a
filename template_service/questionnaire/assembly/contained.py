"""The contained resources of an assembled questionnaire: each once, each with an id of its own."""

import re
from collections.abc import Mapping
from typing import Any

from template_service.questionnaire.elements import fingerprint, objects

_NOT_IN_AN_ID = re.compile(r"[^A-Za-z0-9.-]")
_ID_LIMIT = 64
_NUMBER = 6
"""Characters kept free for a number: a dash, and more digits than there can be modules."""


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
