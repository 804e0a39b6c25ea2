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
"""What a page shows; more are free to be chosen, since earlier ones may have opened up meanwhile."""
MOST_OPEN = 1000
TAKE, KEEP = "take", "keep"


def show(db: Db, opened: Opened, now: datetime) -> View:
    """The open times, by day."""
    visit = chosen(db, opened)
    if opened.link.submitted:
        if opened.link.outcome == "none":
            return Sent(what="times", words={"outcome": "none"})
        return Sent(what="times", words=_when(opened, visit))
    return _times(db, opened, visit, now)


def take(db: Db, opened: Opened, given: Submission, now: datetime) -> View | None:
    """A time was tapped, or that none fits."""
    if opened.link.submitted:
        return None
    visit = chosen(db, opened)
    if "none" in given.fields:
        _keep(db, opened, "none", now)
        return None
    slot = _id(given.fields.get("slot", ""))
    if slot is None:
        return _times(db, opened, visit, now, fault="fault_choice")
    may_be_had = slot in {each.id for each in _open(db, opened, visit, MOST_OPEN, now)}
    if not may_be_had or not _choose(db, opened, visit, slot, "booked", now):
        return _times(db, opened, chosen(db, opened), now, fault="fault_time_taken")
    return None


def show_offer(db: Db, opened: Opened, now: datetime) -> View:
    """The time that opened up beside the present one."""
    visit = chosen(db, opened)
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
    visit = chosen(db, opened)
    offered = bookings.offered(db, visit.id, now) if visit else None
    if given.fields.get("choice") == TAKE:
        if visit is None or offered is None or not _choose(db, opened, visit, offered.id, TAKE, now):
            return show_offer(db, opened, now)
    elif given.fields.get("choice") == KEEP and _keep(db, opened, KEEP, now) and visit and offered:
        waitlist.pass_on(db, offered.id, visit.id, now)
    return None


class _ChosenBefore(Exception):
    """Takes a booking back: this link's choice came in meanwhile."""


def _choose(db: Db, opened: Opened, visit: Listed | None, slot: UUID, choice: str, now: datetime) -> bool:
    """Book it and tell the conversation; False where it can't be had any more. Of two taps at once, one counts."""
    try:
        with db.conn.begin_nested():
            booked = _book(db, opened, visit, slot, now)
            if booked and not links.submit(db, opened.link, now, str(booked)):
                raise _ChosenBefore
    except _ChosenBefore:
        return True
    if booked is None:
        return False
    _tell(db, opened, choice, now)
    entry = Entry(
        clinic=opened.clinic.id,
        actor="patient",
        action="visit.booked",
        subject=f"link:{opened.link.id}",
        patients=(opened.card.id,),
    )
    audit.write(db, [entry], now)
    return True


def _book(db: Db, opened: Opened, visit: Listed | None, slot: UUID, now: datetime) -> UUID | None:
    """Move the visit there, or book a first one. Locks in the order of all who book: conversation, then visit."""
    holds.conversations_of(db, opened.clinic.id, [opened.card.id])
    if visit:
        if not appointments.book(db, visit.id, slot, now):
            return None
        waitlist.leave(db, visit.id)
        return visit.id
    made = bookings.book_new(db, opened.clinic.id, opened.card.id, slot, now)
    if made:
        news = VisitChanged(visit_id=made, version=1, change=Change.BOOKED)
        mail = Mail(
            clinic=opened.clinic.id,
            conversation=opened.link.conversation,
            dedupe=f"visit:{made}:1",
            what=news,
        )
        inbox.put(db, [mail], now)
    return made


def _times(db: Db, opened: Opened, visit: Listed | None, now: datetime, *, fault: str = "") -> TimesView:
    zone, language = opened.card.zone, opened.language
    found = _open(db, opened, visit, MOST_TIMES, now)
    by_day = groupby(found, key=lambda slot: day_text(slot.start, zone, language))
    return TimesView(
        visit=_when(opened, visit).get("when", ""),
        days=tuple(
            (day, tuple((str(slot.id), time_text(slot.start, zone, language)) for slot in times))
            for day, times in by_day
        ),
        fault=page_words(opened.book, fault, language) if fault else "",
    )


def _open(db: Db, opened: Opened, visit: Listed | None, at_most: int, now: datetime) -> Sequence[Slot]:
    """The slots that this patient may have, soonest first."""
    if visit:
        return appointments.open_like(db, visit.id, at_most, now)
    return bookings.open_for(db, opened.clinic.id, opened.card.id, at_most, now)


def chosen(db: Db, opened: Opened) -> Listed | None:
    """The visit that was booked by this link, or the link's own, while it stands."""
    wanted = _id(opened.link.outcome) or opened.link.visit_id
    visits = appointments.listed(db, opened.clinic.id, patient=opened.card.id)
    return next((visit for visit in visits if visit.id == wanted and visit.status in STANDING), None)


def _when(opened: Opened, visit: Listed | None) -> dict[str, str]:
    return {"when": moment_text(visit.start, opened.card.zone, opened.language)} if visit else {}


def _keep(db: Db, opened: Opened, choice: str, now: datetime) -> bool:
    """The visit stays as it is; False where a choice came in before."""
    first = links.submit(db, opened.link, now, choice)
    if first:
        _tell(db, opened, choice, now)
    return first


def _tell(db: Db, opened: Opened, choice: str, now: datetime) -> None:
    key = f"submitted:{opened.link.id}"
    tell(db, opened.link, "submitted", key=key, now=now, values={"choice": choice})


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
