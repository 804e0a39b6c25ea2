from datetime import date

import pytest

from nlp.dates.days import Calendar, resolved
from nlp.dates.grammar import DayMention, Grammar
from nlp.lexicon import Lexicon


@pytest.mark.parametrize(
    ("kind", "parts", "today", "first", "last"),
    [
        ("ordinal", {"day": "31"}, date(2026, 2, 1), date(2026, 3, 31), date(2026, 3, 31)),
        ("ordinal", {"day": "11"}, date(2026, 3, 11), date(2026, 3, 11), date(2026, 3, 11)),
        ("slash", {"month": "2", "day": "29"}, date(2026, 3, 1), date(2028, 2, 29), date(2028, 2, 29)),
        ("weekday", {"name": "monday"}, date(2026, 3, 9), date(2026, 3, 16), date(2026, 3, 16)),
        (
            "weekday",
            {"name": "sunday", "which": "next"},
            date(2026, 3, 11),
            date(2026, 3, 22),
            date(2026, 3, 22),
        ),
        ("weekend", {}, date(2026, 3, 15), date(2026, 3, 21), date(2026, 3, 22)),
        ("in", {"count": "1", "unit": "month"}, date(2026, 1, 31), date(2026, 2, 28), date(2026, 2, 28)),
        ("this_week", {}, date(2026, 3, 14), date(2026, 3, 14), date(2026, 3, 14)),
        ("month", {"name": "march"}, date(2026, 3, 11), date(2026, 3, 11), date(2026, 3, 31)),
    ],
)
def test_resolved(
    shipped: Lexicon, kind: str, parts: dict[str, str], today: date, first: date, last: date
) -> None:
    calendar = Calendar(today, Grammar(shipped.dates, shipped.numbers))
    assert resolved(DayMention(kind, parts, 0, 0), calendar) == (first, last)


@pytest.mark.parametrize(
    ("kind", "parts"),
    [
        ("slash", {"month": "13", "day": "32"}),
        ("slash", {"month": "2", "day": "30"}),
        ("ordinal", {"day": "0"}),
        ("ordinal", {"day": "32"}),
        ("in", {"count": "999", "unit": "years"}),
        ("iso", {"year": "0000", "month": "1", "day": "1"}),
    ],
)
def test_what_no_calendar_has_is_no_date(shipped: Lexicon, kind: str, parts: dict[str, str]) -> None:
    calendar = Calendar(date(2026, 3, 11), Grammar(shipped.dates, shipped.numbers))
    assert resolved(DayMention(kind, parts, 0, 0), calendar) is None
