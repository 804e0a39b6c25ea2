"""Signing in: password, then the second factor; a passkey alone; the clinic's own provider. And signing out."""

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from bot.service.desk import Desk
from bot.service.entrance import (
    demo_sign_in,
    invite,
    second_factor,
    session,
    sign_in,
    sign_in_passkey,
    single_sign_on,
    staff_passkey,
)
from bot.service.entrance.sign_in import Refused
from webhooks.console.door import anybody, here, needs, new_section, without_cookie
from webhooks.console.entrance import (
    as_json,
    begin_anew,
    card,
    credential,
    fault_of,
    go_in,
    keep,
    secret,
    visitor,
    wanted_page,
)
from webhooks.security import runtime

section = new_section("sign_in", __name__)
_WRONG = (
    "This address and this password don’t fit together. After ten wrong tries an address has to wait an hour."
)
_WRONG_CODE = "This code is not right, or was used already. Wait for the next one, then try again."
_WRONG_RECOVERY = "This code is not right, or was used already. Each of the ten works once."
_WRONG_KEY = "This passkey did not work here. Try again, or use your password."
_WHY = {
    "gone": "That took too long, or was begun in another window. Please sign in again.",
    "sso": "You could not be signed in by your clinic’s account. Is its address the one that your admin knows? "
    "If it is new here, ask your admin for an invite.",
    "key": _WRONG_KEY,
}
"""What the door says to whom it sent back, by the name that stands in `?why=`."""


@section.get("/sign-in")
@anybody
def door() -> Response:
    """Who is it?"""
    return _door(_WHY.get(request.args.get("why", "")))


@section.post("/sign-in")
@anybody
def by_password() -> Response:
    """E-mail address and password."""
    rt, form = runtime(), request.form
    found = sign_in.with_password(rt, form.get("email", ""), form.get("password", ""), visitor())
    if isinstance(found, Refused):
        return _door(*fault_of(found, _WRONG))
    return keep(redirect(url_for("sign_in.second", next=request.form.get("next")), 303), found)


@section.get("/sign-in/code")
@anybody
def second() -> Response:
    """The second factor."""
    return _second("sign_in_code.html")


@section.post("/sign-in/code")
@anybody
def by_code() -> Response:
    """A code of the app."""
    rt = runtime()
    found = second_factor.with_code(rt, secret(), request.form.get("code", ""), visitor())
    return _in_or(found, "sign_in_code.html", _WRONG_CODE)


@section.get("/sign-in/recovery")
@anybody
def recovery() -> Response:
    """Neither phone nor passkey at hand."""
    return _second("sign_in_recovery.html")


@section.post("/sign-in/recovery")
@anybody
def by_recovery() -> Response:
    """A recovery code."""
    rt = runtime()
    found = second_factor.with_recovery(rt, secret(), request.form.get("code", ""), visitor())
    return _in_or(found, "sign_in_recovery.html", _WRONG_RECOVERY)


@section.post("/sign-in/passkey/options")
@anybody
def key_options() -> Response:
    """What the browser is to ask its passkeys."""
    found = sign_in_passkey.options(runtime(), secret())
    return keep(as_json(found[0]), found[1]) if found else as_json(None)


@section.post("/sign-in/passkey")
@anybody
def by_key() -> Response:
    """The answer of a passkey."""
    rt = runtime()
    found = sign_in_passkey.with_passkey(rt, secret(), credential(), visitor())
    if isinstance(found, Refused):
        if sign_in.ways(rt, secret()) is not None:
            return _in_or(found, "sign_in_code.html", _WRONG_KEY)
        return _door(*fault_of(found, _WHY["gone"] if found is Refused.GONE else _WRONG_KEY))
    return go_in(rt, found)


@section.get("/sign-in/sso")
@anybody
def by_provider() -> Response:
    """To the clinic's own sign-in provider."""
    found = single_sign_on.begin(runtime())
    if found is None:
        return redirect(url_for("sign_in.door", why="sso"), 303)
    return keep(redirect(found[0], 303), found[1])


@section.get(single_sign_on.BACK.removeprefix("/console"))
@anybody
def from_provider() -> Response:
    """Back from there."""
    rt, said = runtime(), request.args
    found = single_sign_on.back(rt, secret(), said.get("state", ""), said.get("code", ""), visitor())
    if isinstance(found, Refused):
        return redirect(url_for("sign_in.door", why="sso"), 303)
    value, owes = found
    return keep(redirect(url_for("sign_in.second"), 303), value) if owes else go_in(rt, value)


@section.get("/sign-in/forgotten")
@anybody
def forgotten() -> Response:
    """The password is forgotten."""
    return card("sign_in_forgotten.html", sent=False)


@section.post("/sign-in/forgotten")
@anybody
def send_link() -> Response:
    """A link goes to who has this address; nothing tells whether anybody has."""
    invite.forgotten(runtime(), request.form.get("email", ""), visitor())
    return card("sign_in_forgotten.html", sent=True)


@section.post("/sign-out")
@needs()
def sign_out(_desk: Desk) -> Response:
    """Leave the desk."""
    session.end(runtime(), here())
    return without_cookie(redirect(url_for("sign_in.door"), 303))


@section.post("/stay")
@needs()
def stay(_desk: Desk) -> tuple[str, int]:
    """Still there: the session goes on."""
    return "", 204


def _door(fault: str | None, status: int = 200) -> Response:
    rt = runtime()
    return card(
        "sign_in.html",
        status,
        fault=fault,
        next=wanted_page(),
        email=request.form.get("email", ""),
        keys=staff_passkey.can_be(rt),
        sso=bool(rt.settings.oidc_issuer),
        people=demo_sign_in.chairs(rt),
        demo_password=demo_sign_in.PASSWORD,
    )


def _second(template: str, fault: str | None = None, status: int = 200) -> Response:
    rt = runtime()
    ways = sign_in.ways(rt, secret())
    if ways is None:
        return begin_anew()
    return card(
        template,
        status,
        ways=ways,
        fault=fault,
        next=wanted_page(),
        demo_code=demo_sign_in.present_code(rt, secret()),
    )


def _in_or(found: str | Refused, template: str, wrong: str) -> Response:
    """In, or the same page with what is wrong."""
    if not isinstance(found, Refused):
        return go_in(runtime(), found)
    return begin_anew() if found is Refused.GONE else _second(template, *fault_of(found, wrong))
