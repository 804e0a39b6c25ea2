"""The nine questions of the PHQ-9 on a page: no score is ever shown, and what can't wait does not wait."""

import re
from datetime import timedelta

import pytest

from tests.conftest import ONCALL_PHONE
from tests.webhooks.pages.conftest import Browser, Pages
from tests.webhooks.pages.kinds import answered, asks, follow, last_text, later, sends, steps, tasks

ITEMS = ("interest", "down", "sleep", "energy", "appetite", "failure", "focus", "movement", "harm")


@pytest.fixture
def phq9(pages: Pages) -> Browser:
    """The nine questions, which staff have sent."""
    later(pages)
    pages.trigger("staff start it", flow="phq9")
    return follow(pages)


def test_score_and_band_stand_nowhere_on_the_pages(pages: Pages, phq9: Browser) -> None:
    shown = ""
    for item in ITEMS:
        shown += phq9.text
        steps(phq9, {item: "0" if item == "harm" else "3"})
    shown += phq9.text
    pages.house.work()
    assert set(tasks(pages)) == {"high_score_to_review"}
    phq9.get()
    said = f"{shown} {phq9.text} {' '.join(pages.house.got())}".casefold()
    assert "24" not in re.sub(r"f-[\w-]+", "", said)
    assert not any(
        word in said for word in ("score", "severe", "moderate", "mild", "minimal", "depression", "points")
    )
    assert "your care team will go over your answers" in said


@pytest.mark.parametrize(("answer", "paged"), [("0", 0), ("1", 1), ("3", 1)])
def test_the_last_answer_pages_the_person_on_call_before_anything_is_sent(
    pages: Pages, phq9: Browser, answer: str, paged: int
) -> None:
    steps(phq9, *({item: "0"} for item in ITEMS[:-1]))
    assert phq9.send({"harm": answer, "go": "later"}).status_code == 200
    pages.house.work()
    assert len(pages.house.got(ONCALL_PHONE)) == paged
    assert ("last_item_answered_yes" in tasks(pages)) == bool(paged)
    assert ("Call or text 988 now" in last_text(pages)) == bool(paged)
    assert "questionnaire" not in " ".join(tasks(pages))


def test_it_pages_once_when_it_is_sent_after_that(pages: Pages, phq9: Browser) -> None:
    steps(phq9, *({item: "0"} for item in ITEMS[:-1]))
    phq9.send({"harm": "2", "go": "later"})
    pages.house.work()
    again = follow(pages)
    sends(pages, again, go="next", harm="2")
    assert len(pages.house.got(ONCALL_PHONE)) == 1
    assert sum("Call or text 988 now" in body for body in pages.house.got()) == 1
    assert answered(pages)["harm"] == 2


def test_an_answer_that_is_made_grave_later_pages_too(pages: Pages, phq9: Browser) -> None:
    steps(phq9, *({item: "0"} for item in ITEMS[:-1]))
    phq9.send({"harm": "0", "go": "later"})
    pages.house.work()
    assert pages.house.got(ONCALL_PHONE) == []
    sends(pages, follow(pages), go="next", harm="3")
    assert len(pages.house.got(ONCALL_PHONE)) == 1


def test_words_in_a_form_that_cannot_wait_page_too(pages: Pages) -> None:
    page = asks(pages, "I need a refill")
    steps(page, {"medicine": "other"}, {"other_medicine": "I took all my pills because I want to die"})
    pages.house.work()
    assert len(pages.house.got(ONCALL_PHONE)) == 1
    assert "988" in last_text(pages)


def test_questions_that_nobody_answers_are_a_nurses_work(pages: Pages, phq9: Browser) -> None:
    steps(phq9, {"interest": "3"})
    pages.house.wait_until(pages.rt.now() + timedelta(days=1))
    pages.house.wait_until(pages.rt.now() + timedelta(days=2))
    assert tasks(pages)["questionnaire_unfinished"].role == "nurse"
