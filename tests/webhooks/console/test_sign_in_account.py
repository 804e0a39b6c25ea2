"""One's own account: what it shows, that changes ask for a proof, and that they end every other session."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask

from bot.runtime import Runtime
from bot.service.entrance import sign_in
from bot.service.entrance.sign_in import Refused
from bot.service.entrance.tries import FACTOR
from bot.store import logins, staff_passkeys
from tests.bot.service.authenticator import Authenticator
from tests.bot.service.entrants import (
    HOST,
    ORIGIN,
    PASSWORD,
    VISITOR,
    Entrant,
    entrant,
    keys,
    shown,
    to_next_code,
    trail,
    with_key,
)
from tests.webhooks.console.seats import plain
from tests.webhooks.console.visitors import Visit, visit
from webhooks.app import create

OTHER = "seven quiet blue doors"


@pytest.fixture
def app(rt: Runtime) -> Flask:
    """The whole app."""
    return create(rt)


@pytest.fixture
def maria(rt: Runtime, clinic: UUID) -> Entrant:
    """A nurse who can sign in."""
    return entrant(rt, clinic)


@pytest.fixture
def here(rt: Runtime, app: Flask, maria: Entrant) -> Visit:
    """Her browser, signed in."""
    made = visit(rt, app)
    made.sign_in(maria)
    return made


@pytest.fixture
def there(rt: Runtime, app: Flask, maria: Entrant, here: Visit) -> Visit:
    """Another browser of hers."""
    to_next_code(rt)
    made = visit(rt, app)
    made.sign_in(maria)
    return made


def is_in(browser: Visit) -> bool:
    """Whether it is signed in."""
    return browser.get("/account").status_code == 200


def change_password(here: Visit, maria: Entrant) -> str:
    assert here.send("/account/password", "/account/password", {"password": "short"}).status_code == 422
    done = here.send("/account/password", "/account/password", {"password": OTHER})
    assert sign_in.with_password(maria.rt, maria.member.email, PASSWORD, VISITOR) is Refused.WRONG
    assert isinstance(sign_in.with_password(maria.rt, maria.member.email, OTHER, VISITOR), str)
    return done.headers["Location"]


def change_app(here: Visit, maria: Entrant) -> str:
    found = re.search(r'typed-key">([^<]+)<', here.get("/account/app").text)
    assert found
    app = found[1].replace(" ", "")
    assert here.send("/account/app", "/account/app", {"code": "12345"}).status_code == 422
    assert app in here.get("/account/app").text.replace(" ", "")  # the same until it is confirmed
    done = here.send("/account/app", "/account/app", {"code": shown(maria.rt, app)})
    to_next_code(maria.rt)
    wrong = here.send("/prove", "/prove", {"code": maria.code()})
    assert wrong.status_code == 422  # the old one counts no more
    return done.headers["Location"]


def add_key(here: Visit, maria: Entrant) -> str:
    device = Authenticator(ORIGIN, HOST, user_handle=maria.member.id.bytes)
    assert here.send("/account/passkey", "/account/passkey", {"credential": "{}"}).status_code == 422
    options = json.loads(here.send("/account/passkey", "/account/passkey/options").text)
    credential = json.dumps(device.make(options))
    done = here.send("/account/passkey", "/account/passkey", {"credential": credential})
    assert keys(maria.rt, maria.member) == 1
    return done.headers["Location"]


def drop_key(here: Visit, maria: Entrant) -> str:
    with_key(maria.rt, maria.member)
    found = re.search(r'name="passkey" value="([^"]+)"', here.get("/account").text)
    assert found
    done = here.send("/account", "/account/passkey/remove", {"passkey": found[1]})
    assert keys(maria.rt, maria.member) == 0
    again = here.send("/account", "/account/passkey/remove", {"passkey": found[1]})
    assert again.headers["Location"] == "/console/account"
    return done.headers["Location"]


def new_codes(here: Visit, maria: Entrant) -> str:
    page = here.send("/account/codes", "/account/codes").text
    codes = re.findall(r"<li>([a-z0-9-]{14})</li>", page)
    assert (len(codes), set(codes) & set(maria.codes)) == (10, set())
    assert not any(code in here.get("/account").text for code in codes)
    return "/console/account?said="


@pytest.mark.parametrize("change", [change_password, change_app, add_key, drop_key, new_codes])
def test_a_change_ends_every_other_session_and_is_in_the_trail(
    rt: Runtime, maria: Entrant, here: Visit, there: Visit, change: Callable[[Visit, Entrant], str]
) -> None:
    waiting = maria.first()
    before = len(trail(rt))
    assert change(here, maria).startswith("/console/account?said=")
    assert (is_in(here), is_in(there)) == (True, False)
    assert sign_in.ways(rt, waiting) is None
    lines = trail(rt)[before:]
    assert any("other sessions ended" in detail for _, _, detail in lines)


def test_what_changes_the_login_asks_who_it_is_once_more_by_any_proof(
    rt: Runtime, maria: Entrant, here: Visit
) -> None:
    device = with_key(rt, maria.member)
    secret = here.session()
    for way in ("password", "code", "passkey"):
        rt.move_clock(timedelta(minutes=11))
        asked = here.get("/account/codes")
        assert asked.headers["Location"] == "/console/prove?next=/console/account/codes"
        to_next_code(rt)
        options = here.send("/prove", "/prove/options").text
        given = {
            "password": lambda: {"password": PASSWORD},
            "code": lambda: {"code": maria.code()},
            "passkey": lambda options=options: {"credential": json.dumps(device.use(json.loads(options)))},
        }[way]()
        wrong = here.send("/prove", "/prove", {way: "no"} if way != "passkey" else {"credential": "{}"})
        assert (wrong.status_code, "That was not right." in wrong.text) == (422, True)
        if way == "passkey":  # its challenge was used up by the wrong one
            given = {
                "credential": json.dumps(device.use(json.loads(here.send("/prove", "/prove/options").text)))
            }
        right = here.send("/prove", "/prove", given | {"next": "/console/account/codes"})
        assert right.headers["Location"] == "/console/account/codes"
        assert here.get("/account/codes").status_code == 200
        assert here.session() != secret  # and with it a new secret
        secret = here.session()


def test_somebody_elses_passkey_is_no_proof_and_ten_wrong_ones_stop_it(
    rt: Runtime, clinic: UUID, maria: Entrant, here: Visit
) -> None:
    with_key(rt, maria.member)
    other = with_key(rt, entrant(rt, clinic, "joe").member)
    options = json.loads(here.send("/prove", "/prove/options").text)
    assert here.send("/prove", "/prove", {"credential": json.dumps(other.use(options))}).status_code == 422
    for _ in range(FACTOR.most - 1):
        here.send("/prove", "/prove", {"password": "wrong wrong"})
    assert here.send("/prove", "/prove", {"password": PASSWORD}).status_code == 422
    assert is_in(here)


def test_the_page_shows_ones_sessions_and_ends_them(
    rt: Runtime, maria: Entrant, here: Visit, there: Visit
) -> None:
    words = plain(here.get("/account").text)
    assert "maria@clinic.example · Riverside Clinic" in words
    assert "10 of 10 left" in words
    session = re.search(r'name="session" value="([^"]+)"', there.get("/account").text)
    assert session
    for value in ("nonsense", str(UUID(int=1))):
        assert there.send("/account", "/account/sessions/end", {"session": value}).status_code == 303
    assert is_in(here)
    ended = here.send("/account", "/account/sessions/end-all")
    assert ended.headers["Location"] == "/console/account?said=signed_out_elsewhere"
    assert (is_in(here), is_in(there)) == (True, False)


def test_the_last_second_factor_stays(rt: Runtime, clinic: UUID, app: Flask) -> None:
    joe = entrant(rt, clinic, "joe")
    here = visit(rt, app)
    here.sign_in(joe)
    with_key(rt, joe.member)
    with rt.begin() as db:
        db.conn.execute(logins.logins.update().values(totp=None))
    page = here.get("/account").text
    assert "your only second factor" in page
    assert 'name="passkey"' not in page
    with rt.begin() as db:
        (key,) = staff_passkeys.of(db, joe.member.id)
    kept = here.send("/account", "/account/passkey/remove", {"passkey": str(key.id)})
    assert kept.headers["Location"] == "/console/account?said=key_alone"
    assert keys(rt, joe.member) == 1
