"""The day, calls, earlier times."""

from datetime import timedelta
from uuid import UUID

from bot.core.roles import May
from bot.runtime import Runtime
from bot.service.console import change_visit
from bot.service.console.change_visit import Seen
from bot.store import visit_acts
from tests.bot.service.desks import desk
from tests.bot.service.week import Week, at
from tests.webhooks.console.urls import Url

URLS = (
    Url(rule="/day", may=May.DAY),
    Url(rule="/day/calls", may=May.DAY),
    Url(rule="/day/earlier", may=May.DAY),
    Url(rule="/day/visits/<uuid:visit>", method="POST", may=May.VISITS, form={"act": "confirmed.1.booked"}),
    Url(rule="/day/calls/<uuid:visit>", method="POST", may=May.VISITS, form={"act": "unreached.1.booked"}),
    Url(rule="/day/acts/<uuid:act>/undo", method="POST", may=May.VISITS),
    Url(rule="/day/openings/<uuid:slot>/offer", method="POST", may=May.VISITS),
    Url(rule="/day/waitlist/<uuid:waiting>/leave", method="POST", may=May.VISITS),
)


def seed(rt: Runtime, clinic: UUID) -> dict[str, str]:
    """A visit, one that waits for an earlier time, a free time, and something that was done."""
    week, start = Week(rt, clinic), rt.now() + timedelta(days=2)
    visit, waiting, done = (week.visit(at(start, hours)) for hours in (1, 2, 3))
    week.waits(waiting)
    (slot,) = week.free(at(start))
    by = desk(rt, clinic, handle="seeder")
    change_visit.change(rt, by, done, "confirmed", Seen(version=1, status="booked"))
    with rt.begin() as db:
        act = visit_acts.of(db, [done])[done][0].id
    return {
        "<uuid:visit>": str(visit),
        "<uuid:waiting>": str(waiting),
        "<uuid:slot>": str(slot),
        "<uuid:act>": str(act),
    }
