"""Every URL of the service: who may call it and how. A URL that does not stand here fails the build.

public    anybody                      twilio   X-Twilio-Signature
operator  token, or this machine       page     a page's own script: X-Requested-With, same origin
signed    whoever has the address: its key is signed by us
console   staff: each section has its own table, see `tests/webhooks/console/test_matrix.py`
browser   GET: the browser that has the page open, by its cookie; anybody else sees what is said of no page at all
          POST: the secure page's own form, with its proof (`csrf`); where there is none yet (`token`), same origin
`demo` marks what exists in the demo only, `json` what a page's script sends.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from bot.runtime import Runtime
from bot.settings import HOME
from bot.store.base import metadata
from tests.conftest import CLINIC_PHONE, House
from tests.webhooks.console.urls import all_urls
from webhooks.app import create

NOBODY = "6a3f2d0e-58c1-4d6b-9a57-0c1d2e3f4a5b"
"""The id of an opening and of a photo that never were."""


@dataclass(frozen=True)
class Url:
    """One rule of the app."""

    rule: str
    methods: str
    auth: str
    demo: bool = False
    fields: tuple[str, ...] = ()
    json: bool = False

    @property
    def path(self) -> str:
        """An address that the rule takes."""
        name = "appointment" if self.rule.endswith(".svg") else "operators"
        path = self.rule.replace("<path:filename>", "careline.css").replace("<name>", name)
        path = path.replace("<uuid:member>", NOBODY).replace("<key>", "A" * 22)
        path = path.replace("<uuid:opening>", NOBODY).replace("<uuid:photo>", NOBODY)
        return re.sub(r"<\w+>", "name", re.sub(r"<uuid:\w+>", NOBODY, path))


URLS: tuple[Url, ...] = (
    Url("/healthz", "GET", "public"),
    Url("/readyz", "GET", "public"),
    Url("/metrics", "GET", "operator"),
    Url("/static/<path:filename>", "GET", "public"),
    Url("/twilio/sms", "POST", "twilio"),
    Url("/twilio/status", "POST", "twilio"),
    Url("/twilio/voice/missed", "POST", "twilio"),
    Url("/twilio/voice/alert", "POST", "twilio"),
    Url("/twilio/voice/alert/press", "POST", "twilio"),
    Url("/twilio/voice/alert/status", "POST", "twilio"),
    Url("/s", "GET", "public"),
    Url("/s", "POST", "browser", fields=("token",)),
    Url("/s/again", "POST", "browser", fields=("token",)),
    Url("/s/<uuid:opening>", "GET", "browser"),
    Url("/s/<uuid:opening>", "POST", "browser", fields=("csrf",)),
    Url(
        "/s/<uuid:opening>/unlock",
        "POST",
        "browser",
        fields=("csrf", "day", "month", "year", "first_name", "pin"),
    ),
    Url("/s/<uuid:opening>/pin", "POST", "browser", fields=("csrf", "pin", "again")),
    Url("/s/<uuid:opening>/done", "POST", "browser", fields=("csrf",)),
    Url("/s/<uuid:opening>/wrong-person", "POST", "browser", fields=("csrf",)),
    Url("/s/<uuid:opening>/stay", "POST", "browser", fields=("csrf",)),
    Url("/s/<uuid:opening>/visit.ics", "GET", "browser"),
    Url("/s/<uuid:opening>/messages.txt", "GET", "browser"),
    Url("/s/<uuid:opening>/photo/<uuid:photo>", "GET", "browser"),
    Url("/s/<uuid:opening>/passkey/options", "POST", "browser", fields=("csrf",), json=True),
    Url("/s/<uuid:opening>/passkey/register", "POST", "browser", fields=("csrf", "credential"), json=True),
    Url(
        "/s/<uuid:opening>/passkey/authenticate", "POST", "browser", fields=("csrf", "credential"), json=True
    ),
    Url("/oncall", "GET", "public"),
    Url("/oncall/worker.js", "GET", "public"),
    Url("/oncall/state", "POST", "page"),
    Url("/oncall/act", "POST", "page"),
    Url("/oncall/device", "POST", "page"),
    Url("/oncall/feed/<uuid:member>/<key>.ics", "GET", "signed"),
    Url("/", "GET", "public", demo=True),
    Url("/docs", "GET", "public", demo=True),
    Url("/docs/<name>", "GET", "public", demo=True),
    Url("/docs/flows/<name>.svg", "GET", "public", demo=True),
    Url("/phone", "GET", "public", demo=True),
    Url("/phone/state", "GET", "public", demo=True),
    Url("/phone/text", "POST", "page", demo=True),
    Url("/phone/acknowledge", "POST", "page", demo=True),
    Url("/phone/call", "POST", "page", demo=True),
    Url("/phone/clock", "POST", "page", demo=True),
    Url("/phone/happen", "POST", "page", demo=True),
)
URLS += tuple(Url(f"/console{url.rule}", url.method, "console", demo=url.demo) for url in all_urls())
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND")


@pytest.fixture
def flows_dir() -> Path:
    """The clinic's own flows: pages have their sentences from there."""
    return HOME / "flows"


@pytest.fixture
def app(house: House) -> Flask:
    """The demo's app: all URLs that there can be, and a patient to look at."""
    house.patient()
    return create(house.rt)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Somebody who calls."""
    return app.test_client()


def rules(app: Flask) -> set[tuple[str, str]]:
    """Rule and method of everything that the app serves; HEAD and OPTIONS come with it."""
    return {
        (rule.rule, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def rows(rt: Runtime) -> dict[str, int]:
    """How many rows each table has."""
    with rt.begin() as db:
        return {
            name: db.conn.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one()
            for name in metadata.tables
        }


def test_every_url_of_the_demo_stands_in_the_table(app: Flask) -> None:
    assert rules(app) == {(url.rule, url.methods) for url in URLS}


def test_where_patients_are_real_the_demos_urls_do_not_exist(rt: Runtime) -> None:
    real = Runtime(rt.settings.model_copy(update={"demo": False}))
    app = create(real)
    assert rules(app) == {(url.rule, url.methods) for url in URLS if not url.demo}
    for url in URLS:
        if url.demo:
            assert app.test_client().open(url.path, method=url.methods).status_code == 404


def methods(rule: str) -> set[str]:
    """The methods that the table has for this rule."""
    return {url.methods for url in URLS if url.rule == rule}


def test_a_method_that_is_not_listed_is_refused(client: FlaskClient) -> None:
    for url in URLS:
        for method in METHODS:
            if method not in methods(url.rule):
                answer = client.open(url.path, method=method)
                assert answer.status_code == 405, (url.rule, method)
                assert url.methods in answer.headers["Allow"]


def test_a_head_request_does_not_reach_what_changes_something(client: FlaskClient) -> None:
    for url in URLS:
        if methods(url.rule) == {"POST"}:
            assert client.head(url.path).status_code == 405, url.rule


@pytest.mark.parametrize("url", [url for url in URLS if url.auth == "public"], ids=lambda url: url.rule)
def test_what_is_public_is_open_and_changes_nothing(rt: Runtime, client: FlaskClient, url: Url) -> None:
    before = rows(rt)
    assert client.get(url.path, buffered=True).status_code in (200, 302)
    assert rows(rt) == before


@pytest.mark.parametrize("url", [url for url in URLS if url.auth == "twilio"], ids=lambda url: url.rule)
@pytest.mark.parametrize("signature", [None, "", "x", "A" * 28])
def test_what_twilio_calls_needs_its_signature(
    rt: Runtime, client: FlaskClient, url: Url, signature: str | None
) -> None:
    before = rows(rt)
    headers = {} if signature is None else {"X-Twilio-Signature": signature}
    form = {
        "MessageSid": "SM1",
        "From": "+12025550111",
        "To": CLINIC_PHONE,
        "Body": "hi",
        "MessageStatus": "sent",
    }
    assert client.post(url.path, data=form, headers=headers).status_code == 403
    assert rows(rt) == before


@pytest.mark.parametrize("url", [url for url in URLS if url.auth == "page"], ids=lambda url: url.rule)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Requested-With": "XMLHttpRequest"},
        {"X-Requested-With": "careline", "Sec-Fetch-Site": "cross-site"},
        {"X-Requested-With": "careline", "Sec-Fetch-Site": "same-site"},
        {"X-Requested-With": "careline", "Sec-Fetch-Site": "none"},
    ],
)
def test_what_a_pages_script_calls_takes_no_other_sites_requests(
    rt: Runtime, client: FlaskClient, url: Url, headers: dict[str, str]
) -> None:
    before = rows(rt)
    answer = client.post(
        url.path, json={"step": "hour", "patient": "x", "body": "hi", "code": "1"}, headers=headers
    )
    assert answer.status_code == 403
    assert rows(rt) == before


FOREIGN = (
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
)
BROWSER = [url for url in URLS if url.auth == "browser"]


def test_what_browsers_send_takes_no_other_sites_requests(rt: Runtime, client: FlaskClient) -> None:
    before = rows(rt)
    for url in BROWSER:
        for headers in FOREIGN if url.methods == "POST" else ():
            form = dict.fromkeys(url.fields, "1")
            body = {"json": form} if url.json else {"data": form}
            answer = client.post(url.path, headers=headers, base_url=rt.settings.pages_url, **body)  # type: ignore[arg-type]
            assert answer.status_code == 403, (url.rule, headers)
    assert rows(rt) == before


@pytest.mark.parametrize("proof", [None, "", "x", "A" * 22, "A" * 40])
def test_what_an_opened_page_sends_needs_its_proof(
    rt: Runtime, client: FlaskClient, proof: str | None
) -> None:
    before = rows(rt)
    for url in BROWSER:
        if "csrf" in url.fields:
            form = dict.fromkeys(url.fields, "1") | {"csrf": proof or ""}
            if proof is None:
                del form["csrf"]
            own = {"Sec-Fetch-Site": "same-origin", "Origin": rt.settings.pages_url}
            body = {"json": form} if url.json else {"data": form}
            assert client.post(url.path, headers=own, **body).status_code == 403, url.rule  # type: ignore[arg-type]
    assert rows(rt) == before


def test_an_opened_page_shows_strangers_nothing_and_looking_changes_nothing(
    rt: Runtime, client: FlaskClient
) -> None:
    before = rows(rt)
    for url in BROWSER:
        if url.methods == "GET":
            assert client.get(url.path).status_code == client.head(url.path).status_code == 404, url.rule
            client.set_cookie("__Host-page", "A" * 43)
            assert client.get(url.path).status_code == 404, url.rule
    assert rows(rt) == before


@pytest.mark.parametrize("url", [url for url in URLS if url.auth == "signed"], ids=lambda url: url.rule)
def test_an_address_that_we_have_not_signed_is_none(rt: Runtime, client: FlaskClient, url: Url) -> None:
    before = rows(rt)
    assert client.get(url.path).status_code == client.head(url.path).status_code == 404
    assert rows(rt) == before


OPERATOR = [url for url in URLS if url.auth == "operator"]


@pytest.mark.parametrize("url", OPERATOR, ids=lambda url: url.rule)
@pytest.mark.parametrize(
    ("token", "address", "headers", "status"),
    [
        ("", "127.0.0.1", {}, 200),
        ("", "::1", {}, 200),
        ("", "10.0.0.5", {}, 403),
        ("", "203.0.113.7", {}, 403),
        ("", "127.0.0.1", {"X-Forwarded-For": "203.0.113.7"}, 403),
        ("", "127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 403),
        ("", "127.0.0.1", {"Forwarded": "for=203.0.113.7"}, 403),
        ("", "203.0.113.7", {"X-Forwarded-For": "127.0.0.1"}, 403),
        ("t" * 32, "127.0.0.1", {}, 403),
        ("t" * 32, "203.0.113.7", {"Authorization": f"Bearer {'t' * 32}"}, 200),
        ("t" * 32, "203.0.113.7", {"Authorization": f"Bearer {'t' * 31}"}, 403),
        ("t" * 32, "203.0.113.7", {"Authorization": "t" * 32}, 403),
        ("t" * 32, "203.0.113.7", {"Authorization": "Bearer é"}, 403),
    ],
)
def test_what_operators_call_needs_the_token_or_this_machine(
    rt: Runtime, clinic: object, url: Url, token: str, address: str, headers: dict[str, str], status: int
) -> None:
    guarded = Runtime(rt.settings.model_copy(update={"metrics_token": token}))
    answer = (
        create(guarded).test_client().get(url.path, headers=headers, environ_base={"REMOTE_ADDR": address})
    )
    guarded.engine.dispose()
    assert answer.status_code == status
