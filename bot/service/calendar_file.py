"""A calendar file (iCalendar, RFC 5545) of spans of time. The same entries always make the same bytes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from icalendar import Calendar, Event, vText

REFRESH = timedelta(hours=1)
"""How often a calendar should ask again; many do so as they like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Something in a calendar, in UTC. `uid` stays the same for as long as it is about the same thing."""

    uid: str
    start: datetime
    end: datetime
    summary: str


def write(name: str, entries: Sequence[Entry]) -> bytes:
    """The file of a calendar of this name."""
    calendar = Calendar()
    calendar.add("prodid", "-//careline//on call//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", vText(name))
    calendar.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for entry in sorted(entries, key=lambda one: (one.start, one.uid)):
        calendar.add_component(_event(entry))
    written: bytes = calendar.to_ical()
    return written


def _event(entry: Entry) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", entry.start)  # not the present: an unchanged plan is an unchanged file
    event.add("dtstart", entry.start)
    event.add("dtend", entry.end)
    event.add("summary", entry.summary)
    event.add("transp", "TRANSPARENT")  # who is on call can be met all the same
    return event
