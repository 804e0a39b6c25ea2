"""What the models see of a message."""

import pytest

from nlp import safety
from nlp.dates.grammar import Grammar
from nlp.features import Features, features
from nlp.lexicon import Lexicon
from nlp.message import understand


@pytest.fixture(scope="module")
def grammar(shipped: Lexicon) -> Grammar:
    return Grammar(shipped.dates, shipped.numbers)


def seen(text: str, shipped: Lexicon, grammar: Grammar) -> Features:
    message = understand(text, shipped, grammar, None)
    return features(message, safety.judge(message.words, message.found, shipped))


def test_words_are_seen_with_their_neighbours(shipped: Lexicon, grammar: Grammar) -> None:
    words = seen("my bus is late", shipped, grammar).words
    assert {"bus", "^ my", "my bus", "late $", "my .. is", "my bus is"} <= words.keys()
    assert words["bus is"] == (1, 3)


def test_listed_words_are_seen_by_their_list_too(shipped: Lexicon, grammar: Grammar) -> None:
    words = seen("my chest hurts", shipped, grammar).words
    assert {"<chest> <hurts>", "chest hurts"} <= words.keys()


def test_numbers_are_seen_by_their_size(shipped: Lexicon, grammar: Grammar) -> None:
    assert {"#3", "#2", "2"} <= seen("182 of 97 or 2", shipped, grammar).words.keys()


def test_words_behind_a_denial_are_marked_until_it_ends(shipped: Lexicon, grammar: Grammar) -> None:
    words = seen("no bus today but taxi", shipped, grammar).words
    assert "no~bus" in words
    assert "no~taxi" not in words


def test_letters_are_those_that_were_typed(shipped: Lexicon, grammar: Grammar) -> None:
    found = seen("brething bad", shipped, grammar)
    assert {"_bre", "bret", "ing_"} <= found.letters.keys()
    assert "_brea" not in found.letters


def test_rules_tell_what_stands_and_what_was_excused(shipped: Lexicon, grammar: Grammar) -> None:
    stands = seen("my chest hurts", shipped, grammar).rules
    assert {"+cardiac/chest pain", "+emergency", "level=emergency"} <= stands.keys()
    excused = seen("no chest pain", shipped, grammar).rules
    assert {"-cardiac/chest pain", "-emergency", "excused=True"} <= excused.keys()


def test_places_lie_in_the_message(shipped: Lexicon, grammar: Grammar) -> None:
    found = seen("no fever, but my chest hurts since 3", shipped, grammar)
    assert all(-1 <= start <= end <= 10 for block in found.blocks for start, end in block.values())


def test_an_empty_message_has_no_words(shipped: Lexicon, grammar: Grammar) -> None:
    found = seen("", shipped, grammar)
    assert not found.letters
    assert found.words.keys() <= {"^ $"}
