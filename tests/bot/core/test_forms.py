"""Tests of bot/core/forms.py: which questions are asked, what counts, what must happen at once."""

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from bot.core.expr import Expr, truth
from bot.core.forms import Form, alerts, asked, kept, lacking, without
from bot.core.state import Plain

FORM: dict[str, Any] = {
    "form": "how_it_goes",
    "title": "title",
    "items": [
        {
            "item": "pain",
            "ask": "q",
            "expect": "a number from 0 to 10",
            "at_once": [
                {"if": "pain >= 8", "escalate": {"reason": "pain_high", "urgency": "urgent"}, "say": "s"},
                {"if": "pain >= 5", "hand_over": {"task": "look", "urgency": "routine"}},
            ],
        },
        {"item": "where", "ask": "q", "expect": "text", "ask_if": "pain > 3"},
        {"item": "how_long", "ask": "q", "expect": "text", "ask_if": "answered(where)", "may_skip": "yes"},
        {
            "item": "pressure",
            "ask": "q",
            "expect": "a blood pressure",
            "at_once": [
                {"if": "pressure.systolic >= 180", "hand_over": {"task": "high", "urgency": "urgent"}},
            ],
        },
        {"item": "pill", "ask": "q", "expect": "one of the patient's medicines", "covered": "auto_ok"},
    ],
}
PRESSURE: dict[str, Plain] = {"pressure.systolic": 120, "pressure.diastolic": 80}
form = Form.model_validate(FORM)


def holds(condition: Expr, values: Mapping[str, Plain]) -> bool:
    return truth(condition, values)


def names(*, of: Mapping[str, Plain]) -> list[str]:
    return [item.item for item in asked(form, of, holds)]


# -- the shape ----------------------------------------------------------------------------------------


def bent(number: int, **changes: object) -> dict[str, Any]:
    items = [dict(item) for item in FORM["items"]]
    items[number] |= changes
    return {**FORM, "items": items}


@pytest.mark.parametrize(
    ("number", "changes", "told"),
    [
        (0, {"expect": "a wish for a time"}, "send_page: times"),
        (0, {"expect": "anything"}, "write 'text'"),
        (0, {"expect": "a number"}, "write what is expected as"),
        (0, {"covered": "auto_ok"}, "only a medicine can be covered"),
        (1, {"item": "pain"}, "two items are called 'pain'"),
        (4, {"covered": "pain"}, "two items are called 'pain'"),
        (4, {"covered": "pill"}, "two items are called 'pill'"),
        (0, {"may_skip": "perhaps"}, "'yes' or 'no'"),
        (0, {"ask_if": "pain >="}, "ask_if"),
        (0, {"points": "no"}, "Extra inputs"),
    ],
)
def test_what_no_form_can_have_is_told(number: int, changes: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError) as raised:
        Form.model_validate(bent(number, **changes))
    assert told in str(raised.value)


def test_a_form_has_questions() -> None:
    with pytest.raises(ValidationError):
        Form.model_validate({**FORM, "items": []})


def test_each_item_fills_its_variables() -> None:
    assert form.fills == (
        "pain",
        "where",
        "how_long",
        "pressure.systolic",
        "pressure.diastolic",
        "pill",
        "auto_ok",
    )
    assert form.item("where") is form.items[1]
    assert form.item("nowhere") is None


# -- which questions are asked --------------------------------------------------------------------------


def test_an_item_is_asked_where_its_condition_holds() -> None:
    assert names(of={}) == ["pain", "pressure", "pill"]
    assert names(of={"pain": 4}) == ["pain", "where", "pressure", "pill"]
    assert names(of={"pain": 4, "where": "knee"}) == ["pain", "where", "how_long", "pressure", "pill"]


def test_an_answer_to_what_is_no_longer_asked_counts_for_nothing() -> None:
    values: dict[str, Plain] = {"pain": 2, "where": "knee", "how_long": "a week", **PRESSURE}
    assert names(of=values) == ["pain", "pressure", "pill"]
    assert kept(form, values, holds) == {"pain": 2, **PRESSURE}


def test_what_nobody_asked_for_is_not_kept() -> None:
    assert kept(form, {"score": 27, "pain": 1}, holds) == {"pain": 1}


def test_what_must_be_answered_is_named_until_it_is() -> None:
    assert [item.item for item in lacking(form, {}, holds)] == ["pain", "pressure", "pill"]
    whole: dict[str, Plain] = {"pain": 9, "where": "knee", "pill": "other", "auto_ok": False, **PRESSURE}
    assert lacking(form, whole, holds) == ()
    assert [item.item for item in lacking(form, {**whole, "pain": 9, "where": ""}, holds)] == []
    del whole["where"]
    assert [item.item for item in lacking(form, whole, holds)] == ["where"]


def test_an_answer_is_taken_back_with_all_its_variables() -> None:
    values: dict[str, Plain] = {"pain": 1, "pill": "A", "auto_ok": True, **PRESSURE}
    assert without(values, form.items[3:]) == {"pain": 1}


# -- at once -------------------------------------------------------------------------------------------


def raised(before: Mapping[str, Plain], after: Mapping[str, Plain]) -> list[str]:
    return [alert.condition.text for alert in alerts(form, before, after, holds)]


def test_an_alert_is_raised_as_soon_as_the_answer_is_there() -> None:
    assert raised({}, {"pain": 8}) == ["pain >= 8", "pain >= 5"]
    assert raised({}, {"pain": 5}) == ["pain >= 5"]
    assert raised({}, {"pain": 4}) == []


def test_saving_the_same_again_raises_nothing_and_another_answer_does() -> None:
    assert raised({"pain": 8}, {"pain": 8}) == []
    assert raised({"pain": 8}, {"pain": 8, "where": "knee"}) == []
    assert raised({"pain": 5}, {"pain": 9}) == ["pain >= 8", "pain >= 5"]


def test_one_changed_number_of_a_pressure_is_a_change() -> None:
    high = {**PRESSURE, "pressure.systolic": 190}
    assert raised(PRESSURE, high) == ["pressure.systolic >= 180"]
    assert raised(high, high) == []


def test_an_answer_that_is_taken_back_raises_nothing() -> None:
    assert raised({"pain": 8}, {}) == []
