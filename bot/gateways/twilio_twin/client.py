"""The twin's control API for Python: for the phone page, the tests and the benchmark."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

import requests

TIMEOUT = (3.05, 40.0)  # seconds: connect, read (longer than the longest wait for idleness)


@dataclass(frozen=True, slots=True)
class Seen:
    """A text as the phone's thread shows it.

    `direction`: inbound (from the phone), outbound-api (to it), network (the carrier's own answer to STOP).
    `webhook`: pending, done or lost.
    """

    sid: str
    direction: str
    sender: str
    to: str
    body: str
    media: tuple[dict[str, str], ...]
    status: str
    error_code: int | None
    at: datetime
    webhook: str


@dataclass(frozen=True, slots=True)
class Ring:
    """A call as its phone knows it.

    `status`: queued, ringing, in-progress, completed, busy, no-answer, failed or canceled. `said`: all that
    was heard so far. `waits`: whether digits are awaited. `webhook`: pending, done or lost, of its end.
    """

    sid: str
    sender: str
    to: str
    status: str
    at: datetime
    said: tuple[str, ...]
    waits: bool
    webhook: str


class TwinClient:
    """A running twin. Raises requests.RequestException when it can't be reached or refuses."""

    def __init__(self, base_url: str) -> None:
        self._base = base_url.rstrip("/") + "/twin"
        self._session = requests.Session()
        self._session.trust_env = False  # the twin is near: no proxy stands between

    def phone(self, number: str) -> "TwinPhone":
        """A phone with this number."""
        return TwinPhone(self, number)

    def text(
        self,
        *,
        sender: str,
        to: str,
        body: str,
        media: Sequence[dict[str, str]] = (),
        opt_out_type: str | None = None,
    ) -> str:
        """A phone sends a text; its sid. `media`: each {"url", "content_type"}."""
        wanted = {"from": sender, "to": to, "body": body, "media": list(media), "opt_out_type": opt_out_type}
        return str(self._call("POST", "/texts", wanted)["sid"])

    def again(self, sid: str) -> None:
        """Post the webhook of an inbound text once more."""
        self._call("POST", f"/texts/{sid}/again")

    def messages(self, phone: str | None = None, number: str | None = None) -> list[Seen]:
        """The thread of a phone (and of one of our numbers), oldest first; of everybody for None."""
        return [_seen(one) for one in self._call("GET", f"/messages?{_ends(phone, number)}")["messages"]]

    def calls(self, phone: str | None = None, number: str | None = None) -> list[Ring]:
        """The calls of a phone (and of one of our numbers), oldest first; of everybody for None."""
        return [_ring(one) for one in self._call("GET", f"/calls?{_ends(phone, number)}")["calls"]]

    def answer(self, sid: str) -> tuple[str, ...]:
        """The phone picks up; what it hears. Like all acts on a call: 409 where it is not at that point."""
        return tuple(self._call("POST", f"/calls/{sid}/answer")["said"])

    def press(self, sid: str, digits: str) -> tuple[str, ...]:
        """The phone presses digits (blank: none, until the wait for them is over); what it hears then."""
        return tuple(self._call("POST", f"/calls/{sid}/press", {"digits": digits})["said"])

    def hang_up(self, sid: str) -> None:
        """The phone hangs up."""
        self._call("POST", f"/calls/{sid}/hang-up")

    def miss(self, sid: str, status: str = "no-answer") -> None:
        """A ringing call ends: no-answer, busy, failed or canceled."""
        self._call("POST", f"/calls/{sid}/miss", {"status": status})

    def weather(self, **faults: Any) -> None:
        """Set the weather (see twilio_twin.weather); without arguments, fine weather."""
        self._call("PUT", "/weather", faults)

    def release(self) -> int:
        """Let late callbacks go; of how many texts and calls."""
        return int(self._call("POST", "/callbacks/release")["released"])

    def pending(self, wait_s: float = 0.0) -> int:
        """Webhooks under way; waits until there are none, at most `wait_s` seconds (30 at most)."""
        return int(self._call("GET", f"/idle?wait={wait_s}")["pending"])

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _call(self, method: str, path: str, body: object = None) -> Any:
        answer = self._session.request(method, self._base + path, json=body, timeout=TIMEOUT)
        answer.raise_for_status()
        return answer.json()


@dataclass(frozen=True, slots=True)
class TwinPhone:
    """A phone of the twin's."""

    twin: TwinClient
    number: str

    def text(
        self, to: str, body: str, *, media: Sequence[dict[str, str]] = (), opt_out_type: str | None = None
    ) -> str:
        """Send a text; its sid."""
        return self.twin.text(sender=self.number, to=to, body=body, media=media, opt_out_type=opt_out_type)

    def messages(self, number: str | None = None) -> list[Seen]:
        """Its thread, both ways, oldest first."""
        return self.twin.messages(self.number, number)

    def calls(self, number: str | None = None) -> list[Ring]:
        """Its calls, oldest first."""
        return self.twin.calls(self.number, number)

    def answer(self, sid: str | None = None) -> tuple[str, ...]:
        """Pick up (without a sid: the newest call that is not over); what it hears."""
        return self.twin.answer(sid or self._current())

    def press(self, digits: str, sid: str | None = None) -> tuple[str, ...]:
        """Press digits, blank for none; what it hears then."""
        return self.twin.press(sid or self._current(), digits)

    def hang_up(self, sid: str | None = None) -> None:
        """Hang up."""
        self.twin.hang_up(sid or self._current())

    def miss(self, status: str = "no-answer", sid: str | None = None) -> None:
        """Let it ring until it stops, or end it otherwise."""
        self.twin.miss(sid or self._current(), status)

    def _current(self) -> str:
        live = [call.sid for call in self.calls() if call.status in ("ringing", "in-progress")]
        if not live:
            raise LookupError("no call is under way")
        return live[-1]


def _ends(phone: str | None, number: str | None) -> str:
    ends = {"phone": phone, "number": number}
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in ends.items() if value)


def _seen(one: dict[str, Any]) -> Seen:
    return Seen(
        sid=one["sid"],
        direction=one["direction"],
        sender=one["from"],
        to=one["to"],
        body=one["body"],
        media=tuple(one["media"]),
        status=one["status"],
        error_code=one["error_code"],
        at=datetime.fromisoformat(one["at"]),
        webhook=one["webhook"],
    )


def _ring(one: dict[str, Any]) -> Ring:
    return Ring(
        sid=one["sid"],
        sender=one["from"],
        to=one["to"],
        status=one["status"],
        at=datetime.fromisoformat(one["at"]),
        said=tuple(one["said"]),
        waits=one["waits"],
        webhook=one["webhook"],
    )
