"""Regular expressions of other people, run by RE2: in time linear in the text, whatever they are.

RE2 has no look-around and no back-references; a pattern that needs them cannot be used here.
"""

from functools import lru_cache
from typing import Any

# A pattern of a questionnaire that is longer, or compiles to more, is a mistake or an attack.
_LENGTH_LIMIT = 2_000
_MEMORY_LIMIT = 1 << 20


def is_usable(pattern: str) -> bool:
    """Whether RE2 can take a pattern."""
    return compiled(pattern) is not None


def matches(pattern: str, text: str) -> bool | None:
    """Whether the whole text is of the pattern; None when RE2 cannot take one of them."""
    found = compiled(pattern)
    if found is None:
        return None
    try:
        return found.fullmatch(text) is not None
    except UnicodeEncodeError:
        return None


@lru_cache(maxsize=1024)
def compiled(pattern: str, *, dot_takes_all: bool = False) -> Any:
    """The pattern as RE2 has it, or None when RE2 cannot take it.

    `dot_takes_all`: "." stands for a new line as well.
    """
    # Imported here because most questionnaires have no pattern.
    import re2  # type: ignore[import-untyped]  # noqa: PLC0415

    if len(pattern) > _LENGTH_LIMIT:
        return None
    options = re2.Options()
    options.max_mem = _MEMORY_LIMIT
    options.log_errors = False
    options.dot_nl = dot_takes_all
    try:
        return re2.compile(pattern, options)
    except (re2.error, UnicodeEncodeError):
        return None
