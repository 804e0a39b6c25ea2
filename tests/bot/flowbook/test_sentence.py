"""Sentence: one sentence by itself is found, measured and judged as in the whole edition."""

from collections.abc import Mapping

import pytest

from bot.core.book import Book
from bot.flowbook import edit, loader, sentence
from bot.flowbook.lint import lint
from bot.flowbook.sentence import Spot
from bot.settings import HOME
from tests.conftest import EDITION

FILES = loader.collect(EDITION)


@pytest.fixture(scope="module")
def book() -> Book:
    """The small edition's."""
    return loader.read(FILES)


def spot_of(files: Mapping[str, str], key: str, language: str = "en") -> Spot:
    return sentence.spots(files, "sentences", key)[language]


def test_a_sentence_is_found_in_every_language_with_its_lines() -> None:
    found = sentence.spots(FILES, "sentences", "offer_times")
    assert set(found) == {"en", "es"}
    lines = FILES["wording/en.yaml"].splitlines()[found["en"].begin - 1 : found["en"].end - 1]
    assert lines[0] == "  offer_times: |-"
    assert lines[-1].strip().startswith("Reply with a number")
    assert sentence.spots(FILES, "pages", "offer_times") == {}


def test_it_is_measured_with_the_longest_values(book: Book) -> None:
    spot = spot_of(FILES, "confirmed")
    found = sentence.filled(book, "en", "confirmed", spot.text)
    assert "Maximilianne" in found.text
    assert (found.size.encoding, found.size.count) == ("GSM-7", 1)
    assert sentence.filled(book, "en", "confirmed", "é – " * 30).size.encoding == "UCS-2"


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("confirmed", "Thank you, {{first_name}}. It is set."),
        ("confirmed", "Thank you – {{first_name}}."),
        ("confirmed", "Thank you, {{diagnosis}}."),
        ("confirmed", "Thank you, {{first_name"),
        ("reminder", "{{clinic}}: Hi {{first_name}}, you have a visit." + " Please do come." * 20),
        ("offer_times", "We have times. Reply with a number."),
        ("soft_reply", "{{clinic}} reads this, {{first_name}}."),
        ("emergency_reply", "Call your doctor."),
    ],
)
def test_alone_it_has_the_faults_that_it_has_in_the_whole(book: Book, key: str, text: str) -> None:
    spot = spot_of(FILES, key)
    alone = sentence.faults(book, FILES, spot, text)
    whole = {**FILES, spot.file: edit.put(spot.file, FILES[spot.file], ("sentences", key), text)}
    end = spot.end if "\n" not in spot.text else spot.begin + 1
    there = [f for f in lint(whole) if f.file == spot.file and spot.begin <= f.line < end]
    assert [f.rule for f in alone] == [f.rule for f in there]


def test_no_rule_objects_to_a_sentence_alone_that_fits_into_the_whole() -> None:
    files = loader.collect(HOME / "flows")
    book = loader.read(files)
    for key in ("no_times", "phq9_invite", "page", "page_again", "staff_text", "recall_due", "survey_review"):
        for spot in sentence.spots(files, "sentences", key).values():
            assert sentence.faults(book, files, spot, spot.text) == [], key


def test_snippets_of_its_file_are_filled_in() -> None:
    text = 'language: en\nsnippets: {end: "Bye."}\nsentences:\n  last: "Done. {{ end }} {{day}}"\n'
    (spot,) = sentence.written("wording/en.x.yaml", text)
    assert spot.whole(spot.text) == "Done. Bye. {{day}}"
