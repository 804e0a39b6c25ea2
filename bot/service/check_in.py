"""Check in: 'I'm here', for today's visit. The front desk hears of it at once."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.core.facts import STANDING, VisitStatus
from bot.core.views import CheckInView, View
from bot.core.wording import moment_text
from bot.service.open_page import Opened, Submission
from bot.service.tell import tell
from bot.store import appointments, links
from bot.store.appointments import Listed
from bot.store.base import Db

_HERE = (VisitStatus.ARRIVED, VisitStatus.CHECKED_IN)


def show(db: Db, opened: Opened, now: datetime) -> CheckInView:
    """Today's visit, if there is one."""
    visit = _visit(db, opened, now)
    arrived = visit is not None and (visit.status in _HERE or opened.link.submitted is not None)
    may_say = "location" in opened.book.house.may_text
    return CheckInView(
        visit=moment_text(visit.start, opened.card.zone, opened.language) if visit else "",
        place=visit.service.location if visit and may_say else "",
        arrived=arrived,
    )


def take(db: Db, opened: Opened, _given: Submission, now: datetime) -> View | None:
    """The patient is here; said twice, it counts once."""
    visit = _visit(db, opened, now)
    if visit and visit.status in STANDING and links.submit(db, opened.link, now):
        tell(db, opened.link, "submitted", key=f"submitted:{opened.link.id}", now=now, values={"here": True})
    return None


def _visit(db: Db, opened: Opened, now: datetime) -> Listed | None:
    zone = ZoneInfo(opened.card.zone)
    today = now.astimezone(zone).date()
    visits = appointments.listed(db, opened.clinic.id, patient=opened.card.id)
    return next(
        (
            visit
            for visit in visits
            if visit.id == opened.link.visit_id
            and visit.start.astimezone(zone).date() == today
            and visit.status in (*STANDING, *_HERE)
        ),
        None,
    )
