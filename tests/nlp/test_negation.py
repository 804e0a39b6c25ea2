"""A denial must touch what it denies. The first table is the one that matters: a symptom read as denied is an
emergency missed."""

from collections.abc import Callable

import pytest

from nlp.reader import Reader
from nlp.reading import Level
from nlp.safety import Verdict

PRESENT = [
    "no my chest pain is worse",
    "no i have chest pain",
    "no, chest pain",
    "no.chest pain all day",
    "dont cancel i have chest pain",
    "cant stop the bleeding",
    "no appetite and chest pain",
    "no relief from chest pain",
    "didnt sleep because of chest pain",
    "i cant take the chest pain",
    "no fever but chest pain",
    "chest pain not going away",
    "chest pain hasnt stopped",
    "i never had chest pain like this",
    "no pain before but now chest pain",
    "not just a headache, chest pain too",
    "no not better, i cant breathe",
    "no tengo fiebre pero no puedo respirar",
    "no aguanto el dolor de pecho",
]

DENIED = [
    "chest pain no",
    "chest pain: none",
    "chest pain? nope",
    "havent had any chest pain",
    "chest pain is gone",
    "chest pain stopped",
    "0 chest pain",
    "my chest does not hurt",
    "neither fever nor chest pain",
    "no chest pain, shortness of breath, or fainting",
    "i don't have chest pain",
    "denies chest pain",
    "no suicidal thoughts",
    "never thought about hurting myself",
    "no trouble breathing",
    "no tengo dolor de pecho",
    "nunca he tenido convulsiones",
    "sin falta de aire ni dolor de pecho",
    "dolor de pecho ya no",
]


@pytest.mark.parametrize("text", PRESENT)
def test_present(verdict: Callable[[str], Verdict], reader: Reader, text: str) -> None:
    assert verdict(text).level is Level.EMERGENCY
    assert reader.read(text).level is not Level.NONE  # whatever the models think of it


@pytest.mark.parametrize("text", DENIED)
def test_denied(verdict: Callable[[str], Verdict], text: str) -> None:
    assert verdict(text).level is Level.NONE


def test_a_denial_covers_what_it_denies_and_no_more(reader: Reader) -> None:
    assert reader.read("no hives, my throat is closing up").category == "anaphylaxis"
    assert reader.read("not suicidal but my chest hurts").level is Level.EMERGENCY
