"""How much one extraction may be, and what it has to say.

A limit that is met ends the extraction with no entry at all: half a transaction is worse than none.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import thread_time
from typing import Any

from template_service.questionnaire.elements import copied, objects
from template_service.questionnaire.expressions.evaluation import (
    Typed,
    evaluate,
    evaluate_nodes,
    typed,
)
from template_service.questionnaire.expressions.limits import ALLOWANCE, TooCostly
from template_service.questionnaire.expressions.scope import Scope
from template_service.questionnaire.problems import Problem, Severity

ENTRY_LIMIT = 2_000
"""Entries of the Bundle. A long visit gives some fifty; servers refuse far larger transactions."""

ELEMENT_LIMIT = 50_000
"""Elements that are made, values counted with them; contexts inside contexts multiply."""

CHARACTER_LIMIT = 10_000_000
"""Characters of all values; one long answer can be asked for by every element of a template."""

EVALUATION_LIMIT = 5_000
"""Expressions evaluated: a hundred medicines with a template of twenty need 2,000. All of one
extraction together have the time that those of one response have."""

ITEM_LIMIT = 10_000
"""Items of a response; the longest published forms have about a thousand."""

DEPTH_LIMIT = 64
"""Elements within elements of a template; the deepest of R4 have about ten."""

NESTING_LIMIT = 128
"""Items within items of a response; published forms use six levels."""

PROBLEM_LIMIT = 1_000
"""Problems told; what comes after is counted in one."""


class TooMuch(Exception):
    """The extraction met a limit; it ends with this message."""


class Work:
    """What one extraction has cost and found so far; raises TooMuch beyond a limit."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._untold = 0
        self._elements = 0
        self._characters = 0
        self._entries = 0
        self._evaluations = 0
        self.seconds = ALLOWANCE
        """Processor seconds left for all expressions."""

    @contextmanager
    def timed(self) -> Iterator[float]:
        """The seconds that are left; what passes inside is taken off."""
        started = thread_time()
        yield self.seconds
        self.seconds = max(0.0, self.seconds - (thread_time() - started))

    def look_at(self, response: Mapping[str, Any]) -> None:
        """Refuses a response of too many items, as deep as items are looked at."""
        level, count = [response], 0
        for _ in range(NESTING_LIMIT):
            holders = [each for node in level for each in (node, *objects(node.get("answer")))]
            level = [each for holder in holders for each in objects(holder.get("item"))]
            count += len(level)
            if count > ITEM_LIMIT:
                raise TooMuch(f"The response has more than {ITEM_LIMIT:,} items.")
            if not level:
                return

    def element(self, count: int = 1) -> None:
        """Counts elements that are about to be made."""
        self._elements += count
        if self._elements > ELEMENT_LIMIT:
            raise TooMuch(f"It makes more than {ELEMENT_LIMIT:,} elements.")

    def write(self, value: Any) -> Any:
        """The value, when it is one, counted with its characters."""
        self.element()
        if isinstance(value, str):
            self._characters += len(value)
            if self._characters > CHARACTER_LIMIT:
                raise TooMuch(f"It writes more than {CHARACTER_LIMIT:,} characters.")
        return value

    def copy(self, value: Any) -> Any:
        """A copy of JSON that shares nothing with the original, counted before it is made."""
        waiting = [value]
        while waiting:
            node = self.write(waiting.pop())
            if isinstance(node, dict):
                waiting.extend(node.values())
            elif isinstance(node, list):
                waiting.extend(node)
        return copied(value)

    def entry(self) -> None:
        """Counts an entry that is about to be made."""
        self.room_for(1)
        self._entries += 1

    def room_for(self, entries: int) -> None:
        """Refuses so many more entries when they are too many."""
        if self._entries + entries > ENTRY_LIMIT:
            raise TooMuch(f"It makes more than {ENTRY_LIMIT:,} resources.")

    def values(self, expression: str, scope: Scope) -> list[Any]:
        """The plain values an expression gives. Raises QuestionnaireError when it fails."""
        self._evaluation()
        try:
            # The closures behind Scope.evaluate know parsed JSON, not what an expression found.
            if isinstance(scope.focus, Typed | dict):
                return scope.evaluate(expression)
            return evaluate(expression, scope.focus, scope, scope.shared)
        except TooCostly as error:
            raise TooMuch(str(error)) from error

    def nodes(self, expression: str, scope: Scope) -> list[Any]:
        """The same with their types, each to be the focus of other expressions."""
        self._evaluation()
        try:
            return evaluate_nodes(expression, scope.focus, scope, scope.shared)
        except TooCostly as error:
            raise TooMuch(str(error)) from error

    def typed(self, expression: str, scope: Scope) -> list[tuple[str | None, Any]]:
        """The same as plain values, each after its FHIR type as far as it is known."""
        return [typed(node) for node in self.nodes(expression, scope)]

    def _evaluation(self) -> None:
        self._evaluations += 1
        if self._evaluations > EVALUATION_LIMIT:
            raise TooMuch(f"It needs more than {EVALUATION_LIMIT:,} expressions.")

    def tell(
        self, severity: Severity, code: str, expression: str, link_id: str | None, message: str
    ) -> None:
        """Adds a problem; beyond the limit they are only counted."""
        if len(self.problems) < PROBLEM_LIMIT:
            self.problems.append(Problem(severity, code, expression, link_id, message))
        else:
            self._untold += 1

    def told(self) -> tuple[Problem, ...]:
        """Every problem, and how many more there were."""
        if not self._untold:
            return tuple(self.problems)
        message = f"{self._untold:,} more problems are not listed."
        more = Problem("error", "too-costly", "Questionnaire", None, message)
        return (*self.problems, more)
