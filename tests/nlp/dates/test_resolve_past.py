"""Dates that were asked for and lie behind: birth dates, last doses. Read on Tuesday, 24 November 2026."""

from datetime import date, datetime

import pytest

from nlp.reader import Reader
from nlp.reading import Date

NOW = datetime.fromisoformat("2026-11-24T10:00:00-05:00")
BIRTH = date(1962, 3, 14)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "03/14/1962",
            "3/14/62",
            "3-14-62",
            "3.14.1962",
            "3.14.62",
            "03141962",
            "031462",
            "3 14 62",
            "3 14 1962",
        ),
        *(
            "1962-03-14",
            "1962/03/14",
            "march 14 1962",
            "March 14th, 1962",
            "Mar. 14, 1962",
            "mar 14 62",
            "march 14 '62",
        ),
        *("14 Mar 1962", "14-mar-1962", "the 14th of march 1962", "march fourteenth nineteen sixty two"),
        *("14 de marzo de 1962", "el 14 de marzo del 62", "marzo 14 1962", "nací el 14 de marzo de 1962"),
    ],
)
def test_birth_dates(reader: Reader, text: str) -> None:
    assert reader.read(text, expect=Date(past=True), now=NOW).value == BIRTH


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("yesterday morning", date(2026, 11, 23)),
        ("two weeks ago", date(2026, 11, 10)),
        ("last friday", date(2026, 11, 20)),
        ("el lunes pasado", date(2026, 11, 23)),
        ("hace una semana", date(2026, 11, 17)),
        ("nov 20th around noon", date(2026, 11, 20)),
        ("12/1", date(2025, 12, 1)),
        ("last christmas", date(2025, 12, 25)),
        ("monday no wait sunday", date(2026, 11, 22)),
        ("primero de enero de 1980", date(1980, 1, 1)),
        ("twenty first of june 1988", date(1988, 6, 21)),
        ("2/30/1980", None),
        ("in march", None),
        ("2 or 3 weeks ago", None),
        ("either the 3rd or 4th", None),
        ("i dont know", None),
    ],
)
def test_last_doses(reader: Reader, text: str, day: date | None) -> None:
    assert reader.read(text, expect=Date(past=True), now=NOW).value == day
