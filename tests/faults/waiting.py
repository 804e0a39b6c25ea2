"""Waiting for a condition, never for a time."""

import time
from collections.abc import Callable
from typing import Any

RECOVERY = 30.0  # seconds: all is done within this of a server's return
_LOOK_EVERY = 0.03


def until[T](condition: Callable[[], T], within: float = RECOVERY, doing: Callable[[], Any] = str) -> T:
    """The first true value of the condition; `doing` is called between looks, and says what there was in the end."""
    end = time.monotonic() + within
    while not (found := condition()):
        seen = doing()
        assert time.monotonic() < end, f"not within {within:.0f} s: {condition.__qualname__} {seen}"
        time.sleep(_LOOK_EVERY)
    return found
