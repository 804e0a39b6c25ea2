"""Seats for tests: somebody of this role who is signed in, in a browser that carries the session's token by itself."""

import re
from dataclasses import dataclass
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bot.runtime import Runtime
from bot.service import enrol
from bot.service.desk import Desk
from bot.service.entrance import session
from bot.signing import console_token
from webhooks.console.door import COOKIE


@dataclass
class Seat:
    """A browser in which `desk` is signed in. Paths are those under /console."""

    client: FlaskClient
    desk: Desk
    session: UUID
    csrf: str
    base: str
    secret: str

    def get(self, path: str, **more: object) -> TestResponse:
        """Look at a page."""
        return self.client.get(f"/console{path}", base_url=self.base, **more)  # type: ignore[arg-type]

    def post(self, path: str, form: dict[str, object] | None = None, **more: object) -> TestResponse:
        """Send one of the console's own forms."""
        data = {"csrf": self.csrf, **(form or {})}
        own = {"Sec-Fetch-Site": "same-origin", "Origin": self.base}
        headers = own | dict(more.pop("headers", {}))  # type: ignore[call-overload]
        return self.client.post(f"/console{path}", data=data, base_url=self.base, headers=headers, **more)

    def text(self, path: str) -> str:
        """What a page says, without its tags."""
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.headers.get("Location"))
        return plain(answer.text)


def plain(html: str) -> str:
    """A page's words on one line."""
    body = re.sub(r"<(script|style|head)\b.*?</\1>|<[^>]+>", " ", html, flags=re.DOTALL)
    return " ".join(body.split())


def sit_down(rt: Runtime, app: Flask, clinic: UUID, role: str = "nurse", handle: str = "maria") -> Seat:
    """Enrol somebody with this role, and sign them in."""
    member = enrol.add(rt, clinic, f"{handle}@clinic.example", role=role, handle=handle)
    with rt.begin() as db:
        secret = session.begin(rt, db, member, "Chrome on Windows")
    found = session.seat(rt, secret, by_hand=True)
    assert found
    base = rt.settings.public_url
    client = app.test_client()
    client.set_cookie(COOKIE, secret, domain=base.split("/")[2].split(":")[0])
    csrf = console_token(rt.settings.secrets, found.session)
    return Seat(client, found.desk, found.session, csrf, base, secret)
