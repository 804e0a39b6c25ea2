"""Twilio's REST API as the official client calls it: create, list and fetch messages; fetch the account."""

import hmac
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, request

from bot.gateways.twilio_twin.exchange import Exchange, Refused
from bot.gateways.twilio_twin.ledger import Message
from bot.gateways.twilio_twin.wire import VERSION, account_json, error_json, message_json

DEFAULT_PAGE, LARGEST_PAGE = 50, 1000
KEPT = ("To", "From", "DateSent", "DateSent<", "DateSent>")  # filters, repeated in the links to other pages
DAY = timedelta(days=1)


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
    return _json(_page(_exchange(), account), 200)


@routes.get("/<account>/Messages/<sid>.json")
def fetch(account: str, sid: str) -> Response:
    """One message."""
    message = _exchange().ledger.get(sid)
    if message is None or message.direction == "network":
        raise Refused(20404)
    return _json(message_json(message, account), 200)


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


def _page(exchange: Exchange, account: str) -> dict[str, Any]:
    """One page of the list, newest first. A PageToken goes on after its message, whatever came meanwhile."""
    args = request.args
    size = min(max(args.get("PageSize", DEFAULT_PAGE, int), 1), LARGEST_PAGE)
    number = max(args.get("Page", 0, int), 0)
    found = [m for m in reversed(exchange.ledger.of(args.get("To"), args.get("From"))) if _matches(m, args)]
    start = number * size
    if token := args.get("PageToken", "").removeprefix("PA"):
        start = next((n + 1 for n, m in enumerate(found) if m.sid == token), len(found))
    shown = found[start : start + size]
    base = f"/{VERSION}/Accounts/{account}/Messages.json?"
    kept = [(name, args[name]) for name in KEPT if name in args]

    def link(page: int, token: str = "") -> str:
        return base + urlencode(
            [*kept, ("PageSize", size), ("Page", page), *([("PageToken", token)] if token else [])]
        )

    more = start + size < len(found)
    return {
        "end": start + max(len(shown) - 1, 0),
        "first_page_uri": link(0),
        "messages": [message_json(m, account) for m in shown],
        "next_page_uri": link(number + 1, "PA" + shown[-1].sid) if more else None,
        "page": number,
        "page_size": size,
        "previous_page_uri": link(number - 1) if number else None,
        "start": start,
        "uri": link(number),
    }


def _matches(message: Message, args: Any) -> bool:
    """Whether a message passes the filters. A date stands for its whole day; bounds are inclusive.

    Dates are those of sending: a message that still waits has none and passes no filter by date.
    """
    if message.direction == "network":
        return False
    if args.get("To", message.to) != message.to or args.get("From", message.sender) != message.sender:
        return False
    for name in ("DateSent", "DateSent<", "DateSent>"):
        if name not in args:
            continue
        first, end = _span(args[name])
        at = message.sent and message.sent.replace(microsecond=0)
        if at is None or (name != "DateSent<" and at < first) or (name != "DateSent>" and at >= end):
            return False
    return True


def _span(text: str) -> tuple[datetime, datetime]:
    """`YYYY-MM-DD`, or a moment `YYYY-MM-DDTHH:MM:SSZ`, as [first, end). Raises Refused."""
    try:
        first = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(20001) from None
    first = first if first.tzinfo else first.replace(tzinfo=UTC)
    return first, first + (DAY if len(text) == len("YYYY-MM-DD") else timedelta(seconds=1))
