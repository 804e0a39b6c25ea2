"""From the text to the page and back: the second factor, what is open, and how it closes."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.service import clinic as clinics
from bot.service import schedule
from bot.store import people, worklist
from tests.webhooks.pages.conftest import BORN, Pages

WRONG = date(1971, 3, 4)


def refill(pages: Pages) -> str:
    """Ana asks for a refill and gets the link to its form."""
    pages.house.text("I need a refill")
    pages.house.work()
    return pages.token()


def tasks(pages: Pages) -> list[str]:
    """What waits for a person."""
    with pages.rt.begin() as db:
        return [task.task for task in worklist.open_tasks(db, pages.house.clinic, 20)]


def test_from_the_text_to_the_form_that_came_in(pages: Pages) -> None:
    browser = pages.browser()
    assert browser.tap(refill(pages)).status_code == 303
    assert "birth date" in browser.text
    assert "refill" not in browser.text.casefold()
    assert browser.unlock().status_code == 303
    assert "Which medicine do you need?" in browser.text
    browser.send({"medicine": "other", "go": "next"})
    browser.send({"other_medicine": "Metoprolol 50", "go": "next"})
    browser.send({"days_left": "1", "go": "next"})
    browser.send({"note": "", "go": "next"})
    assert "Which medicine" not in browser.text
    pages.house.work()
    assert "refill_review" in tasks(pages)
    assert pages.house.got()[-1].startswith("Thank you, Ana. We will look at it today.")


def test_what_was_saved_is_there_again_on_a_new_link(pages: Pages) -> None:
    browser = pages.browser()
    browser.tap(refill(pages))
    browser.unlock()
    browser.send({"medicine": "other", "go": "next"})
    saved = browser.send({"other_medicine": "Metoprolol 50", "go": "later"})
    assert saved.status_code == 200
    # The reminder brings a fresh link to the same form, once texts that nobody asked for may leave.
    pages.house.wait_until(pages.rt.now() + timedelta(days=1, minutes=5))
    other = pages.browser()
    other.tap(pages.token())
    other.unlock()
    assert "days" in other.text
    assert "Which medicine do you need?" not in other.text


@pytest.mark.parametrize("answer", [{"days_left": "x"}, {"days_left": "91"}, {}, {"days_left": "1e3"}])
def test_an_answer_that_is_none_comes_back_with_its_fault(pages: Pages, answer: dict[str, object]) -> None:
    browser = pages.browser()
    browser.tap(refill(pages))
    browser.unlock()
    browser.send({"medicine": "other", "go": "next"})
    browser.send({"other_medicine": "Metoprolol 50", "go": "next"})
    answered = browser.send({**answer, "go": "next"})
    assert answered.status_code == 422
    assert 'role="alert"' in answered.text
    assert "<title>Error" in answered.text


def test_five_wrong_answers_lock_the_link_for_the_right_one_too(pages: Pages) -> None:
    browser = pages.browser()
    browser.tap(refill(pages))
    pages.house.work()
    told = {browser.unlock(WRONG).text.split("<form")[0] for _ in range(5)}
    right = browser.unlock(BORN)
    assert right.status_code == 422
    assert told == {right.text.split("<form")[0]}  # nothing says that it is locked
    pages.house.work()
    assert tasks(pages) == ["page_locked"]


def test_a_locked_link_still_asks_as_any_other(pages: Pages) -> None:
    token = refill(pages)
    browser = pages.browser()
    browser.tap(token)
    for _ in range(5):
        browser.unlock(WRONG)
    other = pages.browser()
    assert other.tap(token).status_code == 303
    assert other.unlock(BORN).status_code == 422


def test_ten_wrong_answers_a_day_lock_a_patient_on_all_links(pages: Pages) -> None:
    browser = pages.browser()
    for _ in range(2):
        browser.tap(refill(pages))
        for _ in range(5):
            browser.unlock(WRONG)
    browser.tap(refill(pages))
    assert browser.unlock(BORN).status_code == 422
    pages.rt.move_clock(timedelta(days=1))
    browser.tap(refill(pages))
    assert browser.unlock(BORN).status_code == 303


@pytest.mark.parametrize(
    "typed", [{"day": "31", "month": "2"}, {"year": ""}, {"day": "²"}, {"month": "x" * 500}]
)
def test_a_date_that_is_none_is_a_wrong_answer(pages: Pages, typed: dict[str, str]) -> None:
    browser = pages.browser()
    browser.tap(refill(pages))
    assert browser.unlock(BORN, **typed).status_code == 422


def test_twins_on_one_phone_are_told_apart_by_their_names(pages: Pages) -> None:
    token = refill(pages)
    pages.house.patient("Ben")  # born on the same day
    browser = pages.browser()
    browser.tap(token)
    assert "first name" in browser.text.casefold()
    assert browser.unlock(BORN, first_name="Ben").status_code == 422
    assert browser.unlock(BORN, first_name=" ana ").status_code == 303


def test_done_closes_what_is_open_in_this_browser(pages: Pages) -> None:
    browser = pages.browser()
    browser.tap(refill(pages))
    browser.unlock()
    answer = browser.post(f"{browser.here}/done", {})
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert "__Host-page=;" in answer.headers["Set-Cookie"]
    assert browser.get().status_code == 404
    assert "medicine" not in browser.text


def test_a_page_that_nobody_touches_closes_itself(pages: Pages) -> None:
    browser = pages.browser()
    browser.tap(refill(pages))
    browser.unlock()
    pages.rt.move_clock(timedelta(minutes=14, seconds=50))
    assert browser.get().status_code == 200
    pages.rt.move_clock(timedelta(minutes=15, seconds=1))
    assert browser.get().status_code == 410
    assert "medicine" not in browser.text


def test_stay_gives_the_page_another_quarter_of_an_hour(pages: Pages) -> None:
    browser = pages.browser()
    browser.tap(refill(pages))
    browser.unlock()
    for _ in range(3):
        pages.rt.move_clock(timedelta(minutes=14))
        assert browser.post(f"{browser.here}/stay", {}).json == {"seconds": 900}
    assert browser.get().status_code == 200


def test_another_browser_has_no_part_in_what_is_open(pages: Pages) -> None:
    browser, other = pages.browser(), pages.browser()
    token = refill(pages)
    browser.tap(token)
    browser.unlock()
    other.tap(token)  # it has a cookie, and a page of its own
    assert other.get(browser.here).status_code == 404
    other.here = browser.here
    assert other.post(f"{browser.here}/unlock", {}).status_code == 403


def test_two_pages_are_open_side_by_side(pages: Pages) -> None:
    browser = pages.browser()
    browser.tap(refill(pages))
    browser.unlock()
    first = browser.here
    pages.trigger("staff start it", flow="phq9")
    pages.house.text("yes")
    pages.house.work()
    browser.tap(pages.token())
    browser.unlock()
    assert browser.here != first
    assert browser.get(first).status_code == browser.get(browser.here).status_code == 200


def test_this_is_not_for_me_ends_every_link_to_the_phone(pages: Pages) -> None:
    token = refill(pages)
    browser, other = pages.browser(), pages.browser()
    other.tap(token)
    other.unlock()
    browser.tap(token)
    browser.unlock()
    assert browser.post(f"{browser.here}/wrong-person", {}).status_code == 200
    assert other.get().status_code == 404
    assert pages.browser().tap(token).status_code == 404
    pages.house.work()
    assert tasks(pages) == ["page_for_somebody_else"]


def test_stop_ends_what_is_open(pages: Pages) -> None:
    browser = pages.browser()
    browser.tap(refill(pages))
    browser.unlock()
    pages.house.text("STOP")
    pages.house.work()
    assert browser.get().status_code == 404


def test_an_expired_link_gets_a_new_one_on_the_phone_on_record(pages: Pages) -> None:
    token = refill(pages)
    pages.rt.move_clock(timedelta(hours=24, minutes=2))
    browser = pages.browser()
    dead = browser.tap(token)
    assert (dead.status_code, f'value="{token}"' in dead.text) == (404, True)
    again = browser.post("/s/again", {"token": token}, csrf=False)
    assert again.status_code == 200
    pages.house.work()
    fresh = pages.token()
    assert fresh != token
    browser.tap(fresh)
    browser.unlock()
    assert "Which medicine" in browser.text


def test_whoever_asks_for_a_new_link_hears_the_same(pages: Pages) -> None:
    token = refill(pages)
    browser = pages.browser()
    answers = {
        browser.post("/s/again", {"token": each}, csrf=False).data
        for each in (token, "A" * 40, "", token[:-1])
    }
    assert len(answers) == 1


def test_a_new_link_goes_out_once_in_a_while(pages: Pages) -> None:
    token = refill(pages)
    before = len(pages.tokens())
    for _ in range(4):
        pages.rt.move_clock(timedelta(seconds=50))
        pages.browser().post("/s/again", {"token": token}, csrf=False)
        pages.house.work()
    assert len(pages.tokens()) == before + 1


def test_an_older_link_to_the_same_page_ends_with_the_new_one(pages: Pages) -> None:
    first = refill(pages)
    second = refill(pages)
    assert pages.browser().tap(first).status_code == 404
    assert pages.browser().tap(second).status_code == 303


def test_a_patient_with_another_phone_has_no_links_on_the_old_one(pages: Pages, tmp_path: Path) -> None:
    browser = pages.browser()
    token = refill(pages)
    browser.tap(token)
    browser.unlock()
    with pages.rt.begin() as db:
        card = people.card(db, pages.house.clinic, pages.patient)
    file = tmp_path / "patients.csv"
    file.write_text(
        "external_id,first_name,last_name,birth_date,phone\n"
        f"{card.external_id},Ana,Morales,{card.birth_date},202-555-0177\n"
    )
    schedule.import_patients(pages.rt, pages.house.clinic, file)
    assert browser.get().status_code == 404
    assert pages.browser().tap(token).status_code == 404


def test_the_text_with_its_link_is_one_segment(pages: Pages) -> None:
    refill(pages)
    body = next(body for body in pages.house.got() if "/s#" in body)
    local = pages.rt.settings.pages_url
    assert len(body.replace(local, "https://m.riverside.example")) <= 160


def test_the_link_stands_nowhere_in_the_database(pages: Pages) -> None:
    token = refill(pages)
    with pages.rt.begin() as db:
        rows = db.conn.exec_driver_sql("SELECT encode(body, 'escape') FROM outbox").scalars().all()
    assert rows
    assert not any(token in row for row in rows)


def test_the_link_of_one_clinic_says_nothing_of_another(pages: Pages) -> None:
    token = refill(pages)
    clinics.add(pages.rt, name="Hillside", phone="+12025550900", zone="America/New_York")
    browser = pages.browser()
    browser.tap(token)
    assert "Riverside Clinic" in browser.text
    assert "Hillside" not in browser.text
