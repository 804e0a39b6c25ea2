"""Choose a time on a page: another one for a visit, a first one, or the one that was offered from the waitlist.

The slot is taken in the transaction of the answer, by the same statement as for a text: of two who tap at once, one
gets it. The conversation hears of it as of everything else.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID

from bot.core.events import VisitChanged
from bot.core.facts import STANDING, Slot
from bot.core.triggers import Change
from bot.core.views import OfferView, Sent, TimesView, View
from bot.core.wording import day_text, moment_text, page_words, time_text
from bot.service.open_page import Opened, Submission
from bot.service.tell import tell
from bot.store import appointments, audit, bookings, holds, inbox, links, waitlist
from bot.store.appointments import Listed
from bot.store.audit import Entry
from bot.store.base import Db
from bot.store.inbox import Mail

MOST_TIMES = 60
TAKE, KEEP = "take", "keep"


def show(db: Db, opened: Opened, now: datetime) -> View:
    """The open times, by day."""
    visit = _visit(db, opened)
    if opened.link.submitted:
        if opened.link.outcome == "none":
            return Sent(what="times", words={"outcome": "none"})
        return Sent(what="times", words=_when(opened, visit))
    return _times(db, opened, visit, now)


def take(db: Db, opened: Opened, given: Submission, now: datetime) -> View | None:
    """A time was tapped, or that none fits."""
    if opened.link.submitted:
        return None
    visit = _visit(db, opened)
    if "none" in given.fields:
        _tell(db, opened, {"choice": "none"}, now)
        return None
    slot = _id(given.fields.get("slot", ""))
    if slot is None:
        return _times(db, opened, visit, now, fault="fault_choice")
    if not _book(db, opened, visit, slot, now):
        return _times(db, opened, _visit(db, opened), now, fault="fault_time_taken")
    _tell(db, opened, {"choice": "booked"}, now)
    return None


def show_offer(db: Db, opened: Opened, now: datetime) -> View:
    """The time that opened up beside the present one."""
    visit = _visit(db, opened)
    if opened.link.submitted:
        kept = {"outcome": KEEP} if opened.link.outcome == KEEP else {}
        return Sent(what="offer", words=_when(opened, visit) | kept)
    offered = bookings.offered(db, visit.id, now) if visit else None
    return OfferView(
        visit=_when(opened, visit).get("when", ""),
        offered=moment_text(offered.start, opened.card.zone, opened.language) if offered else "",
        slot=str(offered.id) if offered else "",
    )


def take_offer(db: Db, opened: Opened, given: Submission, now: datetime) -> View | None:
    """Taken or not; a time that is gone is said to be."""
    if opened.link.submitted:
        return None
    visit = _visit(db, opened)
    offered = bookings.offered(db, visit.id, now) if visit else None
    if given.fields.get("choice") == TAKE:
        if visit is None or offered is None or not _book(db, opened, visit, offered.id, now):
            return show_offer(db, opened, now)
        _tell(db, opened, {"choice": TAKE}, now)
    elif given.fields.get("choice") == KEEP:
        if visit and offered:
            waitlist.pass_on(db, offered.id, visit.id, now)
        _tell(db, opened, {"choice": KEEP}, now)
    return None


def _book(db: Db, opened: Opened, visit: Listed | None, slot: UUID, now: datetime) -> bool:
    """Move the visit there, or book a first one. Locks in the order of all who book: conversation, then visit."""
    holds.conversations_of(db, opened.clinic.id, [opened.card.id])
    if visit:
        booked = appointments.book(db, visit.id, slot, now)
        if booked:
            waitlist.leave(db, visit.id)
    else:
        made = bookings.book_new(db, opened.clinic.id, opened.card.id, slot, now)
        booked = made is not None
        if made:
            news = VisitChanged(visit_id=made, version=1, change=Change.BOOKED)
            mail = Mail(
                clinic=opened.clinic.id,
                conversation=opened.link.conversation,
                dedupe=f"visit:{made}:1",
                what=news,
            )
            inbox.put(db, [mail], now)
    if booked:
        entry = Entry(
            clinic=opened.clinic.id,
            actor="patient",
            action="visit.booked",
            subject=f"link:{opened.link.id}",
            patients=(opened.card.id,),
        )
        audit.write(db, [entry], now)
    return booked


def _times(db: Db, opened: Opened, visit: Listed | None, now: datetime, *, fault: str = "") -> TimesView:
    zone, language = opened.card.zone, opened.language
    found: Sequence[Slot]
    if visit:
        found = appointments.open_like(db, visit.id, MOST_TIMES, now)
    else:
        found = bookings.open_for(db, opened.clinic.id, opened.card.id, MOST_TIMES, now)
    by_day = groupby(found, key=lambda slot: day_text(slot.start, zone, language))
    return TimesView(
        visit=_when(opened, visit).get("when", ""),
        days=tuple(
            (day, tuple((str(slot.id), time_text(slot.start, zone, language)) for slot in times))
            for day, times in by_day
        ),
        fault=page_words(opened.book, fault, language) if fault else "",
    )


def _visit(db: Db, opened: Opened) -> Listed | None:
    """The link's visit, while it stands; a link without one books a first visit, and shows it then."""
    visits = appointments.listed(db, opened.clinic.id, patient=opened.card.id)
    standing = [visit for visit in visits if visit.status in STANDING]
    if opened.link.visit_id:
        return next((visit for visit in standing if visit.id == opened.link.visit_id), None)
    if not opened.link.submitted:
        return None
    return next((visit for visit in standing if visit.start > opened.link.submitted), None)


def _when(opened: Opened, visit: Listed | None) -> dict[str, str]:
    return {"when": moment_text(visit.start, opened.card.zone, opened.language)} if visit else {}


def _tell(db: Db, opened: Opened, values: dict[str, str], now: datetime) -> None:
    if links.submit(db, opened.link, now, values["choice"]):
        tell(db, opened.link, "submitted", key=f"submitted:{opened.link.id}", now=now, values=dict(values))


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
