"""Cells of an import: what each means, and why it is refused. No reason repeats the value."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from bot.core.chart import MedicineChange
from bot.core.facts import VisitStatus
from bot.service import cells
from bot.service.cells import BadCell, Column, Given, plain, text
from bot.store.clinics import Clinic

CLINIC = Clinic(
    id=UUID(int=1),
    name="Riverside Clinic",
    phone="+12025550100",
    zone="America/New_York",
    language="en",
    oncall_phone=None,
)
GIVEN = Given(clinic=CLINIC, now=datetime(2026, 12, 1, 3, 0, tzinfo=UTC))  # still November in New York


@pytest.mark.parametrize(
    ("read", "cell", "value"),
    [
        (cells.phone, "+12025550111", "+12025550111"),
        (cells.phone, "(202) 555-0111", "+12025550111"),
        (cells.phone, "202.555.0111", "+12025550111"),
        (cells.phone, "1-202-555-0111", "+12025550111"),
        (cells.phone, "555-555-0111", "+15555550111"),
        (cells.phone, "+44 20 7946 0000", "+442079460000"),
        (cells.past_day, "2026-11-30", date(2026, 11, 30)),
        (cells.past_day, "1904-02-29", date(1904, 2, 29)),
        (cells.moment, "2026-12-07T10:30-05:00", datetime(2026, 12, 7, 15, 30, tzinfo=UTC)),
        (cells.moment, "2026-12-07 10:30:15Z", datetime(2026, 12, 7, 10, 30, 15, tzinfo=UTC)),
        (plain(cells.minutes), "30", 30),
        (plain(cells.status), "booked", VisitStatus.BOOKED),
        (plain(cells.status), "Checked-In", VisitStatus.CHECKED_IN),
        (plain(cells.language), "es", "es"),
        (plain(cells.language), "EN_us", "en-US"),
        (plain(cells.language), "zh-Hant", "zh-Hant"),
        (plain(cells.zone), "America/Puerto_Rico", "America/Puerto_Rico"),
        (text(5), "Zoë ف", "Zoë ف"),
        (plain(cells.decimal), "5.60", 5.6),
        (plain(cells.decimal), "-3", -3.0),
        (plain(cells.yes_no), "Yes", True),
        (plain(cells.yes_no), "no", False),
        (cells.day_or_moment, "2026-11-30", date(2026, 11, 30)),
        (cells.day_or_moment, "2026-11-30T21:59-05:00", datetime(2026, 12, 1, 2, 59, tzinfo=UTC)),
        (cells.released, "yes", True),
        (cells.released, "No", False),
        (cells.released, "2026-11-30T10:00-05:00", datetime(2026, 11, 30, 15, 0, tzinfo=UTC)),
        (cells.prose(20), "one  \r\n\n two", "one\n\n two"),
        (cells.entries(40), "Walk; ;Rest well\nEat;", ("Walk", "Rest well", "Eat")),
        (
            cells.medicine_changes(80),
            "NEW: Lisinopril, 10 mg, once a day; stopped : Ibuprofen",
            (
                MedicineChange(change="new", name="Lisinopril", how="10 mg, once a day"),
                MedicineChange(change="stopped", name="Ibuprofen"),
            ),
        ),
    ],
)
def test_a_good_cell_means_something(read: Callable[[str, Given], object], cell: str, value: object) -> None:
    assert read(cell, GIVEN) == value


DIGITS = "has too few or too many digits for a phone number"
PLAN = "is no number of the North American plan"
NO_PHONE = "is not a phone number"
NO_DATE = "is not a date in the form YYYY-MM-DD"
NO_MOMENT = "is not a moment such as 2026-12-07T10:30-05:00"
NO_MINUTES = "is not a whole number of minutes from 1 to 1440"
NO_LANGUAGE = "is not a language such as en, es or pt-BR"
NO_NUMBER = "is not a number such as 5.6"
NO_CHANGE = "has an entry that doesn't begin with new:, changed:, stopped:, same:"
NO_ZONE = "is not a time zone such as America/New_York"


@pytest.mark.parametrize(
    ("read", "cell", "reason"),
    [
        (cells.phone, "none", NO_PHONE),
        (cells.phone, "1-800-FLOWERS", NO_PHONE),
        (cells.phone, "202-555-0111 x5", NO_PHONE),
        (cells.phone, "+1\u06620\u06625550111", NO_PHONE),
        (cells.phone, "+", NO_PHONE),
        (cells.phone, "+999999999999", NO_PHONE),
        (cells.phone, "555-0111", DIGITS),
        (cells.phone, "72975", DIGITS),
        (cells.phone, "2025550111202", DIGITS),
        (cells.phone, "+11234567890", PLAN),
        (cells.phone, "(202) 555-0100", "is the clinic's own number"),
        (plain(cells.decimal), "5,6", NO_NUMBER),
        (plain(cells.decimal), "5.6 mg", NO_NUMBER),
        (plain(cells.decimal), "1e5", NO_NUMBER),
        (plain(cells.decimal), "nan", NO_NUMBER),
        (plain(cells.decimal), "\u0663", NO_NUMBER),
        (plain(cells.decimal), "1" * 13, NO_NUMBER),
        (plain(cells.yes_no), "1", "is neither yes nor no"),
        (cells.day_or_moment, "2026-12-01", "lies in the future"),
        (cells.day_or_moment, "2026-11-30T22:01-05:00", "lies in the future"),
        (cells.day_or_moment, "yesterday", NO_MOMENT),
        (cells.released, "2026-11-30", NO_MOMENT),
        (cells.released, "y", f"is neither yes nor no nor {NO_MOMENT.removeprefix('is not ')}"),
        (cells.prose(3), "ab\nc", "is longer than 3 characters"),
        (cells.prose(20), "a\tb", "holds control characters"),
        (cells.entries(3), "a; b", "is longer than 3 characters"),
        (cells.medicine_changes(80), "started: Ibuprofen", NO_CHANGE),
        (cells.medicine_changes(80), "new", NO_CHANGE),
        (cells.medicine_changes(80), "new: , 5 mg", "has an entry without a medicine's name"),
        (cells.past_day, "12/07/1970", NO_DATE),
        (cells.past_day, "19700101", NO_DATE),
        (cells.past_day, "1970-02-29", NO_DATE),
        (cells.past_day, "1970-W01-1", NO_DATE),
        (cells.past_day, "2026-12-01", "lies in the future"),
        (cells.past_day, "1890-01-01", "lies more than 130 years back"),
        (cells.moment, "2026-12-07", NO_MOMENT),
        (cells.moment, "tomorrow", NO_MOMENT),
        (cells.moment, "2026-12-07T25:30-05:00", NO_MOMENT),
        (cells.moment, "2026-12-07T10:30-25:00", NO_MOMENT),
        (cells.moment, "2026-13-07T10:30-05:00", NO_MOMENT),
        (cells.moment, "2026-12-07T10:30", "has no offset from UTC, such as -05:00 or Z"),
        (cells.moment, "2126-12-07T10:30Z", "lies more than 50 years away"),
        (cells.moment, "0001-01-01T00:00+10:00", "lies more than 50 years away"),
        (plain(cells.minutes), "0", NO_MINUTES),
        (plain(cells.minutes), "1441", NO_MINUTES),
        (plain(cells.minutes), "-30", NO_MINUTES),
        (plain(cells.minutes), "30.5", NO_MINUTES),
        (plain(cells.minutes), "9" * 5000, NO_MINUTES),
        (plain(cells.minutes), "٣٠", NO_MINUTES),
        (plain(cells.language), "english", NO_LANGUAGE),
        (plain(cells.language), "root", NO_LANGUAGE),
        (plain(cells.language), "-", NO_LANGUAGE),
        (plain(cells.zone), "EDT", NO_ZONE),
        (plain(cells.zone), "America", NO_ZONE),
        (plain(cells.zone), "../../etc/passwd", NO_ZONE),
        (text(5), "toolong", "is longer than 5 characters"),
        (text(5), "a\0b", "holds control characters"),
        (text(5), "a\nb", "holds control characters"),
        (text(5), "a\x1fb", "holds control characters"),
    ],
)
def test_a_bad_cell_is_refused_with_a_reason(
    read: Callable[[str, Given], object], cell: str, reason: str
) -> None:
    with pytest.raises(BadCell) as refusal:
        read(cell, GIVEN)
    assert str(refusal.value) == reason


def test_a_bad_status_is_answered_with_those_that_there_are() -> None:
    with pytest.raises(BadCell, match=r"is none of proposed, pending, booked, confirmed, .* waitlist"):
        cells.status("bookd")


def test_an_empty_cell_is_refused_unless_the_column_has_a_default() -> None:
    with pytest.raises(BadCell, match="is empty"):
        Column(name="a", read=text(5)).value("", GIVEN)
    column = Column(name="zone", read=plain(cells.zone), default=lambda given: given.clinic.zone)
    assert column.value("", GIVEN) == "America/New_York"
