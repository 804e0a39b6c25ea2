"""Failpoints: named places at which a test can kill this process. Unarmed, which is always, they do nothing.

FAILPOINTS names a directory. A file in it, called as a place is, arms that place: the first process there takes
the file away, leaves its id in `<place>.struck` and stops, so that the test knows that the kill lands just there.
"""

import os
import signal
import threading
from pathlib import Path

_ARMED = os.environ.get("FAILPOINTS")


def failpoint(name: str) -> None:
    """Stop here if a test armed `name`."""
    if _ARMED:
        _stop(Path(_ARMED) / name)


def _stop(place: Path) -> None:
    struck = place.with_name(f"{place.name}.struck")
    try:
        place.rename(struck)
    except FileNotFoundError:
        return  # not armed, or another process was first
    struck.write_text(str(os.getpid()))
    # To this thread: one to the process may be another thread's to take, and this one would run on meanwhile.
    signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)
