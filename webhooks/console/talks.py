"""The console's conversations: what was said on a phone, and answering it by hand."""

import re
from uuid import UUID

from flask import Response, current_app, make_response, render_template, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as Answer

from bot.core.roles import May
from bot.errors import EmptyText, HoldsPhi, PhoneOptedOut, TextTooLong
from bot.gateways.live import talk as topic
from bot.service import correspond
from bot.service.console import presence, talk_by_hand, talk_send, timeline
from bot.service.desk import Desk
from webhooks.console.door import BY_ITSELF, SAID, needs, new_section, next_page, once, page
from webhooks.security import runtime

section = new_section("talks", __name__)

SMS, SECURE = "sms", "secure"
SAID |= {
    "written": "Sent. You have the conversation now.",
    "secure_written": "The secure message is there; a text tells the patient.",
    "taken_over": "You have the conversation now. The bot says nothing until you give it back.",
    "given_back": "The bot goes on with the conversation.",
    "wrong_number": "Nothing is texted to this phone any more. A task asks for the right number.",
}
_REGION = re.compile("#[a-z0-9-]+")
FOUND = {
    "patient_data": "This says what a text may not: a last name, a provider, the kind of a visit, or an answer.",
    "birth_date": "This speaks of a birth date: a text may not.",
    "social_security_number": "This looks like a Social Security number: a text may not hold one.",
    "record_number": "This looks like a record number: a text may not hold one.",
    "card_number": "This looks like a card number: a text may not hold one.",
}
"""What is said of words that a text may not hold, by what the guard found."""


@section.app_template_global()
def known(endpoint: str) -> bool:
    """Whether the console has this page."""
    return endpoint in current_app.view_functions


@section.get("/talks/<uuid:talk>")
@needs(May.PATIENTS)
def shown(desk: Desk, talk: UUID) -> str:
    """One conversation. The regions of other pages fetch themselves from here."""
    return _page(desk, talk, audited=BY_ITSELF not in request.headers)


@section.post("/talks/<uuid:talk>/look")
@needs(May.REPLY)
def look(desk: Desk, talk: UUID) -> str:
    """While somebody types: what would become of the words."""
    body, rt = request.form.get("body", ""), runtime()
    checked = talk_by_hand.look(rt, desk, talk, body)
    return render_template(
        "console/talk_look.html",
        talk=talk,
        body=body.strip(),
        secure=_mode() == SECURE,
        left=correspond.LONGEST - len(body),
        checked=checked,
        found=FOUND.get(checked.found or "", FOUND["patient_data"]) if checked.found else "",
    )


@section.post("/talks/<uuid:talk>/writing")
@needs(May.REPLY)
def writing(desk: Desk, talk: UUID) -> tuple[str, int]:
    """Somebody is typing: the others see it."""
    presence.writes(runtime(), desk, talk)
    return "", 204


@section.post("/talks/<uuid:talk>/write")
@needs(May.REPLY)
def write(desk: Desk, talk: UUID) -> Answer:
    """A text, or a secure message."""
    rt, body = runtime(), request.form.get("body", "")
    try:
        if _mode() == SECURE:
            patient = presence.person(rt, desk, talk, request.form.get("patient"))
            talk_send.write_secure(rt, desk, patient, body)
            return _back(talk, "secure_written")
        talk_by_hand.write(rt, desk, talk, body, once=once())
    except HoldsPhi as error:
        return _wrong(desk, talk, body, FOUND.get(error.found, FOUND["patient_data"]))
    except (EmptyText, TextTooLong, PhoneOptedOut) as error:
        return _wrong(desk, talk, body, str(error))
    rt.live.tell(desk.clinic, topic(talk))
    return _back(talk, "written")


@section.post("/talks/<uuid:talk>/take-over")
@needs(May.REPLY)
def take_over(desk: Desk, talk: UUID) -> Answer:
    """The bot leaves the patient's texts to whoever this is."""
    talk_by_hand.take_over(runtime(), desk, talk)
    return _back(talk, "taken_over")


@section.post("/talks/<uuid:talk>/give-back")
@needs(May.REPLY)
def give_back(desk: Desk, talk: UUID) -> Answer:
    """The bot goes on."""
    talk_by_hand.give_back(runtime(), desk, talk)
    return _back(talk, "given_back")


@section.post("/talks/<uuid:talk>/wrong-number")
@needs(May.CONTACTS)
def wrong_number(desk: Desk, talk: UUID) -> Answer:
    """The phone is somebody else's."""
    talk_by_hand.wrong_number(runtime(), desk, talk)
    return _back(talk, "wrong_number")


def _page(desk: Desk, talk: UUID, *, audited: bool, **values: object) -> str:
    found = timeline.talk(runtime(), desk, talk, audited=audited)
    return page(desk, "talk_page.html", talk=found, **values)


def _mode() -> str:
    """The button that was pressed goes before the choice above it: it stands behind it in the form."""
    return (request.form.getlist("mode") or [SMS])[-1]


def _wrong(desk: Desk, talk: UUID, body: str, fault: str) -> Response:
    """The same page with what is wrong with the words, which are still there; whatever part of a page asked."""
    form, region = request.form, request.form.get("region", "")
    values = {"fault": fault, "body": body, "mode": _mode(), "back": form.get("next")}
    html = _page(desk, talk, audited=False, region=region if _REGION.fullmatch(region) else "", **values)
    answer = make_response(html, 422)
    answer.headers["HX-Reswap"] = "none"  # but for the form itself, which `hx-select-oob` takes out of it
    return answer


def _back(talk: UUID, said: str) -> Answer:
    """To the page where the form stood."""
    wanted = request.form.get("next") or f"/console/talks/{talk}"
    path = next_page(wanted).partition("?")[0]
    return redirect(f"{path}?said={said}", 303)
