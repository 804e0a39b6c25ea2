"""Flows, the simulator: talk to a flow in the browser. The page carries what was typed; the server keeps nothing."""

import json
from datetime import datetime

from flask import request
from werkzeug.wrappers import Response

from bot.core.roles import May
from bot.service.console import simulate
from bot.service.desk import Desk
from webhooks.console.door import needs, new_section, page
from webhooks.security import runtime

section = new_section("simulator", __name__)
WAITS = ("1 hour", "1 day", "3 days")
_MOST_TYPED = 32_000  # characters of the field that carries what was typed


@section.get("/flows/<name>/chat")
@needs(May.FLOWS)
def begin(desk: Desk, name: str) -> str | tuple[str, int]:
    """A talk that has just begun."""
    return _page(desk, name, [])


@section.post("/flows/<name>/chat")
@needs(May.FLOWS)
def go_on(desk: Desk, name: str) -> str | tuple[str, int]:
    """One line more, after all that was typed before; the last line again and again, or starting over."""
    before = _lines(request.form.get("typed", ""))
    line = request.form.get("act") or request.form.get("text", "")
    if line == "over":
        return _page(desk, name, [])
    if line == "undo":
        return _page(desk, name, before[:-1])
    return _page(desk, name, [*before, line] if line.strip() else before)


@section.get("/flows/warm-up")
@needs(May.FLOWS)
def ready(desk: Desk) -> Response:
    """Loads what reads texts while one looks at the page."""
    simulate.warm(runtime(), desk)
    return Response('<p class="small muted" id="ready">Ready for your text.</p>')


def _page(desk: Desk, name: str, lines: list[str]) -> str | tuple[str, int]:
    talk = simulate.talk(
        runtime(),
        desk,
        name,
        lines,
        language=request.form.get("language", "en"),
        start=_moment(request.form.get("start", "")),
        on_draft=request.form.get("on") == "draft",
    )
    shown = page(desk, "flow_chat.html", talk=talk, typed=json.dumps(talk.lines), waits=WAITS)
    return (shown, 422) if talk.fault else shown


def _lines(typed: str) -> list[str]:
    """What was typed before; anything that is no list of lines is nothing."""
    try:
        given = json.loads(typed) if typed and len(typed) <= _MOST_TYPED else []
    except (ValueError, RecursionError):
        return []
    return [line for line in given if isinstance(line, str)] if isinstance(given, list) else []


def _moment(given: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(given)
    except ValueError:
        return None
    return found if found.tzinfo and 2000 <= found.year <= 2100 else None
