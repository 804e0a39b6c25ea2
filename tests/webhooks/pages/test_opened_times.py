"""Times on a page: another one for a visit, a first visit of one's own choice, and what can't be had any more."""

import csv
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from icalendar import Calendar

from bot.core.facts import VisitStatus
from bot.core.flow import Page
from bot.service import clinic as clinics
from bot.service import schedule
from bot.store import appointments, waitlist
from tests.conftest import SERVICE
from tests.webhooks.pages.conftest import Browser, Pages
from tests.webhooks.pages.kinds import (
    asks,
    at,
    external_id,
    free,
    last_text,
    offered,
    sends,
    slot,
    tasks,
    visits,
)
from tests.webhooks.pages.practice import at_once, crowd, link, opened

OLD, EARLY, LATE = at(4, 10, 30), at(8, 9, 30), at(15, 15, 30)
BEN_PHONE = "+12025550122"


@pytest.fixture
def visit(pages: Pages) -> UUID:
    """Ana's visit on Friday; its own slot is taken, and two later ones are free."""
    pages.house.openings(OLD, EARLY, LATE)
    made = pages.house.visit(pages.patient, OLD, external_id="V1")
    pages.house.work()
    assert free(pages) == [EARLY, LATE]
    return made


# -- another time for a visit ----------------------------------------------------------------------------


def test_the_page_shows_the_visit_and_the_free_times_by_day(pages: Pages, visit: UUID) -> None:
    browser = asks(pages, "TIMES")
    assert "Choose another time" in browser.text
    assert "Your visit now: Fri, Dec 4 at 10:30 AM" in browser.text
    assert list(offered(browser).values()) == ["9:30 AM", "3:30 PM"]
    assert (
        browser.text.index("Tue, Dec 8") < browser.text.index("9:30 AM") < browser.text.index("Tue, Dec 15")
    )


def test_a_time_that_is_tapped_is_the_visits_and_the_old_one_is_free(pages: Pages, visit: UUID) -> None:
    browser = asks(pages, "TIMES")
    sends(pages, browser, slot=pick(browser, "3:30 PM"))
    (moved,) = visits(pages)
    assert (moved.external_id, moved.start, moved.status) == ("V1", LATE, "booked")
    assert free(pages) == [OLD, EARLY]
    assert "Your visit: Tue, Dec 15 at 3:30 PM" in browser.text
    assert last_text(pages) == "Done. Your visit is now on Tue, Dec 15 at 3:30 PM. See you then, Ana."


def test_reminders_are_those_of_the_new_time(pages: Pages, visit: UUID) -> None:
    browser = asks(pages, "TIMES")
    sends(pages, browser, slot=pick(browser, "3:30 PM"))
    before = len(pages.house.got())
    pages.house.wait_until(OLD)
    assert len(pages.house.got()) == before
    pages.house.wait_until(LATE - timedelta(days=3))
    assert "you have a visit on Tue, Dec 15 at 3:30 PM" in last_text(pages)


def test_none_of_them_leaves_the_visit_as_it_is_and_a_person_calls(pages: Pages, visit: UUID) -> None:
    browser = sends(pages, asks(pages, "TIMES"), none="yes")
    assert [(each.start, each.status) for each in visits(pages)] == [(OLD, "booked")]
    assert "no_time_fits" in tasks(pages)
    assert "We will find a time" in browser.text
    assert last_text(pages).startswith("Thank you. A person from Riverside Clinic will call you")


def test_nothing_tapped_says_so(pages: Pages, visit: UUID) -> None:
    browser = asks(pages, "TIMES")
    for fields in ({}, {"slot": ""}, {"slot": "x"}):
        answer = browser.send(dict(fields))
        assert answer.status_code == 422
        assert "Choose one of these." in answer.text
    assert stands_at(pages, visit) == OLD


def test_a_time_that_somebody_took_meanwhile_is_told_with_those_that_are_left(
    pages: Pages, visit: UUID
) -> None:
    browser = asks(pages, "TIMES")
    gone = pick(browser, "9:30 AM")
    taken_by_ben(pages, gone)
    browser.seen = answer = browser.send({"slot": gone})
    assert answer.status_code == 422
    assert "that time was just taken" in browser.text
    assert list(offered(browser).values()) == ["3:30 PM"]
    assert stands_at(pages, visit) == OLD
    sends(pages, browser, slot=pick(browser, "3:30 PM"))
    assert last_text(pages).startswith("Done. Your visit is now on Tue, Dec 15")


def test_a_time_that_is_over_by_now_is_none(pages: Pages, visit: UUID) -> None:
    soon = slot(pages, pages.rt.now() + timedelta(minutes=5))
    browser = opened(pages, Page.TIMES, visit=visit)
    assert soon in offered(browser)
    pages.rt.move_clock(timedelta(minutes=6))
    assert browser.send({"slot": soon}).status_code == 422
    assert stands_at(pages, visit) == OLD


def test_only_what_the_page_may_show_can_be_had(pages: Pages, visit: UUID) -> None:
    """A slot of another service, of another clinic's, held for somebody else, or made up."""
    other_service = slot(pages, EARLY, kind="surgery")
    browser = asks(pages, "TIMES")
    assert other_service not in offered(browser)
    for wrong in (other_service, slot_elsewhere(pages), slot_held_for_ben(pages), str(uuid4())):
        answer = browser.send({"slot": wrong})
        assert (answer.status_code, "that time was just taken" in answer.text) == (422, True), wrong
    assert stands_at(pages, visit) == OLD


def test_a_visit_that_was_moved_by_page_is_not_moved_by_it_again(pages: Pages, visit: UUID) -> None:
    browser = asks(pages, "TIMES")
    first, second = offered(browser)
    sends(pages, browser, slot=second)
    texts = len(pages.house.got())
    sends(pages, browser, slot=first)
    sends(pages, browser, none="yes")
    assert stands_at(pages, visit) == LATE
    assert len(pages.house.got()) == texts
    assert tasks(pages) == {}


def test_a_visit_that_the_office_cancels_meanwhile_gives_way_to_a_new_one(pages: Pages, visit: UUID) -> None:
    browser = asks(pages, "TIMES")
    pages.house.visit(pages.patient, OLD, status=VisitStatus.CANCELLED, external_id="V1")
    pages.house.work()
    browser.get()
    assert "Your visit now" not in browser.text
    sends(pages, browser, slot=pick(browser, "9:30 AM"))
    assert [(each.start, each.status) for each in visits(pages)] == [(OLD, "cancelled"), (EARLY, "booked")]
    assert "Your visit: Tue, Dec 8 at 9:30 AM" in browser.text


# -- a first visit ---------------------------------------------------------------------------------------


def test_who_has_no_visit_books_one(pages: Pages) -> None:
    pages.house.openings(EARLY, LATE)
    browser = asks(pages, "BOOK")
    assert "Choose a time" in browser.text
    assert "Your visit now" not in browser.text
    sends(pages, browser, slot=pick(browser, "9:30 AM"))
    (made,) = visits(pages)
    assert (made.patient_external_id, made.start, made.service) == (external_id(pages), EARLY, SERVICE)
    assert free(pages) == [LATE]
    assert "Your visit: Tue, Dec 8 at 9:30 AM" in browser.text
    assert last_text(pages) == "Thank you, Ana. Your visit is booked. We will text you before it."


def test_the_office_finds_it_in_the_export_and_brings_it_back(pages: Pages, tmp_path: Path) -> None:
    pages.house.openings(EARLY)
    sends(pages, browser := asks(pages, "BOOK"), slot=pick(browser, "9:30 AM"))
    lines = "".join(schedule.export_appointments(pages.rt, pages.house.clinic))
    (row,) = csv.DictReader(StringIO(lines))
    assert (row["patient_external_id"], row["start"]) == (external_id(pages), "2026-12-08T09:30:00-05:00")
    assert (row["kind"], row["status"]) == ("follow-up", "booked")
    file = tmp_path / "office.csv"
    file.write_text(lines)
    assert schedule.import_appointments(pages.rt, pages.house.clinic, file).bad == 0
    pages.house.work()
    assert [(each.start, each.status) for each in visits(pages)] == [(EARLY, "booked")]


def test_it_is_reminded_of_as_any_other(pages: Pages) -> None:
    pages.house.openings(EARLY)
    sends(pages, browser := asks(pages, "BOOK"), slot=pick(browser, "9:30 AM"))
    pages.house.wait_until(EARLY - timedelta(days=3))
    assert "you have a visit on Tue, Dec 8 at 9:30 AM" in last_text(pages)


def test_no_open_time_says_so_and_a_person_calls(pages: Pages) -> None:
    browser = asks(pages, "BOOK")
    assert "There is no open time" in browser.text
    sends(pages, browser, none="yes")
    assert "no_time_fits" in tasks(pages)
    assert last_text(pages) == "Thank you. A person from Riverside Clinic will call you about a time."


def test_who_has_been_here_books_what_they_came_for(pages: Pages) -> None:
    """A slot for an operation is nobody's to take who comes for a follow-up."""
    pages.house.openings(EARLY, LATE)
    pages.house.visit(pages.patient, pages.rt.now() - timedelta(days=90), status=VisitStatus.FULFILLED)
    pages.house.work()
    surgery = slot(pages, at(9, 9), kind="surgery")
    browser = asks(pages, "BOOK")
    assert list(offered(browser).values()) == ["9:30 AM", "3:30 PM"]
    for wrong in (surgery, slot_elsewhere(pages)):
        assert browser.send({"slot": wrong}).status_code == 422
    assert len(visits(pages)) == 1


def test_the_page_tells_of_the_visit_that_was_booked_and_of_no_other(pages: Pages, visit: UUID) -> None:
    browser = asks(pages, "BOOK")
    sends(pages, browser, slot=pick(browser, "3:30 PM"))
    assert "Your visit: Tue, Dec 15 at 3:30 PM" in browser.text
    file = Calendar.from_ical(browser.get(f"{browser.here}/visit.ics").data)
    assert file.events[0].start == LATE
    assert sorted(each.start for each in visits(pages)) == [OLD, LATE]


def test_who_taps_twice_at_once_has_one_visit(pages: Pages) -> None:
    pages.house.openings(*(at(day, 9) for day in range(8, 12)))
    made = link(pages, Page.TIMES)
    seats = crowd(pages, made, 4, inside=True)
    chosen = list(offered(opened_again(seats[0])))
    at_once(lambda pair: pair[0].post(pair[0].here, {"slot": pair[1]}), zip(seats, chosen, strict=True))
    pages.house.work()
    assert len(visits(pages)) == 1
    assert len(free(pages)) == 3


# -- helpers ---------------------------------------------------------------------------------------------


def pick(browser: Browser, words: str) -> str:
    """The id of the slot with these words."""
    return next(found for found, label in offered(browser).items() if label == words)


def opened_again(browser: Browser) -> Browser:
    browser.get()
    return browser


def stands_at(pages: Pages, visit: UUID) -> datetime:
    """When the visit is."""
    return next(each.start for each in visits(pages) if each.id == visit)


def taken_by_ben(pages: Pages, wanted: str) -> None:
    """Somebody else moves their visit there."""
    other = pages.house.visit(pages.house.patient("Ben", BEN_PHONE), at(9, 9))
    with pages.rt.begin() as db:
        assert appointments.book(db, other, UUID(wanted), pages.rt.now())


def slot_held_for_ben(pages: Pages) -> str:
    """A slot that was offered to somebody else from the waitlist."""
    made, now = slot(pages, at(3, 9)), pages.rt.now()
    other = pages.house.visit(pages.house.patient("Ben", BEN_PHONE), at(9, 9))
    with pages.rt.begin() as db:
        waitlist.offered(db, [(UUID(made), other, now + timedelta(hours=2))], now)
    return made


def slot_elsewhere(pages: Pages) -> str:
    """A slot for the same kind of visit at another clinic."""
    other = clinics.add(pages.rt, name="Hillside", phone="+12025550900", zone="America/New_York")
    return slot(pages, EARLY, clinic=other)
