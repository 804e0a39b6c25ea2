"""The demo's phone simulator: be a patient or on call, move the clock, see what the service did.

Registered by the demo only; elsewhere these addresses do not exist.
"""

from typing import NoReturn
from uuid import UUID

from flask import Blueprint, Response, abort, current_app, jsonify, render_template, request

from bot.errors import NotFound
from bot.runtime import Runtime
from bot.service import demo, demo_events, show

LONGEST_TEXT = 1600  # characters; Twilio refuses a longer body (error 21617)
STEPS = frozenset({"minutes", "hour", "day", "next", "climb"})

phone = Blueprint("phone", __name__, url_prefix="/phone")


@phone.get("")
def simulator() -> str:
    """The page itself; it holds no data and asks for `state` as soon as it is open."""
    return render_template("phone.html")


@phone.get("/state")
def state() -> Response:
    """All that the page shows, for one patient or, without `patient`, for the demo's first one."""
    given = request.args.get("patient", "")
    answer = jsonify(show.phone_state(_runtime(), _patient_id(given) if given else None))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@phone.post("/text")
def text() -> tuple[str, int]:
    """A text leaves the patient's phone; it comes in the way a carrier would bring it."""
    content = _content()
    demo.text_as_patient(_runtime(), _patient_id(content.get("patient")), _body(content.get("body")))
    return "", 204


@phone.post("/acknowledge")
def acknowledge() -> tuple[str, int]:
    """The phone of `member`, or without one the on-call phone, answers a page."""
    content = _content()
    code, member = content.get("code"), content.get("member", "")
    if not isinstance(code, str) or not (code.isascii() and code.isdigit()):
        _refuse(400, "A page is acknowledged by its code.")
    if not isinstance(member, str):
        _refuse(400, "A member of staff is named by their handle.")
    demo.acknowledge(_runtime(), code, member)
    return "", 204


@phone.post("/call")
def call() -> tuple[str, int]:
    """Whoever is called answers, presses 1, hangs up, or lets it ring out."""
    content = _content()
    sid, act = content.get("call"), content.get("act")
    if not isinstance(sid, str) or not isinstance(act, str) or act not in demo.CALL_ACTS:
        _refuse(400, "A call is answered, pressed, hung up or missed.")
    demo.use_phone(_runtime(), sid, act)
    return "", 204


@phone.post("/happen")
def happen() -> tuple[str, int]:
    """Something happens to the patient that is neither a text nor time: one of those that `state` offers."""
    content = _content()
    what = content.get("what")
    if not isinstance(what, str):
        _refuse(400, "Say what is to happen.")
    demo_events.let_happen(_runtime(), _patient_id(content.get("patient")), what)
    return "", 204


@phone.post("/clock")
def clock() -> Response:
    """Move the demo's clock; every timer on the way rings. `next`: to the next reminder of `patient`; `climb`: to the
    next step of an escalation."""
    content = _content()
    step = content.get("step")
    if not isinstance(step, str) or step not in STEPS:
        _refuse(400, "The clock moves by minutes, hour or day, or to the next or climb.")
    patient = _patient_id(content["patient"]) if content.get("patient") else None
    return jsonify(now=demo.move_clock(_runtime(), step, patient).isoformat())


@phone.before_request
def _guard() -> None:
    """No other site may act here: a form can't set the header, and browsers say where a request is from."""
    if request.method == "GET":
        return
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    if request.headers.get("X-Requested-With") != "careline" or site != "same-origin":
        _refuse(403, "This address takes requests of the demo's own page only.")


@phone.errorhandler(NotFound)
def _unknown(_: NotFound) -> Response:
    return _plain(404, "The demo has nobody of this kind, or nothing of this kind can happen now.")


def _runtime() -> Runtime:
    rt: Runtime = current_app.extensions["careline"]
    return rt


def _content() -> dict[str, object]:
    content = request.get_json(silent=True)
    if not isinstance(content, dict):
        _refuse(400, "Send a JSON object.")
    return content


def _patient_id(given: object) -> UUID:
    try:
        return UUID(given if isinstance(given, str) else "")
    except ValueError:
        _refuse(400, "That is not a patient's id.")


def _body(given: object) -> str:
    if not isinstance(given, str) or not given.strip():
        _refuse(400, "The text is empty.")
    if len(given) > LONGEST_TEXT:
        _refuse(400, f"A text has at most {LONGEST_TEXT} characters.")
    # Neither can come out of a phone: PostgreSQL stores no NUL, and half a surrogate pair is no character.
    if "\x00" in given or any("\ud800" <= char <= "\udfff" for char in given):
        _refuse(400, "The text holds characters that no phone can send.")
    return given


def _refuse(status: int, message: str) -> NoReturn:
    abort(_plain(status, message))


def _plain(status: int, message: str) -> Response:
    return Response(message, status, mimetype="text/plain")
