"""The door of the console: who may come in by which address. Every view says what it needs, or the app does not start.

    @section.post("/items/<uuid:item>")
    @needs(May.INBOX)
    def act(desk: Desk, item: UUID) -> Response: ...

A view gets the desk first. A request that changes something must come from our own page and carry the session's token.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn
from urllib.parse import urlsplit

from flask import Blueprint, Flask, abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from bot.core.roles import May, Sees
from bot.runtime import Runtime
from bot.service import session
from bot.service.desk import Desk
from bot.service.session import Seat
from bot.signing import console_token, is_console_token
from webhooks.security import runtime

COOKIE = "__Host-console"
PREFIX = "/console"
View = Callable[..., Any]
BY_ITSELF = "X-Live"
"""The header of what the page fetches by itself: it keeps nobody signed in."""
_OPEN = "anybody"

NAV = (
    ("Inbox", "inbox.listed", May.INBOX),
    ("Patients", "patients.find", May.PATIENTS),
    ("Day", "day.shown", May.DAY),
    ("Flows", "flows.listed", May.FLOWS),
    ("Broadcasts", "broadcasts.listed", May.BROADCAST),
    ("Admin", "admin.overview", May.CLINIC),
    ("Audit", "admin.trail", May.AUDIT),
)
"""The sections of the top bar: label, endpoint, and what one must be allowed to see it."""


SAID: dict[str, str] = {}
"""What a page says after something was done, by the name that stands in `?said=`. Each section adds its own."""


def new_section(name: str, module: str) -> Blueprint:
    """A section of the console."""
    return Blueprint(name, module, url_prefix=PREFIX)


def needs(may: May | None, *, proof: bool = False) -> Callable[[View], View]:
    """The view is for those whose role may do this; None: for everybody who is signed in.

    With `proof` they must have shown who they are within the last minutes, or are asked to once more.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(**values: Any) -> Any:
            rt = runtime()
            at = _seat(rt)
            if request.method == "POST":
                _own_form(rt, at)
            if may is not None:
                at.desk.require(may)
            if proof and not at.proven:
                return _away(url_for("sign_in.prove", next=_back()))
            return view(at.desk, **values)

        guarded.needs = may  # type: ignore[attr-defined]
        return guarded

    return decorate


def anybody(view: View) -> View:
    """The view is for who is not signed in: signing in itself. Our own pages only may post to it."""

    @wraps(view)
    def guarded(**values: Any) -> Any:
        if request.method == "POST":
            own_site(runtime())
        return view(**values)

    guarded.needs = _OPEN  # type: ignore[attr-defined]
    return guarded


def check(app: Flask) -> None:
    """No address of the console without a word on whom it is for."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(PREFIX) and not hasattr(app.view_functions[rule.endpoint], "needs"):
            raise AssertionError(
                f"{rule.rule}: its view says nothing of whom it is for (webhooks/console/door)"
            )


def here() -> Seat:
    """The seat of this request; only views behind `needs` ask."""
    seat: Seat = g.seat
    return seat


def page(desk: Desk, template: str, **values: Any) -> str:
    """A page of the console, with what all of them show."""
    rt, at = runtime(), here()
    nav = [(url_for(endpoint), label) for label, endpoint, may in NAV if desk.may(may)]
    current = next((href for href, _ in nav if request.path.startswith(href)), None)
    return render_template(
        f"console/{template}",
        desk=desk,
        May=May,
        Sees=Sees,
        seat=at,
        csrf=console_token(rt.settings.secrets, at.session),
        nav=nav,
        here=current,
        home=url_for("live.home"),
        now=rt.now(),
        said=SAID.get(request.args.get("said", "")),
        **values,
    )


def done(endpoint: str, **values: Any) -> Response:
    """Go on to this page after a form was taken."""
    return redirect(url_for(endpoint, **values), 303)


def with_cookie(response: Response, secret: str) -> Response:
    """The browser gets its secret: until it is closed, or signed out."""
    response.set_cookie(COOKIE, secret, secure=True, httponly=True, samesite="Lax", path="/")
    return response


def without_cookie(response: Response) -> Response:
    """Take it away, and what the browser has kept of our pages."""
    response.delete_cookie(COOKIE, secure=True, httponly=True, samesite="Lax", path="/")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def cookie() -> str:
    """The browser's secret, '' where it has none."""
    return request.cookies.get(COOKIE, "")


def own_site(rt: Runtime) -> None:
    """Refuse what another site has sent."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        abort(403)
    origin, ours = request.headers.get("Origin"), urlsplit(rt.settings.public_url)
    if origin is not None and urlsplit(origin)[:2] != ours[:2]:
        abort(403)


def next_page(wanted: str | None) -> str:
    """Where to go after signing in: a page of the console, whatever the address says."""
    parts = urlsplit(wanted or "")
    fits = wanted and not parts.scheme and not parts.netloc and parts.path.startswith(f"{PREFIX}/")
    return wanted if fits and wanted and "\\" not in wanted and "//" not in wanted else url_for("live.home")


def _seat(rt: Runtime) -> Seat:
    found = session.seat(rt, cookie(), by_hand=BY_ITSELF not in request.headers) if cookie() else None
    if found is None:
        _sign_in()
    g.seat = found
    return found


def _own_form(rt: Runtime, at: Seat) -> None:
    own_site(rt)
    token = request.form.get("csrf") or request.headers.get("X-CSRF", "")
    if not is_console_token(rt.settings.secrets, at.session, token):
        abort(403)


def _sign_in() -> NoReturn:
    """To the door, and back here afterwards."""
    abort(_away(url_for("sign_in.door", next=_back())))


def _back() -> str:
    """The page that one comes back to: where a form stood, for what was posted."""
    path = request.path
    if request.method == "POST":
        path = urlsplit(request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")).path
    return path if path.startswith(f"{PREFIX}/") else PREFIX


def _away(address: str) -> Response:
    """Another page, whole: HTMX is told so, or it would put the page into a part of this one."""
    if "HX-Request" in request.headers:
        answer = Response("", 401 if BY_ITSELF in request.headers else 200)
        answer.headers["HX-Redirect"] = address
        return answer
    return redirect(address, 303)
