"""Logging: JSON lines with static event names and allow-listed fields. No value of a patient can get in.

A field that is not in `FIELDS` raises at the call, in tests and in production alike: better a noisy bug
than a quiet leak. Exceptions are logged by type and place, never with their message.
"""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any, TextIO, cast

import structlog

FIELDS = frozenset(
    (
        *(
            "event",
            "level",
            "module",
            "timestamp",
            "place",
            "error",
            "retryable",
            "name",
            "reason",
            "attempt",
        ),
        *(
            "clinic",
            "conversation",
            "inbox",
            "outbox",
            "alert",
            "channel",
            "sid",
            "status",
            "code",
            "queue",
            "edition",
            "purpose",
        ),
        *("count", "seconds", "process", "pid", "port", "path", "method", "rule"),
    )
)


def configure(*, level: str = "INFO") -> None:
    """Set up logging for this process; call once, at a door."""
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            _only_listed,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _Stderr())),
        cache_logger_on_first_use=True,
    )


class _Stderr:
    """Standard error as it is at each line: loggers are kept for the life of a process, it may be replaced."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def get(name: str) -> structlog.typing.FilteringBoundLogger:
    """A logger for the module `name`."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(module=name)
    return logger


def error_fields(error: BaseException) -> dict[str, str | bool]:
    """What may be logged of an exception: its type and where it was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}" if frames else ""
    return {
        "error": type(error).__name__,
        "place": place,
        "retryable": bool(getattr(error, "retryable", False)),
    }


def _only_listed(_logger: object, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    strange = set(event) - FIELDS
    if strange:
        raise ValueError(f"not an allowed log field: {', '.join(sorted(strange))}")
    return event
