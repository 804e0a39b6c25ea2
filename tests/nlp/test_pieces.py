"""Words are cut from the left into the longest pieces; what no piece has is unknown, letter by letter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.pieces import LONGEST_WORD, Pieces

NAMES = ("[unknown]", "gasp", "##ing", "##in", "##g", "g", "a", "##s", "##p", "##a")
PIECES = Pieces(NAMES, unknown=0)


@pytest.mark.parametrize(
    ("word", "pieces"),
    [
        ("gasping", ["gasp", "##ing"]),
        ("gaspin", ["gasp", "##in"]),  # a slip has known pieces too
        ("gap", ["g", "##a", "##p"]),
        ("añs", ["a", "[unknown]", "##s"]),
        ("", []),
    ],
)
def test_the_longest_pieces_are_taken(word: str, pieces: list[str]) -> None:
    assert [NAMES[number] for number in PIECES.cut([word])] == pieces


def test_words_are_cut_one_by_one() -> None:
    assert PIECES.cut(["a", "gasp"]) == [6, 1]


@given(st.lists(st.text(min_size=1, max_size=60), max_size=8))
def test_any_words_are_cut_whole(words: list[str]) -> None:
    letters = sum(min(len(word), LONGEST_WORD) for word in words)
    sizes = (1 if number == 0 else len(NAMES[number].removeprefix("##")) for number in PIECES.cut(words))
    assert sum(sizes) == letters
