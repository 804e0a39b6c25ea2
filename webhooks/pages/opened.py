"""An opened page: the second factor first, then what the link is for, until somebody is done or nobody is there.

Every POST carries the proof that our own page sent it; every answer is `no-store`.
"""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from flask import Blueprint, Response, abort, jsonify, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as Answer

from bot.core.views import View, is_refusal
from bot.errors import BadPin
from bot.service import open_page, show_page, submit_page, use_passkey
from bot.service.open_page import Closed, Given, Opened, Submission
from bot.service.show_page import Shown
from webhooks.pages import browser, render
from webhooks.pages.shell import dead
from webhooks.security import runtime

LARGEST = 34 * 1024 * 1024
"""Bytes of a form with photos: three of the largest, and some words."""
MOST_FIELDS = 200

opened = Blueprint("opened", __name__, url_prefix="/s/<uuid:opening>")


@opened.get("")
def page(opening: UUID) -> Answer:
    """What there is to see: the question for the second factor, a PIN to be chosen, or the page itself."""
    found = show_page.page(runtime(), opening, browser.cookie())
    if isinstance(found, Closed):
        return closed(found)
    if isinstance(found, Shown):
        return _shown(found.opened, found.view, offers_passkey=found.offers_passkey)
    return _pin(found) if found.unlocked else _factor(found)


@opened.post("")
def submit(opening: UUID) -> Answer:
    """The page's own form comes in."""
    rt = runtime()
    browser.require_own_site(rt)
    if not open_page.knows(rt, opening, browser.cookie()):  # nothing of what a stranger sends is read
        abort(403)
    if request.mimetype == "multipart/form-data":  # another form has no files, and would be read whole
        request.max_content_length = LARGEST
    request.max_form_parts = MOST_FIELDS
    browser.require_own_form(rt, opening)
    photos = {
        name: tuple(file.stream.read() for file in files if file.filename)
        for name, files in request.files.lists()
    }
    given = Submission(fields=request.form.to_dict(), photos=photos)
    outcome = submit_page.submit(rt, opening, browser.cookie(), given)
    if isinstance(outcome, Closed):
        return closed(outcome)
    found, view = outcome
    if view is None:
        return redirect(f"/s/{opening}", 303)
    answer = _shown(found, view, offers_passkey=use_passkey.can_make(rt, found))
    answer.status_code = 422 if is_refusal(view) else 200
    return answer


@opened.post("/unlock")
def unlock(opening: UUID) -> Answer:
    """The second factor. Wrong, locked, too often: the same words."""
    rt = runtime()
    browser.require_own_form(rt, opening)
    form = request.form
    given = Given(
        born=_date(form), first_name=form.get("first_name", "")[:100], pin=form.get("pin", "").strip()
    )
    outcome = open_page.unlock(rt, opening, browser.cookie(), given, browser.network())
    if isinstance(outcome, Closed):
        return closed(outcome)
    if outcome:
        return redirect(f"/s/{opening}", 303)
    found = open_page.resume(rt, opening, browser.cookie())
    return closed(found) if isinstance(found, Closed) else _factor(found, fault=True)


@opened.post("/pin")
def choose_pin(opening: UUID) -> Answer:
    """A PIN of one's own, typed twice."""
    rt = runtime()
    browser.require_own_form(rt, opening)
    pin, again = (request.form.get(name, "").strip() for name in ("pin", "again"))
    fault = ""
    try:
        if pin == again:
            outcome = open_page.choose_pin(rt, opening, browser.cookie(), pin)
            return closed(outcome) if isinstance(outcome, Closed) else redirect(f"/s/{opening}", 303)
        fault = "differs"
    except BadPin as error:
        fault = error.fault
    found = open_page.resume(rt, opening, browser.cookie())
    return closed(found) if isinstance(found, Closed) else _pin(found, fault=fault)


@opened.post("/done")
def done(opening: UUID) -> Answer:
    """'I'm done': nothing stays open in this browser."""
    browser.require_own_form(runtime(), opening)
    open_page.done(runtime(), browser.cookie())
    return browser.without_cookie(closed(Closed.DONE))


@opened.post("/wrong-person")
def wrong_person(opening: UUID) -> Answer:
    """'This is not for me': no link to this phone works from now on."""
    rt = runtime()
    browser.require_own_form(rt, opening)
    open_page.wrong_person(rt, opening, browser.cookie())
    content = render_template("pages/moved_on.html", **render.both_languages(rt))
    return browser.without_cookie(make_response(content))


@opened.post("/stay")
def stay(opening: UUID) -> Answer:
    """Somebody is still there: how many seconds the page stays open now."""
    browser.require_own_form(runtime(), opening)
    found = open_page.resume(runtime(), opening, browser.cookie())
    if isinstance(found, Closed):
        abort(410)
    return jsonify(seconds=show_page.frame(found).idle_seconds)


def closed(why: Closed) -> Response:
    """Nothing to see here (any more)."""
    if why in (Closed.DEAD, Closed.UNKNOWN):
        return dead()
    content = render_template(
        "pages/closed.html", timed_out=why is Closed.TIMED_OUT, **render.both_languages(runtime())
    )
    return make_response(content, 410 if request.method == "GET" else 200)


def _factor(found: Opened, *, fault: bool = False) -> Response:
    content = render.own(
        runtime(),
        "factor",
        found,
        frame=None,
        factor=str(found.factor),
        with_name=found.with_name,
        fault=fault,
        passkey=use_passkey.opens(runtime(), found),
    )
    return make_response(content, 422 if fault else 200)


def _pin(found: Opened, fault: str = "") -> Response:
    content = render.own(runtime(), "pin", found, frame=show_page.frame(found), fault=fault)
    return make_response(content, 422 if fault else 200)


def _shown(found: Opened, view: View, *, offers_passkey: bool) -> Response:
    frame = show_page.frame(found)
    return make_response(render.view(runtime(), found, frame, view, offers_passkey=offers_passkey))


def _date(form: Mapping[str, str]) -> date | None:
    """The date that was typed, or None where it is none."""
    typed = [form.get(name, "").strip() for name in ("year", "month", "day")]
    if not all(part.isascii() and part.isdigit() and len(part) <= len("2026") for part in typed):
        return None
    try:
        return date(*(int(part) for part in typed))
    except ValueError:
        return None
