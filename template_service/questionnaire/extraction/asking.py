"""The response without what is disabled, knowing where everything stood before."""

from collections.abc import Mapping
from typing import Any

from template_service.questionnaire.answers import response_items
from template_service.questionnaire.conditions import without_disabled
from template_service.questionnaire.elements import copied
from template_service.questionnaire.form import Form
from template_service.questionnaire.problems import Path, Problem


class _Placed(str):
    """A linkId that remembers where its item stands; it goes with every copy of the item."""

    __slots__ = ("path",)
    path: Path


def enabled_part(
    form: Form, response: Mapping[str, Any], environment: Mapping[str, Any]
) -> tuple[Mapping[str, Any], Mapping[int, Path], tuple[Problem, ...]]:
    """What counts of a response, the paths its items had (by id), and what was left out."""
    if not form.conditions:
        return response, {}, ()
    marked = copied(response)
    for path, node in response_items(marked):
        placed = _Placed(node["linkId"])
        placed.path = path
        _rename(node, placed)
    kept, dropped = without_disabled(form, marked, environment)
    paths: dict[int, Path] = {}
    for _, node in response_items(kept):
        if isinstance(node["linkId"], _Placed):
            paths[id(node)] = node["linkId"].path
            _rename(node, str(node["linkId"]))
    return kept, paths, dropped


def _rename(node: Any, link_id: str) -> None:
    # The nodes are those of the copy made above, or copies of them.
    node["linkId"] = link_id
