"""What the pages before the session share: the cookie of a sign-in under way, who stands there, and going in."""

import json
import re
from collections.abc import Mapping
from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from bot.runtime import Runtime
from bot.service.entrance import session
from bot.service.entrance.sign_in import Refused
from bot.service.entrance.tries import Visitor
from webhooks.console.door import cookie, next_page, with_cookie
from webhooks.pages.browser import network

COOKIE = "__Host-sign-in"
LARGEST = 16 * 1024
"""Bytes of a form at the door: what an authenticator makes has one or two thousand."""
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)  # what the service makes
_BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    *(("Windows", "Windows"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android")),
    *(("Mac OS", "Mac"), ("CrOS", "ChromeOS"), ("Linux", "Linux")),
)
TOO_MANY = "Too many wrong tries came from where you are. In an hour they count no more."


def secret() -> str:
    """The browser's secret of a sign-in that is under way, '' where it has none of the kind that we make."""
    try:
        value = request.cookies.get(COOKIE, "")
    except UnicodeDecodeError:  # bytes that are no text
        return ""
    return value if _SECRET.fullmatch(value) else ""


def keep(answer: Answer, value: str) -> Answer:
    """The browser gets this secret; it comes along when a sign-in provider sends the browser back, so Lax."""
    answer.set_cookie(COOKIE, value, secure=True, httponly=True, samesite="Lax", path="/")
    return answer


def visitor() -> Visitor:
    """Who stands at the door."""
    return Visitor(network=network(), browser=browser())


def browser() -> str:
    """'Chrome on Windows', for the list of one's own sessions; a few known words of what the browser says."""
    said = request.user_agent.string
    which = next((name for mark, name in _BROWSERS if mark in said), "A browser")
    system = next((name for mark, name in _SYSTEMS if mark in said), None)
    return f"{which} on {system}" if system else which


def card(template: str, status: int = 200, **values: Any) -> Answer:
    """A page of the entrance."""
    return make_response(render_template(f"console/{template}", **values), status)


def wanted_page() -> str:
    """Where they wanted to go, from the address or the form."""
    return next_page(request.form.get("next") or request.args.get("next"))


def go_in(rt: Runtime, value: str, answer: Answer | None = None) -> Answer:
    """They are in: a new secret, whatever this browser had before; that session is over."""
    before = session.seat(rt, cookie(), by_hand=False) if cookie() else None
    if before:
        session.end(rt, before)
    answer = with_cookie(answer or redirect(wanted_page(), 303), value)
    answer.delete_cookie(COOKIE, secure=True, httponly=True, samesite="Lax", path="/")
    return answer


def begin_anew() -> Answer:
    """Nothing is under way here any more."""
    return redirect(url_for("sign_in.door", why="gone"), 303)


def fault_of(refused: Refused, wrong: str) -> tuple[str, int]:
    """What is said of it, and the status; `wrong` is the sentence for what did not fit."""
    return (TOO_MANY, 429) if refused is Refused.NETWORK else (wrong, 422)


def credential() -> Mapping[str, object]:
    """What an authenticator made, as the page's script put it into its form; {} for what is none."""
    request.max_content_length = LARGEST
    try:
        given = json.loads(request.form.get("credential", ""))
    except (ValueError, RecursionError):
        return {}
    return given if isinstance(given, dict) else {}


def as_json(wanted: str | None) -> Response:
    """Options for an authenticator; 409 where there is nothing to ask."""
    answer = make_response(wanted or "{}", 409 if wanted is None else 200)
    answer.mimetype = "application/json"
    return answer
