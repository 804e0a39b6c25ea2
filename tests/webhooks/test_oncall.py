"""The on-call page over HTTP: what anybody sees, what a link opens, each act, and that no patient is in any of it."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import icalendar
import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from bot.gateways.push import new_key
from bot.service import clinic as clinic_service
from bot.signing import feed_key
from bot.store import devices, staff
from bot.store.base import metadata
from tests.bot.gateways.test_push import Browser
from tests.bot.service.duty import alarm, later, with_settings, work
from tests.bot.service.ward import opened, token
from tests.conftest import ANA_PHONE, House
from webhooks.app import create

OWN = {"X-Requested-With": "careline", "Sec-Fetch-Site": "same-origin"}
Post = Callable[..., TestResponse]


@pytest.fixture
def ward(house: House) -> dict[str, UUID]:
    """Maria and Joe by handle, and a ladder."""
    return opened(house)


@pytest.fixture
def client(house: House) -> FlaskClient:
    """A browser."""
    return create(house.rt).test_client()


@pytest.fixture
def post(client: FlaskClient) -> Post:
    """What the page's script sends."""

    def send(path: str, link: str, **content: object) -> TestResponse:
        return client.post(f"/oncall/{path}", json={"token": link} | content, headers=OWN)

    return send


def rows(house: House) -> dict[str, int]:
    """How many rows each table has."""
    with house.rt.begin() as db:
        return {
            name: db.conn.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one()
            for name in metadata.tables
        }


def open_one(answer: TestResponse) -> dict[str, Any]:
    (one,) = answer.get_json()["state"]["open"]
    found: dict[str, Any] = one
    return found


# -- the page itself --------------------------------------------------------------------------------------


def test_the_page_is_the_same_for_everybody_and_looking_changes_nothing(
    house: House, ward: dict[str, UUID], client: FlaskClient
) -> None:
    alarm(house)
    before = rows(house)
    plain = client.get("/oncall")
    for headers in ({}, {"Purpose": "prefetch"}, {"User-Agent": "facebookexternalhit/1.1"}):
        answer = client.get("/oncall", headers=headers)
        assert (answer.status_code, answer.data) == (200, plain.data)
    assert client.head("/oncall").status_code == 200
    assert rows(house) == before
    assert b"Riverside" not in plain.data
    assert plain.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in plain.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in plain.headers


def test_the_worker_may_only_speak_for_the_page(client: FlaskClient) -> None:
    answer = client.get("/oncall/worker.js")
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Service-Worker-Allowed"] == "/oncall"
    assert answer.headers["Cache-Control"] == "no-cache"


# -- who may send -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["state", "act", "device"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "same-origin"},
        {"X-Requested-With": "XMLHttpRequest"},
        {"X-Requested-With": "careline", "Sec-Fetch-Site": "cross-site"},
        {"X-Requested-With": "careline", "Sec-Fetch-Site": "same-site"},
        {"X-Requested-With": "careline", "Origin": "https://evil.example"},
        {"X-Requested-With": "careline", "Origin": "null"},
        {"X-Requested-With": "careline", "Origin": "http://[::1"},
    ],
)
def test_no_other_site_may_send(
    house: House, ward: dict[str, UUID], client: FlaskClient, path: str, headers: dict[str, str]
) -> None:
    code, link = alarm(house), token(house, ward["maria"])
    before = rows(house)
    answer = client.post(
        f"/oncall/{path}", json={"token": link, "act": "take", "code": code}, headers=headers
    )
    assert answer.status_code == 403
    assert rows(house) == before


def test_the_pages_own_origin_may(house: House, ward: dict[str, UUID], client: FlaskClient) -> None:
    own = OWN | {"Origin": house.rt.settings.public_url}
    link = token(house, ward["maria"])
    assert client.post("/oncall/state", json={"token": link}, headers=own).status_code == 200


@pytest.mark.parametrize("path", ["state", "act", "device"])
def test_a_link_that_is_over_opens_nothing(
    house: House, ward: dict[str, UUID], post: Post, path: str
) -> None:
    code = alarm(house)
    old = token(house, ward["maria"], made=house.rt.now() - timedelta(hours=24))
    gone = token(house, ward["joe"])
    with house.rt.begin() as db:
        staff.leave(db, house.clinic, "joe", house.rt.now())
    before = rows(house)
    answers = [
        post(path, wrong, act="take", code=code, endpoint="https://push.example.com/1")
        for wrong in (old, gone, "", "A" * 40, "A" * 2000)
    ]
    assert {(answer.status_code, answer.data) for answer in answers} == {(404, b"This link is over.")}
    assert rows(house) == before


def test_another_clinics_code_is_refused(house: House, ward: dict[str, UUID], post: Post) -> None:
    code = alarm(house)
    other = clinic_service.add(house.rt, name="Elsewhere", phone="+12025550900", zone="America/New_York")
    theirs = token(House(rt=house.rt, twin=house.twin, clinic=other, url=house.url))
    before = rows(house)
    for act in ("take", "resolve", "hand_over", "snooze", "reopen"):
        answer = post("act", theirs, act=act, code=code, outcome="false alarm", minutes=10, to="maria")
        assert (answer.status_code, answer.data) == (404, b"There is no such code here.")
    assert rows(house) == before
    assert post("state", theirs).get_json()["state"]["open"] == []


@pytest.mark.parametrize(
    "content",
    [
        {"act": "take"},
        {"act": "no such thing"},
        {"act": ["take"]},
        {"act": "take", "code": 1001},
        {"act": "resolve", "outcome": "she told me of her rash"},
        {"act": "resolve", "outcome": "é"},
        {"act": "snooze", "minutes": "10"},
        {"act": "snooze", "minutes": 7},
        {"act": "hand_over", "to": "zoe"},
        {"act": "hand_over", "to": "maria\x00"},
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused(
    house: House, ward: dict[str, UUID], post: Post, content: dict[str, object]
) -> None:
    code, link = alarm(house), token(house, ward["joe"])
    before = rows(house)
    status = 404 if content == {"act": "take"} else 400
    given = {} if status == 404 else {"code": code}
    assert post("act", link, **(given | content)).status_code == status
    assert rows(house) == before


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"x"', b"\xff"])
def test_what_is_no_json_object_is_refused(client: FlaskClient, body: bytes) -> None:
    for path in ("state", "act", "device"):
        answer = client.post(f"/oncall/{path}", data=body, content_type="application/json", headers=OWN)
        assert answer.status_code == 400


def test_what_is_too_large_is_refused(house: House, ward: dict[str, UUID], post: Post) -> None:
    assert post("state", token(house), filler="x" * 9000).status_code in (400, 413)


# -- what it does -----------------------------------------------------------------------------------------


def test_take_be_asked_later_hand_over_end_and_open_again(
    house: House, ward: dict[str, UUID], post: Post
) -> None:
    code, maria, joe = alarm(house), token(house, ward["maria"]), token(house, ward["joe"])

    def done(link: str, act: str, **more: object) -> dict[str, str]:
        answer = post("act", link, act=act, code=code, **more)
        assert answer.status_code == 200
        work(house)
        came: dict[str, str] = answer.get_json()
        return came

    assert done(maria, "take") == {"came": "done", "by": ""}
    assert done(joe, "take") == {"came": "already", "by": "Maria"}
    assert (open_one(post("state", maria))["mine"], open_one(post("state", joe))["by"]) == (True, "Maria")
    done(maria, "snooze", minutes=60)
    assert open_one(post("state", maria))["until"]
    done(maria, "hand_over", to="joe")
    assert open_one(post("state", joe))["taken"] is None
    done(joe, "take")
    done(joe, "resolve", outcome="sent to emergency care")
    state = post("state", maria).get_json()["state"]
    assert (state["open"], state["ended"][0]["outcome"]) == ([], "sent to emergency care")
    assert done(maria, "take") == {"came": "closed", "by": "Joe"}
    done(maria, "reopen")
    assert [row["what"] for row in open_one(post("state", maria))["done"]] == [
        "took it",
        "has it and is asked again",
        "handed it over",
        "took it",
        "ended it",
        "opened it again",
    ]


def test_what_the_page_knows_already_is_not_sent_again(
    house: House, ward: dict[str, UUID], post: Post
) -> None:
    link = token(house, ward["maria"])
    first = post("state", link).get_json()
    answer = post("state", link, known=first["version"])
    assert answer.get_json() == {"now": answer.get_json()["now"], "version": first["version"], "state": None}
    assert len(answer.data) < 120
    assert answer.headers["Cache-Control"] == "no-store"
    alarm(house)
    assert post("state", link, known=first["version"]).get_json()["state"]["open"]


def test_a_browser_is_kept_for_a_member_and_for_nobody_else(house: House, ward: dict[str, UUID]) -> None:
    whole = with_settings(house, vapid_key=new_key())
    client = create(whole.rt).test_client()
    subscription = Browser(base_url="https://push.example.com").subscription()
    keys = {"p256dh": subscription.p256dh, "auth": subscription.auth}

    def send(link: str, endpoint: object, given: object = keys) -> int:
        content = {"token": link, "endpoint": endpoint, "keys": given}
        return client.post("/oncall/device", json=content, headers=OWN).status_code

    maria = token(house, ward["maria"])
    assert send(token(house), subscription.endpoint) == 400
    assert send(maria, "https://192.168.0.1/x") == 400
    assert send(maria, "https://push.example.com/" + "x" * 2100) == 400
    assert send(maria, None) == 400
    assert send(maria, subscription.endpoint, "no keys") == 400
    assert send(maria, subscription.endpoint) == 204
    with house.rt.begin() as db:
        (kept,) = devices.of(db, house.clinic, ward["maria"])
        assert devices.of(db, house.clinic, ward["joe"]) == []
    assert (kept.endpoint, kept.p256dh) == (subscription.endpoint, subscription.p256dh)


def test_the_calendar_feed_needs_its_key(house: House, ward: dict[str, UUID], client: FlaskClient) -> None:
    key = feed_key(house.rt.settings.secrets, ward["maria"])
    answer = client.get(f"/oncall/feed/{ward['maria']}/{key}.ics")
    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
    assert icalendar.Calendar.from_ical(answer.data)
    for wrong in (f"{ward['joe']}/{key}", f"{ward['maria']}/{'A' * 22}", f"{ward['maria']}/x", f"x/{key}"):
        assert client.get(f"/oncall/feed/{wrong}.ics").status_code == 404
    with house.rt.begin() as db:
        staff.leave(db, house.clinic, "maria", house.rt.now())
    assert client.get(f"/oncall/feed/{ward['maria']}/{key}.ics").status_code == 404


# -- no PHI -----------------------------------------------------------------------------------------------

NAME, WORDS = "Zebulon", "chest pain since the quinoa, my left arm is numb"
SECRET = (NAME, "Morales", "quinoa", "left arm", "numb", ANA_PHONE, ANA_PHONE[2:], "555-0111", "1970")


def test_no_byte_of_any_answer_is_of_the_patient(
    house: House, ward: dict[str, UUID], client: FlaskClient, post: Post
) -> None:
    house.visit(house.patient(NAME), house.rt.now() + timedelta(days=3))
    house.text(WORDS)
    work(house)
    maria, seen = token(house, ward["maria"]), [client.get("/oncall"), client.get("/oncall/worker.js")]
    code = open_one(post("state", maria))["code"]
    for act, more in (
        ("take", {}),
        ("snooze", {"minutes": 10}),
        ("hand_over", {"to": "joe"}),
        ("resolve", {"outcome": "reached the patient"}),
        ("reopen", {}),
        ("no such thing", {}),
    ):
        seen += [post("state", maria), post("act", maria, act=act, code=code, **more)]
        work(house)
        later(house, minutes=3)
    seen += [post("state", maria), post("state", token(house)), post("act", maria, act="take", code="9999")]
    feed = seen[2].get_json()["state"]["feed"]
    seen.append(client.get(feed))
    assert {answer.status_code for answer in seen} == {200, 400, 404}
    told = b"\n".join(answer.data + str(answer.headers).encode() for answer in seen)
    assert b"own words sound like an emergency" in told.replace(b"\\u2019", b"'")
    found = json.dumps(told.decode()).casefold()
    assert [secret for secret in SECRET if secret.casefold() in found] == []
