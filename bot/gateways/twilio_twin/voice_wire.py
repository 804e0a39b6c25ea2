"""Twilio's shapes of calls: the Call resource, and the forms of its webhooks.

Source: https://www.twilio.com/docs/voice/api/call-resource and …/docs/voice/twiml, read 2026-11.
"""

from math import ceil
from typing import Any

from bot.gateways.twilio_twin.ledger import Call
from bot.gateways.twilio_twin.wire import VERSION, rfc2822

SUBRESOURCES = ("events", "notifications", "payments", "recordings", "siprec", "streams", "transcriptions")


def call_json(call: Call, account: str) -> dict[str, Any]:
    """A Call resource. One that is queued has no dates yet: they come with the first ring."""
    uri = f"/{VERSION}/Accounts/{account}/Calls/{call.sid}"
    queued = call.status == "queued"
    completed = call.status == "completed"
    return {
        "account_sid": account,
        "annotation": None,
        "answered_by": None,
        "api_version": VERSION,
        "caller_name": None,
        "date_created": None if queued else rfc2822(call.created),
        "date_updated": None if queued else rfc2822(call.ended or call.answered or call.started),
        "direction": "outbound-api",
        "duration": str(call.seconds) if completed else None,
        "end_time": rfc2822(call.ended) if completed else None,
        "forwarded_from": None,
        "from": call.sender,
        "from_formatted": _formatted(call.sender),
        "group_sid": None,
        "parent_call_sid": None,
        "phone_number_sid": None,
        "price": None,
        "price_unit": "USD",
        "queue_time": "0",
        "sid": call.sid,
        "start_time": rfc2822(call.started),
        "status": call.status,
        "subresource_uris": {name: f"{uri}/{name.capitalize()}.json" for name in SUBRESOURCES},
        "to": call.to,
        "to_formatted": _formatted(call.to),
        "trunk_sid": None,
        "uri": f"{uri}.json",
    }


def live_form(call: Call, account: str) -> dict[str, str]:
    """The parameters with which a page of TwiML is asked for. Blank ones are sent, and signed."""
    ends = {"Called": call.to, "To": call.to, "Caller": call.sender, "From": call.sender}
    places = {
        f"{end}{part}": "US" if part == "Country" else ""
        for end in ends
        for part in ("City", "Country", "State", "Zip")
    }
    return {
        **ends,
        **places,
        "CallSid": call.sid,
        "CallStatus": call.status,
        "Direction": "outbound-api",
        "AccountSid": account,
        "ApiVersion": VERSION,
    }


def digits_form(call: Call, account: str, digits: str) -> dict[str, str]:
    """The same, with the digits that a Gather waited for."""
    return {**live_form(call, account), "Digits": digits, "FinishedOnKey": "", "msg": "Gather End"}


def ended_form(call: Call, account: str) -> dict[str, str]:
    """The parameters of the status callback; the duration only of a call that was answered."""
    form = {
        **live_form(call, account),
        "CallbackSource": "call-progress-events",
        "SequenceNumber": "0",
        "Timestamp": rfc2822(call.ended) or "",
    }
    if call.status == "completed":
        form |= {"CallDuration": str(call.seconds), "Duration": str(ceil(call.seconds / 60))}
    return form


def _formatted(number: str) -> str:
    """North American numbers as they are written there: `(555) 123-0001`."""
    if not (number.startswith("+1") and len(number) == len("+15551230001")):
        return number
    return f"({number[2:5]}) {number[5:8]}-{number[8:]}"
