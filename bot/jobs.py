"""RQ's entry points. A job carries nothing: it means 'there is work', and drains what it finds.

One runtime a worker process, made at its first job.
"""

from collections.abc import Callable
from functools import cache

from bot import log, settings
from bot.failpoint import failpoint
from bot.gateways.doorbell import ALERTS, INBOUND, OUTBOUND
from bot.runtime import Runtime
from bot.service import advance, call_out, deliver

_logger = log.get(__name__)
_SECONDS = 20.0
"""How long a job drains before it makes room: the worker's heartbeat must not wait for ever."""


def inbound() -> None:
    """Work on mailboxes. The reader is loaded before the first text comes: a worker rings for itself at its start."""
    _ = runtime().reader
    _drain(INBOUND, advance.drain)


def outbound() -> None:
    """Send texts."""
    _drain(OUTBOUND, deliver.drain)


def alerts() -> None:
    """Tell staff by call, e-mail and web push: a slow mail server must hold up no text."""
    _drain(ALERTS, call_out.drain)


def _drain(queue: str, drain: Callable[[Runtime, float], bool]) -> None:
    failpoint("job-after-dequeue")
    rt = runtime()
    rt.doorbell.heard(queue)
    try:
        more = drain(rt, _SECONDS)
    except Exception as error:  # RQ would print its text; the clock rings again for what is left
        _logger.error("job_failed", queue=queue, **log.error_fields(error))
        return
    if more:
        rt.doorbell.ring(queue)


@cache
def runtime() -> Runtime:
    """This worker process's runtime."""
    log.configure()
    return Runtime(settings.load())
