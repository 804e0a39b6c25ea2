"""'I'm here' on a page: the front desk hears of it once, on the day of the visit."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from bot.core.facts import VisitStatus
from bot.core.flow import Page
from tests.webhooks.pages.conftest import Browser, Pages
from tests.webhooks.pages.kinds import NEW_YORK, at, follow, last_text, sends, tasks
from tests.webhooks.pages.practice import opened

HOUR = timedelta(hours=1)


@pytest.fixture
def start() -> datetime:
    """When today's visit is."""
    return datetime(2026, 11, 30, 12, tzinfo=NEW_YORK)


@pytest.fixture
def visit(pages: Pages, start: datetime) -> UUID:
    """A visit of today that the patient has confirmed."""
    made = pages.house.visit(pages.patient, start, status=VisitStatus.CONFIRMED)
    pages.house.work()
    return made


@pytest.fixture
def page(pages: Pages, visit: UUID, start: datetime) -> Browser:
    """The page whose link comes an hour before it."""
    pages.house.wait_until(start - HOUR)
    assert "when you get here for your visit" in last_text(pages)
    return follow(pages)


def test_the_page_asks_whether_they_are_here(page: Browser) -> None:
    assert "Are you here?" in page.text
    assert "Mon, Nov 30 at 12:00 PM" in page.text


def test_who_is_here_has_arrived_and_the_front_desk_hears_of_it(
    pages: Pages, page: Browser, visit: UUID
) -> None:
    sends(pages, page)
    assert pages.house.status(visit) == "arrived"
    task = tasks(pages)["patient_is_here"]
    assert (task.urgency, task.role, task.times) == ("urgent", "front_desk", 1)
    assert "You are checked in" in page.text


def test_said_twice_it_counts_once(pages: Pages, page: Browser, visit: UUID) -> None:
    page.send({})
    page.send({})
    pages.house.work()
    sends(pages, page)
    sends(pages, opened(pages, Page.CHECK_IN, visit=visit))
    assert tasks(pages)["patient_is_here"].times == 1


def test_the_page_says_so_before_the_conversation_has_heard_of_it(page: Browser) -> None:
    page.send({})
    assert "You are checked in" in page.text


@pytest.mark.parametrize("moved_to", [at(1, 12), at(30, 12)])
def test_on_another_day_there_is_no_visit(
    pages: Pages, page: Browser, visit: UUID, moved_to: datetime
) -> None:
    with pages.rt.begin() as db:
        db.conn.exec_driver_sql("UPDATE appointments SET start_at = %s WHERE id = %s", (moved_to, visit))
    page.get()
    assert "No visit today" in page.text
    sends(pages, page)
    assert (pages.house.status(visit), tasks(pages)) == ("confirmed", {})


@pytest.mark.parametrize("status", [VisitStatus.CANCELLED, VisitStatus.NOSHOW, VisitStatus.FULFILLED])
def test_a_visit_that_does_not_stand_has_nobody_to_arrive(
    pages: Pages, visit: UUID, status: VisitStatus
) -> None:
    with pages.rt.begin() as db:
        db.conn.exec_driver_sql("UPDATE appointments SET status = %s WHERE id = %s", (str(status), visit))
    page = opened(pages, Page.CHECK_IN, visit=visit)
    assert "No visit today" in page.text
    sends(pages, page)
    assert pages.house.status(visit) == status
    assert "patient_is_here" not in tasks(pages)


def test_whom_the_front_desk_has_seen_is_checked_in(pages: Pages, visit: UUID) -> None:
    with pages.rt.begin() as db:
        db.conn.exec_driver_sql("UPDATE appointments SET status = 'arrived' WHERE id = %s", (visit,))
    assert "You are checked in" in opened(pages, Page.CHECK_IN, visit=visit).text


def test_here_by_text_does_the_same(pages: Pages, visit: UUID, start: datetime) -> None:
    pages.house.wait_until(start - HOUR)
    pages.house.text("HERE")
    pages.house.work()
    assert tasks(pages)["patient_is_here"].urgency == "urgent"
    assert last_text(pages).startswith("Thank you, Ana. We know that you are here")
