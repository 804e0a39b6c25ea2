"""One's own account: what one signs in by, where one is signed in; and showing once more who one is."""

from uuid import UUID

from flask import redirect, request
from werkzeug.wrappers import Response

from bot.errors import BadPassword, NotFound
from bot.service.desk import Desk
from bot.service.entrance import own_login, prove, session, totp
from bot.service.entrance.sign_in import Refused
from webhooks.console.door import SAID, done, here, needs, page, with_cookie
from webhooks.console.entrance import as_json, browser, card, credential, fault_of, visitor, wanted_page
from webhooks.console.set_up import FAULTS, WRONG_CODE
from webhooks.console.sign_in import section
from webhooks.security import runtime

SAID |= {
    "password_changed": "Your password is changed. Everywhere else you are signed out.",
    "app_changed": "The new app counts from now on. Everywhere else you are signed out.",
    "key_made": "The passkey is ready. Everywhere else you are signed out.",
    "key_gone": "The passkey signs nobody in any more.",
    "key_alone": "This is your only second factor. Set up an app or another passkey first.",
    "signed_out_there": "Signed out there.",
    "signed_out_elsewhere": "You are signed out everywhere else.",
}
Page = str | tuple[str, int] | Response
_WRONG = "That was not right. Try again, or take another way."


@section.get("/prove", endpoint="prove")
@needs()
def prove_it(desk: Desk) -> Page:
    """Is it still you?"""
    return _prove(desk)


@section.post("/prove")
@needs()
def proven(desk: Desk) -> Page:
    """By password, app or passkey."""
    rt, at, form = runtime(), here(), request.form
    if form.get("credential"):
        found = prove.by_passkey(rt, at, credential(), visitor())
    elif form.get("code", "").strip():
        found = prove.by_code(rt, at, form["code"], visitor())
    else:
        found = prove.by_password(rt, at, form.get("password", ""), visitor())
    if isinstance(found, Refused):
        return _prove(desk, *fault_of(found, _WRONG))
    return with_cookie(redirect(wanted_page(), 303), found)


@section.post("/prove/options")
@needs()
def prove_options(_desk: Desk) -> Response:
    """What the browser is to ask one's passkeys."""
    return as_json(prove.options(runtime(), here()))


@section.get("/account")
@needs()
def account(desk: Desk) -> str:
    """One's own account."""
    return page(desk, "account.html", own=own_login.look(runtime(), here()))


@section.get("/account/password")
@needs(proof=True)
def password(desk: Desk) -> str:
    """Another password."""
    return page(desk, "account_password.html", fault=None, email=own_login.look(runtime(), here()).email)


@section.post("/account/password")
@needs(proof=True)
def change_password(desk: Desk) -> Page:
    """This one."""
    rt, at = runtime(), here()
    try:
        own_login.change_password(rt, at, request.form.get("password", ""))
    except BadPassword as bad:
        email = own_login.look(rt, at).email
        return page(desk, "account_password.html", fault=FAULTS[bad.fault], email=email), 422
    except NotFound:
        return done("sign_in.account")
    return done("sign_in.account", said="password_changed")


@section.get("/account/app")
@needs(proof=True)
def app(desk: Desk) -> str:
    """Another authenticator app."""
    return _app(desk)


@section.post("/account/app")
@needs(proof=True)
def change_app(desk: Desk) -> Page:
    """It shows this code."""
    if not own_login.confirm_app(runtime(), here(), request.form.get("code", "")):
        return _app(desk, WRONG_CODE), 422
    return done("sign_in.account", said="app_changed")


@section.get("/account/passkey")
@needs(proof=True)
def key(desk: Desk) -> str:
    """A passkey on this device."""
    return page(desk, "account_passkey.html", fault=None)


@section.post("/account/passkey/options")
@needs(proof=True)
def new_key_options(_desk: Desk) -> Response:
    """What the browser is to ask for a new one."""
    return as_json(own_login.key_options(runtime(), here()))


@section.post("/account/passkey")
@needs(proof=True)
def add_key(desk: Desk) -> Page:
    """The browser has made one."""
    if not own_login.add_key(runtime(), here(), credential(), browser()):
        return page(desk, "account_passkey.html", fault="No passkey was made. Try again."), 422
    return done("sign_in.account", said="key_made")


@section.post("/account/passkey/remove")
@needs(proof=True)
def drop_key(_desk: Desk) -> Response:
    """It shall sign in nobody any more."""
    try:
        gone = own_login.drop_key(runtime(), here(), _id("passkey"))
    except NotFound:
        return done("sign_in.account")
    return done("sign_in.account", said="key_gone" if gone else "key_alone")


@section.get("/account/codes")
@needs(proof=True)
def codes(desk: Desk) -> str:
    """Ten other recovery codes?"""
    return page(desk, "account_codes.html")


@section.post("/account/codes")
@needs(proof=True)
def new_codes(_desk: Desk) -> Response:
    """Yes: shown this once."""
    return card("sign_in_codes.html", codes=own_login.new_codes(runtime(), here()), first=False)


@section.post("/account/sessions/end")
@needs()
def end_session(_desk: Desk) -> Response:
    """Sign out in another browser."""
    try:
        own_login.end_session(runtime(), here(), _id("session"))
    except NotFound:
        return done("sign_in.account")
    return done("sign_in.account", said="signed_out_there")


@section.post("/account/sessions/end-all")
@needs()
def end_sessions(_desk: Desk) -> Response:
    """Sign out everywhere else."""
    session.end_everywhere(runtime(), here())
    return done("sign_in.account", said="signed_out_elsewhere")


def _prove(desk: Desk, fault: str | None = None, status: int = 200) -> Page:
    own = own_login.look(runtime(), here())
    return page(desk, "prove.html", own=own, fault=fault, next=wanted_page()), status


def _app(desk: Desk, fault: str | None = None) -> str:
    rt, at = runtime(), here()
    offered = own_login.offer_app(rt, at)
    email = own_login.look(rt, at).email
    shown = {"picture": totp.picture(offered, email), "key": totp.grouped(offered)}
    demo = totp.present(rt, offered) if rt.settings.demo else None
    return page(desk, "account_app.html", **shown, fault=fault, demo_code=demo)


def _id(name: str) -> UUID:
    """An id that the form brings; raises NotFound for what is none."""
    try:
        return UUID(request.form.get(name, ""))
    except ValueError:
        raise NotFound from None
