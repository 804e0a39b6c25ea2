"""The offer of a sooner time on a page: taken, not taken, and over."""

from datetime import timedelta
from uuid import UUID

import pytest
from icalendar import Calendar
from sqlalchemy import select

from bot.core.flow import Page
from bot.service import offer
from bot.store import waitlist
from tests.conftest import ANA_PHONE
from tests.webhooks.pages.conftest import Pages
from tests.webhooks.pages.kinds import asks, at, free, last_text, sends, tasks, visits
from tests.webhooks.pages.practice import opened

BEN_PHONE = "+12025550122"
SOON, STANDS, BENS = at(8, 10), at(14, 10), at(16, 10)


@pytest.fixture
def visit(pages: Pages) -> UUID:
    """Ana's visit, first on the waitlist; a sooner time has opened up and was offered to her by text."""
    pages.rt.move_clock(timedelta(hours=1))
    pages.house.openings(STANDS)
    made = pages.house.visit(pages.patient, STANDS)
    waits(pages, made)
    opens_up(pages)
    assert "A sooner time opened up: Tue, Dec 8 at 10:00 AM" in last_text(pages)
    return made


@pytest.fixture
def bens(pages: Pages, visit: UUID) -> UUID:
    """Ben waits too."""
    made = pages.house.visit(pages.house.patient("Ben", BEN_PHONE), BENS)
    waits(pages, made)
    return made


def waits(pages: Pages, visit: UUID) -> None:
    """The visit stands on the waitlist."""
    with pages.rt.begin() as db:
        waitlist.join(db, pages.house.clinic, visit, pages.rt.now())
    pages.house.work()


def opens_up(pages: Pages) -> None:
    """A slot becomes free, and whoever waits longest is told."""
    pages.house.openings(SOON)
    with pages.rt.begin() as db:
        db.conn.exec_driver_sql("UPDATE slots SET offer_at = %s WHERE start_at = %s", (pages.rt.now(), SOON))
    passes_on(pages)


def passes_on(pages: Pages) -> None:
    """The clock offers what may be offered."""
    offer.offer(pages.rt)
    pages.house.work()


def starts(pages: Pages) -> list[object]:
    """When the visits are."""
    return [each.start for each in visits(pages)]


def test_both_times_stand_beside_each_other(pages: Pages, visit: UUID) -> None:
    browser = asks(pages, "OFFER")
    assert "A time opened up New time Tue, Dec 8 at 10:00 AM" in browser.text
    assert "Your visit now Mon, Dec 14 at 10:00 AM" in browser.text


def test_who_takes_it_has_it_and_leaves_the_list(pages: Pages, visit: UUID, bens: UUID) -> None:
    browser = sends(pages, asks(pages, "OFFER"), choice="take")
    assert starts(pages) == [SOON, BENS]
    assert free(pages) == [STANDS]
    with pages.rt.begin() as db:
        waiting = db.conn.execute(select(waitlist.waitlist.c.visit_id)).scalars().all()
    assert waiting == [bens]
    assert "Your visit: Tue, Dec 8 at 10:00 AM" in browser.text
    assert last_text(pages) == "Done. Your visit is now on Tue, Dec 8 at 10:00 AM. See you then, Ana."
    (event,) = Calendar.from_ical(browser.get(f"{browser.here}/visit.ics").data).events
    assert event.start == SOON
    passes_on(pages)
    assert "A sooner time opened up: Mon, Dec 14 at 10:00 AM" in last_text(pages, BEN_PHONE)
    assert len([body for body in pages.house.got() if "A sooner time" in body]) == 1


def test_who_keeps_theirs_stays_on_the_list_and_the_next_is_asked(
    pages: Pages, visit: UUID, bens: UUID
) -> None:
    browser = sends(pages, asks(pages, "OFFER"), choice="keep")
    assert starts(pages) == [STANDS, BENS]
    assert "Your visit stays" in browser.text
    assert last_text(pages) == "OK. Your visit on Mon, Dec 14 at 10:00 AM stands and you stay on the list."
    passes_on(pages)
    assert "A sooner time opened up: Tue, Dec 8 at 10:00 AM" in last_text(pages, BEN_PHONE)


def test_an_offer_is_over_after_two_hours(pages: Pages, visit: UUID) -> None:
    pages.house.wait_until(pages.rt.now() + offer.HELD_FOR)
    browser = opened(pages, Page.OFFER, visit=visit)
    assert "This time is gone" in browser.text
    assert "Your visit: Mon, Dec 14 at 10:00 AM" in browser.text
    assert "10:00 AM. New time" not in browser.text


def test_an_offer_that_ends_while_the_page_is_open_is_not_taken(pages: Pages, visit: UUID) -> None:
    pages.rt.move_clock(offer.HELD_FOR - timedelta(minutes=5))
    browser = opened(pages, Page.OFFER, visit=visit)
    assert "Tue, Dec 8 at 10:00 AM" in browser.text
    pages.rt.move_clock(timedelta(minutes=6))
    answer = browser.send({"choice": "take"})
    assert (answer.status_code, "This time is gone" in answer.text) == (422, True)
    assert starts(pages) == [STANDS]


def test_what_is_no_choice_chooses_nothing(pages: Pages, visit: UUID) -> None:
    browser = asks(pages, "OFFER")
    for fields in ({}, {"choice": "x"}):
        sends(pages, browser, **fields)
        assert "A time opened up" in browser.text
    assert starts(pages) == [STANDS]


def test_the_first_choice_counts(pages: Pages, visit: UUID) -> None:
    browser = sends(pages, asks(pages, "OFFER"), choice="keep")
    texts = len(pages.house.got(ANA_PHONE))
    sends(pages, browser, choice="take")
    assert starts(pages) == [STANDS]
    assert len(pages.house.got(ANA_PHONE)) == texts
    assert tasks(pages) == {}
