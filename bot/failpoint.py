"""Failpoints: named places at which a test can kill this process. Unarmed, which is always, they do nothing.

Armed by FAILPOINT=name and FAILPOINT_FILE=path: at the place the process writes its id to the file (once
for all processes: the first one there) and stops, so that the test knows that the kill lands just there.
"""

import os
import signal
import threading

_ARMED = os.environ.get("FAILPOINT")


def failpoint(name: str) -> None:
    """Stop here if a test armed `name`."""
    if name == _ARMED:
        _stop()


def _stop() -> None:
    try:
        handle = os.open(os.environ["FAILPOINT_FILE"], os.O_CREAT | os.O_EXCL | os.O_WRONLY)
    except FileExistsError:
        return  # it has struck already
    os.write(handle, str(os.getpid()).encode())
    os.fsync(handle)
    os.close(handle)
    # To this thread: one to the process may be another thread's to take, and this one would run on meanwhile.
    signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)
