"""Where alerts go that are no texts, on this machine: a mail server, and a browser with its push service."""

import base64
import os
import socket
from collections.abc import Iterable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any
from uuid import UUID
from wsgiref.types import StartResponse, WSGIEnvironment

import http_ece  # type: ignore[import-untyped]
from aiosmtpd.controller import Controller
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from werkzeug.wrappers import Request, Response

from bot.runtime import Runtime
from bot.store import devices


@dataclass
class Post:
    """A mail server; `answers` are replies other than its usual ones, by hook."""

    answers: dict[str, str] = field(default_factory=dict)
    taken: list[EmailMessage] = field(default_factory=list)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        envelope.rcpt_tos.append(address)
        return self.answers.get("RCPT", "250 OK")

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if "DATA" in self.answers:
            return self.answers["DATA"]
        self.taken.append(message_from_bytes(envelope.content, policy=default))
        return "250 OK"


class MailServer(Controller):
    """A mail server on a port that nobody else can take meanwhile."""

    def __init__(self, post: Post) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        super().__init__(post, hostname="127.0.0.1", port=self._socket.getsockname()[1])

    def _create_server(self) -> Any:
        return self.loop.create_server(self._factory_invoker, sock=self._socket)


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class Browser:
    """A browser and the push service that it has chosen."""

    base_url: str = ""
    status: int = 201
    came: list[Request] = field(default_factory=list)
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: bytes = field(default_factory=lambda: os.urandom(16))

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        request.get_data(cache=True)
        self.came.append(request)
        return Response("", self.status)(environ, start_response)

    def read(self) -> str:
        """The newest message that came, decrypted."""
        opened: bytes = http_ece.decrypt(
            self.came[-1].get_data(), private_key=self.key, auth_secret=self.secret, version="aes128gcm"
        )
        return opened.decode()

    def subscribe(self, rt: Runtime, clinic: UUID, member: UUID) -> None:
        """Take push for this member of staff from now on."""
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        with rt.begin() as db:
            devices.add(
                db,
                clinic=clinic,
                member=member,
                endpoint=f"{self.base_url}/push/secret",
                p256dh=base64url(point),
                auth=base64url(self.secret),
                now=rt.now(),
            )
