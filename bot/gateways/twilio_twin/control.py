"""The twin's own API under /twin/: what phones do, the weather, what is still under way.

Open to whoever reaches it, so it listens to this host only. Bodies are JSON, which no foreign web page can
send unasked.
"""

from typing import Any, cast

from flask import Blueprint, abort, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from bot.gateways.twilio_twin.exchange import E164, Exchange
from bot.gateways.twilio_twin.ledger import Message
from bot.gateways.twilio_twin.weather import BadWeather

OPT_OUT_TYPES = (None, "STOP", "START", "HELP")
LONGEST_WAIT_S = 30.0


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
