"""The door of the console: who may come in by which address. Every view says what it needs, or the app does not start.

    @section.post("/items/<uuid:item>")
    @needs(May.INBOX)
    def act(desk: Desk, item: UUID) -> Response: ...

A view gets the desk first. A request that changes something must come from our own page and carry the session's token.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, NoReturn
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from flask import Blueprint, Flask, abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from bot.core.roles import May, Sees
from bot.runtime import Runtime
from bot.service.desk import Desk
from bot.service.entrance import session
from bot.service.entrance.session import Seat
from bot.signing import console_token, is_console_token
from webhooks.security import runtime

COOKIE = "__Host-console"
PREFIX = "/console"
View = Callable[..., Any]
BY_ITSELF = "X-Live"
"""The header of what the page fetches by itself: it keeps nobody signed in."""
_OPEN = "anybody"


@dataclass(frozen=True, slots=True)
class Section:
    """An entry of the top bar, for whoever may do one of `rights`, but not `unless` they have this one too.

    `paths`: where else than at its own address one is in this section.
    """

    label: str
    endpoint: str
    rights: tuple[May, ...]
    paths: tuple[str, ...] = ()
    unless: May | None = None

    def is_for(self, desk: Desk) -> bool:
        """Whether whoever sits there sees it."""
        return any(map(desk.may, self.rights)) and not (self.unless and desk.may(self.unless))


NAV = (
    Section("Inbox", "inbox.listed", (May.INBOX,), ("/console/items", "/console/escalations")),
    Section("Patients", "patients.find", (May.PATIENTS,)),
    Section("Day", "day.shown", (May.DAY,)),
    Section("Flows", "flows.listed", (May.FLOWS,)),
    Section("Broadcasts", "broadcasts.listed", (May.BROADCAST, May.APPROVE)),
    Section("On call", "admin.oncall", (May.ROSTERS,), unless=May.CLINIC),
    Section("Exports", "admin.exports", (May.EXPORT,), unless=May.CLINIC),
    Section("Admin", "admin.overview", (May.CLINIC,)),
    Section("Audit", "admin.trail", (May.AUDIT,)),
)


SAID: dict[str, str] = {}
"""What a page says after something was done, by the name that stands in `?said=`. Each section adds its own."""


def new_section(name: str, module: str) -> Blueprint:
    """A section of the console."""
    return Blueprint(name, module, url_prefix=PREFIX)


def needs(*any_of: May, proof: bool = False) -> Callable[[View], View]:
    """The view is for those whose role may do one of these; none: for everybody who is signed in.

    With `proof` they must have shown who they are within the last minutes, or are asked to once more.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(**values: Any) -> Any:
            rt = runtime()
            at = _seat(rt)
            if request.method == "POST":
                _own_form(rt, at)
            if any_of:
                at.desk.require(*any_of)
            if proof and not at.proven:
                return _away(url_for("sign_in.prove", next=_back()))
            return view(at.desk, **values)

        guarded.needs = any_of  # type: ignore[attr-defined]
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
    there = {url_for(one.endpoint): one for one in NAV if one.is_for(desk)}
    within = (href for href, one in there.items() if request.path.startswith((href, *one.paths)))
    return render_template(
        f"console/{template}",
        desk=desk,
        May=May,
        Sees=Sees,
        seat=at,
        one_time=uuid4,
        csrf=console_token(rt.settings.secrets, at.session),
        nav=[(href, one.label) for href, one in there.items()],
        here=max(within, key=len, default=None),
        home=url_for("live.home"),
        mark=g.mark,
        now=rt.now(),
        said=SAID.get(request.args.get("said", "")),
        **values,
    )


def once() -> UUID | None:
    """What names this form, as it was shown once (`one_time()` in the template): a second press of the button carries
    the same."""
    try:
        return UUID(request.form.get("once", ""))
    except ValueError:
        return None


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
    origin = request.headers.get("Origin")
    if origin is not None and origin != rt.settings.console_origin:
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
    g.mark = rt.live.mark(
        found.desk.clinic
    )  # before the page reads what it shows: what comes later is news to it
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
