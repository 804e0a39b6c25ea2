"""By when somebody must have seen to a task; after that it climbs to the people on call."""

from datetime import datetime, timedelta

from bot.core.book import Book
from bot.core.effects import Urgency
from bot.core.moments import BusinessDays, when

_DAY = timedelta(days=1)


def answer_due(book: Book, urgency: Urgency, now: datetime, zone: str) -> datetime | None:
    """The moment, in UTC; None where it does not climb by itself. An emergency has its ladder at once.

    Urgent tasks are counted by the clock. Routine ones are counted from when the clinic is open, over the days on which
    it is, and are due while it is: what comes in on Friday at four has, with 24 hours, until Monday at four.
    """
    within = book.oncall.answer_within
    if urgency is Urgency.URGENT and within.urgent:
        return now + within.urgent
    if urgency is not Urgency.ROUTINE or within.routine is None:
        return None
    office = book.calendar()
    if office is None:
        return now + within.routine
    days, rest = divmod(within.routine, _DAY)
    counted = when(
        BusinessDays(count=days), now=office.next_open(now, zone), start=None, zone=zone, calendar=office
    )
    assert counted is not None
    return office.next_open(counted + rest, zone)
