"""What is said of a value beside its range, when something counts as released, and what goes into JSON and back."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.core.chart import (
    MEDICINE,
    RESULT,
    SUMMARY,
    Medicine,
    MedicineChange,
    Result,
    Summary,
    is_news,
    number_of,
    released_at,
    standing,
    to_json,
    verdict,
)

NOW = datetime(2026, 11, 30, 14, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def result(
    value: str, low: float | None = None, high: float | None = None, *, abnormal: bool = False
) -> Result:
    return Result(
        name="Glucose",
        value=value,
        number=number_of(value),
        low=low,
        high=high,
        taken=date(2026, 11, 20),
        panel="Glucose",
        abnormal=abnormal,
    )


@pytest.mark.parametrize(
    ("value", "low", "high", "expected"),
    [
        ("5.6", 4.0, 5.6, "normal"),  # the bounds themselves are normal
        ("4", 4.0, 5.6, "normal"),
        ("5.7", 4.0, 5.6, "high"),
        ("3.9", 4.0, 5.6, "low"),
        ("-2", -5.0, 5.0, "normal"),
        ("99", None, 100.0, "normal"),
        ("101", None, 100.0, "high"),
        ("39", 40.0, None, "low"),
        ("400", 40.0, None, "normal"),
        ("0", 0.0, 0.0, "normal"),
        ("5.6", None, None, ""),
        ("positive", None, None, ""),
        ("<0.5", 0.5, 4.0, "low"),
        ("<=0.5", 0.5, 4.0, ""),
        ("≤0.4", 0.5, 4.0, "low"),
        ("<0.5", None, 4.0, "normal"),
        ("< 5", 2.0, 8.0, ""),  # may be 1 or 3
        ("<9", None, 8.0, ""),  # may be 7 or 8.5
        (">500", 70.0, 99.0, "high"),
        (">99", 70.0, 99.0, "high"),
        (">=99", 70.0, 99.0, ""),
        ("≥100", 70.0, 99.0, "high"),
        (">60", 60.0, None, "normal"),
        (">50", 60.0, None, ""),
    ],
)
def test_where_a_value_lies(value: str, low: float | None, high: float | None, expected: str) -> None:
    assert standing(result(value, low, high)) == expected


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("5.6", 5.6),
        ("+3", 3.0),
        ("<0.5", 0.5),
        (">= 200", 200.0),
        ("1,200", None),
        ("5-10", None),
        ("1:40", None),
        ("negative", None),
        ("", None),
        ("5.6 mg", None),
        ("nan", None),
        ("٣", None),
    ],
)
def test_the_number_in_a_value(value: str, number: float | None) -> None:
    assert number_of(value) == number


def test_one_value_outside_makes_all_of_them_abnormal() -> None:
    fine = result("5", 4.0, 6.0)
    assert verdict([fine, result("negative")]) == "normal"
    assert verdict([fine, result("7", 4.0, 6.0)]) == "abnormal"
    assert verdict([result("3", 4.0, 6.0), fine]) == "abnormal"
    assert verdict([fine, result("positive", abnormal=True)]) == "abnormal"
    assert verdict([]) == "normal"


@pytest.mark.parametrize(
    ("said", "before", "age", "fresh", "expected"),
    [
        (False, None, DAY, True, None),
        (False, NOW - DAY, DAY, False, None),  # taken back
        (True, None, DAY, True, NOW),
        (True, NOW - DAY, DAY, False, NOW - DAY),  # it stays as it was
        (True, None, 400 * DAY, True, NOW - 400 * DAY),  # history that comes in
        (True, None, 400 * DAY, False, NOW),  # it was here and was held back
        (NOW - 3 * DAY, None, 4 * DAY, True, NOW - 3 * DAY),
        (NOW - 3 * DAY, NOW - DAY, 4 * DAY, False, NOW - 3 * DAY),
    ],
)
def test_since_when_it_is_released(
    said: datetime | bool, before: datetime | None, age: timedelta, fresh: bool, expected: datetime | None
) -> None:
    assert released_at(said=said, before=before, at=NOW - age, fresh=fresh, now=NOW) == expected


@pytest.mark.parametrize(
    ("released", "before", "age", "corrected", "expected"),
    [
        (None, None, DAY, False, False),
        (None, NOW - DAY, DAY, True, False),
        (NOW, None, 400 * DAY, False, True),
        (NOW - 7 * DAY, None, 9 * DAY, False, True),
        (NOW - 8 * DAY, None, 9 * DAY, False, False),
        (NOW - DAY, NOW - DAY, DAY, False, False),
        (NOW - DAY, NOW - DAY, DAY, True, True),
        (NOW - DAY, NOW - DAY, 31 * DAY, True, False),
    ],
)
def test_what_is_news(
    released: datetime | None, before: datetime | None, age: timedelta, corrected: bool, expected: bool
) -> None:
    assert is_news(released, before=before, at=NOW - age, corrected=corrected, now=NOW) is expected


@pytest.mark.parametrize("taken", [date(2026, 11, 20), datetime(2026, 11, 20, tzinfo=UTC), NOW])
def test_a_result_comes_back_from_json_as_it_was(taken: date | datetime) -> None:
    """A day stays a day: it has no hour on anybody's clock."""
    before = Result(
        name="A1c", value="5.6", number=5.6, unit="%", high=5.6, taken=taken, panel="Sugar", note="Fine."
    )
    after = RESULT.validate_json(to_json(before))
    assert after == before
    assert isinstance(after.taken, datetime) is isinstance(taken, datetime)


def test_so_do_a_summary_and_a_medicine() -> None:
    summary = Summary(
        provider="Dr. Okafor",
        diagnoses=("High blood pressure",),
        medicines=(MedicineChange(change="new", name="Lisinopril", how="10 mg once a day"),),
        plan=("Walk every day", "Come back in 3 months"),
    )
    assert SUMMARY.validate_json(to_json(summary)) == summary
    medicine = Medicine(name="Lisinopril", how="10 mg once a day", covered=True)
    assert MEDICINE.validate_json(to_json(medicine)) == medicine
