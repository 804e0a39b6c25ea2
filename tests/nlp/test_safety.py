"""What each level is for, and what must be left alone. More messages: `data/examples.jsonl`."""

from collections.abc import Callable

import pytest

from nlp.reader import Reader
from nlp.reading import Intent, Level
from nlp.safety import Verdict

FOUND = [
    ("my chest feels so tight", "emergency", "cardiac"),
    ("she is wheezing and her lips are blue", "emergency", "breathing"),
    ("one side of his face is drooping", "emergency", "stroke"),
    ("mom passed out in the kitchen", "emergency", "loss_of_consciousness"),
    ("he is having a seizure", "emergency", "seizure"),
    ("my tongue is swelling after the shrimp", "emergency", "anaphylaxis"),
    ("the cut wont stop bleeding", "emergency", "bleeding"),
    ("she took all her pills at once", "emergency", "overdose_poisoning"),
    ("my 2 week old has a fever", "emergency", "infant"),
    ("fever and a stiff neck", "emergency", "sepsis_meningitis"),
    ("sugar is 40 and he is confused", "emergency", "diabetes"),
    ("me duele mucho el pecho", "emergency", "cardiac"),
    ("se le fue la boca de lado", "emergency", "stroke"),
    ("i want to die", "crisis", "suicidal"),
    ("i have been cutting myself", "crisis", "self_harm"),
    ("i am going to kill him", "crisis", "harm_others"),
    ("my husband hit me and broke my arm", "crisis", "domestic_violence"),
    ("quisiera no despertar", "crisis", "suicidal"),
    ("temp is 103.5", "urgent", "fever"),
    ("my incision is full of pus", "urgent", "wound"),
    ("cant keep anything down", "urgent", "vomiting"),
    ("bp 186/112, feel fine", "urgent", "blood_pressure"),
    ("glucose 380, i feel ok", "urgent", "glucose"),
    ("me operaron ayer y tengo fiebre", "urgent", "fever"),
]

HARMLESS = [
    "these copays are killing me",  # figures of speech
    "starving to death before this blood test",
    "my phone died, running late",
    "casi me da un infarto con la cuenta",
    "i had a stroke in 2019 and need my yearly visit",  # the past
    "el año pasado tuve convulsiones, ya no",
    "stroke runs in my family",  # a family's history
    "heart attacks run in the family",
    "what if she has a seizure at school",  # later
    "what are the signs of a stroke",
    "is chest pain a side effect of it",
    "the stress test is at 9 right",  # talk about visits
    "do i come in by the emergency entrance",
    "just checking on my referral to the pain clinic",
    "pain 3",  # answers
    "118/76",
    "the wound looks great",  # good news
    "runny nose and a bit of a cough",  # everyday symptoms
]


@pytest.mark.parametrize(("text", "level", "category"), FOUND)
def test_found(
    verdict: Callable[[str], Verdict], reader: Reader, text: str, level: str, category: str
) -> None:
    found = verdict(text)
    assert (found.level, found.category) == (level, category)
    assert reader.read(text).level is not Level.NONE  # whatever the models think of it


@pytest.mark.parametrize("text", HARMLESS)
def test_left_alone(verdict: Callable[[str], Verdict], reader: Reader, text: str) -> None:
    assert verdict(text).level is Level.NONE
    assert reader.read(text).level is Level.NONE


def test_the_present_outweighs_the_past(reader: Reader) -> None:
    assert reader.read("i had a stroke in 2019 and now my arm is numb again").level is Level.EMERGENCY


def test_the_worst_of_several_counts(reader: Reader) -> None:
    assert reader.read("sore knee, temp 103.5 and i cant breathe").level is Level.EMERGENCY


def test_an_alarm_buried_in_talk_about_a_visit_is_found(reader: Reader) -> None:
    reading = reader.read("please move my visit to friday, my chest has been hurting since dawn")
    assert (reading.level, reading.intent) == (Level.EMERGENCY, Intent.OTHER)
    assert Intent.RESCHEDULE in reading.also


def test_the_wish_for_no_more_texts_stands_beside_a_crisis(reader: Reader) -> None:
    reading = reader.read("stop, i want to die")
    assert (reading.level, reading.intent) == (Level.CRISIS, Intent.STOP)


def test_a_reading_says_which_rule_fired_and_where(reader: Reader) -> None:
    text = "Hi, I CAN’T BREATHE"
    (why,) = [why for why in reader.read(text).why if "breathing" in why.rule]
    assert text[why.start : why.end] == "CAN’T BREATHE"
