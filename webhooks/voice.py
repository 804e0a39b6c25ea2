"""What Twilio calls during a page by phone: somebody picked up, a key was pressed, the call is over.

Whatever goes wrong, whoever picked up hears a sentence: to any other answer than TwiML, Twilio says that an application
error has occurred, and hangs up.
"""

from uuid import UUID

from flask import Blueprint, Response, abort, request

from bot import log
from bot.errors import DatabaseAway, NotFound
from bot.failpoint import failpoint
from bot.gateways.twilio_voice import ask, say
from bot.service import answer_call
from bot.service.answer_call import Said
from webhooks.security import require_twilio, runtime

voice = Blueprint("voice", __name__, url_prefix="/twilio/voice/alert")

GONE = "This was a page to you. It is no longer open. Goodbye."
TROUBLE = "This is a page to you. It can't be taken by phone right now. Please look at your texts. Goodbye."
_NUL = "\x00"  # PostgreSQL's text has none
_EMPTY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
_logger = log.get(__name__)


@voice.before_request
def _signed() -> None:
    require_twilio()
    failpoint("webhook-after-verify")


@voice.post("")
def picked_up() -> Response:
    """Somebody, or a voicemail, took the call; `a` in the address is the alert's id."""
    alert = _alert()
    return _heard(alert, answer_call.picked_up(runtime(), alert))


@voice.post("/press")
def pressed() -> Response:
    """A key was pressed."""
    alert = _alert()
    return _heard(alert, answer_call.pressed(runtime(), alert, request.form.get("Digits", "")))


@voice.post("/status")
def ended() -> Response:
    """How the call ended. Of a call that we do not know, Twilio need not tell us again."""
    alert, form = _alert(), request.form
    sid, status = form.get("CallSid", ""), form.get("CallStatus", "")
    if not (sid and status) or _NUL in sid:
        return Response("CallSid and CallStatus are needed.", 400, mimetype="text/plain")
    answer_call.ended(runtime(), alert, sid=sid, status=status)
    return _twiml(_EMPTY)


@voice.errorhandler(NotFound)
def _gone(_: NotFound) -> Response:
    return _twiml(say(GONE))


@voice.errorhandler(DatabaseAway)
def _away(error: DatabaseAway) -> Response:
    """Nothing was taken, so the ladder climbs on; who listens is told where else the page is."""
    _logger.error("request_failed", code=503, rule=str(request.url_rule), **log.error_fields(error))
    if request.endpoint == "voice.ended":  # nobody listens
        return Response("503\n", 503, mimetype="text/plain")
    return _twiml(say(TROUBLE))


def _alert() -> UUID:
    try:
        return UUID(request.args.get("a", ""))
    except ValueError:
        abort(Response("a must be the id of an alert.", 400, mimetype="text/plain"))


def _heard(alert: UUID, said: Said) -> Response:
    if not said.asks:
        return _twiml(say(said.words))
    press = f"{runtime().settings.public_url}/twilio/voice/alert/press?a={alert}"
    return _twiml(ask(words=said.words, action=press))


def _twiml(document: str) -> Response:
    return Response(document, mimetype="text/xml")
