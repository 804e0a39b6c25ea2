"""What a reading holds must survive its way through a mailbox, which is JSON."""

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from nlp.reading import Anything, Expect, FreeText, Number, Photo, Reading, Value, When, Window, YesNo

READING: TypeAdapter[Reading] = TypeAdapter(Reading)
EXPECT: TypeAdapter[Expect] = TypeAdapter(Expect)

windows = st.builds(
    Window,
    date_from=st.none() | st.dates(),
    date_to=st.none() | st.dates(),
    time_from=st.none() | st.times(),
    time_to=st.none() | st.times(),
)
values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(),
    st.dates().map(date.isoformat),  # a text that looks like a date stays a text
    st.dates(),
    windows,
    st.fixed_dictionaries({"systolic": st.integers(), "diastolic": st.integers()}),
)


@given(value=values, correction=values, when=st.none() | windows)
def test_a_reading_survives_json(value: Value | None, correction: Value | None, when: Window | None) -> None:
    reading = Reading(value=value, correction=correction, when=when)
    again = READING.validate_json(READING.dump_json(reading))
    assert again == reading
    assert type(again.value) is type(value)
    assert type(again.correction) is type(correction)
    assert READING.validate_python(READING.dump_python(reading, mode="json")) == reading
    assert READING.validate_python(READING.dump_python(reading)) == reading


def test_a_window_open_on_all_sides_is_no_table_of_numbers() -> None:
    for value in (Window(), {}, {"systolic": 120, "diastolic": 80}, Window(time_to=time(9))):
        again = READING.validate_json(READING.dump_json(Reading(value=value)))
        assert type(again.value) is type(value)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"type": "when"}, When()),
        ({"type": "text"}, FreeText()),
        ({"type": "photo"}, Photo()),
        ({"type": "anything"}, Anything()),
        ({"type": "yes_no"}, YesNo()),
        ({"type": "number", "unit": "lb", "min": 50, "max": 700}, Number(unit="lb", min=50, max=700)),
        ({"type": "number"}, Number()),
    ],
)
def test_what_is_expected_is_told_by_its_type(given: dict[str, object], wanted: Expect) -> None:
    assert EXPECT.validate_python(given) == wanted
    assert EXPECT.validate_json(EXPECT.dump_json(wanted)) == wanted


def test_a_type_that_is_unknown_is_an_error() -> None:
    with pytest.raises(ValidationError):
        EXPECT.validate_python({"type": "poem"})
