import pytest

from nlp.lexicon import Lexicon
from nlp.normalise import normalise
from nlp.numbers import find_numbers
from nlp.values import Said, pick, without_denominator


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7),
        ("7, yes 7", 7),
        ("6 or 7", None),
        ("6-7", None),
        ("was 9 now 4", 4),
        ("now 4, yesterday 9", 4),
        ("from a 7 to a 3", 3),
        ("4 no wait 5", 5),
        ("4, perdon, 5", 5),
        ("hoy 4, ayer era 9", 4),
        ("nothing", None),
        ("3, 4", None),
        ("5 no, 4", 4),
        ("7 not 6", 7),
        ("not 7, 8", 8),
        ("3 down from 5", 3),
        ("de 8 bajo a 4", 4),
        ("9 before meds 4 after", 4),
        ("was a 4 last time now its 6", 6),
        ("205 was 208", 205),
        ("first 7 then 4, use the second", 4),
        ("7 and 4, take the first", 7),
    ],
)
def test_pick(shipped: Lexicon, text: str, value: float | None) -> None:
    words = normalise(text).words
    said = [
        Said(numeral.value, numeral.start, numeral.end) for numeral in find_numbers(words, shipped.numbers)
    ]
    assert pick(words, said, shipped.replies) == value


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("8/10", [8]),
        ("8 out of 10", [8]),
        ("8 out 10", [8]),
        ("cinco de diez", [5]),
        ("4/5", None),
        ("del 1 al 10 un 6", [6]),
        ("on a scale of 0 to 10, 4", [4]),
        ("8 (out of 10)", [8]),
        ("-2", None),
        ("7", [7]),
    ],
)
def test_without_denominator(shipped: Lexicon, text: str, values: list[float] | None) -> None:
    words = normalise(text).words
    kept = without_denominator(words, find_numbers(words, shipped.numbers), 10)
    assert (None if kept is None else [numeral.value for numeral in kept]) == values
