from datetime import date

import pytest

from nlp.dates.holidays import easter, holidays, nth_weekday

RULES = {
    "12-25": ["christmas"],
    "11 thu 4": ["thanksgiving"],
    "11 thu 4+1": ["black friday"],
    "5 mon -1": ["memorial day"],
    "easter-2": ["good friday"],
}


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("christmas", date(2026, 12, 25)),
        ("thanksgiving", date(2026, 11, 26)),
        ("black friday", date(2026, 11, 27)),
        ("memorial day", date(2026, 5, 25)),
        ("good friday", date(2026, 4, 3)),
    ],
)
def test_days_of_a_year(name: str, day: date) -> None:
    assert holidays(RULES)[name].on(2026) == day


@pytest.mark.parametrize(
    ("year", "month", "day"), [(2024, 3, 31), (2025, 4, 20), (2026, 4, 5), (2027, 3, 28), (2038, 4, 25)]
)
def test_easter(year: int, month: int, day: int) -> None:
    assert easter(year) == date(year, month, day)


def test_a_month_with_four_mondays_has_no_fifth() -> None:
    with pytest.raises(ValueError, match="day"):
        nth_weekday(2026, 2, 0, 5)
