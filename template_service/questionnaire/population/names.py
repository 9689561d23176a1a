"""Which names (`%patient`) an expression needs, through every variable on the way.

A quick reading of the text, not a parse: it only decides whom to blame for an empty result, and
when an expression is worth another look because answers came after it.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from template_service.questionnaire.expressions.expression import refused
from template_service.questionnaire.extensions import values

INITIAL_EXPRESSION = "sdc-questionnaire-initialExpression"
POPULATION_CONTEXT = "sdc-questionnaire-itemPopulationContext"

VISIT_LIMIT = 200
"""Variables followed from one expression; published questionnaires need some 25."""

_TOKEN = re.compile(
    r"%`(?P<quoted>[^`]*)`|%'(?P<string>[^']*)'|%(?P<name>\w+)"
    r"|'(?:[^'\\]|\\.)*'|(?P<word>\w+)",
    re.DOTALL,
)
# What leads from a response to its answers; everything else in it stands before filling begins.
_TO_ANSWERS = frozenset({"item", "answer", "answers", "children", "descendants", "repeat"})

Variables = Mapping[str, str]
"""name -> expression, of every variable and population context that can be seen somewhere."""


class Uses(NamedTuple):
    """The names an expression needs, and whether its result may change with the answers."""

    names: frozenset[str]
    answers: bool


def uses(expression: str, variables: Variables) -> Uses:
    """What an expression needs, directly or through the variables it uses."""
    found, answers = _direct(expression)
    names, waiting = set(found), list(found)
    visited = 0
    while waiting and visited < VISIT_LIMIT:
        visited += 1
        definition = variables.get(waiting.pop())
        if definition is not None:
            inner = _direct(definition)
            answers = answers or inner.answers
            waiting.extend(inner.names - names)
            names |= inner.names
    return Uses(frozenset(names), answers or bool(waiting))


def variables_of(element: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The (name, expression) of every variable and population context an element defines.

    Only of FHIRPath: what a query needs is nothing its result, given by the caller, waits for.
    """
    if not element.get("extension"):
        return
    for kind in ("variable", POPULATION_CONTEXT):
        for each in values(element, kind, "valueExpression"):
            if isinstance(each.get("name"), str) and refused(each) is None:
                yield each["name"], each["expression"]


@lru_cache(maxsize=2048)
def _direct(expression: str) -> Uses:
    names: set[str] = set()
    answers = False
    for match in _TOKEN.finditer(expression):
        if match.lastgroup == "word":
            answers = answers or match["word"] in _TO_ANSWERS
        elif match.lastgroup is not None:
            names.add(match[match.lastgroup])
    return Uses(frozenset(names), answers)
