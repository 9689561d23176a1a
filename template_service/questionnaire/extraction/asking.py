"""What counts of a response, knowing where everything stood before.

Disabled items give nothing; calculated ones what they are calculated to be (`recalculating`), not
what somebody wrote into them; masked ones are never extracted (`masking`).
"""

from collections.abc import Mapping
from typing import Any

from template_service.questionnaire.answers import response_items
from template_service.questionnaire.conditions import without_disabled
from template_service.questionnaire.elements import copied
from template_service.questionnaire.extraction.masking import has_masked, without_masked
from template_service.questionnaire.extraction.recalculating import (
    Placed,
    differences,
    recalculate,
)
from template_service.questionnaire.form import Form
from template_service.questionnaire.problems import Path, Problem

ROUND_LIMIT = 8
"""How often what is disabled and what is calculated are settled in turn: each round only leaves
out more, and an answer that is left out seldom takes more than one calculated value with it."""

_UNSETTLED = (
    "Which answers count and what is calculated from them depend on each other too often;"
    " nothing is extracted."
)


class Unsettled(Exception):
    """What counts of a response cannot be told; nothing may be extracted from it."""

    def __init__(self) -> None:
        super().__init__(_UNSETTLED)


def enabled_part(
    form: Form, response: Mapping[str, Any], environment: Mapping[str, Any]
) -> tuple[Mapping[str, Any], Mapping[int, Path], tuple[Problem, ...]]:
    """What counts of a response, the paths its items had (by id), and what was left out.

    Raises Unsettled.
    """
    calculates = any(item.calculated is not None for item in form.items.values())
    masks = has_masked(form)
    if not (form.conditions or calculates or masks):
        return response, {}, ()
    marked = _marked(response)
    kept, dropped = _settled(form, marked, environment, calculates=calculates)
    if calculates:
        dropped += differences(form, response, kept)
    if masks:
        kept, told = without_masked(form, kept, environment)
        # What is said of a masked item would name it.
        dropped = (*(each for each in dropped if not _is_masked(form, each)), *told)
    paths: dict[int, Path] = {}
    for _, node in response_items(kept):
        if isinstance(node["linkId"], Placed):
            paths[id(node)] = node["linkId"].path
            _rename(node, str(node["linkId"]))
    return kept, paths, dropped


def _settled(
    form: Form, marked: dict[str, Any], environment: Mapping[str, Any], *, calculates: bool
) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """The response without what is disabled, calculated from what is left of it."""
    if not calculates:
        return without_disabled(form, marked, environment)
    dropped: tuple[Problem, ...] = ()
    recalculate(form, marked, environment)
    for _ in range(ROUND_LIMIT):
        kept, left_out = without_disabled(form, marked, environment)
        dropped += left_out
        # What is kept shares its items with what it was made from.
        marked = _marked(kept)
        if not recalculate(form, marked, environment):
            return marked, dropped
    raise Unsettled


def _marked(response: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of a response whose linkIds remember where their items stand."""
    marked: dict[str, Any] = copied(response)
    for path, node in response_items(marked):
        if not isinstance(node["linkId"], Placed):
            _rename(node, Placed.at(path, node["linkId"]))
    return marked


def _is_masked(form: Form, problem: Problem) -> bool:
    item = form.items.get(problem.link_id or "")
    return item is not None and item.masked


def _rename(node: Any, link_id: str) -> None:
    # The nodes are those of the copy made above, or copies of them.
    node["linkId"] = link_id
