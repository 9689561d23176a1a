"""How much work checking one questionnaire may be, whatever is in it."""

from time import thread_time

EXPRESSION_LIMIT = 2_000
"""Expressions parsed and evaluated; the largest published questionnaires have some hundreds."""

CHARACTERS_LIMIT = 100_000
"""Characters of all expressions, which are read word by word, several times; this service's own
template has 15,000, any other published questionnaire less."""

PROBE_LIMIT = 600
"""Evaluations on made-up responses, at a few milliseconds each."""

SECONDS_LIMIT = 0.4
"""Processor seconds for everything that evaluates; the largest published form needs 0.1."""


class Work:
    """What is left to spend; `cut_short` once something was left out.

    `all_read`: there are not too many characters of expressions to follow what they name.
    """

    def __init__(self) -> None:
        self._expressions = 0
        self._probes = 0
        self._characters = 0
        self._deadline = thread_time() + SECONDS_LIMIT
        self.cut_short = False
        self.all_read = True

    def read(self, characters: int) -> bool:
        """Whether so many more characters of expressions may be read."""
        self._characters += characters
        self.all_read = self._characters <= CHARACTERS_LIMIT
        self.cut_short = self.cut_short or not self.all_read
        return self.all_read

    def go_on(self) -> bool:
        """Whether one more expression may be looked at."""
        self._expressions += 1
        return self._allowed(self._expressions <= EXPRESSION_LIMIT)

    def probe(self) -> bool:
        """Whether one more evaluation on a made-up response may be done."""
        self._probes += 1
        return self._allowed(self._probes <= PROBE_LIMIT)

    def in_time(self, reserve: float = 0.0) -> bool:
        """Whether there is time for anything else that takes long, and a reserve (s) after it."""
        return self._allowed(within=thread_time() + reserve < self._deadline)

    def left(self) -> float:
        """The processor seconds that are left."""
        return max(0.0, self._deadline - thread_time())

    def stop(self) -> None:
        """Try nothing more: one expression was too costly, and others may be no better."""
        self._deadline = 0.0

    def _allowed(self, within: bool) -> bool:
        allowed = within and thread_time() < self._deadline
        self.cut_short = self.cut_short or not allowed
        return allowed
