"""What the tests of the kinds of pages share: from a text to its open page, and what stands in the store then."""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bot.runtime import Runtime
from bot.service import schedule
from bot.service.csv_rows import Fault
from bot.store import people, worklist
from bot.store.answers import answers
from bot.store.appointments import Listed, listed
from bot.store.base import Db
from bot.store.slots import Opening, Service, add_openings, slots
from bot.store.worklist import Task
from tests.conftest import ANA_PHONE, SERVICE
from tests.webhooks.pages.conftest import Browser, Pages
from tests.webhooks.pages.practice import unlocked

NEW_YORK = ZoneInfo("America/New_York")
_SLOT = re.compile(r'name="slot" value="([^"]+)"[^>]*>\s*<span>([^<]+)</span>')


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of December 2026 on the clinic's clock; the clock of the tests starts on Monday, Nov 30, at 9:00."""
    return datetime(2026, 12, day, hour, minute, tzinfo=NEW_YORK)


def later(pages: Pages, minutes: float = 5) -> None:
    """Time goes by, and nobody does anything. At 9:00 sharp, when tests start, texts that nobody asked for may wait."""
    pages.rt.move_clock(timedelta(minutes=minutes))


def asks(pages: Pages, body: str) -> Browser:
    """The patient texts this and opens the page that the answer leads to."""
    before = len(pages.tokens())
    pages.house.text(body)
    pages.house.work()
    assert len(pages.tokens()) == before + 1, pages.house.got()
    return follow(pages)


def follow(pages: Pages, **more: str) -> Browser:
    """The patient opens the page that the latest text leads to."""
    return unlocked(pages, pages.token(), **more)


def sends(pages: Pages, browser: Browser, **fields: object) -> Browser:
    """The page's form is sent, and whatever follows is done."""
    answer = browser.send(dict(fields))
    assert answer.status_code in (200, 303), answer.status_code
    browser.get()
    pages.house.work()
    return browser


def last_text(pages: Pages, phone: str = ANA_PHONE) -> str:
    """What the phone got last."""
    return pages.house.got(phone)[-1]


def tasks(pages: Pages) -> dict[str, Task]:
    """What waits for a person, by its name."""
    with pages.rt.begin() as db:
        return {task.task: task for task in worklist.open_tasks(db, pages.house.clinic, 50)}


def visits(pages: Pages) -> list[Listed]:
    """All visits of the clinic's, the soonest first."""
    with pages.rt.begin() as db:
        return sorted(listed(db, pages.house.clinic), key=lambda visit: visit.start)


def free(pages: Pages) -> list[datetime]:
    """When slots are free."""
    with pages.rt.begin() as db:
        open_now = select(slots.c.start_at).where(slots.c.appointment_id.is_(None)).order_by(slots.c.start_at)
        return list(db.conn.execute(open_now).scalars())


def slot(pages: Pages, start: datetime, *, kind: str = SERVICE.kind, clinic: UUID | None = None) -> str:
    """A free slot at this time, for visits of this kind; its id."""
    service = Service(provider=SERVICE.provider, location=SERVICE.location, kind=kind)
    with pages.rt.begin() as db:
        before = _ids(db)
        add_openings(db, clinic or pages.house.clinic, [Opening(service=service, start=start, minutes=30)])
        (made,) = _ids(db) - before
    return made


def _ids(db: Db) -> set[str]:
    return {str(found) for found in db.conn.execute(select(slots.c.id)).scalars()}


def offered(browser: Browser) -> dict[str, str]:
    """The times on the page: their labels by the ids of their slots."""
    assert browser.seen is not None
    return dict(_SLOT.findall(browser.seen.text))


def wishes(pages: Pages) -> dict[str, str]:
    """What is kept of the patient's wishes."""
    with pages.rt.begin() as db:
        return dict(people.card(db, pages.house.clinic, pages.patient).preferences)


def external_id(pages: Pages) -> str:
    """The clinic's own id of the patient."""
    with pages.rt.begin() as db:
        return people.card(db, pages.house.clinic, pages.patient).external_id


def answered(pages: Pages) -> dict[str, object]:
    """The answers that were kept, by item; the last of each."""
    with pages.rt.begin() as db:
        rows = db.conn.execute(select(answers).order_by(answers.c.at, answers.c.id)).all()
        opened_rows = [
            [
                json.loads(db.open(answers, name, getattr(row, name), clinic=row.clinic_id, row=row.id))
                for name in ("asked", "value")
            ]
            for row in rows
        ]
    return {asked["item"]: value for asked, value in opened_rows}


def steps(browser: Browser, *given: dict[str, object]) -> Browser:
    """Answer one screen after the other."""
    for each in given:
        assert browser.send({"go": "next"} | each).status_code == 303, browser.text
    return browser


def brought_in(
    pages: Pages, directory: Path, bring_in: Callable[..., schedule.Totals], header: str, *lines: str
) -> None:
    """A file of the office comes in, and whatever follows is done."""
    faults: list[Fault] = []
    file = directory / "office.csv"
    file.write_text("\n".join((header, *lines)) + "\n")
    bring_in(pages.rt, pages.house.clinic, file, tell=schedule.Listeners(fault=faults.append))
    assert not faults, faults
    pages.house.work()


def with_form(rt: Runtime, name: str, **changed: object) -> None:
    """From now on this process has the form with these changes."""
    with rt.begin() as db:
        edition = rt.current_edition(db)
        book = rt.book(db, edition)
    form = book.forms[name].model_copy(update=changed)
    rt.books[edition] = book.model_copy(update={"forms": {**book.forms, name: form}})
