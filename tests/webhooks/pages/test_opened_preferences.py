"""Wishes on a page: each is kept, and each is obeyed from then on; and the end of all texts."""

import re
from datetime import datetime, timedelta

import pytest

from bot.core.flow import Page
from tests.webhooks.pages.conftest import Browser, Pages
from tests.webhooks.pages.kinds import asks, at, last_text, later, sends, tasks, visits, wishes
from tests.webhooks.pages.practice import opened

VISIT = at(10, 14)


@pytest.fixture
def page(pages: Pages) -> Browser:
    """The page of wishes, which Ana has asked for."""
    return asks(pages, "SETTINGS")


def chosen(browser: Browser) -> set[str]:
    """Names and keys of what is chosen on the page."""
    assert browser.seen is not None
    fields = re.findall(r'name="(\w+)" value="(\w+)" checked', browser.seen.text)
    return {f"{name}={value}" for name, value in fields}


def booked(pages: Pages, start: datetime = VISIT) -> None:
    """The office books a visit."""
    pages.house.visit(pages.patient, start)
    pages.house.work()


def reminders(pages: Pages) -> list[str]:
    """The texts about the visit so far."""
    return [body for body in pages.house.got() if "you have a visit" in body or "See you" in body]


def test_who_has_wished_nothing_sees_what_holds(page: Browser) -> None:
    assert chosen(page) == {
        "language=en",
        "channel=text",
        "hours=any",
        "frequency=all",
        "survey=yes",
        "bulk=yes",
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("language", "es"),
        ("channel", "call"),
        ("hours", "morning"),
        ("hours", "afternoon"),
        ("hours", "evening"),
        ("frequency", "fewer"),
        ("survey", "no"),
        ("bulk", "no"),
    ],
)
def test_each_wish_is_kept_and_shown(pages: Pages, page: Browser, name: str, value: str) -> None:
    answer = page.send({name: value})
    assert (answer.status_code, 'role="status"' in answer.text) == (200, True)
    pages.house.work()
    assert wishes(pages) == {name: value}
    assert f"{name}={value}" in chosen(opened(pages, Page.PREFERENCES))


def test_what_cannot_be_wished_is_not_kept(pages: Pages, page: Browser) -> None:
    sends(pages, page, language="xx", channel="fax", care="no", reminder="no", texts="stop", hours="")
    assert wishes(pages) == {}
    assert "You will get no more texts" not in last_text(pages)


def test_a_new_wish_takes_the_place_of_the_old_one(pages: Pages, page: Browser) -> None:
    sends(pages, page, hours="evening", survey="no")
    sends(pages, page, hours="any")
    assert wishes(pages) == {"hours": "any", "survey": "no"}


def test_the_next_text_and_page_are_in_the_language_that_was_chosen(pages: Pages, page: Browser) -> None:
    sends(pages, page, language="es")
    page.get()
    assert "Cómo le hablamos" in page.text
    booked(pages)
    pages.house.wait_until(VISIT - timedelta(days=3))
    assert "cita" in last_text(pages)
    assert "visit" not in last_text(pages)


def test_texts_that_nobody_asked_for_wait_for_the_hours_that_suit(pages: Pages, page: Browser) -> None:
    sends(pages, page, hours="evening")
    booked(pages)
    due = VISIT - timedelta(days=3)
    pages.house.wait_until(due)
    assert reminders(pages) == []
    pages.house.wait_until(due.replace(hour=17))
    assert len(reminders(pages)) == 1


def test_who_writes_first_is_answered_at_any_hour(pages: Pages, page: Browser) -> None:
    sends(pages, page, hours="evening")
    pages.house.text("HELP")
    pages.house.work()
    assert "We text about your visits" in last_text(pages)


def test_who_wants_all_reminders_gets_two_and_who_wants_fewer_one(pages: Pages, page: Browser) -> None:
    sends(pages, page, frequency="fewer")
    booked(pages)
    for days in (3, 1):
        pages.house.wait_until(VISIT - timedelta(days=days))
    assert len(reminders(pages)) == 1
    sends(pages, asks(pages, "SETTINGS"), frequency="all")
    booked(pages, VISIT + timedelta(days=7))
    for days in (3, 1):
        pages.house.wait_until(VISIT + timedelta(days=7 - days))
    assert len(reminders(pages)) == 3


def test_a_wish_for_fewer_counts_for_the_visits_that_are_booked_already(pages: Pages) -> None:
    booked(pages)
    sends(pages, asks(pages, "SETTINGS"), frequency="fewer")
    for days in (3, 1):
        pages.house.wait_until(VISIT - timedelta(days=days))
    assert len(reminders(pages)) == 1


def test_who_wants_to_be_called_is_called(pages: Pages, page: Browser) -> None:
    sends(pages, page, channel="call")
    booked(pages)
    pages.house.wait_until(VISIT - timedelta(days=3))
    assert reminders(pages) == []
    assert "call_instead" in tasks(pages)


# -- no texts at all -------------------------------------------------------------------------------------


def test_stop_ends_all_texts_and_says_so_once(pages: Pages, page: Browser) -> None:
    answer = page.send({"stop": "yes", "language": "es"})
    assert "You will get no more texts from us. Text START if you want them again." in answer.text
    pages.house.work()
    texts = len(pages.house.got())
    assert last_text(pages) == (
        "Riverside Clinic: You will get no more texts from us. Text START to get them again."
    )
    assert "texts" not in wishes(pages)
    booked(pages)
    pages.house.wait_until(VISIT - timedelta(days=3))
    assert len(pages.house.got()) == texts


def test_stop_says_that_a_visit_stands(pages: Pages) -> None:
    later(pages)
    booked(pages)
    sends_stop(pages)
    assert "Your visit is NOT cancelled." in last_text(pages)
    assert [each.status for each in visits(pages)] == ["booked"]


def sends_stop(pages: Pages) -> Browser:
    """Ana ends all texts on the page."""
    page = asks(pages, "SETTINGS")
    page.send({"stop": "yes"})
    pages.house.work()
    return page


def test_stop_ends_every_link_and_what_is_open(pages: Pages) -> None:
    other = asks(pages, "HISTORY")
    page = sends_stop(pages)
    assert page.get().status_code == other.get().status_code == 404
    for token in pages.tokens():
        assert pages.browser().tap(token).status_code == 404


def test_start_brings_texts_back(pages: Pages) -> None:
    sends_stop(pages)
    pages.house.text("START")
    pages.house.work()
    assert "You will get texts from us again." in last_text(pages)
    assert "How we reach you" in asks(pages, "SETTINGS").text
