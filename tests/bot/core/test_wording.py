"""Sentences: how moments and phones are written, what a template may name, and what it can't reach."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import TemplateAssertionError, TemplateSyntaxError
from jinja2.exceptions import SecurityError, UndefinedError

from bot.core.segments import segments
from bot.core.wording import (
    VALUES,
    choices,
    day_text,
    moment_text,
    national,
    numbered,
    sentence,
    template,
    time_text,
    values_for,
)
from tests.bot.core.world import ANA, BOOK, CLINIC, SLOTS, visit

ZONE = "America/New_York"


@pytest.mark.parametrize(
    ("moment", "zone", "language", "written"),
    [
        (datetime(2026, 12, 3, 15, 30, tzinfo=UTC), ZONE, "en", "Thu, Dec 3 at 10:30 AM"),
        (datetime(2026, 12, 3, 15, 30, tzinfo=UTC), ZONE, "es", "jue 3 de dic a las 10:30 a. m."),
        (datetime(2026, 12, 5, 18, 0, tzinfo=UTC), ZONE, "es", "sab 5 de dic a las 1:00 p. m."),
        (datetime(2026, 12, 3, 4, 30, tzinfo=UTC), ZONE, "en", "Wed, Dec 2 at 11:30 PM"),
        (datetime(2026, 12, 3, 5, 0, tzinfo=UTC), ZONE, "en", "Thu, Dec 3 at 12:00 AM"),
        (datetime(2026, 7, 3, 16, 0, tzinfo=UTC), ZONE, "en", "Fri, Jul 3 at 12:00 PM"),
        (datetime(2028, 2, 29, 15, 0, tzinfo=UTC), ZONE, "en", "Tue, Feb 29 at 10:00 AM"),
        (datetime(2026, 12, 3, 15, 30, tzinfo=UTC), "Asia/Kolkata", "en", "Thu, Dec 3 at 9:00 PM"),
        (datetime(2026, 12, 3, 15, 30, tzinfo=UTC), "Pacific/Kiritimati", "en", "Fri, Dec 4 at 5:30 AM"),
    ],
)
def test_a_moment_is_written_on_the_patients_clock(
    moment: datetime, zone: str, language: str, written: str
) -> None:
    assert moment_text(moment, zone, language) == written
    assert f"{day_text(moment, zone, language)} " in written
    assert written.endswith(time_text(moment, zone, language))


@pytest.mark.parametrize("language", ["en", "es"])
@given(hours=st.integers(0, 24 * 366 * 4))
def test_no_moment_forces_ucs2(language: str, hours: int) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
    assert segments(moment_text(moment, ZONE, language)).culprits == ()


@pytest.mark.parametrize(
    ("phone", "written"),
    [
        ("+15552014400", "555-201-4400"),
        ("+442071838750", "+442071838750"),
        ("+1555201440", "+1555201440"),
        ("12345", "12345"),
    ],
)
def test_a_phone_of_north_america_is_written_as_people_write_it(phone: str, written: str) -> None:
    assert national(phone) == written


def test_choices_are_numbered_a_line_each() -> None:
    assert numbered(("one", "two")) == "1) one\n2) two"
    assert numbered(()) == ""


def test_values_are_those_of_the_list_and_no_more() -> None:
    values = values_for(
        CLINIC, house=BOOK.house, language="en", zone=ZONE, person=ANA, visit=visit(), slots=SLOTS
    )
    assert values == {
        "clinic": "Riverside Clinic",
        "clinic_phone": "202-555-0100",
        "first_name": "Ana",
        "day": "Mon, Dec 7",
        "time": "10:30 AM",
        "offered": "Tue, Dec 8 at 10:30 AM",
        "times": "1) Tue, Dec 8 at 10:30 AM\n2) Wed, Dec 9 at 10:30 AM\n3) Thu, Dec 10 at 10:30 AM",
    }
    assert set(values) <= set(VALUES)


def test_without_a_person_or_a_visit_their_values_are_missing() -> None:
    assert set(values_for(CLINIC, house=BOOK.house, language="en", zone=ZONE)) == {"clinic", "clinic_phone"}


def test_a_value_that_nobody_gave_is_left_out_and_the_text_still_goes() -> None:
    body = sentence(BOOK, "confirmed", "en", {"day": "Mon", "time": "10:30 AM"})
    assert body == "Thank you, . Your visit on Mon at 10:30 AM is confirmed."


@pytest.mark.parametrize(
    ("language", "days", "written"),
    [("en", 1, "1 day"), ("en", 2, "2 days"), ("en", 0, "0 days"), ("es", 1, "1 day"), ("pl", 3, "3 few")],
)
def test_a_plural_is_the_languages_own(language: str, days: int, written: str) -> None:
    body = template('{{days}} {{days|plural(one="day", few="few", other="days")}}')
    assert body.render(days=days, language=language) == written


def test_choices_are_shown_by_their_number_or_by_their_own() -> None:
    assert choices({"better": ("Better", "good"), "worse": ("Worse",)}) == "1) Better\n2) Worse"
    assert choices({"0": ("Not at all",), "1": ("Several days",)}) == "0) Not at all\n1) Several days"


def test_a_sentence_that_does_not_exist_raises() -> None:
    with pytest.raises(KeyError):
        sentence(BOOK, "no such sentence", "en", {})


@pytest.mark.parametrize(
    "attempt",
    [
        "{{ first_name.__class__ }}",
        "{{ first_name.__class__.__mro__ }}",
        "{{ ''.__class__.__base__.__subclasses__() }}",
        "{{ first_name.format.__globals__ }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ first_name['__class__'] }}",
        "{{ first_name|attr('__class__') }}",
        "{{ '{0.__class__}'.format(first_name) }}",
        "{{ some.append(1) }}",
        "{{ config }}",
        "{{ self._TemplateReference__context.environment.globals }}",
    ],
)
def test_a_template_reaches_nothing_but_its_values(attempt: str) -> None:
    body = ""
    with suppress(SecurityError, UndefinedError, TemplateAssertionError):
        body = template(attempt).render(first_name="Ana", some=[])
    assert body == ""


@pytest.mark.parametrize("name", ["{{ clinic_phone }}", "{% for x in (1,) %}x{% endfor %}", "<b>", "{{"])
def test_a_value_is_never_read_as_a_template_nor_changed(name: str) -> None:
    body = template("Hi {{first_name}}.").render(first_name=name, clinic_phone="no")
    assert body == f"Hi {name}."


@pytest.mark.parametrize("broken", ["{{first_name", "{% if %}", "{{ }}", "{{ a b }}"])
def test_a_broken_template_is_a_syntax_error(broken: str) -> None:
    with pytest.raises(TemplateSyntaxError):
        template(broken)
