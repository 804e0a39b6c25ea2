"""Tests of bot/core/fields.py: what a browser sends is an answer or a fault, whatever it is; how questions are put."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from bot.core.expr import is_number
from bot.core.fields import MOST, Fault, Given, Skipped, field_names, questions, read
from bot.core.forms import Item
from bot.core.state import Plain
from bot.core.views import Control, Question

GIVEN = Given(
    choices={
        "how_often": {"0": ("Not at all", "never"), "1": ("Several days",)},
        "feeling": {"better": ("Better",), "worse": ("Worse",)},
    },
    today=date(2026, 12, 1),
    medicines=(("m1", "Lisinopril 10 mg"), ("m2", "Metformin 500 mg")),
    covered=frozenset({"m1"}),
)
MEDICINES = "one of the patient's medicines"
KINDS = [
    "yes or no",
    "one of how_often",
    "one of feeling",
    "one of nothing",
    MEDICINES,
    "a number from 0 to 10",
    "a number from -3 to 400",
    "a number in lb from 50 to 700",
    "a blood pressure",
    "a date in the past",
    "a date to come",
    "text",
    "a photo",
]


def item(expect: str, **more: Any) -> Item:
    return Item.model_validate({"item": "it", "ask": "q", "expect": expect, **more})


def sent(expect: str, *parts: str) -> dict[str, str]:
    return dict(zip(field_names(item(expect)), parts, strict=False))


# -- what is an answer ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expect", "parts", "value"),
    [
        ("yes or no", ("yes",), True),
        ("yes or no", ("no",), False),
        ("one of how_often", ("0",), 0),
        ("one of how_often", ("1",), 1),
        ("one of feeling", ("worse",), "worse"),
        ("a number from 0 to 10", ("0",), 0),
        ("a number from 0 to 10", (" 10 ",), 10),
        ("a number from -3 to 400", ("-3",), -3),
        ("a number from -3 to 400", ("+007",), 7),
        ("a number in lb from 50 to 700", ("182",), 182.0),
        ("a number in lb from 50 to 700", ("182.5",), 182.5),
        ("a number in lb from 50 to 700", ("182,5",), 182.5),
        ("a date in the past", ("1961", "4", "02"), "1961-04-02"),
        ("a date in the past", ("2026", "12", "1"), "2026-12-01"),
        ("a date in the past", ("2024", "2", "29"), "2024-02-29"),
        ("a date to come", ("2026", "12", "1"), "2026-12-01"),
        ("a date to come", ("2027", "1", "31"), "2027-01-31"),
        ("text", ("  Metformin\r\ntwice a day ",), "Metformin\ntwice a day"),
        ("text", ("a\x00b\ud800c\x1b[31m",), "abc[31m"),
        ("text", ("<script>alert(1)</script>",), "<script>alert(1)</script>"),  # a page escapes what it shows
        ("text", ("x" * MOST,), "x" * MOST),
        ("a photo", ("7c9e6679-7425-40de-944b-e07fc1f90ae7",), "7c9e6679-7425-40de-944b-e07fc1f90ae7"),
        (MEDICINES, ("m2",), "Metformin 500 mg"),
        (MEDICINES, ("other",), "other"),
    ],
)
def test_an_answer_is_kept_as_that_of_a_text(expect: str, parts: tuple[str, ...], value: Plain) -> None:
    found = read(item(expect), sent(expect, *parts), GIVEN)
    assert found == {"it": value}
    assert type(found["it"]) is type(value)


def test_a_pressure_is_two_numbers() -> None:
    asked = item("a blood pressure")
    assert read(asked, {"it.systolic": "120", "it.diastolic": "80"}, GIVEN) == {
        "it.systolic": 120,
        "it.diastolic": 80,
    }


@pytest.mark.parametrize(("key", "covered"), [("m1", True), ("m2", False), ("other", False)])
def test_a_medicine_says_whether_the_standing_order_covers_it(key: str, covered: bool) -> None:
    found = read(item(MEDICINES, covered="auto_ok"), {"it": key}, GIVEN)
    assert isinstance(found, dict)
    assert found["auto_ok"] is covered


def test_fields_that_nobody_asked_for_are_not_looked_at() -> None:
    found = read(item("yes or no"), {"it": "yes", "score": "27", "it.year": "1", "other": "x"}, GIVEN)
    assert found == {"it": True}


# -- what is none ---------------------------------------------------------------------------------------

RANGE = {"low": 0, "high": 10}


@pytest.mark.parametrize(
    ("expect", "parts", "key"),
    [
        ("yes or no", ("maybe",), "fault_choice"),
        ("yes or no", ("Yes",), "fault_choice"),
        ("one of how_often", ("2",), "fault_choice"),
        ("one of how_often", ("Not at all",), "fault_choice"),
        ("one of nothing", ("0",), "fault_choice"),
        ("one of feeling", ("worse\x00r",), "fault_choice"),
        (MEDICINES, ("m3",), "fault_choice"),
        (MEDICINES, ("Lisinopril 10 mg",), "fault_choice"),
        ("a number from 0 to 10", ("11",), "fault_range"),
        ("a number from 0 to 10", ("-1",), "fault_range"),
        ("a number from 0 to 10", ("7.5",), "fault_number"),
        ("a number from 0 to 10", ("seven",), "fault_number"),
        ("a number from 0 to 10", ("٣",), "fault_number"),
        ("a number from 0 to 10", ("1" * 5000,), "fault_number"),
        ("a number in lb from 50 to 700", ("49.9",), "fault_range"),
        ("a number in lb from 50 to 700", ("nan",), "fault_number"),
        ("a number in lb from 50 to 700", ("inf",), "fault_number"),
        ("a number in lb from 50 to 700", ("1e2",), "fault_number"),
        ("a number in lb from 50 to 700", ("0x64",), "fault_number"),
        ("a number in lb from 50 to 700", ("1_00",), "fault_number"),
        ("a number in lb from 50 to 700", ("1,500",), "fault_number"),
        ("a blood pressure", ("120", ""), "fault_pressure"),
        ("a blood pressure", ("120/80", "80"), "fault_pressure"),
        ("a blood pressure", ("80", "120"), "fault_pressure"),
        ("a blood pressure", ("80", "80"), "fault_pressure"),
        ("a blood pressure", ("301", "80"), "fault_pressure"),
        ("a blood pressure", ("120", "29"), "fault_pressure"),
        ("a date in the past", ("2026", "12", "2"), "fault_date"),
        ("a date in the past", ("2026", "2", "30"), "fault_date"),
        ("a date in the past", ("2025", "2", "29"), "fault_date"),
        ("a date in the past", ("61", "4", "2"), "fault_date"),
        ("a date in the past", ("1961", "", "2"), "fault_date"),
        ("a date in the past", ("1961", "April", "2"), "fault_date"),
        ("a date in the past", ("999999999", "1", "1"), "fault_date"),
        ("a date to come", ("2026", "11", "30"), "fault_date"),
        ("text", ("x" * (MOST + 1),), "fault_long"),
        ("a photo", ("x" * (MOST + 1),), "fault_missing"),
    ],
)
def test_what_is_no_answer_is_a_fault(expect: str, parts: tuple[str, ...], key: str) -> None:
    found = read(item(expect), sent(expect, *parts), GIVEN)
    assert isinstance(found, Fault)
    assert found.key == key


def test_a_fault_says_what_would_fit() -> None:
    assert read(item("a number from 0 to 10"), {"it": "11"}, GIVEN) == Fault(key="fault_range", values=RANGE)
    pounds = read(item("a number in lb from 50 to 700"), {"it": "9"}, GIVEN)
    assert pounds == Fault(key="fault_range", values={"low": 50, "high": 700})
    assert read(item("text"), {"it": "x" * 2000}, GIVEN) == Fault(key="fault_long", values={"most": MOST})


@pytest.mark.parametrize("expect", KINDS)
@pytest.mark.parametrize("empty", [None, "", "  \n ", "\x00\x00", "\ud800"])
def test_an_item_may_be_left_empty_only_where_that_is_said(expect: str, empty: str | None) -> None:
    names = field_names(item(expect))
    fields = {} if empty is None else dict.fromkeys(names, empty)
    assert read(item(expect), fields, GIVEN) == Fault(key="fault_missing")
    assert read(item(expect, may_skip="yes"), fields, GIVEN) == Skipped()


ANYTHING = st.text(st.characters(codec=None), max_size=40) | st.from_regex(r"[-+0-9.,/eE ]{0,12}")


@for_all(st.sampled_from(KINDS), st.lists(ANYTHING, min_size=3, max_size=3), st.booleans())
def test_whatever_is_sent_nothing_is_raised_and_what_is_kept_can_be_stored(
    expect: str, parts: list[str], skip: bool
) -> None:
    asked = item(expect, may_skip="yes" if skip else "no")
    found = read(asked, sent(expect, *parts), GIVEN)
    if isinstance(found, dict):
        assert set(found) <= set(asked.fills)
        for value in found.values():
            assert not isinstance(value, str) or (value.encode() and "\x00" not in value)
            assert not is_number(value) or abs(value) < 10**9
    else:
        assert isinstance(found, Fault | Skipped)


@for_all(st.sampled_from(KINDS), st.lists(ANYTHING, min_size=3, max_size=3))
def test_what_was_answered_is_shown_and_read_the_same(expect: str, parts: list[str]) -> None:
    asked = item(expect)
    found = read(asked, sent(expect, *parts), GIVEN)
    if isinstance(found, dict):
        [shown] = questions([asked], str, GIVEN, values=found)
        assert read(asked, shown.values, GIVEN) == found


# -- how it is put --------------------------------------------------------------------------------------


def put(expect: str, values: dict[str, Plain] | None = None, **more: Any) -> Question:
    [found] = questions([item(expect, **more)], lambda key: f"<{key}>", GIVEN, values=values or {})
    return found


@pytest.mark.parametrize(
    ("expect", "control"),
    [
        ("yes or no", Control.YES_NO),
        ("one of how_often", Control.CHOICE),
        (MEDICINES, Control.CHOICE),
        ("a number from 0 to 10", Control.CHOICE),
        ("a number from 0 to 90", Control.NUMBER),
        ("a number in lb from 50 to 700", Control.NUMBER),
        ("a blood pressure", Control.PRESSURE),
        ("a date in the past", Control.DATE),
        ("text", Control.TEXT),
        ("a photo", Control.PHOTO),
    ],
)
def test_each_kind_has_its_control(expect: str, control: Control) -> None:
    assert put(expect).control is control


def test_the_words_are_those_of_the_page() -> None:
    found = put("a number in lb from 50 to 700", hint="h", may_skip="yes")
    assert (found.label, found.hint, found.unit, found.may_skip) == ("<q>", "<h>", "lb", True)


def test_what_there_is_to_choose_from() -> None:
    assert put("one of how_often").options == (("0", "Not at all"), ("1", "Several days"))
    assert put(MEDICINES).options == (*GIVEN.medicines, ("other", "<medicine_other>"))
    assert put("a number from 1 to 3").options == (("1", "1"), ("2", "2"), ("3", "3"))
    assert put("text").options == ()


@pytest.mark.parametrize(
    ("expect", "values", "shown"),
    [
        ("yes or no", {"it": False}, {"it": "no"}),
        ("one of how_often", {"it": 1}, {"it": "1"}),
        (MEDICINES, {"it": "Metformin 500 mg"}, {"it": "m2"}),
        (MEDICINES, {"it": "no longer in the chart"}, {"it": "other"}),
        ("a number in lb from 50 to 700", {"it": 182.0}, {"it": "182"}),
        ("a date in the past", {"it": "1961-04-02"}, {"it.year": "1961", "it.month": "4", "it.day": "2"}),
        (
            "a blood pressure",
            {"it.systolic": 120, "it.diastolic": 80},
            {"it.systolic": "120", "it.diastolic": "80"},
        ),
        ("text", {}, {}),
    ],
)
def test_what_was_answered_before_stands_in_the_fields(
    expect: str, values: dict[str, Plain], shown: dict[str, str]
) -> None:
    assert put(expect, values).values == shown


def test_after_a_fault_the_fields_stay_as_they_were_sent() -> None:
    [found] = questions(
        [item("a number from 0 to 90")],
        str,
        GIVEN,
        values={"it": 4},
        sent={"it": "four", "more": "x"},
        faults={"it": "Write a number."},
    )
    assert (found.values, found.fault) == ({"it": "four"}, "Write a number.")
