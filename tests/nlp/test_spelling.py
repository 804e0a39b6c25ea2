import pytest

from nlp.lexicon import Lexicon
from nlp.spelling import one_slip


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("confrim", "confirm"),
        ("confirmd", "confirm"),
        ("apointment", "appointment"),
        ("brething", "breathing"),
        ("seizzure", "seizure"),
        ("overdosse", "overdose"),
        ("u", "you"),
        ("tmrw", "tomorrow"),
        ("yesss", "yes"),
        ("canselar", "cancelar"),
        ("combulsion", "combulsion"),  # two slips are too many
    ],
)
def test_mends(shipped: Lexicon, typed: str, meant: str) -> None:
    assert shipped.speller.mend((typed,)) == (meant,)


ORDINARY = """
    prison sharing strike selling seating spelling mourning spitting cleaning checking person parking
    poor loss tall best cost plan number entre ciento pensado marcado cambia
"""


@pytest.mark.parametrize("word", ORDINARY.split())
def test_leaves_ordinary_words_alone(shipped: Lexicon, word: str) -> None:
    assert shipped.speller.mend((word,)) == (word,)


@pytest.mark.parametrize(
    ("word", "target", "near"),
    [
        ("strok", "stroke", True),
        ("strroke", "stroke", True),
        ("sttoke", "stroke", True),
        ("stroek", "stroke", True),
        ("stroke", "stroke", True),
        ("stake", "stroke", False),
        ("oke", "stroke", False),
    ],
)
def test_one_slip(word: str, target: str, near: bool) -> None:
    assert one_slip(word, target) is near
