from datetime import date, datetime

import pytest

from nlp.reader import Reader
from nlp.reading import BloodPressure, Date, Expect, Number, Scale, Value, YesNo

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
        ],
    ),
    (
        PAIN,
        [
            ("7", 7), ("8/10", 8), ("about a six", 6), ("un ocho", 8), ("ten", 10), ("no pain", 0),
            ("nada de dolor", 0),
            ("was 9 now 4", 4), ("4 no wait 5", 5), ("hurts 3 times a day", None), ("11", None),
            ("7.5", None), ("6 or 7", None),
            ("bad", None), ("is 7 a lot?", None), ("4/5", None),
        ],
    ),
    (Scale(min=1, max=5), [("0", None), ("none", None), ("5", 5)]),
    (
        Number(unit="lb"),
        [("182", 182.0), ("about 182 lbs", 182.0), ("82 kg", 180.78), ("one eighty two", 182.0),
        ("182 or 183", None), ("a lot", None)],
    ),
    (Number(unit="F"), [("98.6", 98.6), ("101", 101.0), ("38.5", 101.3), ("no idea", None)]),
    (Number(unit="min"), [("2 hours", 120.0), ("45", 45.0), ("media hora", None)]),
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
        ],
    ),
    (
        Date(past=True),
        [
            ("3/14/1962", date(1962, 3, 14)), ("3-14-62", date(1962, 3, 14)),
            ("March 14, 1962", date(1962, 3, 14)),
            ("14 de marzo de 1962", date(1962, 3, 14)), ("yesterday", date(2026, 11, 23)),
            ("hace una semana", date(2026, 11, 17)),
            ("dec 5", date(2025, 12, 5)), ("2/30/1980", None), ("13/32/80", None), ("last week", None),
        ],
    ),
    (Date(), [("jan 5", date(2027, 1, 5)), ("tomorrow", date(2026, 11, 25)), ("monday or friday", None),
    ("not sure", None)]),
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
    assert reader.read("bad", expect=PAIN).confidence < 0.5
