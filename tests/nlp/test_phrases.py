import pytest

from nlp.normalise import normalise
from nlp.phrases import Hit, PhraseBook


def book(*patterns: str) -> PhraseBook:
    made = PhraseBook(sets={"limb": ["arm", "left leg", "<end>"], "end": ["toe"]}, short_forms={"u": "you"})
    for pattern in patterns:
        made.add("found", pattern)
    made.seal()
    return made


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("chest pain", "my chest pain", True),
        ("chest pain", "pain chest", False),
        ("[my|his own] chest", "his own chest", True),
        ("hurts|aches badly", "it aches badly", True),
        ("<limb> hurts", "left leg hurts", True),
        ("<limb> hurts", "toe hurts", True),
        ("<limb> hurts", "ear hurts", False),
        ("knee|<limb> hurts", "toe hurts", True),
        ("arm .. numb", "arm is so very numb", True),
        ("arm .. numb", "arm is so very much numb", False),
        ("arm ... numb", "arm is so very much numb", True),
        ("arm .. numb", "arm. numb", False),
        ("arm .. numb", "arm but numb", False),
        ("arm & numb", "numb. and the arm", True),
        ("arm & numb", "arm", False),
        ("see u", "see you", True),
        ("?", "really?", True),
        ("👍", "ok 👍", True),
    ],
)
def test_patterns(pattern: str, text: str, found: bool) -> None:
    assert bool(book(pattern).find(normalise(text).words, {})) is found


def test_a_measure_is_a_part_like_another() -> None:
    words = normalise("chemo and 101").words
    assert book("@fever & chemo").find(words, {"fever": [Hit(2, 3)]})
    assert not book("@fever & chemo").find(words, {})


def test_a_match_tells_where_its_parts_are() -> None:
    (match,) = book("arm & left ... numb").find(normalise("left hand numb and arm").words, {})
    assert [(part.start, part.end, part.between) for part in match.parts] == [(4, 5, ()), (0, 3, (1,))]
    assert (match.start, match.end) == (0, 5)


@pytest.mark.parametrize("pattern", ["<nobody> hurts", "", "arm & ", "a||b", "[ ]"])
def test_a_pattern_that_cannot_be_read_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        book(pattern)


def test_the_words_of_a_text_leave_no_trace() -> None:
    made = book("chest pain")
    before = len(made._vocab.strings)
    made.find(normalise("Jane Doe of Elm Street has chest pain").words, {})
    assert len(made._vocab.strings) == before
