"""A caller that signs as Twilio does, over the app itself; `public` is the address that Twilio knows."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from bot.runtime import Runtime
from bot.store.base import metadata
from tests.conftest import ANA_PHONE, CLINIC_PHONE, TOKEN
from webhooks.app import create

PUBLIC = "https://bot.example"
Form = dict[str, str] | list[tuple[str, str]]


@dataclass
class Twilio:
    """Calls the app's webhooks and signs what it sends."""

    client: FlaskClient
    rt: Runtime

    def post(
        self,
        target: str,
        form: Form,
        *,
        token: str = TOKEN,
        base: str = PUBLIC,
        signature: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> TestResponse:
        """Post to this path and query as they stand on the request line."""
        made = signature or RequestValidator(token).compute_signature(base + target, MultiDict(form))
        parts = urlsplit(target)
        return self.client.post(
            parts.path,
            query_string=parts.query,
            data=MultiDict(form),
            content_type="application/x-www-form-urlencoded",
            headers={"X-Twilio-Signature": made, **(headers or {})},
            environ_overrides={"RAW_URI": target, "REQUEST_URI": target},
        )

    def text(self, body: str = "hi", sid: str = "SM1", **more: str) -> TestResponse:
        """A text from Ana's phone."""
        form = {"MessageSid": sid, "From": ANA_PHONE, "To": CLINIC_PHONE, "Body": body, "NumMedia": "0"}
        return self.post("/twilio/sms", form | more)

    def rows(self) -> dict[str, int]:
        """How many rows each table has."""
        with self.rt.begin() as db:
            return {
                name: db.conn.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one()
                for name in metadata.tables
            }


@pytest.fixture
def with_settings(rt: Runtime, clinic: UUID) -> Callable[..., Twilio]:
    """A caller of an app with these settings, which Twilio knows under PUBLIC."""

    def make(**settings: object) -> Twilio:
        wanted = {"public_url": PUBLIC} | settings
        whole = Runtime(rt.settings.model_copy(update=wanted))
        whole.__dict__.update({"engine": rt.engine, "reader": rt.reader})
        return Twilio(create(whole).test_client(), whole)

    return make


@pytest.fixture
def twilio(with_settings: Callable[..., Twilio]) -> Twilio:
    """A caller of the app."""
    return with_settings()
