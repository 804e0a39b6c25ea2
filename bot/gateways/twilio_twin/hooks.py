"""One signed POST to a webhook, over connections that are kept open per thread.

The request is written in one piece and by hand, as posting is most of the twin's work; reading the answer is
left to http.client.
"""

import http.client
import socket
import ssl
import threading
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hmac import digest
from urllib.parse import quote_plus, urldefrag, urlsplit

from bot.gateways.twilio_twin.wire import new_sid

CONNECT_S, READ_S = 5.0, 15.0  # Twilio's defaults
BROKEN = (OSError, http.client.HTTPException, ValueError)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; status 0: nothing did."""

    status: int
    body: bytes = b""


def signature(token: str, url: str, form: Mapping[str, str]) -> str:
    """X-Twilio-Signature of a form. Source: https://www.twilio.com/docs/usage/webhooks/webhooks-security."""
    signed = url + "".join(name + form[name] for name in sorted(form))
    return b64encode(digest(token.encode(), signed.encode(), "sha1")).decode("ascii")


class Poster:
    """Posts forms for one account. Safe between threads: each has its own connections."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._mine = threading.local()

    def post(self, url: str, form: Mapping[str, str]) -> Answer:
        """Post it, signed, and hear the answer."""
        url = urldefrag(url).url  # connection overrides stand in the fragment; they are not sent
        kept: dict[tuple[str, str], http.client.HTTPConnection] = self._mine.__dict__.setdefault("kept", {})
        try:
            parts = urlsplit(url)
            host = (parts.scheme, parts.netloc)
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            wire = self._wire(target, parts.netloc, url, form)
            return self._exchange(kept, host, wire)
        except BROKEN:
            return Answer(0)

    def close(self) -> None:
        """Close the calling thread's connections."""
        for connection in self._mine.__dict__.pop("kept", {}).values():
            connection.close()

    def _wire(self, target: str, host: str, url: str, form: Mapping[str, str]) -> bytes:
        body = "&".join(f"{name}={quote_plus(value)}" for name, value in form.items())
        return (
            f"POST {target} HTTP/1.1\r\nHost: {host}\r\n"
            "User-Agent: TwilioProxy/1.1\r\nAccept: */*\r\n"
            "Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n"
            f"Content-Length: {len(body)}\r\n"
            f"X-Twilio-Signature: {signature(self._token, url, form)}\r\n"
            f"I-Twilio-Idempotency-Token: {new_sid('')}\r\n\r\n{body}"
        ).encode("ascii")

    def _exchange(
        self, kept: dict[tuple[str, str], http.client.HTTPConnection], host: tuple[str, str], wire: bytes
    ) -> Answer:
        """Over the kept connection; where the other side closed that one meanwhile, over a new one."""
        if connection := kept.pop(host, None):
            try:
                return _ask(connection, host, wire, kept)
            except (ConnectionError, http.client.RemoteDisconnected):
                pass
        return _ask(_connect(*host), host, wire, kept)


def _connect(scheme: str, netloc: str) -> http.client.HTTPConnection:
    if scheme == "https":
        return http.client.HTTPSConnection(netloc, timeout=CONNECT_S, context=ssl.create_default_context())
    return http.client.HTTPConnection(netloc, timeout=CONNECT_S)


def _ask(
    connection: http.client.HTTPConnection,
    host: tuple[str, str],
    wire: bytes,
    kept: dict[tuple[str, str], http.client.HTTPConnection],
) -> Answer:
    """Write the request, read the answer, keep the connection if the other side does."""
    try:
        if connection.sock is None:
            connection.connect()
        sock: socket.socket = connection.sock
        sock.settimeout(READ_S)
        sock.sendall(wire)
        with http.client.HTTPResponse(sock, method="POST") as answer:
            answer.begin()
            body = answer.read()
            if answer.will_close:
                connection.close()
            else:
                kept[host] = connection
            return Answer(answer.status, body)
    except BaseException:
        connection.close()
        raise
