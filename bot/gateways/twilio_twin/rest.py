"""Twilio's REST API as the official client calls it: create, list, fetch texts and calls; fetch the account."""

import hmac
import json
import time
from collections.abc import Mapping
from typing import Any, cast

from flask import Blueprint, Response, current_app, request

from bot.gateways.twilio_twin.exchange import Exchange
from bot.gateways.twilio_twin.ledger import Call, Message
from bot.gateways.twilio_twin.pages import page, within
from bot.gateways.twilio_twin.rules import Refused
from bot.gateways.twilio_twin.voice_wire import call_json
from bot.gateways.twilio_twin.wire import VERSION, account_json, error_json, message_json

# Filters, repeated in the links to other pages.
KEPT = ("To", "From", "DateSent", "DateSent<", "DateSent>")
KEPT_OF_CALLS = ("To", "From", "Status", "StartTime", "StartTime<", "StartTime>")

routes = Blueprint("rest", __name__, url_prefix=f"/{VERSION}/Accounts")


def _exchange() -> Exchange:
    return cast("Exchange", current_app.extensions["exchange"])


@routes.before_request
def enter() -> None:
    """Slow weather, then the credentials, then the account. Raises Refused."""
    exchange = _exchange()
    if exchange.weather.slow_s:
        time.sleep(exchange.weather.slow_s)
    if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), exchange.authorization):
        raise Refused(20003)
    if (request.view_args or {})["account"] != exchange.account:
        raise Refused(20404)


@routes.errorhandler(Refused)
def refuse(refused: Refused) -> Response:
    """Twilio's error JSON."""
    status, body = error_json(refused.code, to=refused.to, sender=refused.sender)
    answer = _json(body, status)
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Basic realm="Twilio API"'
    return answer


@routes.post("/<account>/Messages.json")
def create(account: str) -> Response:
    """Take a text, answer with its first status, then let it travel."""
    exchange = _exchange()
    message = exchange.create(request.form)
    answer = _json(message_json(message, account), 201)
    exchange.set_going(message)
    return _hang_up() if exchange.weather.takes("accept_then_hang_up") else answer


@routes.get("/<account>/Messages.json")
def listing(account: str) -> Response:
    """One page of the messages that pass the filters."""
    args = request.args
    thread = _exchange().ledger.of(args.get("To"), args.get("From"))
    shown = page(
        [message for message in reversed(thread) if _matches(message, args)],
        args,
        base=f"/{VERSION}/Accounts/{account}/Messages.json",
        name="messages",
        kept=KEPT,
        show=lambda message: message_json(message, account),
    )
    return _json(shown, 200)


@routes.get("/<account>/Messages/<sid>.json")
def fetch(account: str, sid: str) -> Response:
    """One message."""
    message = _exchange().ledger.get(sid)
    if message is None or message.direction == "network":
        raise Refused(20404)
    return _json(message_json(message, account), 200)


@routes.post("/<account>/Calls.json")
def create_call(account: str) -> Response:
    """Take a call, answer with its first status, then let it ring."""
    exchange = _exchange()
    call = exchange.voice.create(request.form)
    answer = _json(call_json(call, account), 201)
    exchange.voice.set_going(call)
    return _hang_up() if exchange.weather.takes("accept_then_hang_up") else answer


@routes.get("/<account>/Calls.json")
def list_calls(account: str) -> Response:
    """One page of the calls that pass the filters."""
    args = request.args
    shown = page(
        [call for call in reversed(_exchange().ledger.calls()) if _call_matches(call, args)],
        args,
        base=f"/{VERSION}/Accounts/{account}/Calls.json",
        name="calls",
        kept=KEPT_OF_CALLS,
        show=lambda call: call_json(call, account),
    )
    return _json(shown, 200)


@routes.get("/<account>/Calls/<sid>.json")
def fetch_call(account: str, sid: str) -> Response:
    """One call."""
    call = _exchange().ledger.call(sid)
    if call is None:
        raise Refused(20404)
    return _json(call_json(call, account), 200)


@routes.get("/<account>/IncomingPhoneNumbers.json")
def numbers(account: str) -> Response:
    """Every number that is asked for is ours, and posts its texts to the one address."""
    exchange = _exchange()
    number = {"phone_number": request.args.get("PhoneNumber", ""), "sms_url": exchange.sms_url}
    return _json({"incoming_phone_numbers": [{"account_sid": account, **number}], "next_page_uri": None}, 200)


@routes.get("/<account>.json")
def fetch_account(account: str) -> Response:
    """The account."""
    return _json(account_json(account, _exchange().opened), 200)


def _json(body: dict[str, Any], status: int) -> Response:
    return Response(json.dumps(body), status, mimetype="application/json")


def _hang_up() -> Response:
    """Drop the connection under the server: the client sees no byte of an answer."""
    environ = request.environ
    sock = environ.get("gunicorn.socket") or environ["werkzeug.socket"]
    sock.shutdown(2)  # both ways
    return Response(status=500)


def _matches(message: Message, args: Mapping[str, str]) -> bool:
    """Whether a message passes the filters. Dates are those of sending."""
    if message.direction == "network":
        return False
    if args.get("To", message.to) != message.to or args.get("From", message.sender) != message.sender:
        return False
    return within(message.sent, "DateSent", args)


def _call_matches(call: Call, args: Mapping[str, str]) -> bool:
    """Whether a call passes the filters. Dates are those of its first ring."""
    if args.get("To", call.to) != call.to or args.get("From", call.sender) != call.sender:
        return False
    return args.get("Status", call.status) == call.status and within(call.started, "StartTime", args)
