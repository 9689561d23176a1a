"""How much work something is, told by the lines of Python it runs and not by a clock."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def lines_run(work: Callable[[], object]) -> int:
    """How many lines of Python run in a piece of work; every turn of a loop counts."""
    lines = 0

    def count(_frame: FrameType, event: str, _given: object) -> Callable[..., Any]:
        nonlocal lines
        lines += event == "line"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        work()
    finally:
        sys.settrace(before)
    return lines
