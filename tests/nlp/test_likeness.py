import pytest

from nlp.lexicon import Lexicon
from nlp.likeness import Wordings, closest, content_of, holding, in_digits
from nlp.normalise import normalise
from nlp.numbers import find_numbers

SLOTS: Wordings = {
    "a": [("tue", "dec", "1", "9", ":", "00", "am")],
    "b": [("wed", "dec", "2", "2", ":", "30", "pm")],
    "c": [("fri", "dec", "4", "4", ":", "00", "pm")],
}


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("friday", "c"), ("2:30", "b"), ("the 9 am one", "a"), ("at 4", "c"), ("at four", "c"), ("1:00", None),
        ("dec", None), ("monday", None), ("pm", None), ("friday at 3", None), ("wed afternoon", "b"),
        ("dec 3 9:00", None),
    ],
)  # fmt: skip
def test_closest(shipped: Lexicon, text: str, key: str | None) -> None:
    words = normalise(text).words
    content = content_of(in_digits(words, find_numbers(words, shipped.numbers)), shipped)
    assert closest(SLOTS, content, shipped) == key


@pytest.mark.parametrize(("content", "key"), [({"dec", "1"}, "a"), ({"dec"}, None), ({"dec", "5"}, None)])
def test_holding(shipped: Lexicon, content: set[str], key: str | None) -> None:
    assert holding(SLOTS, content, shipped) == key


def test_words_that_say_little_do_not_choose(shipped: Lexicon) -> None:
    options: Wordings = {"none": [("not", "at", "all")], "some": [("several", "days")]}
    assert closest(options, content_of(("all", "the", "time"), shipped), shipped) is None
