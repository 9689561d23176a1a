"""What counts of a response, knowing where everything stood before.

Disabled items give nothing; calculated ones what they are calculated to be (`recalculating`), not
what somebody wrote into them; those of safety never (`masking`).
"""

from collections.abc import Mapping
from typing import Any

from template_service.questionnaire import placing
from template_service.questionnaire.answers import response_items
from template_service.questionnaire.conditions import without_disabled
from template_service.questionnaire.extraction.masking import LEFT_OUT, without_masked
from template_service.questionnaire.extraction.recalculating import (
    differences,
    recalculate,
)
from template_service.questionnaire.extraction.work import TooMuch, Work
from template_service.questionnaire.form import Form
from template_service.questionnaire.privacy import is_private, private_items
from template_service.questionnaire.problems import Path, Problem

ROUND_LIMIT = 8
"""How often what is disabled and what is calculated are settled in turn: each round only leaves
out more, and an answer that is left out seldom takes more than one calculated value with it."""

_UNSETTLED = "Which answers count and what is calculated depend on each other too often."
_TOO_MANY = "There are too many conditions to look at, or too costly ones."


def enabled_part(
    form: Form, response: Mapping[str, Any], environment: Mapping[str, Any], work: Work
) -> tuple[Mapping[str, Any], Mapping[int, Path], tuple[Problem, ...]]:
    """What counts of a response, the paths its items had (by id), and what was left out.

    Raises TooMuch where that cannot be told.
    """
    calculates = any(item.calculated is not None for item in form.items.values())
    masks = is_private(form)
    if not (form.conditions or calculates or masks):
        return response, {}, ()
    marked = placing.marked(response)
    kept, dropped = _settled(form, marked, environment, work, calculates=calculates)
    if calculates:
        dropped += differences(form, response, kept)
    if masks:
        kept, dropped = _unmasked(form, kept, dropped, environment, work)
    paths: dict[int, Path] = {}
    for _, node in response_items(kept):
        if isinstance(node["linkId"], placing.Placed):
            paths[id(node)] = node["linkId"].path
            placing.rename(node, str(node["linkId"]))
    return kept, paths, dropped


def _unmasked(
    form: Form,
    kept: dict[str, Any],
    dropped: tuple[Problem, ...],
    environment: Mapping[str, Any],
    work: Work,
) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """The response without what tells of safety, and what is told of all that was left out."""
    kept, told = without_masked(form, kept, environment, work)
    # What appeared because of something that is gone now goes with it.
    kept, _ = _asked(form, kept, environment, work)
    private = private_items(form)
    # What is said of an item of safety would name it.
    plain = tuple(each for each in dropped if each.link_id not in private)
    return kept, (*plain, *((LEFT_OUT,) if told or len(plain) < len(dropped) else ()))


def _settled(
    form: Form,
    marked: dict[str, Any],
    environment: Mapping[str, Any],
    work: Work,
    *,
    calculates: bool,
) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """The response without what is disabled, calculated from what is left of it."""
    if not calculates:
        return _asked(form, marked, environment, work)
    dropped: tuple[Problem, ...] = ()
    recalculate(form, marked, environment, work)
    for _ in range(ROUND_LIMIT):
        kept, left_out = _asked(form, marked, environment, work)
        if kept.get("item") is marked.get("item"):
            # Nothing was taken out.
            return marked, (*dropped, *left_out)
        dropped += left_out
        # What is kept shares its items with what it was made from.
        marked = placing.marked(kept)
        if not recalculate(form, marked, environment, work):
            return marked, dropped
    raise TooMuch(_UNSETTLED)


def _asked(
    form: Form, marked: dict[str, Any], environment: Mapping[str, Any], work: Work
) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """As `without_disabled`; where that cannot be told of all, nothing may be extracted."""
    if not form.conditions:
        return marked, ()
    with work.timed() as seconds:
        kept, left_out = without_disabled(form, marked, environment, seconds)
    if any(each.code == "too-costly" for each in left_out):
        raise TooMuch(_TOO_MANY)
    return kept, left_out
