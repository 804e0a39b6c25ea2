"""A browser that nobody is signed in with, at the console's door."""

import re
from dataclasses import dataclass

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bot.runtime import Runtime
from tests.bot.service.entrants import Entrant
from webhooks.console.door import COOKIE


@dataclass
class Visit:
    """A browser; paths are those under /console."""

    client: FlaskClient
    base: str

    def get(self, path: str, **more: object) -> TestResponse:
        """Look at a page."""
        return self.client.get(f"/console{path}", base_url=self.base, **more)  # type: ignore[arg-type]

    def post(self, path: str, form: dict[str, str] | None = None, **more: object) -> TestResponse:
        """Send a form as the page would, with the session's token where the page at hand has one."""
        own = {"Sec-Fetch-Site": "same-origin", "Origin": self.base}
        headers = own | dict(more.pop("headers", {}))  # type: ignore[call-overload]
        return self.client.post(
            f"/console{path}", data=form or {}, base_url=self.base, headers=headers, **more
        )

    def send(self, page: str, path: str, form: dict[str, str] | None = None) -> TestResponse:
        """Send a form of this page, for which one is signed in."""
        found = re.search(r'name="csrf" value="([^"]+)"', self.get(page).text)
        assert found, page
        return self.post(path, {"csrf": found[1], **(form or {})})

    def session(self) -> str:
        """The secret of the session; '' where there is none."""
        cookie = self.client.get_cookie(COOKIE, domain=self.base.split("/")[2].split(":")[0])
        return cookie.value if cookie else ""

    def sign_in(self, who: Entrant) -> TestResponse:
        """By password and app."""
        first = self.post("/sign-in", {"email": who.member.email, "password": who.password})
        assert (first.status_code, first.headers["Location"]) == (303, "/console/sign-in/code")
        return self.post("/sign-in/code", {"code": who.code()})


def visit(rt: Runtime, app: Flask) -> Visit:
    """A browser that has never been here."""
    return Visit(app.test_client(), rt.settings.public_url)
