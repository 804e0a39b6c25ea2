"""Twilio's shapes, but those of calls: message JSON, error JSON, webhook forms, dates, sids, segments.

Source: https://www.twilio.com/docs/messaging/api/message-resource and …/messaging/guides/webhook-request,
read 2026-11; sizes of segments: https://www.twilio.com/docs/glossary/what-sms-character-limit.
"""

from datetime import UTC, datetime
from email.utils import format_datetime
from random import Random
from typing import Any

from bot.gateways.twilio_twin.ledger import Message

VERSION = "2010-04-01"
_dice = Random()  # noqa: S311 — a sid is no secret, and the system's dice cost a call each
GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_TWICE = frozenset("^{}\\[~]|€\f")  # escape and letter: two septets
LIMITS = {"gsm": (160, 153), "ucs2": (70, 67)}  # units in a single segment, in each of several

# Code → HTTP status, message. {to} and {from} are filled in as Twilio does.
ERRORS: dict[int, tuple[int, str]] = {
    20003: (401, "Authenticate"),
    20404: (404, "The requested resource was not found"),
    20429: (429, "Too Many Requests"),
    20500: (500, "An internal server error has occurred"),
    21201: (400, "No 'To' number is specified"),
    21205: (400, "Url is not a valid URL: "),
    21208: (400, "Invalid Timeout"),
    21209: (400, "Invalid method"),
    21210: (
        400,
        "The source phone number provided, {from}, is not yet verified for your account. You may only make calls from phone numbers that you've verified or purchased from Twilio.",  # noqa: E501
    ),
    21211: (400, "Invalid 'To' Phone Number: {to}"),
    21212: (400, "Invalid 'From' Number (caller ID): {from}"),
    21213: (400, "'From' number is required"),
    21214: (400, "'To' phone number cannot be reached: {to}"),
    21215: (400, "Account not authorized to call {to}."),
    21216: (400, "Account not allowed to call {to}"),
    21217: (400, "Phone number does not appear to be valid: {to}"),
    21266: (400, "'To' and 'From' number cannot be the same: {to}"),
    21408: (
        400,
        "Permission to send an SMS has not been enabled for the region indicated by the 'To' number: {to}",
    ),
    21602: (400, "Message body is required."),
    21603: (400, "A 'From' phone number is required."),
    21604: (400, "A 'To' phone number is required."),
    21606: (
        400,
        "The 'From' phone number {from} is not a valid, SMS-capable inbound phone number or short code for your account.",  # noqa: E501
    ),
    21609: (400, "The 'StatusCallback' URL is not a valid URL."),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21611: (
        429,
        "The 'From' number {from} has exceeded the maximum number of queued messages",
    ),
    21612: (
        400,
        "Message cannot be sent with the current combination of 'To' ({to}) and/or 'From' parameters",
    ),
    21614: (400, "'To' number is not a valid mobile number: {to}"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit"),
    21703: (400, "The Messaging Service does not have a phone number available to send a message"),
    90007: (400, "Invalid validity period value"),
}


def new_sid(prefix: str) -> str:
    """SM, MM or CA and 32 hex digits."""
    return f"{prefix}{_dice.getrandbits(128):032x}"


def rfc2822(at: datetime | None) -> str | None:
    """Twilio's dates: `Thu, 24 Aug 2023 05:01:45 +0000`."""
    return format_datetime(at.astimezone(UTC)) if at else None


def segments(body: str) -> int:
    """How many SMS it takes: GSM-7 where every character fits, else UCS-2; no character is cut in two."""
    if all(char in GSM or char in GSM_TWICE for char in body):
        sizes, limits = [2 if char in GSM_TWICE else 1 for char in body], LIMITS["gsm"]
    else:
        sizes, limits = [2 if ord(char) > 0xFFFF else 1 for char in body], LIMITS["ucs2"]
    single, each = limits
    if sum(sizes) <= single:
        return 1
    count, room = 1, each
    for size in sizes:
        if size > room:
            count, room = count + 1, each
        room -= size
    return count


def error_json(code: int, *, to: str = "", sender: str = "") -> tuple[int, dict[str, Any]]:
    """HTTP status and body of an error; a code that is not in ERRORS is a 400."""
    status, text = ERRORS.get(code, (400, "Message cannot be sent"))
    return status, {
        "code": code,
        "message": text.replace("{to}", to).replace("{from}", sender),
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }


def message_json(message: Message, account: str) -> dict[str, Any]:
    """A Message resource."""
    uri = f"/{VERSION}/Accounts/{account}/Messages/{message.sid}"
    unassigned = message.service is not None and message.status == "accepted"
    return {
        "account_sid": account,
        "api_version": VERSION,
        "body": message.body,
        "date_created": rfc2822(message.created),
        "date_sent": rfc2822(message.sent),
        "date_updated": rfc2822(message.sent or message.created),
        "direction": message.direction,
        "error_code": message.error,
        "error_message": None,
        "from": message.sender,
        "messaging_service_sid": message.service,
        "num_media": str(len(message.media)),
        "num_segments": "0" if unassigned else str(message.segments),
        "price": None,
        "price_unit": "USD",
        "sid": message.sid,
        "status": message.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": message.to,
        "uri": f"{uri}.json",
    }


def account_json(account: str, created: datetime) -> dict[str, Any]:
    """The Account resource, as far as a check of credentials looks."""
    uri = f"/{VERSION}/Accounts/{account}"
    return {
        "auth_token": None,
        "date_created": rfc2822(created),
        "date_updated": rfc2822(created),
        "friendly_name": "Twin",
        "owner_account_sid": account,
        "sid": account,
        "status": "active",
        "subresource_uris": {"messages": f"{uri}/Messages.json"},
        "type": "Full",
        "uri": f"{uri}.json",
    }


def inbound_form(message: Message, account: str) -> dict[str, str]:
    """The parameters of an inbound webhook. Blank ones are sent, and signed, as Twilio sends them."""
    form = {
        "ToCountry": "US",
        "ToState": "",
        "SmsMessageSid": message.sid,
        "NumMedia": str(len(message.media)),
        "ToCity": "",
        "FromZip": "",
        "SmsSid": message.sid,
        "FromState": "",
        "SmsStatus": "received",
        "FromCity": "",
        "Body": message.body,
        "FromCountry": "US",
        "To": message.to,
        "ToZip": "",
        "NumSegments": str(message.segments),
        "MessageSid": message.sid,
        "AccountSid": account,
        "From": message.sender,
        "ApiVersion": VERSION,
    }
    if message.opt_out:
        form["OptOutType"] = message.opt_out
    for n, item in enumerate(message.media):
        form[f"MediaUrl{n}"] = item["url"]
        form[f"MediaContentType{n}"] = item["content_type"]
    return form


def status_form(message: Message, account: str, status: str, error: int | None) -> dict[str, str]:
    """The parameters of a status callback; ErrorCode only where there is one, no time of the event."""
    form = {
        "SmsSid": message.sid,
        "SmsStatus": status,
        "MessageStatus": status,
        "To": message.to,
        "MessageSid": message.sid,
        "AccountSid": account,
        "From": message.sender,
        "ApiVersion": VERSION,
    }
    if message.service:
        form["MessagingServiceSid"] = message.service
    if error is not None:
        form["ErrorCode"] = str(error)
    if status == "delivered" and message.sent:
        form["RawDlrDoneDate"] = message.sent.astimezone(UTC).strftime("%y%m%d%H%M")
    return form
