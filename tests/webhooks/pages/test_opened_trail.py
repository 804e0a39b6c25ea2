"""The trail of a page: who looked, opened, saw, sent, was refused. Each once, with the patient and nothing else."""

import re

from sqlalchemy import select

from bot.core.flow import Page
from bot.store import audit as trail
from bot.store.audit import audit
from tests.webhooks.pages.conftest import BORN, Pages
from tests.webhooks.pages.practice import DAY, audited, link, rows, visitor


def test_each_step_is_written_once_and_says_whose_page_it_was(pages: Pages) -> None:
    made = link(pages)
    browser = visitor(pages)
    browser.tap(made.token)
    browser.unlock(BORN + DAY)
    browser.unlock()  # and its page is shown
    browser.post(browser.here, {"body": ""})
    browser.post(browser.here, {"body": "hello"})
    browser.post(f"{browser.here}/stay", {})
    browser.post(f"{browser.here}/wrong-person", {})
    assert audited(pages) == [
        (f"page.{step}", f"link:{made.id}", str(pages.patient))
        for step in ("looked_at", "refused", "opened", "viewed", "refused_input", "submitted", "wrong_person")
    ]


def test_a_lock_is_written_once_and_each_refusal_once(pages: Pages) -> None:
    made = link(pages, tries=3)
    browser = visitor(pages)
    browser.tap(made.token)
    for _ in range(5):
        browser.unlock(BORN + DAY)
    done = [action for action, _, _ in audited(pages)]
    assert done == [
        "page.looked_at",
        *["page.refused"] * 2,
        "page.refused",
        "page.locked",
        *["page.refused"] * 2,
    ]


def test_the_day_of_a_patient_that_is_full_is_written_once(pages: Pages) -> None:
    for page in (Page.MESSAGES, Page.HISTORY, Page.PREFERENCES):
        browser = visitor(pages)
        browser.tap(link(pages, page).token)
        for _ in range(4):
            browser.unlock(BORN + DAY)
    done = [action for action, _, _ in audited(pages)]
    assert (done.count("page.refused"), done.count("page.locked")) == (12, 1)


def test_what_was_refused_before_it_was_a_link_leaves_no_trace(pages: Pages) -> None:
    browser = visitor(pages)
    before = rows(pages.rt)
    browser.tap("A" * 40)
    browser.get("/s")
    browser.get(f"/s/{pages.patient}")
    assert rows(pages.rt) == before


def test_the_trail_holds_and_has_ids_moments_and_names_only(pages: Pages) -> None:
    """V16.2.1, V16.2.5, V16.4.1: when, who, what, to what; no line is broken by what was typed."""
    browser = visitor(pages)
    browser.tap(link(pages).token)
    browser.unlock(BORN + DAY, first_name="x\r\n2026-11-30 page.opened")
    browser.unlock()
    browser.post(browser.here, {"body": "one\r\n2026-11-30T00:00:00Z page.locked"})
    with pages.rt.begin() as db:
        written = db.conn.execute(select(audit).where(audit.c.action.startswith("page."))).all()
        assert trail.verify(db)
    assert len(written) == 5
    for row in written:
        assert row.at.utcoffset() is not None
        assert (row.clinic_id, row.patients) == (pages.house.clinic, str(pages.patient))
        assert row.actor == "patient"
        assert re.fullmatch(r"page\.[a-z_]+", row.action)
        assert re.fullmatch(r"link:[0-9a-f-]{36}", row.subject)
        assert row.detail == "messages"
