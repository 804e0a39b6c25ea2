"""Waiting for a condition, never for a time."""

import time
from collections.abc import Callable
from typing import TypeVar

RECOVERY = 30.0  # seconds: all is done within this of a server's or a process's return
_LOOK_EVERY = 0.03
_T = TypeVar("_T")


def until(condition: Callable[[], _T], within: float = RECOVERY, seen: Callable[[], object] = str) -> _T:
    """The first true value of the condition. `seen` says what there is instead when it does not come in time."""
    end = time.monotonic() + within
    while not (found := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"not within {within:.0f} s: {condition.__qualname__}; {seen()}")
        time.sleep(_LOOK_EVERY)
    return found
