"""What templates give is R4: a value that its element cannot hold is left out, and told.

A template copies what its expressions find; "tomorrow" is no birth date, and a server that took it
would give it to everybody.
"""

import re
from typing import Any

from template_service.questionnaire.datatypes import wrong_in
from template_service.questionnaire.extraction.bundle import Cause, told
from template_service.questionnaire.extraction.work import Work
from template_service.questionnaire.r4_elements import child

WRONG_LIMIT = 20
"""Values of one element left out one by one; one that has more is left out whole."""

_LEFT_OUT = "{}{}: {} The value is left out."
# The name of the type, whole resources, and the narrative, which says nothing of its own.
_PASSED_OVER = frozenset(("resourceType", "contained", "text"))
_STEP = re.compile(r"\.([A-Za-z_]\w*)|\[(\d+)\]", re.ASCII)


def sound(resource: dict[str, Any], cause: Cause, work: Work) -> dict[str, Any]:
    """The resource without the values that R4 does not allow where they stand (told).

    What R4 has no element for is not known here, and stays as the template has it.
    """
    type_ = resource.get("resourceType")
    if not isinstance(type_, str):
        return resource
    made = dict(resource)
    for name in resource:
        if name not in _PASSED_OVER and _is_known(type_, name):
            _mend(type_, name, made, cause, work)
    return made


def _mend(type_: str, name: str, made: dict[str, Any], cause: Cause, work: Work) -> None:
    for count in range(WRONG_LIMIT + 1):
        wrong = wrong_in(type_, {name: made[name]})
        if wrong is None:
            return
        told(work, "error", "value", cause, _LEFT_OUT.format(type_, *wrong))
        steps = [int(number) if number else step for step, number in _STEP.findall(wrong[0])]
        _remove(made, steps if count < WRONG_LIMIT else [name])
        if name not in made:
            return


def _is_known(type_: str, name: str) -> bool:
    """Whether R4 has the element, a choice by its typed name."""
    bare = name.removeprefix("_")
    ends = (end for end in range(1, len(bare)) if bare[end].isupper())
    stems = (child(type_, bare[:end]) for end in ends)
    return child(type_, bare) is not None or any(each and each.choices for each in stems)


def _remove(node: Any, steps: list[Any]) -> None:
    """Takes out what stands at the end of the steps, and what is left empty by that."""
    trail = [node]
    for step in steps[:-1]:
        trail.append(trail[-1][step])
    for holder, step in zip(reversed(trail), reversed(steps), strict=True):
        del holder[step]
        if holder:
            return
