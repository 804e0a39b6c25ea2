"""The shell that a link leads to. It knows nothing of the link: its token stands behind the '#', which is never sent.

The shell is the same for every token, so looking at it tells nothing and changes nothing. Its script takes the token
out of the address bar and sends it in a form once somebody taps.
"""

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as Answer

from bot.core.wording import national
from bot.service import open_page
from webhooks.pages import browser, render
from webhooks.security import runtime

shell = Blueprint("shell", __name__)


@shell.get("/s")
def page() -> str:
    """The shell itself."""
    return render_template("pages/shell.html", **render.both_languages(runtime()))


@shell.post("/s")
def look() -> Answer:
    """A tap on 'open': the token comes in, and an opening begins. A link that is none (any more) says so."""
    rt = runtime()
    browser.require_own_site(rt)
    token = request.form.get("token", "")
    secret = browser.cookie() or browser.new_secret()
    opening = open_page.look(rt, token, secret)
    if opening is None:
        return dead(token)
    return browser.with_cookie(make_response(redirect(f"/s/{opening}", 303)), secret)


@shell.post("/s/again")
def again() -> str:
    """'Send me a new one': to the phone on record, whoever asks; the answer is always the same."""
    rt = runtime()
    browser.require_own_site(rt)
    open_page.ask_again(rt, request.form.get("token", ""))
    return render_template("pages/again.html", **render.both_languages(rt))


def dead(token: str = "") -> Response:
    """The link doesn't open anything: expired, revoked, used up, made up. The same words for all."""
    rt = runtime()
    number = open_page.token_number(rt, token)
    content = render_template(
        "pages/dead.html",
        token=token if number else "",
        clinic_phone=national(number) if number else "",
        **render.both_languages(rt),
    )
    return make_response(content, 404)
