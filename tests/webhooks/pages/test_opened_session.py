"""How long a page stays open in a browser, and what ends it: each at the very next request."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from bot.core.flow import Page
from bot.store import conversations, links, openings, people
from bot.store.people import Patient
from tests.conftest import ANA_PHONE
from tests.webhooks.pages.conftest import BORN, Pages
from tests.webhooks.pages.practice import crowd, host, link, opened, raw, rows, unlocked, visitor
from webhooks.pages.browser import COOKIE

IDLE = timedelta(minutes=15)


def test_fifteen_minutes_are_exact(pages: Pages) -> None:
    (seat,) = crowd(pages, link(pages), inside=True)
    opening = UUID(seat.here.removeprefix("/s/"))
    c = openings.openings.c
    with pages.rt.begin() as db:
        last = db.conn.execute(
            openings.openings.select().with_only_columns(c.last_at).where(c.id == opening)
        ).scalar_one()
        assert openings.touch(db, opening, last + IDLE, IDLE) is False
        assert openings.touch(db, opening, last + IDLE - timedelta(microseconds=1), IDLE) is True


def test_a_page_that_closed_itself_takes_and_shows_nothing(pages: Pages) -> None:
    (seat,) = crowd(pages, link(pages), inside=True)
    pages.rt.move_clock(IDLE + timedelta(seconds=1))
    assert seat.get().status_code == 410
    assert "closed" in seat.post(seat.here, {"body": "too late"}).text
    assert seat.post(f"{seat.here}/stay", {}).status_code == 410
    assert seat.get(f"{seat.here}/messages.txt").status_code == 404
    with pages.rt.begin() as db:
        assert db.conn.exec_driver_sql("SELECT count(*) FROM notes").scalar_one() == 0


def test_the_second_factor_has_no_more_time_either(pages: Pages) -> None:
    (seat,) = crowd(pages, link(pages))
    pages.rt.move_clock(IDLE + timedelta(seconds=1))
    assert seat.answer() != 303
    assert "Morales" not in seat.get().text


def test_twelve_hours_are_the_most_however_often_one_stays(pages: Pages) -> None:
    """V7.3.2."""
    (seat,) = crowd(pages, link(pages), inside=True)
    for minutes in (14.5,) * 49 + (8,):  # 11:58
        pages.rt.move_clock(timedelta(minutes=minutes))
        assert seat.post(f"{seat.here}/stay", {}).status_code == 200
    pages.rt.move_clock(timedelta(minutes=3))
    assert seat.post(f"{seat.here}/stay", {}).status_code == 410
    assert seat.get().status_code == 410


def stop(pages: Pages) -> None:
    pages.house.text("STOP")
    pages.house.work()


def reissue(pages: Pages) -> None:
    link(pages)


def revoke(pages: Pages) -> None:
    with pages.rt.begin() as db:
        links.revoke(db, pages.rt.now(), "staff", patients=[pages.patient])


def somebody_elses(pages: Pages) -> None:
    (seat,) = crowd(pages, link(pages, Page.HISTORY))
    assert seat.post(f"{seat.here}/wrong-person", {}).status_code == 200


@pytest.mark.parametrize("end", [stop, reissue, revoke, somebody_elses])
def test_what_ends_a_link_ends_it_at_the_next_request(pages: Pages, end: Callable[[Pages], None]) -> None:
    made = link(pages)
    (seat,), (waiting,) = crowd(pages, made, inside=True), crowd(pages, made)
    assert seat.get().status_code == 200
    end(pages)
    before = rows(pages.rt)
    assert seat.get().status_code == 404
    assert seat.post(seat.here, {"body": "too late"}).status_code == 404
    assert seat.post(f"{seat.here}/stay", {}).status_code == 410
    assert seat.get(f"{seat.here}/photo/{made.id}").status_code == 404
    assert waiting.answer() == 404
    assert visitor(pages).tap(made.token).status_code == 404
    assert rows(pages.rt) == before


def test_a_link_to_a_phone_that_changed_hands_is_not_sent_there_again(pages: Pages) -> None:
    made = link(pages)
    with pages.rt.begin() as db:
        (ana,) = [people.card(db, pages.house.clinic, pages.patient)]
        external = db.conn.exec_driver_sql("SELECT count(*) FROM patients").scalar_one()
        assert external == 1
        row = db.conn.execute(people.patients.select()).one()
        number = db.open(
            people.patients, "external_id", row.external_id, clinic=pages.house.clinic, row=row.id
        )
        moved = Patient(
            external_id=number,
            first_name=ana.first_name,
            last_name=ana.last_name,
            birth_date=BORN,
            phone="+12025550177",
            language="en",
            zone=ana.zone,
        )
        people.save(db, pages.house.clinic, [moved], pages.rt.now())
        links.revoke(db, pages.rt.now(), "phone_changed", patients=[pages.patient])
    pages.house.work()
    before = len(pages.house.got(ANA_PHONE))
    assert visitor(pages).post("/s/again", {"token": made.token}, csrf=False).status_code == 200
    pages.house.work()
    assert [body for body in pages.house.got(ANA_PHONE)[before:] if "/s#" in body] == []


def test_a_cookie_that_we_have_not_made_is_not_taken_over(pages: Pages) -> None:
    """Nobody can give a patient's browser a cookie that they know."""
    for known in ("x", "known" * 8, "A" * 44, "A" * 42 + "=", "", "é" * 43):
        browser = visitor(pages)
        browser.client.set_cookie(COOKIE, known, domain=host(browser))
        browser.tap(link(pages).token)
        kept = browser.client.get_cookie(COOKIE, domain=host(browser))
        assert kept is not None
        assert kept.value != known
        assert len(kept.value) == 43


@pytest.mark.parametrize(
    "cookie", [b"\xff\xfe", b"\xed\xa0\x80", b"a;b=c,d", b'"\\777"', b"x" * 8000, b"\x00"]
)
def test_a_cookie_that_is_no_text_is_none(pages: Pages, cookie: bytes) -> None:
    (seat,) = crowd(pages, link(pages))
    header = f"{COOKIE}=".encode() + cookie
    for path, method in (("/s", "GET"), ("/s", "POST"), (seat.here, "GET"), (f"{seat.here}/unlock", "POST")):
        answer = visitor(pages).client.open(
            path,
            method=method,
            base_url=seat.origin,
            environ_overrides={"HTTP_COOKIE": header.decode("latin-1")},
        )
        assert answer.status_code in (200, 403, 404), (path, method)


def test_done_makes_the_cookie_worthless_and_the_next_tap_makes_another(pages: Pages) -> None:
    made = link(pages)
    browser = unlocked(pages, made.token)
    kept = browser.client.get_cookie(COOKIE, domain=host(browser))
    assert kept is not None
    browser.post(f"{browser.here}/done", {})
    thief = visitor(pages)
    thief.client.set_cookie(COOKIE, kept.value, domain=host(browser))
    assert thief.get(browser.here).status_code == 410
    browser.tap(made.token)
    fresh = browser.client.get_cookie(COOKIE, domain=host(browser))
    assert fresh is not None
    assert fresh.value != kept.value


def test_whoever_has_tapped_gets_nothing_without_the_second_factor(pages: Pages) -> None:
    """V2.3.1: no step of the way can be left out."""
    (seat,) = crowd(pages, link(pages))
    for end in ("", "/pin"):
        answer = seat.post(seat.here + end, {"body": "hello", "pin": "483920", "again": "483920"})
        assert answer.status_code == 303
    for end in ("/messages.txt", "/visit.ics", f"/photo/{seat.here.removeprefix('/s/')}"):
        assert seat.get(seat.here + end).status_code == 404
    with pages.rt.begin() as db:
        assert db.conn.exec_driver_sql("SELECT count(*) FROM notes").scalar_one() == 0
        assert people.card(db, pages.house.clinic, pages.patient).pin is None


def test_one_link_opens_one_kind_of_page(pages: Pages) -> None:
    browser = opened(pages, Page.PREFERENCES)
    browser.post(browser.here, {"body": "hello"})
    assert browser.get(f"{browser.here}/messages.txt").status_code == 404
    with pages.rt.begin() as db:
        assert db.conn.exec_driver_sql("SELECT count(*) FROM notes").scalar_one() == 0
        assert conversations.find(db, pages.house.clinic, ANA_PHONE) is not None


def test_a_strangers_browser_sees_the_same_as_for_what_never_was(pages: Pages) -> None:
    browser = opened(pages)
    stranger = visitor(pages)
    before = rows(pages.rt)
    there = raw(stranger, browser.here, None, method="GET")
    nowhere = raw(stranger, f"/s/{UUID(int=5)}", None, method="GET")
    assert (there.status_code, there.data) == (nowhere.status_code, nowhere.data)
    assert rows(pages.rt) == before
