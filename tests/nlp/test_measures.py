import pytest

from nlp.lexicon import Lexicon
from nlp.measures import measure, pressures
from nlp.normalise import normalise
from nlp.numbers import find_numbers


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("fever of 101", "temp_fever"),
        ("100.9 this morning", "temp_fever"),
        ("fiebre de 38,5", "temp_fever"),
        ("temp 103.2", "temp_high"),
        ("my sugar is 41", "sugar_low"),
        ("azucar en 410", "sugar_high"),
        ("o2 sat 84", "oxygen_low"),
        ("pulse is 155", "pulse_high"),
        ("190 over 95", "bp_crisis"),
        ("150/92", "bp_high"),
        ("he is 12 days old", "newborn"),
        ("bebe de 3 semanas", "newborn"),
        ("28 weeks and cramping", "gestation"),
        ("in 2016", "old_year"),
        ("took 30 of them", "many"),
    ],
)
def test_found(shipped: Lexicon, text: str, name: str) -> None:
    assert name in _measured(shipped, text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("temp 98.6", "temp_fever"),
        ("room 101", "temp_fever"),
        ("sugar 112", "sugar_high"),
        ("at 84 Elm Street", "oxygen_low"),
        ("118/76", "bp_high"),
        ("8 weeks ago", "gestation"),
        ("he is 5 months old", "newborn"),
        ("20 units of insulin", "many"),
    ],
)
def test_not_found(shipped: Lexicon, text: str, name: str) -> None:
    assert name not in _measured(shipped, text)


def test_pressures_need_an_upper_and_a_lower_value(shipped: Lexicon) -> None:
    words = normalise("80/120, then 132/84").words
    pairs = pressures(words, find_numbers(words, shipped.numbers))
    assert [(one.value, two.value) for one, two in pairs] == [(132, 84)]


def _measured(shipped: Lexicon, text: str) -> set[str]:
    words = normalise(text).words
    return set(measure(words, find_numbers(words, shipped.numbers), shipped.measures))
