"""The pages at the door: what they show, what browsers keep, and that nothing tells who works here."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask

from bot.runtime import Runtime
from bot.service import enrol
from bot.service.entrance import invite
from bot.service.entrance.tries import ADDRESS
from bot.store.staff_links import Kind
from tests.bot.service.entrants import PASSWORD, Entrant, entrant, shown, to_next_code, with_key
from tests.webhooks.console.seats import plain
from tests.webhooks.console.visitors import Visit, visit
from webhooks.app import create

FAR = {"REMOTE_ADDR": "198.51.100.99"}
Go = Callable[[], Visit]


@pytest.fixture
def app(rt: Runtime) -> Flask:
    """The whole app."""
    return create(rt)


@pytest.fixture
def go(rt: Runtime, app: Flask) -> Go:
    """A browser that has never been here."""
    return lambda: visit(rt, app)


@pytest.fixture
def maria(rt: Runtime, clinic: UUID) -> Entrant:
    """A nurse who can sign in."""
    return entrant(rt, clinic)


def test_one_signs_in_by_password_and_code_and_comes_to_where_one_wanted(go: Go, maria: Entrant) -> None:
    here = go()
    door = here.get("/patients").headers["Location"].removeprefix("/console")
    page = here.get(door).text
    assert 'name="next" value="/console/patients"' in page
    first = here.post(
        "/sign-in", {"email": maria.member.email, "password": PASSWORD, "next": "/console/patients"}
    )
    assert first.headers["Location"] == "/console/sign-in/code?next=/console/patients"
    assert here.get("/patients").status_code == 303  # not in yet
    wrong = here.post("/sign-in/code", {"code": "12345"})
    assert wrong.status_code == 422
    assert "This code is not right, or was used already." in plain(wrong.text)
    second = here.post("/sign-in/code", {"code": maria.code(), "next": "/console/patients"})
    assert (second.status_code, second.headers["Location"]) == (303, "/console/patients")
    assert here.get("/account").status_code == 200
    evil = go().post(
        "/sign-in", {"email": maria.member.email, "password": PASSWORD, "next": "//evil.example"}
    )
    assert evil.headers["Location"].startswith("/console/sign-in/code")


def test_cookies_are_of_this_host_alone_and_new_with_each_session(
    rt: Runtime, go: Go, maria: Entrant
) -> None:
    here = go()
    first = here.post("/sign-in", {"email": maria.member.email, "password": PASSWORD})
    second = here.post("/sign-in/code", {"code": maria.code()})
    set_ones = [*first.headers.getlist("Set-Cookie"), *second.headers.getlist("Set-Cookie")]
    assert [one.partition("=")[0] for one in set_ones] == [
        "__Host-sign-in",
        "__Host-console",
        "__Host-sign-in",
    ]
    for one in set_ones:
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(one.split("; "))
        assert "Domain" not in one
    assert re.fullmatch(r"[\w-]{43}", here.session())
    before = here.session()
    to_next_code(rt)
    here.sign_in(maria)
    assert here.session() != before
    here.client.set_cookie("__Host-console", before)
    assert here.get("/account").status_code == 303  # the one before is over


def test_a_secret_that_somebody_else_put_there_is_not_taken_over(rt: Runtime, go: Go, maria: Entrant) -> None:
    planted = go()
    planted.client.set_cookie("__Host-console", "A" * 43)
    planted.client.set_cookie("__Host-sign-in", "B" * 43)
    planted.sign_in(maria)
    assert planted.session() not in ("", "A" * 43, "B" * 43)
    thief = go()
    thief.client.set_cookie("__Host-console", "A" * 43)
    thief.client.set_cookie("__Host-sign-in", "B" * 43)
    assert thief.get("/account").status_code == 303
    assert thief.get("/sign-in/code").headers["Location"] == "/console/sign-in?why=gone"


def test_the_page_says_the_same_to_whoever_is_refused_before_the_limit_and_after_it(
    go: Go, maria: Entrant
) -> None:
    def bodies(email: str) -> list[tuple[int, str]]:
        here = go()
        answers = [
            here.post("/sign-in", {"email": email, "password": "wrong wrong"}, environ_base=FAR)
            for _ in range(ADDRESS.most + 1)
        ]
        answers.append(here.post("/sign-in", {"email": email, "password": PASSWORD}, environ_base=FAR))
        answers.append(here.post("/sign-in/forgotten", {"email": email}))
        return [(one.status_code, one.text.replace(f'value="{email}"', "")) for one in answers]

    known, unknown = bodies(maria.member.email), bodies("nobody@clinic.example")
    assert known == unknown
    assert len(set(known[:-1])) == 1


def test_an_invite_leads_to_the_ten_codes_and_in(rt: Runtime, clinic: UUID, go: Go) -> None:
    new = enrol.add(rt, clinic, "joe@clinic.example", role="nurse", name="Joe Keller")
    link = invite.by_operator(rt, clinic, new.email, Kind.INVITE)
    assert "#" in link  # what stands behind it no server and no log sees
    here = go()
    token = link.partition("#")[2]
    page = here.get("/sign-in/link").text
    assert 'autocomplete="off"' in page
    assert here.post("/sign-in/link", {"token": "A" * 40}).status_code == 422
    assert here.post("/sign-in/link", {"token": link}).headers["Location"] == "/console/sign-in/password"
    page = here.get("/sign-in/password").text
    assert "Hello, Joe Keller" in page
    assert 'autocomplete="new-password"' in page
    assert 'value="joe@clinic.example" autocomplete="username"' in page
    common = here.post("/sign-in/password", {"password": "password1"})
    assert (common.status_code, "Too many people would guess this one" in common.text) == (422, True)
    assert here.get("/sign-in/factor").headers["Location"] == "/console/sign-in/password"
    assert (
        here.post("/sign-in/password", {"password": PASSWORD}).headers["Location"]
        == "/console/sign-in/factor"
    )
    page = here.get("/sign-in/factor").text
    picture = re.search(r"<svg[^>]*class=\"qr\".*?</svg>", page, re.DOTALL)
    key = re.search(r'typed-key">([^<]+)<', page)
    assert picture
    assert key
    assert "style" not in picture[0]
    done = here.post("/sign-in/factor", {"code": shown(rt, key[1].replace(" ", ""))})
    assert len(re.findall(r"<li>[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}</li>", done.text)) == 10
    assert here.get("/account").status_code == 200
    assert "10 of 10 left" in plain(here.get("/account").text)
    assert go().post("/sign-in/link", {"token": token}).status_code == 422


def test_a_passkey_signs_in_by_itself_and_a_wrong_one_says_so(go: Go, maria: Entrant) -> None:
    device, here = with_key(maria.rt, maria.member), go()
    options = here.post("/sign-in/passkey/options")
    assert options.mimetype == "application/json"
    for credential in ("", "[]", "{", '{"rawId": "AA"}'):
        refused = here.post("/sign-in/passkey", {"credential": credential})
        assert (refused.status_code, "This passkey did not work here" in refused.text) == (422, True)
        options = here.post("/sign-in/passkey/options")
    answer = json.dumps(device.use(json.loads(options.text)))
    assert here.post("/sign-in/passkey", {"credential": answer}).headers["Location"] == "/console"
    assert here.get("/account").status_code == 200
    assert go().post("/sign-in/passkey", {"credential": answer}).status_code == 422


def test_another_site_can_not_sign_anybody_in(go: Go, maria: Entrant) -> None:
    form = {"email": maria.member.email, "password": PASSWORD}
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        assert go().post("/sign-in", form, headers=headers).status_code == 403


def test_signing_out_ends_it_in_the_database(go: Go, maria: Entrant) -> None:
    here = go()
    here.sign_in(maria)
    secret = here.session()
    out = here.send("/account", "/sign-out")
    assert (out.headers["Location"], out.headers["Clear-Site-Data"]) == (
        "/console/sign-in",
        '"cache", "storage"',
    )
    here.client.set_cookie("__Host-console", secret)
    assert here.get("/account").status_code == 303


def test_the_short_cuts_of_the_demo_do_not_exist_where_patients_are_real(
    rt: Runtime, go: Go, maria: Entrant
) -> None:
    page = plain(go().get("/sign-in").text)
    assert "In the demo: sit down as" in page
    here = go()
    assert here.post("/sit-down", {"handle": "maria"}).headers["Location"] == "/console"
    assert "Maria S." in here.get("/account").text
    assert go().post("/sit-down", {"handle": "nobody"}).status_code == 404
    here = go()
    here.post("/sign-in", {"email": maria.member.email, "password": PASSWORD})
    assert f"In the demo your app shows {maria.code()[:3]} {maria.code()[3:]}" in plain(
        here.get("/sign-in/code").text
    )

    real = Runtime(rt.settings.model_copy(update={"demo": False}))
    real.__dict__["engine"] = rt.engine
    there = visit(real, create(real))
    assert there.post("/sit-down", {"handle": "maria"}).status_code == 404
    assert "demo" not in there.get("/sign-in").text.lower()


def test_nothing_at_the_door_loads_a_style_or_script_that_the_policy_refuses(go: Go, maria: Entrant) -> None:
    here = go()
    pages = [here.get(path).text for path in ("/sign-in", "/sign-in/link", "/sign-in/forgotten")]
    here.post("/sign-in", {"email": maria.member.email, "password": PASSWORD})
    pages += [here.get(path).text for path in ("/sign-in/code", "/sign-in/recovery")]
    here.sign_in(maria)
    pages += [
        here.get(path).text
        for path in (
            "/prove",
            "/account",
            "/account/password",
            "/account/app",
            "/account/passkey",
            "/account/codes",
        )
    ]
    for page in pages:
        assert not re.search(r"\sstyle=|<style|\son\w+=|<script(?![^>]*\ssrc=)", page)


def test_what_takes_too_long_begins_anew(rt: Runtime, go: Go, maria: Entrant) -> None:
    here = go()
    here.post("/sign-in", {"email": maria.member.email, "password": PASSWORD})
    rt.move_clock(timedelta(minutes=10))
    for answer in (here.get("/sign-in/code"), here.post("/sign-in/code", {"code": maria.code()})):
        assert answer.headers["Location"] == "/console/sign-in?why=gone"
    assert "Please sign in again." in plain(here.get("/sign-in?why=gone").text)
    assert "alert" not in here.get("/sign-in?why=<script>").text
