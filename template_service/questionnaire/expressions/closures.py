"""What a closure of FHIRPath is, where and how it runs, and how its work is counted."""

from collections.abc import Callable
from enum import Enum
from typing import Any, NamedTuple, Protocol

from template_service.questionnaire.expressions.index import Index
from template_service.questionnaire.expressions.operators import NotSure, Values
from template_service.questionnaire.form import Form

STEP_LIMIT = 200_000
"""Elements that the closures of one expression may look at, a tenth of a second at most; beyond,
the library must say, which counts more closely."""

_ODD = (ArithmeticError, AttributeError, KeyError, RecursionError, TypeError, ValueError)


class NotTaken(Exception):
    """The expression has something in it that only the library knows."""


class Surroundings(Protocol):
    """Where an expression is evaluated; `steps` is what it has cost so far."""

    form: Form
    index: Index
    steps: int
    total: Values

    def variable(self, name: str) -> Values:
        """The value of %name, as plain values. Raises NotSure for what must go to the library."""
        ...


Run = Callable[[Surroundings, Any], Values]
"""(where, focus) -> collection; raises NotSure."""


class Kind(Enum):
    """What is known, before it runs, of the elements that a closure gives."""

    NODE = "a response or an item"
    ANSWER = "an answer"
    VALUE = "the value of an answer"
    TEXT = "a part of a value"
    MADE = "made by an operator or written down"
    TRUTH = "a boolean made by an operator or written down"
    GIVEN = "anything, such as a variable"


class Part(NamedTuple):
    """A compiled expression, and what it gives: of which item, where that is known."""

    run: Run
    kind: Kind
    link_id: str | None = None


def run(part: Part, where: Surroundings, focus: Any) -> Values:
    """What a compiled expression gives. Raises NotSure, and nothing else."""
    if not where.index.sound:
        raise NotSure
    # A variable is evaluated in the middle of what uses it.
    before, where.steps, where.total = (where.steps, where.total), 0, []
    try:
        return part.run(where, focus)
    except _ODD as error:
        raise NotSure from error
    finally:
        where.steps, where.total = before


def count(where: Surroundings, steps: int) -> None:
    """Counts steps that are about to be taken. Raises NotSure when they are too many."""
    where.steps += steps
    if where.steps > STEP_LIMIT:
        raise NotSure


def counted(where: Surroundings, values: Values) -> Values:
    """A collection all of which is about to be looked at."""
    if len(values) > 1:
        count(where, len(values))
    return values


def gathered(where: Surroundings, values: Values, take: Callable[[Any], Values]) -> Values:
    """What is taken of each of several values, put together; stops before it is too much."""
    found: Values = []
    for each in values:
        taken = take(each)
        count(where, 1 + len(taken))
        found += taken
    return found
