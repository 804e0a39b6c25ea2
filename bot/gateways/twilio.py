"""Twilio, through its official client: texts and calls, a check of signatures, and what its codes mean.

What happens on the wire, and which error means what, is in twilio_wire.
"""

import hmac
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Protocol

from twilio.base import values
from twilio.base.exceptions import TwilioException
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from bot.errors import CarrierSilent
from bot.gateways.twilio_wire import Wire

API = "https://api.twilio.com"
TIMEOUTS = (3.05, 10.0)  # seconds: connect (just over one TCP retransmission), read
PAGE = 1000  # the most that Twilio lists at once


@dataclass(frozen=True, slots=True)
class Receipt:
    """Twilio took it: the sid, SM… of a text, CA… of a call; the first status (`queued`, or `accepted`)."""

    sid: str
    status: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A text of ours as Twilio keeps it; `at` is when Twilio took it (UTC, whole seconds)."""

    sid: str
    body: str
    status: str
    error_code: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Inbound:
    """A text to us as Twilio keeps it; `media` is a count; `at` is when it arrived (UTC, whole seconds)."""

    sid: str
    sender: str
    to: str
    body: str
    media: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Call:
    """A call of ours as Twilio keeps it; `at` is when Twilio took it (UTC, whole seconds).

    `status`: queued, ringing, in-progress; in the end completed, busy, no-answer, failed or canceled.
    """

    sid: str
    status: str
    at: datetime


class Carrier:
    """Twilio for one account. Safe to share between threads, and across a fork."""

    def __init__(
        self,
        *,
        account_sid: str,
        auth_token: str,
        api_base: str = API,
        messaging_service_sid: str | None = None,
        timeouts: tuple[float, float] = TIMEOUTS,
    ) -> None:
        wire = Wire(account_sid, auth_token, api_base, timeouts)
        client = Client(account_sid, auth_token, http_client=wire)
        # The base says where to go; a TWILIO_REGION or TWILIO_EDGE in the environment must not move it.
        client.region = client.edge = None
        client.api.base_url = api_base.rstrip("/")
        self._account = client.api.v2010.accounts(account_sid)
        self._messages, self._calls = client.messages, client.calls
        self._service = messaging_service_sid or values.unset

    def send(
        self, *, to: str, sender: str, body: str, status_callback: str, validity_s: int | None = None
    ) -> Receipt:
        """Hand one text over. `validity_s`: seconds it may wait at Twilio, 1 to 36000.

        Raises CarrierRefused, CarrierBusy and CarrierUnreachable when nothing was sent, and CarrierSilent
        when nobody knows.
        """
        try:
            message = self._messages.create(
                to=to,
                from_=sender,
                body=body,
                status_callback=status_callback,
                messaging_service_sid=self._service,
                validity_period=values.unset if validity_s is None else validity_s,
            )
        except (ValueError, AttributeError, TwilioException) as error:  # a success that can't be read
            raise CarrierSilent from error
        if not message.sid:
            raise CarrierSilent
        return Receipt(message.sid, str(message.status))

    def outbound(self, *, to: str, sender: str, since: datetime) -> list[Sent]:
        """What Twilio took from `sender` for `to` since then, oldest first.

        Not narrowed by DateSent: a text that still waits in Twilio's queue has none, and just that one is
        looked for. A pair's history is short. Raises CarrierUnreachable, CarrierBusy, CarrierRefused.
        """
        since = since.replace(microsecond=0)
        listed = self._messages.stream(to=to, from_=sender, page_size=PAGE)
        sent = [
            Sent(m.sid, m.body or "", str(m.status), m.error_code, m.date_created)
            for m in listed
            if m.direction != "inbound" and m.date_created >= since
        ]
        sent.reverse()
        return sorted(sent, key=lambda one: one.at)

    def call(self, *, to: str, sender: str, url: str, status_callback: str, ring_s: int = 30) -> Receipt:
        """Ring a phone, for `ring_s` seconds at most. Who answers hears the TwiML that `url` gives for a POST.

        The status callback comes once, at the end. Raises as `send` does.
        """
        try:
            call = self._calls.create(
                to=to,
                from_=sender,
                url=url,
                method="POST",
                status_callback=status_callback,
                status_callback_event=["completed"],  # which Twilio posts for every way to end
                timeout=ring_s,
            )
        except (ValueError, AttributeError, TwilioException) as error:  # a success that can't be read
            raise CarrierSilent from error
        if not call.sid:
            raise CarrierSilent
        return Receipt(call.sid, str(call.status))

    def calls(self, *, to: str, sender: str, since: datetime) -> list[Call]:
        """The calls that Twilio took from `sender` for `to` since then, oldest first.

        Not narrowed by StartTime: a queued call has none. It may have no date at all, and is then new: its
        `at` is `since`. Raises CarrierUnreachable, CarrierBusy, CarrierRefused.
        """
        since = since.replace(microsecond=0)
        listed = self._calls.stream(to=to, from_=sender, page_size=PAGE)
        made = [
            Call(c.sid, str(c.status), c.date_created or c.start_time or since)
            for c in listed
            if c.direction == "outbound-api"
        ]
        made.reverse()
        return sorted((one for one in made if one.at >= since), key=lambda one: one.at)

    def inbound(self, *, number: str, since: datetime) -> Iterator[Inbound]:
        """What phones sent to `number` since then, oldest first, so that nobody's texts change their order.

        Raises CarrierUnreachable, CarrierBusy, CarrierRefused at the first element.
        """
        since = since.astimezone(UTC).replace(microsecond=0)
        listed = self._messages.stream(to=number, date_sent_after=since, page_size=PAGE)
        came = [
            Inbound(m.sid, m.from_, m.to, m.body or "", int(m.num_media or 0), m.date_sent or m.date_created)
            for m in listed
            if m.direction == "inbound"
        ]
        # Twilio lists the newest first; its seconds are whole, so only its order tells the rest.
        yield from sorted((one for one in reversed(came) if one.at >= since), key=lambda one: one.at)

    def webhook(self, number: str) -> str | None:
        """Where Twilio posts texts to this number; None where the account has no such number.

        Raises CarrierRefused, CarrierUnreachable, CarrierBusy.
        """
        found = self._account.incoming_phone_numbers.list(phone_number=number, limit=1)
        return str(found[0].sms_url or "") if found else None

    def check(self) -> str:
        """Verify the credentials; the account's status: `active`, `suspended` or `closed`.

        Raises CarrierRefused (20003: wrong sid or token), CarrierUnreachable, CarrierBusy.
        """
        return str(self._account.fetch().status)


class _Multi(Protocol):
    def getlist(self, key: str, /) -> list[str]: ...


class _Many(dict[str, str | list[str]]):
    """A mapping of values or lists of them, as RequestValidator reads a MultiDict."""

    def getlist(self, key: str) -> list[str]:
        value = self[key]
        return [value] if isinstance(value, str) else value


@lru_cache(maxsize=16)
def _validator(token: str) -> RequestValidator:
    return RequestValidator(token)


def valid_signature(
    tokens: Sequence[str],
    url: str,
    params: _Multi | Mapping[str, str] | Mapping[str, list[str]] | str,
    signature: str | None,
) -> bool:
    """Whether one of the tokens made this X-Twilio-Signature. Never raises.

    `url` as Twilio called it, still percent-encoded. `params`: the form with its duplicates and blanks, or
    the raw text of a JSON body. A URL with bodySHA256 but a form is refused: the library would then accept
    any JSON body unseen.
    """
    if not signature or (not isinstance(params, str) and "bodySHA256=" in url):
        return False
    form = _Many(params) if isinstance(params, Mapping) and not hasattr(params, "getlist") else params
    try:
        return any(_verifies(_validator(token), url, form, signature) for token in tokens if token)
    except (TypeError, ValueError, AttributeError, KeyError):  # no URL, no text, no form
        return False


def _verifies(validator: RequestValidator, url: str, form: object, signature: str) -> bool:
    """First the URL as it stands: one HMAC, not two, and a bare `?` is kept. Then as the library does."""
    if not isinstance(form, str):
        made = validator.compute_signature(url, form)
        if hmac.compare_digest(made.encode(), signature.encode()):
            return True
    return bool(validator.validate(url, form, signature))


# A status only rises. Source: the `status` values of twilio 9.13; callbacks come in any order.
RANK: Mapping[str, int] = {
    "accepted": 0, "scheduled": 0, "queued": 1, "sending": 2, "sent": 3, "partially_delivered": 3,
    "delivered": 4, "undelivered": 4, "failed": 4, "canceled": 4, "read": 5,
}  # fmt: skip


class Remedy(StrEnum):
    """What we do about a code of Twilio's."""

    RETRY = "retry"  # send it again, after each of the delays
    RETRY_ONCE = "retry_once"
    BAD_NUMBER = "bad_number"  # no text will ever arrive there: have a person call
    OPTED_OUT = "opted_out"  # record STOP; never send again until START
    TELL_OPERATOR = "tell_operator"  # ours to mend: account, sender, content
    GIVE_UP = "give_up"  # this text is lost, the number is fine


@dataclass(frozen=True, slots=True)
class Treatment:
    """A remedy and how long to wait before each further try; none left: a person takes over."""

    remedy: Remedy
    delays: tuple[timedelta, ...] = ()

    def delay(self, tries: int) -> timedelta | None:
        """How long to wait after `tries` failed ones (1, 2, …); None: no further try."""
        return self.delays[tries - 1] if 0 < tries <= len(self.delays) else None


def _minutes(*minutes: int) -> tuple[timedelta, ...]:
    return tuple(timedelta(minutes=m) for m in minutes)


_LATER = Treatment(Remedy.RETRY, _minutes(10, 30, 60))
_BAD, _OURS, _LOST = (Treatment(r) for r in (Remedy.BAD_NUMBER, Remedy.TELL_OPERATOR, Remedy.GIVE_UP))

# Source: https://www.twilio.com/docs/api/errors/<code>, read 2026-11. Twilio renames causes without notice.
CODES: Mapping[int, Treatment] = {
    20003: _OURS,  # wrong account sid or token
    21211: _BAD,  # 'To' is not a valid number
    21217: _BAD,  # a call's 'To' is no valid number
    21265: _BAD,  # 'To' is a short code
    21408: _OURS,  # no permission for the region
    21610: Treatment(Remedy.OPTED_OUT),
    21611: _LATER,  # the sender's queue is full
    21612: _BAD,  # 'To' can't be reached from this sender
    21614: _BAD,  # 'To' takes no SMS
    21635: _BAD,  # 'To' is a landline
    30001: _LATER,  # queue overflow
    30002: _OURS,  # account suspended
    30003: Treatment(Remedy.RETRY, _minutes(60, 5 * 60, 18 * 60)),  # handset unreachable: three tries in 24 h
    30004: _LOST,  # blocked by the recipient's carrier or device
    30005: _BAD,  # unknown handset
    30006: _BAD,  # landline
    30007: _OURS,  # filtered as spam
    30008: Treatment(Remedy.RETRY_ONCE, _minutes(15)),  # unknown
    30010: _OURS,  # dearer than MaxPrice
    30017: _LATER,  # carrier congestion
    30022: _LATER,  # 10DLC rate exceeded
    30023: Treatment(Remedy.RETRY, _minutes(24 * 60)),  # 10DLC cap of the day reached
    30032: _OURS,  # toll-free number not verified
    30034: _OURS,  # 10DLC number not registered
    30036: _LOST,  # validity period ran out in the queue
    30410: _LATER,  # provider timed out; Twilio itself does not retry
    63016: _OURS,  # WhatsApp: outside of the 24 h window
}


def remedy(code: int) -> Treatment:
    """What to do about a code. One that the table does not know is the operator's to look at."""
    return CODES.get(code, _OURS)
