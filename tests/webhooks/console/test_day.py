"""The pages of the day: what they say, that their buttons work, and that they stay at the list one works on."""

import re
from uuid import UUID

import pytest
from flask import Flask

from bot.core.facts import VisitStatus
from bot.runtime import Runtime
from bot.store import appointments
from tests.bot.service.week import Week, at
from tests.conftest import START
from tests.webhooks.console.seats import Seat, plain, sit_down
from webhooks.app import create


@pytest.fixture
def app(rt: Runtime) -> Flask:
    """The whole app."""
    return create(rt)


@pytest.fixture
def seat(rt: Runtime, app: Flask, clinic: UUID) -> Seat:
    """A nurse who is signed in."""
    return sit_down(rt, app, clinic)


@pytest.fixture
def week(rt: Runtime, clinic: UUID) -> Week:
    """The clinic's week; it is Monday, nine o'clock."""
    return Week(rt, clinic)


def test_an_empty_day_says_where_visits_come_from(seat: Seat) -> None:
    assert "No visits on this day. Visits come from bot import appointments or your EHR." in seat.text("/day")
    assert "Nobody to call: every visit until Wed 2 Dec" in seat.text("/day/calls")
    assert "Nobody waits." in seat.text("/day/earlier")
    assert "Sun 1 Nov" in seat.text("/day?on=2026-11-01")
    for nonsense in ("2026-13-40", "9999-12-31", "0001-01-01", "x"):
        assert "Mon 30 Nov today" in seat.text(f"/day?on={nonsense}&state=x&provider=<b>")


def test_a_visit_is_checked_in_and_back_and_the_list_stays_as_it_was_filtered(
    rt: Runtime, week: Week, seat: Seat
) -> None:
    visit = week.visit(at(START, 1), name="Ana")
    shown = seat.get("/day?state=at_risk")
    assert "No visits like that on this day." in plain(shown.text)
    page = seat.get("/day").text
    assert "10:00 AM Ana Morales Not asked yet follow-up, Main Street · 30 min Here" in plain(page)
    button = re.search(rf'value="(arrived[^"]*)" formaction="/console(/day/visits/{visit})"', page)
    assert button
    filtered = {"act": button[1], "on": "2026-11-30", "state": "booked", "provider": ""}
    answer = seat.post(button[2], filtered)
    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        "/console/day?on=2026-11-30&state=booked&said=visit_arrived",
    )
    page = seat.get("/day").text
    assert "Ana Morales Checked in" in plain(page)
    undo = re.search(r'formaction="/console(/day/acts/[^"]*/undo)"', page)
    assert undo
    assert seat.post(undo[1], {"on": "2026-11-30"}).status_code == 303
    assert week.now(visit).status is VisitStatus.BOOKED


@pytest.mark.parametrize(("path", "back"), [("visits", ""), ("calls", "calls")])
def test_who_was_slower_is_told_so_on_the_list_as_it_is_now(
    rt: Runtime, week: Week, seat: Seat, path: str, back: str
) -> None:
    visit = week.visit(at(START, 1))
    with rt.begin() as db:
        appointments.set_status(db, visit, VisitStatus.CANCELLED, rt.now())
    answer = seat.post(f"/day/{path}/{visit}", {"act": "confirmed.1.booked", "back": back})
    assert answer.status_code == 422
    assert "Somebody has changed this visit meanwhile." in plain(answer.text)
    assert f'hx-get="/console/day{"/calls" if back else ""}"' in answer.text
    assert week.now(visit).status is VisitStatus.CANCELLED


def test_calls_and_offers_are_worked_from_their_pages(week: Week, seat: Seat) -> None:
    first, second = (week.visit(at(START, hours), name=name) for hours, name in ((2, "Ana"), (3, "James")))
    week.waits(second)
    page = seat.get("/day/calls").text
    assert 'href="tel:+12025551002" aria-label="Call Ana Morales, (202) 555-1002"' in page
    answer = seat.post(f"/day/calls/{first}", {"act": "unreached.1.booked", "back": "calls"})
    assert answer.headers["Location"] == "/console/day/calls?said=call_unreached"
    words = seat.text("/day/calls?said=call_unreached")
    assert "Noted: not reached." in words
    assert words.index("James Morales") < words.index("Ana Morales")
    assert "Just done Ana Morales not reached Undo" in words
    assert "James Morales Has 12:00 PM" in seat.text("/day/earlier")
    (slot,) = week.free(at(START, 1))
    answer = seat.post(f"/day/openings/{slot}/offer")
    assert answer.headers["Location"] == "/console/day/earlier?said=offer_too_soon"
    assert seat.post(f"/day/waitlist/{second}/leave").status_code == 303
    assert "Nobody waits." in seat.text("/day/earlier")


def test_who_only_looks_has_no_buttons_and_what_a_page_fetches_by_itself_is_no_look(
    rt: Runtime, app: Flask, clinic: UUID, week: Week
) -> None:
    visit = week.visit(at(START, 2))
    week.waits(visit)
    billing = sit_down(rt, app, clinic, "billing", "bill")
    for path in ("/day", "/day/calls", "/day/earlier"):
        page = billing.get(path, headers={"X-Live": "1"}).text
        assert "Ana Morales" in page
        assert "formaction" not in page
        assert ANA not in re.sub(r"tel:\S+", "", page)
    assert not [one for one in week.trail() if one.action.endswith(".viewed")]
    for path in ("/day", "/day/calls", "/day/earlier"):
        billing.get(path)
    seen = sorted(one.action for one in week.trail() if one.action.endswith(".viewed"))
    assert seen == ["calls.viewed", "day.viewed", "waitlist.viewed"]


ANA = "+12025551002"
