"""A browser on the wire, for the benchmarks of pages: the requests that it sends, and a connection to send them on."""

import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from webhooks.pages.browser import COOKIE


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and after how many milliseconds the last byte of it was there."""

    status: int
    headers: Mapping[str, str]
    body: str
    took: float


@dataclass(frozen=True, slots=True)
class Browser:
    """What its requests carry: the site that it is on, and its cookie ('' for none)."""

    origin: str
    cookie: str = ""

    def get(self, path: str) -> bytes:
        """Look at this page."""
        return self._head("GET", path) + b"\r\n"

    def post(self, path: str, fields: Mapping[str, str]) -> bytes:
        """Send this form."""
        content = urlencode(fields).encode()
        about = (
            f"Origin: {self.origin}\r\nSec-Fetch-Site: same-origin\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        return self._head("POST", path) + about.encode() + content

    def _head(self, method: str, path: str) -> bytes:
        host = self.origin.split("/")[2]
        carried = f"Cookie: {COOKIE}={self.cookie}\r\n" if self.cookie else ""
        return f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n{carried}".encode()


class Line:
    """One keep-alive connection, one request at a time."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self._socket.makefile("rb")

    def close(self) -> None:
        """Hang up."""
        self._file.close()
        self._socket.close()

    def send(self, request: bytes) -> Answer:
        """Send it and wait for the whole answer."""
        start = time.perf_counter()
        self._socket.sendall(request)
        status = int(self._file.readline().split()[1])
        headers: dict[str, str] = {}
        while line := self._file.readline().decode("latin-1").strip():
            name, _, value = line.partition(": ")
            headers[name.lower()] = value
        body = self._file.read(int(headers["content-length"]))
        took = (time.perf_counter() - start) * 1000
        return Answer(status, headers, body.decode(), took)
