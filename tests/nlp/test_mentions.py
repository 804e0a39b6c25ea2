import pytest

from nlp.reader import Reader
from nlp.reading import Choice

SMOKING = Choice(
    options={
        "never": ("1", "Never"),
        "former": ("2", "Used to, but quit"),
        "some": ("3", "Some days"),
        "daily": ("4", "Every day"),
    }
)
CHANGE = Choice(
    options={"better": ("Better", "Mejor"), "same": ("About the same", "Igual"), "worse": ("Worse", "Peor")}
)
SIDE = Choice(options={"left": ("Left",), "right": ("Right",), "both": ("Both",)})
CASES = [
    (SMOKING, "Used to, but quit", "former"),
    (SMOKING, "gave it up when my son was born", "former"),
    (SMOKING, "trying to quit", None),
    (SMOKING, "almost every day", None),
    (SMOKING, "not every day", None),
    (SMOKING, "a pack a day", "daily"),
    (SMOKING, "my wife smokes every day", None),
    (CHANGE, "no change", "same"),
    (CHANGE, "not any better", None),
    (CHANGE, "neither better nor worse", "same"),
    (CHANGE, "ayer peor hoy mejor", "better"),
    (CHANGE, "better some days worse others", None),
    (CHANGE, "was worse but now better", "better"),
    (SIDE, "all right", None),
    (SIDE, "left and right", "both"),
    (SIDE, "right, not left", "right"),
    (SIDE, "any but left", None),
]  # fmt: skip


@pytest.mark.parametrize(("expect", "text", "key"), CASES)
def test_an_option_is_named(reader: Reader, expect: Choice, text: str, key: str | None) -> None:
    assert reader.read(text, expect=expect).value == key


@pytest.mark.parametrize(
    ("text", "key"),
    [("izq", "left"), ("my right one", "right"), ("both", None), ("not the left, the right", "right")],
)
def test_a_part_of_a_wording_tells_what_it_means(reader: Reader, text: str, key: str | None) -> None:
    arms = Choice(options={"left": ("Brazo izquierdo",), "right": ("Brazo derecho",)})
    assert reader.read(text, expect=arms).value == key


def test_a_part_that_two_options_have_tells_nothing(reader: Reader) -> None:
    arms = Choice(options={"upper": ("Left arm, upper",), "lower": ("Left arm, lower",)})
    assert reader.read("izq", expect=arms).value is None


def test_options_in_two_languages_keep_the_words_that_look_like_another(reader: Reader) -> None:
    often = Choice(
        options={"two": ("Most days",), "three": ("Nearly every day", "every day", "casi todos los días")}
    )
    assert reader.read("nearly every day", expect=often).value == "three"
    assert reader.read("casi todos los días", expect=often).value == "three"
