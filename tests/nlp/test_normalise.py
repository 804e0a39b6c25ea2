import pytest

from nlp.normalise import LONGEST, normalise, plain_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I can't breathe", "i cant breathe"),
        ("I can’t breathe", "i cant breathe"),
        ("SÍ, mañana", "si , manana"),
        ("si\u0301", "si"),
        ("he\u200blp", "help"),
        ("h̷̗e̴l̵p̶", "help"),
        ("ＳＴＯＰ", "stop"),
        ("C0NFIRM", "confirm"),
        ("yesssssss", "yesss"),
        ("wait... what?!!", "wait . what ? !"),
        ("8/10", "8 / 10"),
        ("3pm", "3 pm"),
        ("98.6 or 38,5", "98.6 or 38.5"),
        ("1,250", "1250"),
        ("check-up w/o pills", "check up without pills"),
        ("127-79", "127 - 79"),
        ("ok👍🏽👍🏽", "ok 👍"),
        ("no.chest pain", "no . chest pain"),
        ("", ""),
        ("\u200b\u0000 \u200d", ""),
    ],
)
def test_words(text: str, words: str) -> None:
    assert " ".join(normalise(text).words) == words


def test_offsets_lead_back_to_the_text_as_it_was_sent() -> None:
    text = "Oh\u200b no, I can’t BREATHE!"
    plain = normalise(text)
    start, end = plain.offsets(plain.words.index("cant"), plain.words.index("breathe") + 1)
    assert text[start:end] == "can’t BREATHE"


def test_only_the_first_1600_characters_count() -> None:
    assert len(normalise("a " * 5000).words) == LONGEST / 2


def test_a_phrase_of_the_lexicon_has_no_punctuation_beside_its_words() -> None:
    assert plain_words("don't, please") == ("dont", "please")
    assert plain_words("?") == ("?",)
