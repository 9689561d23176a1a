"""Which items are enabled, and which answers therefore count.

An answer to an item that is not enabled does not enable anything either. Where a question is
answered in several repetitions of a group, all of its answers are looked at, and an item with an
enableWhenExpression counts as enabled: `Form.flat` says when neither happens, so that Answers tell
all there is to tell. Otherwise `enable` tells it of every occurrence in a response.
"""

from template_service.questionnaire.answers import disclosures
from template_service.questionnaire.enabling import Enabling, enable
from template_service.questionnaire.form import Answers, Form, Value
from template_service.questionnaire.pruning import without_disabled

__all__ = [
    "Counted",
    "Enabling",
    "counted_answers",
    "disclosures",
    "drop_disabled",
    "enable",
    "enabled_items",
    "opened",
    "without_disabled",
]


class Counted(dict[str, tuple[Value, ...]]):
    """Answers to one form that are known to count, all of them: nobody need look again."""


def opened(form: Form, answers: Answers) -> list[bool]:
    """The outcome of every condition of the form, by `Item.enabled_by`."""
    outcome: list[bool] = []
    for condition in form.conditions:
        around = condition.parent < 0 or outcome[condition.parent]
        outcome.append(around and condition.rule(answers, outcome))
    return outcome


def enabled_items(form: Form, answers: Answers) -> frozenset[str]:
    """The linkIds of every item (groups and display items too) that is enabled."""
    outcome = opened(form, answers)
    return frozenset(
        link_id
        for link_id, item in form.items.items()
        if item.enabled_by < 0 or outcome[item.enabled_by]
    )


def counted_answers(form: Form, answers: Answers) -> Counted:
    """The answers that count (rules.md, rule 4a): those of enabled items, and disclosures.

    Of an item that is not enabled, only the options that disclose are kept.
    """
    if isinstance(answers, Counted):
        return answers
    outcome = opened(form, answers)
    counted = Counted()
    items = form.items
    for link_id, given in answers.items():
        item = items.get(link_id)
        if item is None:
            continue
        if item.enabled_by < 0 or outcome[item.enabled_by]:
            counted[link_id] = given
        elif kept := disclosures(given):
            counted[link_id] = kept
    return counted


def drop_disabled(form: Form, answers: Answers) -> tuple[Answers, Answers]:
    """Split answers into those that count and those to items that are not enabled.

    Returns `(kept, dropped)`, each linkId -> values. Disclosures are always kept.
    """
    kept = counted_answers(form, answers)
    dropped: dict[str, tuple[Value, ...]] = {}
    for link_id, given in answers.items():
        remaining = kept.get(link_id, ())
        if lost := tuple(each for each in given if each not in remaining):
            dropped[link_id] = lost
    return kept, dropped
