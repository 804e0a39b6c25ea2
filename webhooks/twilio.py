"""What Twilio calls: a text came in, a text's status changed, nobody took a call. Answered once it is committed."""

from uuid import UUID

from flask import Blueprint, Response, request

from bot.failpoint import failpoint
from bot.service.receive import Text, missed_call, receive
from bot.service.track import track
from webhooks.security import require_twilio, runtime

twilio = Blueprint("twilio", __name__, url_prefix="/twilio")

_NUL = "\x00"  # PostgreSQL's text has none; a body is sealed bytes and may
_NOT_TAKEN = ("no-answer", "busy", "failed", "canceled")
_MOST_DIGITS = 9  # what fits an integer column; Twilio's codes have five
_EMPTY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


@twilio.before_request
def _signed() -> None:
    require_twilio()
    failpoint("webhook-after-verify")


@twilio.post("/sms")
def sms() -> Response:
    """A text from a phone. The same MessageSid again has the same answer and no second effect."""
    form = request.form
    text = Text(
        sid=form.get("MessageSid", ""),
        sender=form.get("From", ""),
        to=form.get("To", ""),
        body=form.get("Body", ""),
        media=_number(form.get("NumMedia")) or 0,
        opt_out_type=form.get("OptOutType"),
    )
    if not (text.sid and text.sender and text.to) or _NUL in text.sid + text.to:
        return Response("MessageSid, From and To are needed.", 400, mimetype="text/plain")
    receive(runtime(), text)
    return _twiml()


@twilio.post("/status")
def status() -> Response:
    """The status of a text of ours; `o` in the address is the outbox row's id."""
    form = request.form
    try:
        outbox_id = UUID(request.args.get("o", ""))
    except ValueError:
        return Response("o must be the id of a text.", 400, mimetype="text/plain")
    sid, now = form.get("MessageSid", ""), form.get("MessageStatus", "")
    if not (sid and now) or _NUL in sid + now:
        return Response("MessageSid and MessageStatus are needed.", 400, mimetype="text/plain")
    track(runtime(), outbox_id, sid=sid, status=now, error_code=_number(form.get("ErrorCode")))
    return _twiml()


@twilio.post("/voice/missed")
def missed() -> Response:
    """How a call ended: the `action` of a <Dial>, or a status callback. One that nobody took may start a flow."""
    form = request.form
    caller, to = form.get("From", ""), form.get("To", "")
    if not (caller and to) or _NUL in caller + to:
        return Response("From and To are needed.", 400, mimetype="text/plain")
    dialled = form.get("DialCallStatus")
    status = dialled or form.get("CallStatus", "")
    lasted = form.get("DialCallDuration" if dialled else "CallDuration")
    if status in _NOT_TAKEN or (status == "completed" and _number(lasted) == 0):
        missed_call(runtime(), caller=caller, to=to)
    return _twiml()


def _twiml() -> Response:
    return Response(_EMPTY, mimetype="text/xml")


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None
