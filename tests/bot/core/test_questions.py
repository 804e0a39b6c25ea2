"""What a question expects, in a clinic's words: read, said again, and taught where it is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from bot.core.questions import Expected, OneOf, words
from nlp.reading import Anything, BloodPressure, Date, FreeText, Number, Photo, Scale, When, YesNo

READ: TypeAdapter[object] = TypeAdapter(Expected)
FORMS = {
    "yes or no": YesNo(digits=True),
    "a blood pressure": BloodPressure(),
    "a date in the past": Date(past=True),
    "a date to come": Date(past=False),
    "a wish for a time": When(),
    "text": FreeText(),
    "a photo": Photo(),
    "anything": Anything(),
    "one of how_often": OneOf(choices="how_often"),
    "a number from 0 to 10": Scale(min=0, max=10),
    "a number from -5 to 5": Scale(min=-5, max=5),
    "a number in lb from 50 to 700": Number(unit="lb", min=50, max=700),
    "a number in mg/dL from 20 to 600": Number(unit="mg/dL", min=20, max=600),
    "a number in C from 34.5 to 42.5": Number(unit="C", min=34.5, max=42.5),
}


@pytest.mark.parametrize("said", FORMS)
def test_every_form_is_read_and_said_in_the_same_words(said: str) -> None:
    question = READ.validate_python(said)
    assert question == FORMS[said]
    assert words(question) == said  # type: ignore[arg-type]
    assert READ.validate_python(question) == question


def test_blanks_do_not_count() -> None:
    assert READ.validate_python(" a  number from 0  to 10 ") == Scale(min=0, max=10)


@given(low=st.integers(-(10**9), 10**9), span=st.integers(1, 10**9), parts=st.sampled_from([1, 10, 100]))
def test_a_number_comes_back_whatever_its_size(low: int, span: int, parts: int) -> None:
    number = Number(unit="steps", min=low / parts, max=(low + span) / parts)
    assert READ.validate_python(words(number)) == number


@pytest.mark.parametrize(
    "said",
    [
        "",
        "yes",
        "a number",
        "a number from 10 to 0",
        "a number from 5 to 5",
        "a number from 0 to ten",
        "a number from 0.5 to 10",
        "a number in lb from 700 to 50",
        "a number in lb",
        "one of",
        "one of How_Often",
        "one of how often",
        "a date",
        "a picture",
        "free text",
    ],
)
def test_what_is_none_is_refused_with_every_form_that_there_is(said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        READ.validate_python(said)
    told = str(refused.value)
    assert "'one of CHOICES'" in told
    assert "'a number from 0 to 10'" in told
    for form in ("yes or no", "a blood pressure", "text", "a photo", "anything"):
        assert f"'{form}'" in told
