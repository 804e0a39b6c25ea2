"""An edition as a whole: what a trigger starts, a location's own variant, languages, snippets and choices."""

from datetime import date

import pytest
from pydantic import ValidationError

from bot.core.book import Wording
from bot.core.moments import Calendar
from bot.core.triggers import Change, Happens, PatientSays, PatientTexts, VisitIs
from nlp.reading import Intent
from tests.bot.core.world import BOOK, book_of, flow

STEPS = {"one": {"say": "hello"}}
DOWNTOWN = flow("visit_downtown", extends="visit", site="Downtown", steps={"one": {"say": "park_here"}})
VISIT = flow(
    "visit",
    about="the visit",
    starts=[{"when": "the visit is moved"}, {"when": "the patient texts Go", "at": "one"}],
    steps=STEPS,
)
OTHER = flow("other", starts=[{"when": "the patient texts GO"}, {"when": "a missed call"}], steps=STEPS)
TWO = book_of(VISIT, OTHER, DOWNTOWN)


# -- starts ------------------------------------------------------------------------------------------


def test_a_trigger_starts_every_flow_that_names_it_in_their_order() -> None:
    assert [(f.name, s.at) for f, s in TWO.starting(PatientTexts(word="GO"))] == [
        ("visit", "one"),
        ("other", None),
    ]
    assert [f.name for f, _ in TWO.starting(VisitIs(change=Change.MOVED))] == ["visit"]
    assert [f.name for f, _ in TWO.starting(Happens.MISSED_CALL)] == ["other"]


@pytest.mark.parametrize("word", ["go", "Go", "GO"])
def test_a_keyword_has_no_case(word: str) -> None:
    assert len(list(TWO.starting(PatientTexts(word=word)))) == 2


def test_the_words_of_a_trigger_start_the_same() -> None:
    assert list(TWO.starting_words("a missed call")) == list(TWO.starting(Happens.MISSED_CALL))


def test_nothing_starts_with_a_trigger_that_no_flow_names() -> None:
    assert list(TWO.starting(PatientSays(intent=Intent.REFILL))) == []


# -- one location's own ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("location", "name"),
    [
        ("Downtown", "visit_downtown"),
        ("DOWNTOWN", "visit_downtown"),
        ("Uptown", "visit"),
        ("", "visit"),
        (None, "visit"),
    ],
)
def test_a_location_has_its_own_variant(location: str | None, name: str) -> None:
    assert TWO.variant(VISIT, location).name == name


def test_a_variant_is_of_its_own_flow_alone() -> None:
    assert TWO.variant(OTHER, "Downtown") is OTHER


# -- languages ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "language"),
    [("en", "en"), ("es", "es"), ("es-MX", "es"), ("en-GB", "en"), ("fr", "en"), ("", "en"), (None, "en")],
)
def test_a_language_is_sent_in_if_it_is_there(wanted: str | None, language: str) -> None:
    assert BOOK.language(wanted) == language


def test_a_language_that_nobody_reviewed_does_not_send() -> None:
    spanish = BOOK.wordings["es"].model_copy(update={"reviewed_by": None})
    book = BOOK.model_copy(update={"wordings": BOOK.wordings | {"es": spanish}})
    assert (book.language("es"), book.language("es-MX")) == ("en", "en")


def test_a_calendar_is_found_by_its_name_and_the_offices_without() -> None:
    office = Calendar(open={})
    assert book_of(VISIT, office=office).calendar() == office
    assert book_of(VISIT, office=office).calendar("lab") is None
    assert BOOK.calendar() is None


# -- wording -----------------------------------------------------------------------------------------


def wording(**given: object) -> Wording:
    return Wording.model_validate({"language": "en", "sentences": {"hello": "Hi"}, **given})


@pytest.mark.parametrize(
    ("sentence", "whole"),
    [
        ("Hi. {{sign_off}}", "Hi. Text STOP to opt out."),
        ("{{ sign_off }} {{sign_off}}", "Text STOP to opt out. Text STOP to opt out."),
        ("Hi {{first_name}}. {{unknown}}", "Hi {{first_name}}. {{unknown}}"),
        ("{{sign_off|upper}}", "{{sign_off|upper}}"),
    ],
)
def test_a_snippet_stands_where_a_sentence_names_it(sentence: str, whole: str) -> None:
    made = wording(snippets={"sign_off": "Text STOP to opt out."}, sentences={"hello": sentence})
    assert made.sentences == {"hello": whole}


def test_a_choice_is_one_wording_or_several() -> None:
    made = wording(choices={"mood": {"good": "Good", "bad": ["Bad", "awful"]}})
    assert made.choices == {"mood": {"good": ("Good",), "bad": ("Bad", "awful")}}


@pytest.mark.parametrize(
    "wrong",
    [{"snippets": {"Sign Off": "x"}}, {"reviewed_on": "last week"}, {"sentence": {}}, {"sentences": None}],
)
def test_a_wording_of_another_shape_is_refused(wrong: dict[str, object]) -> None:
    assert wording(reviewed_on="2026-11-10").reviewed_on == date(2026, 11, 10)
    with pytest.raises(ValidationError):
        wording(**wrong)
