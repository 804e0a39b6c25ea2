"""Tests of bot/flowbook/lint/reading.py: syllables as dictionaries have them, and texts of known ease."""

import pytest

from bot.flowbook.lint.reading import level, syllables_en, syllables_es

ENGLISH = """
1: time nurse called please years texts have our hours used asked house rule while whole tea breathe weight
2: clinic visit confirmed wanted reply number questions minutes changes likely patient create every doctors needed
2: quiet being science office houses schedule pressure measure safely careful people table
3: appointment medicine idea previous insurance radio area possible agreement
4: emergency available
"""
SPANISH = """
1: dia que muy hay rey
2: cita gracias ciudad leer tía día cuando quiere guía país viuda
3: paciente clinica responda aviso pingüino numero ahora
4: emergencia oficina
5: aeropuerto
"""


def words(table: str) -> list[tuple[str, int]]:
    lines = (line.split(":") for line in table.strip().splitlines())
    return [(word, int(count)) for count, text in lines for word in text.split()]


@pytest.mark.parametrize(("word", "count"), words(ENGLISH))
def test_syllables_of_english(word: str, count: int) -> None:
    assert syllables_en(word) == count


@pytest.mark.parametrize(("word", "count"), words(SPANISH))
def test_syllables_of_spanish(word: str, count: int) -> None:
    assert syllables_es(word) == count


def test_easy_and_hard_english() -> None:
    easy = level(
        "Thank you. We will see you on Monday. Please come ten minutes early, so that we can start.", "en"
    )
    hard = level(
        "Notification of cancellation necessitates communication with administrative personnel preceding the "
        "originally scheduled appointment.",
        "en-US",
    )
    assert easy
    assert not easy.hard
    assert hard
    assert hard.hard


def test_easy_and_hard_spanish() -> None:
    easy = level(
        "Gracias. Su cita es el lunes a las dos. Venga un poco antes, y traiga sus papeles, por favor.", "es"
    )
    hard = level(
        "La cancelacion de procedimientos ambulatorios requiere comunicacion anticipada con el departamento "
        "administrativo correspondiente.",
        "es",
    )
    assert easy
    assert not easy.hard
    assert hard
    assert hard.hard


def test_of_little_text_and_of_other_languages_nothing_is_said() -> None:
    assert level("Hippopotamus.", "en") is None
    assert level("một hai ba bốn năm sáu bảy tám chín mười mười một mười hai", "vi") is None
