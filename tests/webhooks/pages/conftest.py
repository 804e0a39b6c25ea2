"""A patient with a phone and a browser: texts come in by the twin, links are opened over the app itself."""

import re
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bot.core.events import Triggered
from bot.runtime import Runtime
from bot.settings import HOME
from bot.store import conversations, inbox
from bot.store.inbox import Mail
from tests.conftest import ANA_PHONE, House
from webhooks.app import create

BORN = date(1970, 1, 2)
_LINK = re.compile(r"(https?://\S+)/s#(\S+)")
_HIDDEN = re.compile(r'<input type="hidden" name="(csrf|read)" value="([^"]*)"')


@pytest.fixture
def flows_dir() -> Path:
    """The clinic's own flows: pages have their sentences from there."""
    return HOME / "flows"


@dataclass
class Browser:
    """A browser on the patient's phone."""

    client: FlaskClient
    origin: str
    here: str = ""
    seen: TestResponse | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def tap(self, token: str) -> TestResponse:
        """Open the link by a tap on the shell."""
        answer = self.post("/s", {"token": token}, csrf=False)
        if answer.status_code == 303:
            self.here = answer.headers["Location"]
            self.get()
        return answer

    def unlock(self, born: date = BORN, **more: str) -> TestResponse:
        """Prove who it is by the date of birth."""
        fields = {"day": str(born.day), "month": str(born.month), "year": str(born.year)}
        answer = self.post(f"{self.here}/unlock", fields | more)
        if answer.status_code == 303:
            self.get()
        return answer

    def send(self, fields: dict[str, object]) -> TestResponse:
        """Send the page's own form."""
        answer = self.post(self.here, fields)
        if answer.status_code == 303:
            self.get()
        return answer

    def get(self, path: str = "") -> TestResponse:
        """Look at the page as it is now."""
        answer = self.client.get(path or self.here, base_url=self.origin)
        if not path:
            self.seen = answer
        return answer

    def post(self, path: str, fields: dict[str, object], *, csrf: bool = True) -> TestResponse:
        """Send a form as the page that was seen last would."""
        proof = dict(_HIDDEN.findall(self.seen.text)) if csrf and self.seen else {}
        return self.client.post(
            path,
            data=proof | fields,
            base_url=self.origin,
            headers={"Sec-Fetch-Site": "same-origin", "Origin": self.origin, **self.headers},
            content_type="multipart/form-data",
        )

    @property
    def text(self) -> str:
        """The page that was seen last, without tags."""
        assert self.seen is not None
        return " ".join(re.sub(r"<[^>]+>", " ", self.seen.text).split())


@dataclass
class Pages:
    """The house, and browsers for its pages."""

    house: House
    patient: UUID

    @property
    def rt(self) -> Runtime:
        """The runtime."""
        return self.house.rt

    @cached_property
    def app(self) -> Flask:
        """The web app."""
        return create(self.rt)

    def browser(self) -> Browser:
        """A browser that has never been here."""
        return Browser(self.app.test_client(), self.rt.settings.pages_url)

    def trigger(
        self, trigger: str, *, flow: str | None = None, visit: UUID | None = None, **values: object
    ) -> None:
        """Something happens that starts a flow for the patient; what follows is done."""
        with self.rt.begin() as db:
            what = Triggered(
                trigger=trigger,
                flow=flow,
                person_id=self.patient,
                visit_id=visit,
                values=dict(values),  # type: ignore[arg-type]
            )
            mail = Mail(
                clinic=self.house.clinic,
                conversation=conversations.with_phone(db, self.house.clinic, ANA_PHONE, self.rt.now()),
                dedupe=f"test:{trigger}:{self.rt.now()}",
                what=what,
            )
            inbox.put(db, [mail], self.rt.now())
        self.house.work()

    def token(self) -> str:
        """The token in the latest text that has one."""
        return self.tokens()[-1]

    def tokens(self) -> list[str]:
        """The tokens of all texts, oldest first."""
        return [found[2] for body in self.house.got() for found in [_LINK.search(body)] if found]


@pytest.fixture
def pages(house: House) -> Pages:
    """Ana, who has a phone."""
    return Pages(house, house.patient())
