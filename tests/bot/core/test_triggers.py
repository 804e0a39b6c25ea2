"""What starts a flow, in a clinic's words: every form is read and said again, and what is none is taught."""

from datetime import time

import pytest
from pydantic import TypeAdapter, ValidationError

from bot.core.moments import AroundVisit
from bot.core.triggers import (
    Change,
    FormSubmitted,
    Happens,
    Listed,
    PatientSays,
    PatientTexts,
    TaskClosed,
    VisitIs,
    When,
)
from nlp.reading import Intent

READ: TypeAdapter[object] = TypeAdapter(When)
FORMS = {
    "3 days before the visit at 10:00": AroundVisit(unit="day", count=3, side="before", at=time(10)),
    "1 day after the visit": AroundVisit(unit="day", count=1, side="after"),
    "the patient texts SICK": PatientTexts(word="SICK"),
    "the patient texts Sí": PatientTexts(word="Sí"),
    "the list recall_2026 names the patient": Listed(name="recall_2026"),
    "the form intake is submitted": FormSubmitted(name="intake"),
    "the task refill_review is closed": TaskClosed(name="refill_review"),
    **{f"the patient says {intent}": PatientSays(intent=intent) for intent in Intent},
    **{f"the visit is {change}": VisitIs(change=change) for change in Change},
    **{str(happens): happens for happens in Happens},
}


@pytest.mark.parametrize("words", FORMS)
def test_every_form_is_read_and_said_in_the_same_words(words: str) -> None:
    trigger = READ.validate_python(words)
    assert trigger == FORMS[words]
    assert str(trigger) == words
    assert READ.validate_python(trigger) == trigger


def test_blanks_do_not_count() -> None:
    assert READ.validate_python("  the visit   is moved ") == VisitIs(change=Change.MOVED)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "monday",
        "the visit",
        "the visit is fun",
        "the visit is",
        "the patient says hello",
        "the patient says",
        "the patient texts two words",
        "the patient texts",
        "the patient texts OK!",
        "the list Recall names the patient",
        "the list names the patient",
        "the form is submitted",
        "a call",
        "a missed call from 555",
        "3 days before the visit at 26:00",
        "until the visit",
        "2 business days",
    ],
)
def test_what_is_no_trigger_is_refused_with_every_form_that_there_is(words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        READ.validate_python(words)
    told = str(refused.value)
    assert "'3 days before the visit at 10:00'" in told
    assert "'the patient texts WORD'" in told
    for name in (*Change, *Intent, *Happens):
        assert name in told
