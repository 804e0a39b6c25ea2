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
    # counted from other days
    ("the day after memorial day", "05-26", "05-26", None, None),
    ("the friday before easter", "04-03", "04-03", None, None),
    ("two weeks from the 20th", "04-03", "04-03", None, None),
    ("the week of april 8", "04-06", "04-10", None, None),
    ("the weekend after easter", "04-11", "04-12", None, None),
    ("easter is bad, the monday after", "04-06", "04-06", None, None),
    ("next week is out, the week after", "03-23", "03-27", None, None),
    ("friday after next", "03-27", "03-27", None, None),
    ("de hoy en ocho", "03-18", "03-18", None, None),
    ("el lunes que viene", "03-16", "03-16", None, None),
    ("in 2 to 3 weeks", "03-25", "04-01", None, None),
    ("in 2 or 3 weeks", "03-25", "03-25", None, None),
    # parts of months
    ("last friday of the month", "03-27", "03-27", None, None),
    ("first monday of april", "04-06", "04-06", None, None),
    ("3rd week of may", "05-15", "05-21", None, None),
    ("early next month", "04-01", "04-07", None, None),
    ("in june, any friday", "06-01", "06-30", None, None),
    ("in june, after the 15th", "06-16", None, None, None),
    # open to one side
    ("by friday", None, "03-13", None, None),
    ("before easter", None, "04-04", None, None),
    ("anytime after the 15th", "03-16", None, None, None),
    ("starting the 16th", "03-16", None, None, None),
    ("from monday on", "03-16", None, None, None),
    # ranges and days left open
    ("mon-fri", "03-16", "03-20", None, None),
    ("between monday and thursday", "03-16", "03-19", None, None),
    ("de lunes a miércoles", "03-16", "03-18", None, None),
    ("the 31st or the 1st", "03-31", "04-01", None, None),
    ("the 15th or the 20th", "03-15", "03-15", None, None),
    ("between now and friday", "03-11", "03-13", None, None),
    ("tomorrow or the day after", "03-12", "03-13", None, None),
    # refusals
    ("any day next week but friday", "03-16", "03-20", None, None),
    ("i cant do monday or tuesday, wednesday works", "03-18", "03-18", None, None),
    ("the 20th no good. the 25th or 26th", "03-25", "03-26", None, None),
    ("tuesday no wednesday", "03-18", "03-18", None, None),
    ("i cant get there before 10", None, None, "10:00", None),
    ("friday no earlier than 2", "03-13", "03-13", "14:00", None),
    # corrections
    ("at 2, sorry i meant 3", None, None, "15:00", "15:00"),
    ("the 20th no wait 21", "03-21", "03-21", None, None),
    ("june 3rd? no the 10th", "06-10", "06-10", None, None),
    ("the 12th at 3... no, the 13th", "03-13", "03-13", "15:00", "15:00"),
    ("i called yesterday at 3, how about friday at 4", "03-13", "03-13", "16:00", "16:00"),
    # hours
    ("three thirty on friday", "03-13", "03-13", "15:30", "15:30"),
    ("eleven thirty works", None, None, "11:30", "11:30"),
    ("monday 8", "03-16", "03-16", "08:00", "08:00"),
    ("4p mon", "03-16", "03-16", "16:00", "16:00"),
    ("monday noonish", "03-16", "03-16", "11:30", "12:30"),
    ("can it be 9 instead of 11", None, None, "09:00", "09:00"),
    ("9 or 9:30 tuesday", "03-17", "03-17", "09:00", "09:00"),
    ("tonight", "03-11", "03-11", "17:00", "20:00"),
    ("thursday pm", "03-12", "03-12", "12:00", "17:00"),
    ("monday morning first thing", "03-16", "03-16", "08:00", "09:00"),
    ("2morrow b4 noon", "03-12", "03-12", None, "12:00"),
    ("nxt wk", "03-16", "03-20", None, None),
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
        "i was there last friday",
        "ya fui ayer",
        "it hurts since monday",
        "your office called me at 9 this morning",
        "i am away until monday",
        "not today",
        "dont text before 8",
        "thank you for the 2 reminders",
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
