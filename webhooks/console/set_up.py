"""Setting up a login by an admin's link: the password, the second factor, the recovery codes. And a new password."""

from collections.abc import Callable

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from bot.errors import BadPassword
from bot.service.entrance import demo_sign_in, set_up, staff_passkey, totp
from bot.service.entrance.set_up import Done, Standing
from bot.service.entrance.sign_in import Refused
from webhooks.console.door import anybody, new_section
from webhooks.console.entrance import as_json, begin_anew, card, credential, go_in, keep, secret, visitor
from webhooks.security import runtime

section = new_section("set_up", __name__)
FAULTS = {
    "short": "Please take at least 8 characters.",
    "long": "Please take at most 128 characters.",
    "common": "Too many people would guess this one. Three or four words in a row are good.",
}
"""What is said of a password that can't be taken, by the fault of BadPassword."""
WRONG_CODE = "This is not what the app should show now. Wait for the next code, then try again."
_WRONG_KEY = "No passkey was made. Try again, or use an app."


@section.get("/sign-in/link")
@anybody
def landing() -> Response:
    """The link from an e-mail: its token stands behind the #, so that looking changes nothing."""
    return card("sign_in_link.html", fault=None)


@section.post("/sign-in/link")
@anybody
def take() -> Response:
    """The token."""
    given = request.form.get("token", "").strip().rpartition("#")[2]
    found = set_up.open_link(runtime(), given, visitor())
    if found is None:
        return card("sign_in_link.html", 422, fault=True)
    return keep(redirect(url_for("set_up.password"), 303), found)


@section.get("/sign-in/password")
@anybody
def password() -> Response:
    """Which password it is to be."""
    return _at(lambda standing: card("sign_in_password.html", standing=standing, fault=None))


@section.post("/sign-in/password")
@anybody
def choose() -> Response:
    """This one."""
    rt = runtime()
    try:
        next_step = set_up.choose_password(rt, secret(), request.form.get("password", ""))
    except BadPassword as bad:
        fault = FAULTS[bad.fault]
        return _at(lambda standing: card("sign_in_password.html", 422, standing=standing, fault=fault))
    if next_step is None:
        return begin_anew()
    return redirect(url_for("set_up.factor" if next_step == "factor" else "sign_in.second"), 303)


@section.get("/sign-in/factor")
@anybody
def factor() -> Response:
    """The second factor: an app, or a passkey."""
    return _factor()


@section.post("/sign-in/factor")
@anybody
def by_app() -> Response:
    """The app shows this code."""
    found = set_up.confirm_app(runtime(), secret(), request.form.get("code", ""), visitor())
    return _done(found, WRONG_CODE)


@section.post("/sign-in/factor/options")
@anybody
def key_options() -> Response:
    """What the browser is to ask for a passkey."""
    return as_json(set_up.passkey_options(runtime(), secret()))


@section.post("/sign-in/factor/passkey")
@anybody
def by_key() -> Response:
    """The browser has made one."""
    return _done(set_up.confirm_passkey(runtime(), secret(), credential(), visitor()), _WRONG_KEY)


def _factor(fault: str | None = None, status: int = 200) -> Response:
    rt = runtime()

    def show(standing: Standing) -> Response:
        if standing.secret is None:
            return redirect(url_for("set_up.password"), 303)
        return card(
            "sign_in_factor.html",
            status,
            picture=totp.picture(standing.secret, standing.email),
            key=totp.grouped(standing.secret),
            keys=staff_passkey.can_be(rt),
            fault=fault,
            demo_code=demo_sign_in.present_code(rt, secret()),
        )

    return _at(show)


def _done(found: Done | Refused, wrong: str) -> Response:
    """In, with the ten codes on the page; or the same page with what is wrong."""
    if isinstance(found, Done):
        return go_in(runtime(), found.session, card("sign_in_codes.html", codes=found.codes, first=True))
    return begin_anew() if found is Refused.GONE else _factor(wrong, 422)


def _at(show: Callable[[Standing], Response]) -> Response:
    """The page of how far they have come."""
    standing = set_up.standing(runtime(), secret())
    return begin_anew() if standing is None else show(standing)
