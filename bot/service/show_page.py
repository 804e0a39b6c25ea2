"""Show a page that is open: its frame, and what is in it. Every look is in the audit trail."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bot.core.book import Book
from bot.core.flow import Page
from bot.core.views import Frame, View
from bot.core.wording import national
from bot.runtime import Runtime
from bot.service import (
    check_in,
    choose_time,
    correspond,
    fill_in,
    look_back,
    open_page,
    read_chart,
    sign,
    use_passkey,
    wish,
)
from bot.service.open_page import Closed, Opened
from bot.store import appointments, audit
from bot.store.audit import Entry
from bot.store.base import Db

_SHOW: Mapping[Page, Callable[[Db, Opened, datetime], View]] = {
    Page.FORM: fill_in.show,
    Page.RESULT: read_chart.results,
    Page.SUMMARY: read_chart.summary,
    Page.TIMES: choose_time.show,
    Page.OFFER: choose_time.show_offer,
    Page.MESSAGES: correspond.show,
    Page.CONSENT: sign.show,
    Page.PREFERENCES: wish.show,
    Page.CHECK_IN: check_in.show,
    Page.HISTORY: look_back.show,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What an opened page shows. `offers_passkey`: whether it may offer to open the next one by a passkey."""

    opened: Opened
    view: View
    offers_passkey: bool


def page(rt: Runtime, opening: UUID, browser: str) -> Shown | Opened | Closed:
    """What this browser sees at its opening: the page, or, where it is not open yet, whose it is.

    Raises NotFound where there is nothing (any more) to show.
    """
    with rt.begin() as db:
        opened = open_page.within(rt, db, opening, browser)
        if isinstance(opened, Closed) or not opened.unlocked or opened.wants_pin:
            return opened
        offers = use_passkey.may_make(rt, db, opened)
        return Shown(opened=opened, view=_view(db, opened), offers_passkey=offers)


def content(rt: Runtime, opened: Opened) -> tuple[Frame, View]:
    """The page as it is now. Raises NotFound where there is nothing (any more) to show."""
    with rt.begin() as db:
        return frame(opened), _view(db, opened)


def _view(db: Db, opened: Opened) -> View:
    """What there is to see, and that it was seen: the last thing that is written."""
    view = _SHOW[opened.link.page](db, opened, opened.at)
    entry = Entry(
        clinic=opened.clinic.id,
        actor="patient",
        action="page.viewed",
        subject=f"link:{opened.link.id}",
        patients=(opened.card.id,),
        detail=str(opened.link.page),
    )
    audit.write(db, [entry], opened.at)
    return view


def frame(opened: Opened) -> Frame:
    """What stands around the page."""
    return Frame(
        page=opened.link.page,
        language=opened.language,
        clinic=opened.clinic.name,
        clinic_phone=national(opened.clinic.phone),
        first_name=opened.card.first_name,
        idle_seconds=int(opened.book.policy.page_idle.total_seconds()),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NextVisit:
    """A visit as a calendar may have it."""

    id: UUID
    start: datetime
    minutes: int
    place: str


def visit_to_keep(rt: Runtime, opened: Opened) -> NextVisit | None:
    """The visit that was chosen on the page, or the patient's next; its place where the clinic lets texts name it."""
    with rt.begin() as db:
        if opened.link.page is Page.SUMMARY:
            ahead = appointments.next_of(db, [opened.card.id], rt.now()).get(opened.card.id)
            visits = appointments.listed(db, opened.clinic.id, patient=opened.card.id)
            visit = next((each for each in visits if each.id == ahead), None)
        else:
            visit = choose_time.chosen(db, opened)
    if visit is None:
        return None
    place = visit.service.location if "location" in opened.book.house.may_text else ""
    return NextVisit(id=visit.id, start=visit.start, minutes=visit.minutes, place=place)


def current_book(rt: Runtime) -> Book:
    """The edition whose words a page has that doesn't know yet who reads it."""
    with rt.begin() as db:
        return rt.book(db, rt.current_edition(db))
