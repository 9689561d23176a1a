"""A copy of a response that still tells where everything stood, whatever is taken out of it."""

from collections.abc import Mapping
from typing import Any

from template_service.questionnaire.answers import response_items
from template_service.questionnaire.elements import copied
from template_service.questionnaire.problems import Path


class Placed(str):
    """A linkId that remembers where its item stands; it goes with every copy of the item."""

    __slots__ = ("path",)
    path: Path

    @classmethod
    def at(cls, path: Path, link_id: str) -> "Placed":
        """The linkId of an item that stands at a path."""
        made = cls(link_id)
        made.path = path
        return made


def marked(response: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of a response whose linkIds remember where their items stand, or stood before."""
    found: dict[str, Any] = copied(response)
    for path, node in response_items(found):
        if not isinstance(node["linkId"], Placed):
            rename(node, Placed.at(path, node["linkId"]))
    return found


def rename(node: Any, link_id: str) -> None:
    """Gives an item of a copy another linkId."""
    node["linkId"] = link_id
