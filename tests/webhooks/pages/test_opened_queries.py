"""How many SQL statements a request costs. A number that rises must rise here, in the open.

BEGIN and COMMIT are not counted. The process is warm: it knows the clinic, its keys and the edition.
"""

from datetime import timedelta

import pytest

from bot.core.chart import Result
from bot.core.flow import Page
from bot.store import chart
from bot.store.chart import Leaf
from tests.bot.store.test_queries import cost, statements
from tests.webhooks.pages.conftest import Browser, Pages
from tests.webhooks.pages.practice import link, opened, visitor

RESULTS = 8


@pytest.fixture
def with_results(pages: Pages) -> Pages:
    """Ana has results, each measured several times."""
    with pages.rt.begin() as db:
        now = pages.rt.now()
        leaves = [
            Leaf(
                external_id=f"{name}-{time}",
                patient_id=pages.patient,
                content=Result(
                    name=name, value="5.6", number=5.6, taken=now - time * timedelta(days=90), panel="Blood"
                ),
                at=now - time * timedelta(days=90),
                released=now - time * timedelta(days=90),
                group=str(time),
            )
            for name in ("LDL", "HDL", "A1c")
            for time in range(RESULTS)
        ]
        chart.save(db, pages.house.clinic, leaves, now)
    return pages


def asked(pages: Pages) -> Browser:
    """A browser that is asked for the date of birth."""
    browser = visitor(pages)
    browser.tap(link(pages).token)
    return browser


def test_the_shell_asks_the_database_nothing(pages: Pages) -> None:
    browser = asked(pages)
    cost(pages.rt, 0, lambda: browser.get("/s"))


def test_a_token_that_we_have_not_signed_costs_nothing(pages: Pages) -> None:
    browser = asked(pages)
    cost(pages.rt, 0, lambda: browser.post("/s", {"token": "A" * 40}, csrf=False))


def test_a_tap(pages: Pages) -> None:
    browser, token = asked(pages), link(pages).token
    cost(pages.rt, 5, lambda: browser.post("/s", {"token": token}, csrf=False))


def test_the_question_for_the_second_factor(pages: Pages) -> None:
    browser = asked(pages)
    cost(pages.rt, 5, lambda: browser.get())


def test_the_right_answer(pages: Pages) -> None:
    browser = asked(pages)
    right = {"day": "2", "month": "1", "year": "1970"}
    cost(pages.rt, 10, lambda: browser.post(f"{browser.here}/unlock", right))
    assert browser.get().status_code == 200


def test_a_wrong_answer_costs_what_it_costs_to_ask_again(pages: Pages) -> None:
    browser = asked(pages)
    wrong = {"day": "3", "month": "1", "year": "1970"}
    cost(pages.rt, 14, lambda: browser.post(f"{browser.here}/unlock", wrong))


def test_a_result_page(with_results: Pages) -> None:
    browser = opened(with_results, Page.RESULT)
    cost(with_results.rt, 7, lambda: browser.get())
    assert "A1c" in browser.text


def test_a_page_of_messages_costs_the_same_however_many_there_are(pages: Pages) -> None:
    browser = opened(pages, Page.MESSAGES)
    browser.send({"body": "Hello"})
    one = len(statements(pages.rt, lambda: browser.get()))
    for number in range(3):
        browser.send({"body": f"Hello {number}"})
    cost(pages.rt, one, lambda: browser.get())


def test_a_screen_of_a_form_and_the_last_one(pages: Pages) -> None:
    browser = opened(pages, Page.FORM, form="refill")
    browser.send({"medicine": "other", "go": "next"})
    cost(pages.rt, 10, lambda: browser.post(browser.here, {"other_medicine": "Metoprolol", "go": "next"}))
    browser.get()
    browser.send({"days_left": "3", "go": "next"})
    cost(pages.rt, 10, lambda: browser.post(browser.here, {"note": "Thank you", "go": "next"}))


def test_staying_costs_no_more_than_to_know_who_is_there(pages: Pages) -> None:
    browser = opened(pages)
    cost(pages.rt, 4, lambda: browser.post(f"{browser.here}/stay", {}))
