"""Whether what is answered was asked for, and what is asked for is answered, of a simple form.

From the Answers alone (`Form.simple`); `judging` does it for any form, occurrence by occurrence.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from template_service.questionnaire.answers import response_items
from template_service.questionnaire.conditions import Counted, opened
from template_service.questionnaire.disclosing import telling
from template_service.questionnaire.form import Answers, Form, Item
from template_service.questionnaire.problems import ROOT, Path, Severity

Add = Callable[[Severity, str, Path, str | None, str], None]
"""(severity, FHIR issue-type, place, linkId, message)"""

REQUIRED = "An answer is required."


def judge_answers(
    form: Form, answers: Answers, resource: Mapping[str, Any], *, finished: bool, add: Add
) -> Answers:
    """Answers to items that are not enabled, and required items without one; of a simple form.

    Returns the answers, as `Counted` when every one of them is to an enabled item.
    """
    items = form.items
    outcome = opened(form, answers)
    closed = {index for index, is_open in enumerate(outcome) if not is_open}
    given = [items[link_id] for link_id in answers] if closed else []
    disabled = [item for item in given if item.enabled_by in closed]
    missing: list[Item] = []
    for item in form.required if finished else ():
        asked = item.enabled_by < 0 or outcome[item.enabled_by]
        if asked and item.calculated is None and not _is_answered(item, answers):
            missing.append(item)
    if disabled or missing:
        # Most responses come this far without a place ever being written down.
        _say((form, answers, resource), disabled, missing, add)
    return answers if disabled else Counted(answers)


def say_disabled(item: Item, path: Path, add: Add, *, told: bool) -> None:
    """Says that an item is answered which is not enabled; a warning where something was told.

    `told`: an answer to it, or something inside one, discloses: its other answers must not have
    that refused.
    """
    if not told:
        message = "The item is answered although the other answers do not ask for it."
        add("error", "business-rule", path, item.link_id, message)
    else:
        message = (
            "The item is answered although the other answers do not ask for it; "
            "the answer is kept because it may be urgent."
        )
        add("warning", "business-rule", path, item.link_id, message)


def _say(
    response: tuple[Form, Answers, Mapping[str, Any]],
    disabled: Sequence[Item],
    missing: Sequence[Item],
    add: Add,
) -> None:
    """Names every place of the disabled items that are answered, and of the missing ones."""
    form, answers, resource = response
    places: dict[str, list[Path]] = {}
    for path, node in response_items(resource):
        if "answer" in node or node["linkId"] not in answers:
            places.setdefault(node["linkId"], []).append(path)
    told = telling(form, resource).link_ids if disabled else frozenset()
    for item in disabled:
        for path in places[item.link_id]:
            say_disabled(item, path, add, told=item.link_id in told)
    for item in missing:
        if _is_within_reach(form, item, answers):
            path = _place(form, item, places)
            add("error", "required", path, item.link_id, REQUIRED)


def _place(form: Form, item: Item, places: Mapping[str, list[Path]]) -> Path:
    """Where an item is, or the nearest place around it: a group, or the answer of a question."""
    if item.link_id in places:
        return places[item.link_id][0]
    while item.parent is not None:
        item = form.items[item.parent]
        if item.link_id in places:
            around = places[item.link_id][0]
            return around if item.type == "group" else (around, "answer", 0)
    return ROOT


def _is_within_reach(form: Form, item: Item, answers: Answers) -> bool:
    """Whether every question around an item is answered: R4 puts the item inside the answer."""
    while item.parent is not None:
        item = form.items[item.parent]
        if item.type != "group" and item.link_id not in answers:
            return False
    return True


def _is_answered(item: Item, answers: Answers) -> bool:
    if item.type != "group":
        return item.link_id in answers or item.type == "display"
    return any(_is_answered(child, answers) for child in item.children if child.type != "display")
