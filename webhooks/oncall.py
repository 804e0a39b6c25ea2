"""The on-call page: what the link in every page to staff opens. No PHI is on it.

`GET /oncall` is the same for everybody and knows nothing of the link: its token stands behind the '#', which is never
sent, and the page's script brings it in the body of what it posts. So link previews and prefetches change nothing.
"""

from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit
from uuid import UUID

from flask import Blueprint, Response, abort, jsonify, render_template, request

from bot.errors import NotFound
from bot.gateways.push import Subscription
from bot.runtime import Runtime
from bot.service import board, board_acts, duty
from bot.service.board import Visitor
from bot.service.board_acts import Wanted
from bot.signing import is_feed_key
from webhooks.security import runtime

LARGEST = 8 * 1024
"""Bytes of what the page sends; a push subscription has a few hundred."""
LONGEST = 2048
"""Characters of a push service's address."""

WORKER = Path(__file__).parent / "static" / "oncall-worker.js"

oncall = Blueprint("oncall", __name__, url_prefix="/oncall")


@oncall.get("")
def page() -> str:
    """The page itself; it holds nothing and asks for `state` as soon as it is open."""
    return render_template("oncall/page.html")


@oncall.get("/worker.js")
def worker() -> Response:
    """What shows a push while the page is closed. It may only speak for this page."""
    answer = Response(WORKER.read_bytes(), mimetype="text/javascript")
    answer.headers["Service-Worker-Allowed"] = "/oncall"
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@oncall.post("/state")
def state() -> Response:
    """All that the page shows, or that it is still what the page knows under `known`."""
    content = _content()
    shown = board.state(runtime(), _text(content, "token"), _text(content, "known"))
    if shown is None:
        _over()
    return jsonify(shown)


@oncall.post("/act")
def act() -> Response:
    """Take, end, hand over, let sleep, open again; and who was quicker."""
    rt, content = runtime(), _content()
    who = _visitor(rt, content)
    minutes = content.get("minutes", 0)
    wanted = Wanted(
        act=_text(content, "act"),
        code=_text(content, "code"),
        outcome=_text(content, "outcome"),
        to=_text(content, "to"),
        minutes=minutes if isinstance(minutes, int) else 0,
    )
    try:
        done = board_acts.act(rt, who, wanted)
    except NotFound:
        _refuse(404, "There is no such code here.")
    except ValueError:
        _refuse(400, "This can’t be done.")
    return jsonify(came=done.came, by=done.by)


@oncall.post("/device")
def device() -> tuple[str, int]:
    """This browser takes alerts from now on; for members only."""
    rt, content = runtime(), _content()
    who = _visitor(rt, content)
    keys = content.get("keys")
    given = {"endpoint": content.get("endpoint")} | (keys if isinstance(keys, dict) else {})
    endpoint, p256dh, auth = (_text(given, name) for name in ("endpoint", "p256dh", "auth"))
    if not board_acts.add_device(rt, who, Subscription(endpoint, p256dh, auth)):
        _refuse(400, "This browser can’t be alerted.")
    return "", 204


@oncall.get("/feed/<uuid:member>/<key>.ics")
def feed(member: UUID, key: str) -> Response:
    """A member's shifts, for their calendar. Whoever has the address may read it: it names nobody else's."""
    rt = runtime()
    content = duty.ics(rt, member) if is_feed_key(rt.settings.secrets, member, key) else None
    if content is None:
        abort(404)
    return Response(content, mimetype="text/calendar")


@oncall.before_request
def _guard() -> None:
    """No other site may act here: a form can't set the header, and browsers say where a request is from."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    request.max_content_length = LARGEST
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    own = request.headers.get("X-Requested-With") == "careline" and site == "same-origin"
    origin = request.headers.get("Origin")
    if not own or (origin is not None and _place(origin) != _place(runtime().settings.public_url)):
        _refuse(403, "This address takes requests of its own page only.")


def _place(url: str) -> tuple[str, str | None, int | None]:
    """Scheme, host and port of an address, the usual port written out; of none for what is no address."""
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        return "", None, None


def _content() -> dict[str, object]:
    content = request.get_json(silent=True)
    if not isinstance(content, dict):
        _refuse(400, "Send a JSON object.")
    return content


def _text(content: dict[str, object], name: str) -> str:
    """A short text; '' where there is none. PostgreSQL stores no NUL."""
    value = content.get(name, "")
    if not isinstance(value, str) or len(value) > LONGEST or not value.isascii() or "\x00" in value:
        _refuse(400, "Something in it is not as expected.")
    return value


def _visitor(rt: Runtime, content: dict[str, object]) -> Visitor:
    return board.visitor(rt, _text(content, "token")) or _over()


def _over() -> NoReturn:
    """Expired, made up, or of somebody who has left: the same for all."""
    _refuse(404, "This link is over.")


def _refuse(status: int, message: str) -> NoReturn:
    abort(Response(message, status, mimetype="text/plain"))
