"""How much work one expression may be: nothing a stranger's questionnaire says may hang a worker.

Everything is counted where an expression is evaluated, so a limit is met after little more than the
limit itself; every bound is far above what published questionnaires use.
"""

from decimal import Decimal
from time import thread_time
from typing import Any

from template_service.questionnaire.problems import QuestionnaireError

TEXT_LIMIT = 10_000
"""Characters of an expression. The longest published ones have about 2,000."""

TOKEN_LIMIT = 1_500
"""Words and signs of an expression; the longest published ones have 300."""

BRACKETS_LIMIT = 50
"""Brackets within brackets: the parser takes some eight of the 1,000 calls Python allows for each,
and a web server stands on a hundred of them already."""

DEPTH_LIMIT = 100
"""Expressions within expressions; one level takes up to five calls, a long sum one level."""

PARSER_SECONDS_LIMIT = 0.4
"""Processor seconds to read one expression; it is read once and kept."""

STEP_LIMIT = 300_000
"""Evaluations of a part of an expression, plus elements of the collections they gave."""

SIZE_LIMIT = 100_000
"""Elements of a collection. `descendants()` of a response of 10,000 items gives 60,000."""

STRING_LIMIT = 200_000
"""Characters of a text an expression makes."""

CHARACTERS_PER_STEP = 64
"""Characters made or compared that count as a step."""

MAGNITUDE_LIMIT = 300
"""Decimal digits before or after the point of a number: the range of a FHIR decimal in JSON."""

SECONDS_LIMIT = 0.4
"""Processor seconds of the evaluating thread: waiting for other threads costs an author nothing."""

ALLOWANCE = 0.7
"""Processor seconds for all expressions of one scope (one response); the largest published
form, of 112 expressions, takes a third of it."""

ALLOWANCE_AFTERWARDS = 0.1
"""What is left for the others once an expression of a scope was too costly."""

KEPT_LIMIT = 200_000
"""Elements that all variables of one scope may hold: some 60 MB of nodes."""

_TOO_COSTLY = "This FHIRPath takes too much work: {}."
_BITS_LIMIT = 1000
_CLOCK_EVERY = 31


class TooCostly(QuestionnaireError):
    """An expression that was stopped because it takes too much work."""


def too_costly(reason: str) -> TooCostly:
    """The refusal of an expression, with what there is too much of."""
    return TooCostly(_TOO_COSTLY.format(reason))


class Allowance:
    """What all evaluations that belong together share, such as those of one response.

    `seconds` is the processor time left, `memo` what functions found out and need again.
    """

    __slots__ = ("_kept", "memo", "seconds")

    def __init__(self) -> None:
        self._kept = 0
        self.seconds = ALLOWANCE
        self.memo: dict[str, Any] = {}

    def keep(self, elements: int) -> None:
        """Counts elements that a variable keeps for others; TooCostly when that is too many."""
        self._kept += elements
        if self._kept > KEPT_LIMIT:
            raise too_costly(f"variables hold more than {KEPT_LIMIT:,} elements")

    def took(self, left: float, started: float) -> None:
        """Takes off what an evaluation took that began at `started` with `left` seconds."""
        # What others took off meanwhile is in it already.
        self.seconds = min(self.seconds, left - (thread_time() - started))


class Work:
    """What one evaluation has cost so far; raises TooCostly beyond a limit.

    A context manager: at its end what it took is taken from the allowance.
    """

    __slots__ = ("_allowance", "_deadline", "_started", "_steps", "memo")

    def __init__(self, allowance: Allowance | None = None) -> None:
        self._allowance = allowance or Allowance()
        self.memo = self._allowance.memo
        self._steps = 0
        self._started = thread_time()
        self._deadline = self._started + min(SECONDS_LIMIT, self._allowance.seconds)

    def __enter__(self) -> "Work":
        self.look_at_the_clock()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        left = self._allowance.seconds - (thread_time() - self._started)
        costly = kind is not None and issubclass(kind, TooCostly)
        self._allowance.seconds = min(left, ALLOWANCE_AFTERWARDS) if costly else left

    def set_back(self, seconds: float) -> None:
        """Leaves out time that another evaluation, such as that of a variable, accounts for."""
        self._started += seconds
        self._deadline += seconds

    def charge(self, steps: int) -> None:
        """Counts steps that are about to be taken, or were."""
        self._steps += steps
        if self._steps > STEP_LIMIT:
            raise too_costly(f"more than {STEP_LIMIT:,} steps")
        if not self._steps & _CLOCK_EVERY or steps > _CLOCK_EVERY:
            self.look_at_the_clock()

    def look_at_the_clock(self) -> None:
        """Stops an evaluation that had its time."""
        if thread_time() > self._deadline:
            raise too_costly("it takes too long")

    def weigh(self, found: Any) -> None:
        """Looks at what a step gave: a collection too large, a text too long, a number too big."""
        if not isinstance(found, list):
            return
        size = len(found)
        self.weigh_size(size)
        if size == 1:
            weigh_value(found[0])
            if isinstance(found[0], str):
                self.charge(len(found[0]) // CHARACTERS_PER_STEP)
        elif size:
            self.charge(size)

    def weigh_size(self, size: int) -> None:
        """Refuses a collection of this many elements when that is too many."""
        if size > SIZE_LIMIT:
            raise too_costly(f"more than {SIZE_LIMIT:,} elements")


def weigh_value(value: Any) -> None:
    """Refuses a text that is too long and a number that is too large or too fine."""
    if isinstance(value, str):
        weigh_length(len(value))
    elif isinstance(value, int):
        if value.bit_length() > _BITS_LIMIT:
            raise too_costly("a number is too large")
    elif isinstance(value, Decimal) and value and abs(value.adjusted()) > MAGNITUDE_LIMIT:
        raise too_costly("a number is too large or too small")


def weigh_length(length: int) -> None:
    """Refuses a text of this many characters when that is too many."""
    if length > STRING_LIMIT:
        raise too_costly(f"a text of more than {STRING_LIMIT:,} characters")
