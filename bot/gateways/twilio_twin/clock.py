"""The twin's moment: the real clock, moved by a file that holds whole seconds to add."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

Clock = Callable[[], datetime]


def real_clock() -> datetime:
    """Now, UTC."""
    return datetime.now(UTC)


def clock_of(file: Path | None) -> Clock:
    """A clock that reads `file` each time: whole seconds to add; no file, or half of one, adds none."""
    if file is None:
        return real_clock

    def moved() -> datetime:
        try:
            return real_clock() + timedelta(seconds=int(file.read_text("ascii")))
        except (FileNotFoundError, ValueError):
            return real_clock()

    return moved
