"""The `variable` extensions of a questionnaire or an item, and the order in which they are needed.

SDC, "variable": each may use those before it and those around it.
"""

import re
from collections.abc import Callable, Container, Mapping
from typing import Any

from template_service.questionnaire.expressions.expression import refused
from template_service.questionnaire.extensions import values

_USES = re.compile(r"%([A-Za-z_]\w*)")
_FIXED = frozenset(("context", "qitem", "questionnaire", "resource", "rootResource"))


def definitions(element: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The Expression of every variable of an element, by name; the names of SDC are not taken."""
    if "extension" not in element:
        return {}
    return {
        each["name"]: each
        for each in values(element, "variable", "valueExpression")
        if isinstance(each.get("name"), str) and each["name"] not in _FIXED
    }


def fhirpaths(element: Mapping[str, Any]) -> dict[str, str]:
    """The text of every variable of an element that can be run, by name."""
    return {
        name: given["expression"]
        for name, given in definitions(element).items()
        if refused(given) is None
    }


def in_order(
    name: str, definition: Callable[[str], str | None], known: Container[str] = ()
) -> list[str]:
    """The variables of one place that one names, those they name and so on; itself last.

    `definition` gives the FHIRPath of a variable, None for one of another place; those that are
    `known` are left out. A chain of hundreds must not exhaust Python's stack.
    """
    order: list[str] = []
    entered: set[str] = set()
    waiting = [(name, False)]
    while waiting:
        one, is_after_its_own = waiting.pop()
        if is_after_its_own:
            order.append(one)
        elif one not in entered and one not in known:
            expression = definition(one)
            if expression is not None:
                entered.add(one)
                waiting.append((one, True))
                waiting += ((each, False) for each in _USES.findall(expression))
    return order
