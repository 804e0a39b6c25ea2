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
        ends = {"phone": phone, "number": number}
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in ends.items() if value)
        return [_seen(one) for one in self._call("GET", f"/messages?{query}")["messages"]]

    def weather(self, **faults: Any) -> None:
        """Set the weather (see twilio_twin.weather); without arguments, fine weather."""
        self._call("PUT", "/weather", faults)

    def release(self) -> int:
        """Let late callbacks go; of how many messages."""
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
