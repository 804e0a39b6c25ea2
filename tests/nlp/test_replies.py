from datetime import date, datetime, time

import pytest

from nlp.reader import Reader
from nlp.reading import (
    LONGEST_TEXT,
    Anything,
    BloodPressure,
    Date,
    Expect,
    FreeText,
    Number,
    Photo,
    Scale,
    Value,
    When,
    Window,
    YesNo,
)

NOW = datetime.fromisoformat("2026-11-24T10:15:00-05:00")

PAIN = Scale(min=0, max=10)
CASES: list[tuple[Expect, list[tuple[str, Value | None]]]] = [
    (
        YesNo(),
        [
            ("yes", True), ("Yeah I have", True), ("sure do", True), ("I think so", True),
            ("sí, un poquito", True), ("👍", True),
            ("nope", False), ("not really", False), ("I don't think so", False), ("claro que no", False),
            ("todavía no", False),
            ("no wait yes", True), ("yes and no", None), ("maybe", None), ("why do you ask", None),
            ("quién sabe", None), ("", None),
            ("i dont understand", None), ("i'd rather not say", None), ("definitely not", False), ("i have", True),
            ("i have a question", None), ("i am at work", None), ("ok what is this", None), ("no, bueno sí", True),
            ("yes, what time do you close?", True), ("ok, what is this?", None), ("is this a bot", None),
            ("my visit is on friday right?", None), ("no more texts please", None),
            ("unfortunately not", False), ("unfortunately yes", True), ("it comes and goes", True), ("n", False),
            ("cough and fever", None), ("me duele la cabeza y el brazo", None), ("y", True), ("yeah no", False),
            ("no pues sí", True), ("not that bad", None), ("hopefully not", None), ("dont you have that?", None),
            ("nothing new to report", False), ("only when i bend", True), ("no doubt", True),
            ("no me siento bien", None),
        ],
    ),
    (
        YesNo(digits=True),
        [
            ("1", True), (" 1. ", True), ("one", True), ("uno", True), ("2", False), ("(2)", False), ("DOS", False),
            ("3", None), ("12", None), ("1 2", None), ("1 hour", None), ("yes", True), ("no", False),
        ],
    ),
    (YesNo(), [("1", None), ("2", None), ("uno", None)]),
    (
        PAIN,
        [
            ("7", 7), ("8/10", 8), ("about a six", 6), ("un ocho", 8), ("ten", 10), ("no pain", 0),
            ("nada de dolor", 0),
            ("was 9 now 4", 4), ("4 no wait 5", 5), ("hurts 3 times a day", None), ("11", None),
            ("7.5", None), ("6 or 7", None),
            ("bad", None), ("is 7 a lot?", None), ("4/5", None),
            ("7, is that bad?", 7), ("i took 2 tylenol", None), ("day 3", None), ("more than 5", None), ("10+", None),
            ("4 and a bit", None), ("3:30", None), ("pain level: 4", 4), ("nothing helps", None),
            ("5/10 this morning, 3/10 now", 3), ("maximum", 10), ("del 1 al 10 un 6", 6), ("6 (out of 10)", 6),
            ("not 10 but close", None), ("my visit is at 3", None), ("i'm at 3", 3), ("no more than a 3", None),
            ("10 is the worst, right?", None), ("6 is that normal?", 6), ("2x worse", None), ("5 and under", None),
        ],
    ),
    (Scale(min=1, max=5), [("0", None), ("none", None), ("5", 5)]),
    (
        Number(unit="lb"),
        [("182", 182.0), ("about 182 lbs", 182.0), ("82 kg", 180.78), ("one eighty two", 182.0),
        ("182 or 183", None), ("a lot", None)],
    ),
    (Number(unit="F"), [("98.6", 98.6), ("101", 101.0), ("38.5", 101.3), ("no idea", None)]),
    (
        Number(unit="lb", min=50, max=700),
        [("182", 182.0), ("50", 50.0), ("700", 700.0), ("82 kg", 180.78), ("49", None), ("701", None),
        ("20 kg", None), ("zero", None)],
    ),
    (Number(min=1), [("1", 1.0), ("0", None), ("none", None), ("5000", 5000.0)]),
    (Number(max=3), [("0", 0.0), ("none", 0.0), ("3", 3.0), ("3.5", None)]),
    (Number(unit="F", min=90, max=110), [("38.5", 101.3), ("101", 101.0), ("130", None)]),
    (Number(unit="min"), [("2 hours", 120.0), ("45", 45.0), ("media hora", 30.0)]),
    (Number(unit="cm"), [("5 feet 10", 177.8), ("178", 178.0)]),
    (Number(unit="cigarettes"), [("none since january", 0.0), ("10", 10.0)]),
    (
        BloodPressure(),
        [
            ("120/80", {"systolic": 120, "diastolic": 80}),
            ("135 over 85", {"systolic": 135, "diastolic": 85}),
            ("142 90", {"systolic": 142, "diastolic": 90}),
            ("la alta 150 y la baja 95", {"systolic": 150, "diastolic": 95}),
            ("high", None), ("80/120", None), ("120", None),
            ("125,80", {"systolic": 125, "diastolic": 80}), ("119 and 72", {"systolic": 119, "diastolic": 72}),
            ("120/80/70", {"systolic": 120, "diastolic": 80}), ("140s over 80s", None), ("130.5", None),
        ],
    ),
    (
        Date(past=True),
        [
            ("3/14/1962", date(1962, 3, 14)), ("3-14-62", date(1962, 3, 14)),
            ("March 14, 1962", date(1962, 3, 14)),
            ("14 de marzo de 1962", date(1962, 3, 14)), ("yesterday", date(2026, 11, 23)),
            ("hace una semana", date(2026, 11, 17)),
            ("about a month ago", None), ("a few weeks ago", None), ("two tuesdays ago", None),
            ("after the 10th", None), ("yesterday or the day before", None), ("in 1950 on may 3", None),
            ("dec 5", date(2025, 12, 5)), ("2/30/1980", None), ("13/32/80", None), ("last week", None),
        ],
    ),
    (Date(), [("jan 5", date(2027, 1, 5)), ("tomorrow", date(2026, 11, 25)), ("monday or friday", None),
    ("not sure", None)]),
    (
        When(),
        [
            ("friday after 3", Window(date_from=date(2026, 11, 27), date_to=date(2026, 11, 27), time_from=time(15))),
            ("el viernes", Window(date_from=date(2026, 11, 27), date_to=date(2026, 11, 27))),
            ("do you have anything friday?", Window(date_from=date(2026, 11, 27), date_to=date(2026, 11, 27))),
            ("any time", Window()), ("no idea", None), ("no", None), ("", None),
        ],
    ),
    (
        FreeText(),
        [
            (" My knee hurts since June \n", "My knee hurts since June"), ("no", "no"), ("7", "7"), ("🤕", "🤕"),
            ("Knee pain. Is that normal?", "Knee pain. Is that normal?"),
            ("headaches since June?", "headaches since June?"),
            ("what happened was I fell", "what happened was I fell"),
            ("no puedo dormir", "no puedo dormir"), ("cuando camino me duele", "cuando camino me duele"),
            ("tengo que ir al baño mucho", "tengo que ir al baño mucho"), ("back pain", "back pain"),
            ("", None), (" \n ", None), ("\u200b", None), ("\u200b\n", None),
            ("what do you mean?", None), ("why", None), ("Why do you need to know?", None),
            ("What did you mean? my knee hurts", None), ("do you take Aetna", None), ("Where do I go", None),
            ("can i take ibuprofen with this", None), ("¿para qué quiere saber?", None),
            ("¿Puedo tomar tylenol?", None),
            ("can I talk to a person", None), ("call me", None), ("STOP", None), ("no more texts please", None),
            ("help", None), ("ayuda", None), ("no entiendo", None),
            ("skip", None), ("what was the question", None), ("la pregunta anterior", None),
        ],
    ),
    (Photo(), [("here it is", None), ("yes", None), ("", None)]),
    (
        Anything(),
        [("  why? ", "why?"), ("STOP", "STOP"), ("skip", "skip"), ("🤕", "🤕"), ("", None), (" \n", None)],
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("expect", "text", "value"), [(expect, text, value) for expect, rows in CASES for text, value in rows]
)
def test_answer(reader: Reader, expect: Expect, text: str, value: Value | None) -> None:
    got = reader.read(text, expect=expect, now=NOW).value
    assert got == value
    assert type(got) is type(value)


def test_without_a_clock_no_date_is_read(reader: Reader) -> None:
    assert reader.read("tomorrow", expect=Date()).value is None


def test_an_answer_is_surer_than_what_stands_beside_it(reader: Reader) -> None:
    assert reader.read("7", expect=PAIN).confidence > 0.9
    assert reader.read("bad", expect=PAIN).value is None


def test_a_long_text_is_cut_where_a_text_is_asked(reader: Reader) -> None:
    text = " " + "my knee " * 180
    assert reader.read(text, expect=FreeText()).value == text.strip()[:LONGEST_TEXT].strip()
    assert reader.read(text, expect=Anything()).value == text.strip()


def test_without_a_clock_no_wish_is_read(reader: Reader) -> None:
    assert reader.read("friday", expect=When()).value is None


def test_the_wish_that_answers_is_the_wish(reader: Reader) -> None:
    reading = reader.read("friday after 3", expect=When(), now=NOW)
    assert reading.value == reading.when
    assert reading.confidence > 0.9
