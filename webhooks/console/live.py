"""Live: word to open pages of the console that something has changed, by server-sent events; and where one begins.

A stream says which topics have news, nothing else; the page fetches what it shows of them.
"""

import threading
import time
from collections.abc import Iterator

from flask import Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from bot.runtime import Runtime
from bot.service.desk import Desk
from bot.service.entrance import session
from webhooks.console.door import NAV, cookie, needs, new_section
from webhooks.security import runtime

MOST = 56
"""Streams of one process: each holds a thread of it (`bot/cli/run.py`). Pages beyond that look by themselves."""
_SIGN_OF_LIFE = 20.0  # seconds
_GATHER = 0.15  # seconds: what comes in one burst is said once

ALL = "all"
"""Whatever the page shows may have changed."""

section = new_section("live", __name__)
_streams = threading.BoundedSemaphore(MOST)


@section.get("")
@needs()
def home(desk: Desk) -> Answer:
    """The first page that one may see."""
    for one in NAV:
        if one.is_for(desk):
            return redirect(url_for(one.endpoint), 303)
    return redirect(url_for("sign_in.account"), 303)


@section.get("/live")
@needs()
def stream(desk: Desk) -> Response:
    """The stream of a page that is open."""
    if not _streams.acquire(blocking=False):
        abort(503)
    since = request.args.get("since", "")
    answer = Response(_news(runtime(), desk, cookie(), since), mimetype="text/event-stream")
    answer.call_on_close(_streams.release)
    answer.headers["X-Accel-Buffering"] = "no"  # nginx would hold it back
    return answer


def _news(rt: Runtime, desk: Desk, secret: str, since: str) -> Iterator[str]:
    """An event for each burst of news; a comment now and then, as long as the session lasts.

    No stream has said what changed after `since`, the mark at which the page was made: so all of it is news.
    """
    looked = time.monotonic()
    with rt.live.ear(desk.clinic) as ear:
        yield "retry: 3000\n\n"
        if rt.live.mark(desk.clinic) != since:
            yield f"data: {ALL}\n\n"
        while True:
            heard = ear.wait(_SIGN_OF_LIFE)
            if time.monotonic() - looked >= _SIGN_OF_LIFE:
                looked = time.monotonic()
                if session.seat(rt, secret, by_hand=False) is None:
                    yield "event: over\ndata:\n\n"
                    return
            if heard:
                heard |= ear.wait(_GATHER)
                yield f"data: {' '.join(sorted(heard))}\n\n"
            else:
                yield ":\n\n"
