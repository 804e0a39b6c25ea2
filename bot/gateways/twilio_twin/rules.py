"""What Twilio takes and what it refuses: the checks of a text and of a call, each with its code.

Source: https://www.twilio.com/docs/iam/test-credentials (the magic numbers) and …/docs/api/errors, read
2026-11.
"""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from bot.gateways.twilio_twin.weather import Weather

E164 = re.compile(r"(whatsapp:)?\+[1-9]\d{6,14}", re.ASCII)
PHONE = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)  # what can be called
LONGEST = 1600  # characters of a body
VALIDITY_S = range(1, 36001)
RING_S = range(1, 601)
POSTED = ("", "POST")  # methods of a webhook that the twin knows; the default is POST

MAGIC_FROM = {"+15005550001": 21212, "+15005550007": 21606, "+15005550008": 21611}
MAGIC_TO = {
    "+15005550001": 21211,
    "+15005550002": 21612,
    "+15005550003": 21408,
    "+15005550004": 21610,
    "+15005550009": 21614,
}
# Of calls. Twilio refuses every other caller with 21210, too; here all numbers but these two are ours.
MAGIC_CALLER = {"+15005550001": 21212, "+15005550007": 21210, "+15005550008": 21210}
MAGIC_CALLED = {"+15005550001": 21217, "+15005550002": 21214, "+15005550003": 21215, "+15005550004": 21216}


class Refused(Exception):
    """The request is answered with this Twilio code; nothing was taken."""

    def __init__(self, code: int, form: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.to = (form or {}).get("To", "")
        self.sender = (form or {}).get("From", "")


def brave(weather: Weather, form: Mapping[str, str]) -> None:
    """Let a request through the weather that meets all of them. Raises Refused."""
    for name, code in (("busy", 20429), ("server_error", 20500)):
        if weather.takes(name):
            raise Refused(code, form)


def text_fault(form: Mapping[str, str]) -> int | None:
    """The code that answers a request for a text, by what stands in it alone; None: it is in order."""
    to, sender, body = form.get("To", ""), form.get("From", ""), form.get("Body", "")
    return _first(
        (not to, 21604),
        (not sender and not form.get("MessagingServiceSid"), 21603),
        (not E164.fullmatch(to), 21211),
        (bool(sender) and not E164.fullmatch(sender), 21212),
        (to in MAGIC_TO, MAGIC_TO.get(to)),
        (sender in MAGIC_FROM, MAGIC_FROM.get(sender)),
        (to == sender, 21266),
        (not body, 21602),
        (len(body) > LONGEST, 21617),
        (not _is_url(form.get("StatusCallback", "")), 21609),
        (not _within(form.get("ValidityPeriod", "1"), VALIDITY_S), 90007),
    )


def call_fault(form: Mapping[str, str]) -> int | None:
    """The code that answers a request for a call, by what stands in it alone; None: it is in order."""
    to, sender, url = form.get("To", ""), form.get("From", ""), form.get("Url", "")
    return _first(
        (not to, 21201),
        (not sender, 21213),
        (not PHONE.fullmatch(to), 21211),
        (not PHONE.fullmatch(sender), 21212),
        (to in MAGIC_CALLED, MAGIC_CALLED.get(to)),
        (sender in MAGIC_CALLER, MAGIC_CALLER.get(sender)),
        (not url or not _is_url(url), 21205),
        (form.get("Method", "") not in POSTED, 21209),
        (not _is_url(form.get("StatusCallback", "")), 21609),
        (not _within(form.get("Timeout", "60"), RING_S), 21208),
    )


def _first(*checks: tuple[bool, int | None]) -> int | None:
    return next((code for wrong, code in checks if wrong), None)


def _is_url(url: str) -> bool:
    return not url or (url.startswith(("http://", "https://")) and bool(urlsplit(url).hostname))


def _within(seconds: str, limits: range) -> bool:
    return seconds.isdecimal() and int(seconds) in limits
