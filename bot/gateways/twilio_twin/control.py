"""The twin's own API under /twin/: what phones do, the weather, what is still under way.

Open to whoever reaches it, so it listens to this host only. Bodies are JSON, which no foreign web page can
send unasked.
"""

import re
from typing import Any, cast

from flask import Blueprint, abort, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from bot.gateways.twilio_twin.exchange import Exchange
from bot.gateways.twilio_twin.ledger import Call, Message
from bot.gateways.twilio_twin.rules import E164
from bot.gateways.twilio_twin.voice import ENDINGS, NotNow
from bot.gateways.twilio_twin.weather import BadWeather

OPT_OUT_TYPES = (None, "STOP", "START", "HELP")
LONGEST_WAIT_S = 30.0
KEYS = re.compile(r"[0-9*#]*", re.ASCII)

routes = Blueprint("control", __name__, url_prefix="/twin")


def _exchange() -> Exchange:
    return cast("Exchange", current_app.extensions["exchange"])


@routes.post("/texts")
def text() -> ResponseReturnValue:
    """A phone sends a text; answers its sid."""
    wanted = request.get_json()
    if fault := _unfit(wanted):
        return jsonify(error=fault), 400
    message = _exchange().text(
        sender=wanted["from"],
        to=wanted["to"],
        body=wanted.get("body", ""),
        media=wanted.get("media", ()),
        opt_out_type=wanted.get("opt_out_type"),
    )
    return jsonify(sid=message.sid), 201


@routes.post("/texts/<sid>/again")
def again(sid: str) -> ResponseReturnValue:
    """Post the same webhook once more, as Twilio now and then does."""
    message = _exchange().ledger.get(sid)
    if message is None or message.direction != "inbound":
        abort(404)
    _exchange().set_going(message)
    return jsonify(sid=sid), 202


@routes.get("/messages")
def messages() -> ResponseReturnValue:
    """The thread of `phone` (with `number`, of that pair), oldest first."""
    thread = _exchange().ledger.of(request.args.get("phone"), request.args.get("number"))
    return jsonify(messages=[_plain(message) for message in thread])


@routes.get("/calls")
def calls() -> ResponseReturnValue:
    """The calls of `phone` (with `number`, of that pair), oldest first."""
    found = _exchange().ledger.calls(request.args.get("phone"), request.args.get("number"))
    return jsonify(calls=[_plain_call(call) for call in found])


@routes.post("/calls/<sid>/answer")
def answer(sid: str) -> ResponseReturnValue:
    """The phone picks up; what it hears."""
    return jsonify(said=_exchange().voice.answer(_call(sid)))


@routes.post("/calls/<sid>/press")
def press(sid: str) -> ResponseReturnValue:
    """The phone presses digits, or none until the wait for them is over; what it hears then."""
    wanted = request.get_json()
    digits = wanted.get("digits") if isinstance(wanted, dict) else None
    if not isinstance(digits, str) or not KEYS.fullmatch(digits):
        return jsonify(error="digits: keys of a phone are wanted"), 400
    return jsonify(said=_exchange().voice.press(_call(sid), digits))


@routes.post("/calls/<sid>/hang-up")
def hang_up(sid: str) -> ResponseReturnValue:
    """The phone hangs up."""
    _exchange().voice.hang_up(_call(sid))
    return jsonify(sid=sid)


@routes.post("/calls/<sid>/miss")
def miss(sid: str) -> ResponseReturnValue:
    """It has rung, and nobody answered."""
    wanted = request.get_json()
    if not isinstance(wanted, dict) or wanted.get("status") not in ENDINGS:
        return jsonify(error=f"status: one of {', '.join(ENDINGS)}"), 400
    _exchange().voice.miss(_call(sid), wanted["status"])
    return jsonify(sid=sid)


@routes.errorhandler(NotNow)
def not_now(_: NotNow) -> ResponseReturnValue:
    """The call does not ring, does not wait for digits, or is over."""
    return jsonify(error="the call is not at that point"), 409


@routes.get("/weather")
def weather() -> ResponseReturnValue:
    """What goes wrong at present."""
    return jsonify(_exchange().weather.plain())


@routes.put("/weather")
def set_weather() -> ResponseReturnValue:
    """Replace the weather."""
    try:
        _exchange().weather.set(request.get_json())
    except BadWeather as error:
        return jsonify(error=str(error)), 400
    return jsonify(_exchange().weather.plain())


@routes.post("/callbacks/release")
def release() -> ResponseReturnValue:
    """Let late callbacks go."""
    return jsonify(released=_exchange().release())


@routes.get("/idle")
def idle() -> ResponseReturnValue:
    """At once, or with ?wait=SECONDS as soon as nothing is pending."""
    if wait := request.args.get("wait", 0.0, float):
        _exchange().postman.idle(min(wait, LONGEST_WAIT_S))
    return jsonify(pending=_exchange().postman.pending, held=_exchange().held)


def _call(sid: str) -> Call:
    call = _exchange().ledger.call(sid)
    if call is None:
        abort(404)
    return call


def _unfit(wanted: Any) -> str | None:
    if not isinstance(wanted, dict):
        return "an object is wanted"
    for end in ("from", "to"):
        if not E164.fullmatch(str(wanted.get(end))):
            return f"{end}: a number as +15551234567 is wanted"
    media = wanted.get("media", [])
    if not all(isinstance(item, dict) and {"url", "content_type"} <= set(item) for item in media):
        return "media: a list of {url, content_type} is wanted"
    if wanted.get("opt_out_type") not in OPT_OUT_TYPES:
        return "opt_out_type: STOP, START or HELP"
    return None


def _plain(message: Message) -> dict[str, Any]:
    return {
        "sid": message.sid,
        "direction": message.direction,
        "from": message.sender,
        "to": message.to,
        "body": message.body,
        "media": list(message.media),
        "status": message.status,
        "error_code": message.error,
        "at": message.created.isoformat(),
        "webhook": message.hook,
    }


def _plain_call(call: Call) -> dict[str, Any]:
    return {
        "sid": call.sid,
        "from": call.sender,
        "to": call.to,
        "status": call.status,
        "at": call.created.isoformat(),
        "said": call.said,
        "waits": call.waits,
        "webhook": call.hook,
    }
