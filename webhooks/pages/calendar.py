"""A visit as a file for the phone's calendar (iCalendar, RFC 5545).

Calendars are shared, shown on locked screens and copied to other people's servers: the file has the time, a title
such as 'Visit at Riverside Clinic' and the place, and never why, with whom, or for whom.
"""

import re
import unicodedata
from datetime import UTC, datetime, timedelta

from icalendar import Alarm, Calendar, Event

MEDIA_TYPE = "text/calendar; charset=utf-8"
"""What the answer with the file says it is."""

_BEFORE = timedelta(days=1)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def visit_file(
    *, uid: str, start: datetime, minutes: int, title: str, place: str, language: str, now: datetime
) -> bytes:
    """The .ics file with one event of `minutes` from `start`, and an alarm a day before; times in UTC.

    `uid` has to be the same each time, so that adding it again replaces it, and must tell nothing. `place` may
    be ''. Raises ValueError for moments without a zone, a visit without length, and an empty title or uid.
    """
    title, place, uid = _line(title), _line(place), _line(uid)
    if start.tzinfo is None or now.tzinfo is None:
        raise ValueError("a visit's moments have to have their zone")
    if minutes < 1 or not title or not uid:
        raise ValueError("a visit has to have a length, a title and a uid")
    told = {"LANGUAGE": language} if _LANGUAGE.fullmatch(language) else {}
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title, parameters=told)
    alarm.add("trigger", -_BEFORE)
    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", start.astimezone(UTC))
    event.add("dtend", start.astimezone(UTC) + timedelta(minutes=minutes))
    event.add("summary", title, parameters=told)
    if place:
        event.add("location", place, parameters=told)
    event.add("class", "PRIVATE")
    event.add_component(alarm)
    calendar = Calendar()
    calendar.add("prodid", "-//Careline//Visits//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content


def _line(text: str) -> str:
    """One line: what could end it, or steer what reads it, becomes a blank."""
    plain = "".join(" " if unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"} else sign for sign in text)
    return " ".join(plain.split())
