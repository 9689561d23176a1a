"""Cuts off what takes too long, from a thread of its own: one thread for all requests of a feed."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Watchdog:
    """Calls `cut` when a guarded block has taken longer than it may. One block at a time."""

    def __init__(self, cut: Callable[[], None]) -> None:
        self._cut = cut
        self._changed = threading.Condition()
        self._deadline: float | None = None
        self._expired = threading.Event()
        self._ended = False
        self._thread: threading.Thread | None = None

    @contextmanager
    def guarding(self, seconds: float) -> Iterator[threading.Event]:
        """Within the block the time runs; gives whether it was cut off."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._watch, daemon=True)
            self._thread.start()
        self._expired = expired = threading.Event()
        self._set(time.monotonic() + seconds)
        try:
            yield expired
        finally:
            self._set(None)

    @property
    def expired(self) -> bool:
        """Whether the block of this moment was cut off."""
        return self._expired.is_set()

    def close(self) -> None:
        """End the thread."""
        with self._changed:
            self._ended = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    def _set(self, deadline: float | None) -> None:
        with self._changed:
            self._deadline = deadline
            # A time that is taken back is seen when it would have been over.
            if deadline is not None:
                self._changed.notify()

    def _watch(self) -> None:
        with self._changed:
            while not self._ended:
                left = None if self._deadline is None else self._deadline - time.monotonic()
                if left is not None and left <= 0:
                    self._deadline = None
                    self._expired.set()
                    self._cut()
                else:
                    self._changed.wait(left)
