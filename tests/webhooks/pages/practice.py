"""Ways around the texts, for tests of the pages' door: links straight from the store, and what stands in all rows."""

import re
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from sqlalchemy import select, text
from werkzeug.test import TestResponse

from bot.core.book import PageRules
from bot.core.flow import Page
from bot.runtime import Runtime
from bot.signing import form_token, link_token
from bot.store import conversations, links, openings
from bot.store.audit import audit
from bot.store.base import metadata
from tests.conftest import ANA_PHONE
from tests.webhooks.pages.conftest import BORN, Browser, Pages
from webhooks.pages.browser import COOKIE, new_secret

DAY = timedelta(days=1)
AT_ONCE = 14
"""How many requests are on their way at the same time: a process has 16 connections."""
_CSRF = re.compile(r'name="csrf" value="([^"]+)"')
Given = TypeVar("Given")
Got = TypeVar("Got")


@dataclass(frozen=True)
class Made:
    """A link and its token."""

    id: UUID
    token: str


def link(
    pages: Pages,
    page: Page = Page.MESSAGES,
    *,
    patient: UUID | None = None,
    phone: str = ANA_PHONE,
    views: int = 20,
    tries: int = 5,
    life: timedelta = DAY,
    form: str | None = None,
    visit: UUID | None = None,
) -> Made:
    """A link whose text has left now."""
    rt, clinic = pages.rt, pages.house.clinic
    with rt.begin() as db:
        now = rt.now()
        made = links.issue(
            db,
            clinic=clinic,
            conversation=conversations.with_phone(db, clinic, phone, now),
            patient=patient or pages.patient,
            visit_id=visit,
            effect_key=str(uuid4()),
            page=page,
            form=form,
            turn=None,
            tries=tries,
            views=views,
            now=now,
        )
        links.leave(db, [(made, now + life)])
        c = links.links.c
        handle, expires = db.conn.execute(select(c.handle, c.expires_at).where(c.id == made)).one()
    return Made(made, link_token(rt.settings.secrets, handle, expires))


def opened(pages: Pages, page: Page = Page.MESSAGES, **more: object) -> Browser:
    """A browser that has unlocked a fresh link to this page."""
    return unlocked(pages, link(pages, page, **more).token)  # type: ignore[arg-type]


def unlocked(pages: Pages, token: str, **more: str) -> Browser:
    """A browser that has tapped on this link and unlocked it; `more` than the date of birth where it takes more."""
    browser = visitor(pages)
    assert browser.tap(token).status_code == 303
    assert browser.unlock(**more).status_code == 303  # type: ignore[arg-type]
    return browser


def visitor(pages: Pages) -> Browser:
    """A browser that has never been here."""
    return pages.browser()


@dataclass
class Seat(Browser):
    """A browser that has tapped on a link; it holds the proof of its forms without having looked at a page."""

    proof: str = ""

    def post(self, path: str, fields: dict[str, object], *, csrf: bool = True) -> TestResponse:
        """Send a form."""
        return super().post(path, ({"csrf": self.proof} if csrf else {}) | fields, csrf=False)

    def answer(self, born: date = BORN) -> int:
        """Answer the question for the second factor; the status."""
        typed = {"day": str(born.day), "month": str(born.month), "year": str(born.year)}
        return self.post(f"{self.here}/unlock", dict(typed)).status_code


def crowd(pages: Pages, made: "Made", many: int = 1, *, inside: bool = False) -> list[Seat]:
    """Browsers that have tapped on the link, and have come in where they are `inside`. The store seats them."""
    rt, seats = pages.rt, []
    with rt.begin() as db:
        for _ in range(many):
            secret, now = new_secret(), rt.now()
            opening = openings.begin(db, clinic=pages.house.clinic, link=made.id, browser=secret, now=now)
            if inside:
                openings.unlock(db, opening, now)
            seat = Seat(visitor(pages).client, rt.settings.pages_url, here=f"/s/{opening}")
            seat.proof = form_token(rt.settings.secrets, opening, secret)
            seat.client.set_cookie(COOKIE, secret, domain=host(seat))
            seats.append(seat)
    return seats


def host(browser: Browser) -> str:
    """The host that the browser is at, without its port."""
    return urlsplit(browser.origin).hostname or ""


def at_once(call: Callable[[Given], Got], given: Iterable[Given]) -> list[Got]:
    """Call it for all, as many at the same time as the house has connections for."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(call, given))


def csrf(browser: Browser) -> str:
    """The proof in the forms of the page that was seen last."""
    assert browser.seen is not None
    found = _CSRF.search(browser.seen.text)
    assert found is not None
    return found[1]


def raw(
    browser: Browser,
    path: str,
    data: object,
    *,
    headers: dict[str, str] | None = None,
    address: str = "127.0.0.1",
    content_type: str = "application/x-www-form-urlencoded",
    method: str = "POST",
) -> TestResponse:
    """A request with these headers and no others, from this address; `data` may be bytes."""
    return browser.client.open(
        path,
        method=method,
        data=data,
        base_url=browser.origin,
        headers=headers or {},
        content_type=content_type,
        environ_overrides={"REMOTE_ADDR": address},
    )


def rows(rt: Runtime) -> dict[str, str]:
    """A fingerprint of each table: any change of any row changes it."""
    with rt.begin() as db:
        return {
            name: db.conn.execute(
                text(
                    f"SELECT count(*) || md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM \"{name}\" t"
                )
            ).scalar_one()
            for name in metadata.tables
        }


def state(pages: Pages, of: UUID) -> links.Link:
    """The link as it is now."""
    with pages.rt.begin() as db:
        found = links.get(db, of)
    assert found is not None
    return found


def audited(pages: Pages) -> list[tuple[str, str, str]]:
    """Action, subject and patients of what the trail has of pages, in the order of writing."""
    with pages.rt.begin() as db:
        found = select(audit.c.action, audit.c.subject, audit.c.patients).order_by(
            audit.c.at, audit.c.lane, audit.c.seq
        )
        return [tuple(row) for row in db.conn.execute(found) if row.subject.startswith("link:")]


def rule(pages: Pages, rules: PageRules) -> None:
    """From now on this process goes by these rules of the clinic's."""
    rt = pages.rt
    with rt.begin() as db:
        edition = rt.current_edition(db)
        book = rt.book(db, edition)
    rt.books[edition] = book.model_copy(update={"house": book.house.model_copy(update={"pages": rules})})
