"""Wishes for another time, read on Wednesday, 11 March 2026. A row: the text, the days, the times."""

from datetime import date, datetime, time

import pytest

from nlp.reader import Reader

NOW = datetime.fromisoformat("2026-03-11T10:00:00-05:00")

CASES = [
    ("friday", "03-13", "03-13", None, None),
    ("wednesday", "03-18", "03-18", None, None),
    ("this monday", "03-16", "03-16", None, None),
    ("next tuesday after 3", "03-17", "03-17", "15:00", None),
    ("next week", "03-16", "03-20", None, None),
    ("next week, monday thru wednesday", "03-16", "03-18", None, None),
    ("this week", "03-11", "03-13", None, None),
    ("week after next", "03-23", "03-27", None, None),
    ("the weekend", "03-14", "03-15", None, None),
    ("next weekend", "03-21", "03-22", None, None),
    ("end of the month", "03-25", "03-31", None, None),
    ("first week of april", "04-01", "04-07", None, None),
    ("sometime in may", "05-01", "05-31", None, None),
    ("the 14th", "03-14", "03-14", None, None),
    ("march 28 or 29", "03-28", "03-29", None, None),
    ("the 16th-19th", "03-16", "03-19", None, None),
    ("in two weeks", "03-25", "03-25", None, None),
    ("a week from tomorrow", "03-19", "03-19", None, None),
    ("in a couple of days", "03-13", "03-13", None, None),
    ("tomorrow morning", "03-12", "03-12", "08:00", "12:00"),
    ("first thing friday", "03-13", "03-13", "08:00", "09:00"),
    ("lunch time thursday", "03-12", "03-12", "12:00", "13:00"),
    ("monday or tuesday", "03-16", "03-17", None, None),
    ("tues, weds or thurs", "03-17", "03-19", None, None),
    ("not monday, tuesday is better", "03-17", "03-17", None, None),
    ("friday, scratch that, monday at 10", "03-16", "03-16", "10:00", "10:00"),
    ("friday at 9, actually make it 10", "03-13", "03-13", "10:00", "10:00"),
    ("I need a tuesday, so the 24th", "03-24", "03-24", None, None),
    ("3/20 at 4", "03-20", "03-20", "16:00", "16:00"),
    ("between 2 and 4 on monday", "03-16", "03-16", "14:00", "16:00"),
    ("around 2", None, None, "13:30", "14:30"),
    ("2ish", None, None, "13:30", "14:30"),
    ("before 10", None, None, None, "10:00"),
    ("anything after 5pm", None, None, "17:00", None),
    ("10 or later", None, None, "10:00", None),
    ("mornings are best", None, None, "08:00", "12:00"),
    ("8 to 9 am", None, None, "08:00", "09:00"),
    ("11 to 2", None, None, "11:00", "14:00"),
    ("any time", None, None, None, None),
    ("mañana en la tarde", "03-12", "03-12", "12:00", "17:00"),
    ("pasado mañana a las 10", "03-13", "03-13", "10:00", "10:00"),
    ("el lunes por la mañana", "03-16", "03-16", "08:00", "12:00"),
    ("el martes 17 a las 11", "03-17", "03-17", "11:00", "11:00"),
    ("la próxima semana", "03-16", "03-20", None, None),
    ("el viernes antes de las 11", "03-13", "03-13", None, "11:00"),
    ("como a las 3 y media", None, None, "15:00", "16:00"),
    ("a finales de junio", "06-24", "06-30", None, None),
]


@pytest.mark.parametrize(("text", "day_from", "day_to", "time_from", "time_to"), CASES)
def test_wished(
    reader: Reader,
    text: str,
    day_from: str | None,
    day_to: str | None,
    time_from: str | None,
    time_to: str | None,
) -> None:
    window = reader.read(text, now=NOW).when
    assert window is not None
    assert (window.date_from, window.date_to) == (_day(day_from), _day(day_to))
    assert (window.time_from, window.time_to) == (_time(time_from), _time(time_to))


@pytest.mark.parametrize(
    "text",
    [
        "thanks",
        "I have a headache",
        "my pain is 7",
        "2",
        "have a good weekend",
        "feliz navidad",
        "may I come in",
        "",
    ],
)
def test_nothing_wished(reader: Reader, text: str) -> None:
    assert reader.read(text, now=NOW).when is None


def test_without_a_clock_nothing_is_wished(reader: Reader) -> None:
    assert reader.read("friday at 3").when is None


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(f"2026-{text}")


def _time(text: str | None) -> time | None:
    return None if text is None else time.fromisoformat(text)
