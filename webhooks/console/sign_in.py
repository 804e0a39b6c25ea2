"""The console's section `sign_in`."""

from flask import redirect, url_for
from werkzeug.wrappers import Response

from bot.service import session
from bot.service.desk import Desk
from webhooks.console.door import anybody, here, needs, new_section, page, without_cookie
from webhooks.security import runtime

section = new_section("sign_in", __name__)


@section.get("/sign-in")
@anybody
def door() -> str:
    """To be built."""
    return "sign in"


@section.get("/prove")
@needs(None)
def prove(desk: Desk) -> str:
    """To be built."""
    return page(desk, "empty.html", title="prove")


@section.get("/account")
@needs(None)
def account(desk: Desk) -> str:
    """To be built."""
    return page(desk, "empty.html", title="account")


@section.post("/sign-out")
@needs(None)
def sign_out(_desk: Desk) -> Response:
    """Leave the desk."""
    session.end(runtime(), here())
    return without_cookie(redirect(url_for("sign_in.door"), 303))


@section.post("/stay")
@needs(None)
def stay(_desk: Desk) -> tuple[str, int]:
    """Still there: the session goes on."""
    return "", 204
