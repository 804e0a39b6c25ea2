"""The calendar's file has the time, the title and the place, and no line that anybody else could have put in."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Alarm, Calendar, Event

from webhooks.pages.calendar import visit_file

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
START = datetime(2026, 12, 3, 10, 30, tzinfo=timezone(timedelta(hours=-6)))


def made(
    *,
    uid: str = "6f1c",
    start: datetime = START,
    minutes: int = 30,
    title: str = "Visit at Riverside Clinic",
    place: str = "12 Main St; Suite 4, Springfield",
    language: str = "en",
    now: datetime = NOW,
) -> bytes:
    return visit_file(
        uid=uid, start=start, minutes=minutes, title=title, place=place, language=language, now=now
    )


def parsed(content: bytes) -> tuple[Calendar, Event, Alarm]:
    calendar = Calendar.from_ical(content)
    assert isinstance(calendar, Calendar)
    (event,) = calendar.subcomponents
    assert isinstance(event, Event)
    (alarm,) = event.subcomponents
    assert isinstance(alarm, Alarm)
    assert not [error for part in (calendar, event, alarm) for error in part.errors]
    return calendar, event, alarm


def test_a_calendar_reads_the_visit() -> None:
    calendar, event, alarm = parsed(made())
    assert (calendar["version"], calendar["method"]) == ("2.0", "PUBLISH")
    assert event["uid"] == "6f1c"
    assert event["summary"] == "Visit at Riverside Clinic"
    assert event["location"] == "12 Main St; Suite 4, Springfield"
    assert event["class"] == "PRIVATE"
    assert event.start == datetime(2026, 12, 3, 16, 30, tzinfo=UTC)
    assert event.end == datetime(2026, 12, 3, 17, 0, tzinfo=UTC)
    assert event.decoded("dtstamp") == NOW
    assert alarm["action"] == "DISPLAY"
    assert alarm.decoded("trigger") == timedelta(days=-1)
    assert alarm["description"] == "Visit at Riverside Clinic"


def test_times_are_in_utc() -> None:
    content = made()
    assert b"\r\nDTSTART:20261203T163000Z\r\n" in content
    assert b"\r\nDTEND:20261203T170000Z\r\n" in content
    assert b"TZID" not in content


def test_it_says_nothing_else() -> None:
    calendar, event, alarm = parsed(made())
    assert set(calendar) == {"PRODID", "VERSION", "METHOD"}
    assert set(event) == {"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "LOCATION", "CLASS"}
    assert set(alarm) == {"ACTION", "DESCRIPTION", "TRIGGER"}
    assert "LOCATION" not in parsed(made(place=""))[1]
    assert "LOCATION" not in parsed(made(place=" \r\n "))[1]


def test_the_same_visit_makes_the_same_file() -> None:
    assert made() == made()


def test_the_language_is_named() -> None:
    event = parsed(made(title="Cita en Clínica Río", language="es"))[1]
    assert event["summary"] == "Cita en Clínica Río"
    assert event["summary"].params["LANGUAGE"] == "es"
    for bad in ("", "es\r\nATTENDEE:x", 'en";X="1', "en:x"):
        assert "LANGUAGE" not in parsed(made(language=bad))[1]["summary"].params


@pytest.mark.parametrize(
    "ending", ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\0", "\\n", "\\N"]
)
def test_a_line_cannot_be_put_in(ending: str) -> None:
    nasty = f"Visit{ending}ATTENDEE:mailto:x@example.com{ending}END:VEVENT{ending}BEGIN:VALARM"
    content = made(title=nasty, place=nasty, uid=nasty)
    lines = content.decode().replace("\r\n ", "").split("\r\n")
    assert not [line for line in lines if line.startswith("ATTENDEE")]
    assert (lines.count("END:VEVENT"), lines.count("BEGIN:VALARM")) == (1, 1)
    assert b"\n" not in content.replace(b"\r\n", b"")
    calendar, event, _ = parsed(content)
    assert len(calendar.subcomponents) == 1
    assert set(event) == {"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "LOCATION", "CLASS"}


def test_long_lines_are_folded() -> None:
    title = "Visit at " + "Ñandú 🏥 " * 40
    content = made(title=title)
    assert max(len(line) for line in content.split(b"\r\n")) <= 75
    assert parsed(content)[1]["summary"] == title.strip()


@pytest.mark.parametrize(
    "bad",
    [
        {"minutes": 0},
        {"minutes": -5},
        {"title": " \n "},
        {"uid": ""},
        {"start": datetime(2026, 12, 3, 10, 30)},  # noqa: DTZ001
        {"now": datetime(2026, 12, 3, 10, 30)},  # noqa: DTZ001
    ],
    ids=str,
)
def test_what_is_no_visit_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="a visit"):
        made(**bad)  # type: ignore[arg-type]


@given(title=st.text(max_size=120), place=st.text(max_size=120))
def test_any_text_comes_back_as_one_line(title: str, place: str) -> None:
    content = made(title=f"Visit {title}", place=place)
    event = parsed(content)[1]
    assert str(event["summary"]).split() == f"Visit {blank(title)}".split()
    assert str(event.get("location", "")).split() == blank(place).split()
    assert [line for line in content.split(b"\r\n") if line.startswith(b"BEGIN:")] == [
        b"BEGIN:VCALENDAR",
        b"BEGIN:VEVENT",
        b"BEGIN:VALARM",
    ]


def blank(text: str) -> str:
    """Controls as blanks."""
    return "".join(" " if ord(sign) < 32 or 127 <= ord(sign) < 160 else sign for sign in text)
