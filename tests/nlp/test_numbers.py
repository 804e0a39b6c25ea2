import pytest

from nlp.lexicon import Lexicon
from nlp.normalise import normalise
from nlp.numbers import find_numbers, in_digits


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("7", [7]),
        ("it's about a six", [6]),
        ("twenty five", [25]),
        ("a hundred and thirty four", [134]),
        ("two hundred", [200]),
        ("one eighteen over seventy six", [118, 76]),
        ("one oh three point nine", [103.9]),
        ("nineteen fifty eight", [1958]),
        ("six seven", [6, 7]),
        ("six or seven", [6, 7]),
        ("seven and a half", [7.5]),
        ("7 and a half", [7.5]),
        ("three thousand two hundred", [3200]),
        ("one hundred twenty-five", [125]),
        ("ciento cuarenta y cinco", [145]),
        ("treinta y ocho punto dos", [38.2]),
        ("un 7", [7]),
        ("un seis", [6]),
        ("siete y medio", [7.5]),
        ("98 point 6", [98.6]),
        ("98 point six", [98.6]),
        ("98 point", [98]),
        ("95 por ciento", [95]),
        ("doscientas", [200]),
        ("sevn", [7]),
        ("no one came", []),
        ("una pregunta", []),
        ("hello", []),
        ("1 hundred 50", [150]),
        ("2 hundred and five", [205]),
        ("2 hundred", [200]),
        ("1 hundred 150", [100, 150]),
        ("99999999999999999999", []),
    ],
)
def test_values(shipped: Lexicon, text: str, values: list[float]) -> None:
    assert [numeral.value for numeral in find_numbers(normalise(text).words, shipped.numbers)] == values


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("in three weeks at half past ten", "in 3 weeks at half past 10"),
        ("a las dos y media", "a las 2.5"),
        ("on 3/4", "on 3 / 4"),
    ],
)
def test_in_digits(shipped: Lexicon, text: str, digits: str) -> None:
    assert " ".join(in_digits(normalise(text).words, shipped.numbers)) == digits
