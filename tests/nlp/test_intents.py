from collections.abc import Callable

import pytest

from nlp.message import Message
from nlp.reader import Reader
from nlp.reading import Intent

TABLE = [
    (
        "confirm",
        [
            "C",
            "c.",
            "Yes",
            "yep",
            "sí",
            "ok",
            "see you then",
            "I'll be there",
            "👍",
            "yes please",
            "claro que si",
            "don't cancel, I am coming",
            "no problem",
        ],
    ),
    (
        "cancel",
        [
            "cancel",
            "Cancel my appointment",
            "can't make it thursday",
            "no",
            "we won't be coming",
            "cancelar",
            "no voy a poder ir",
            "take me off the schedule",
        ],
    ),
    (
        "reschedule",
        [
            "R",
            "yes but can I come at 4 instead",
            "can we do friday",
            "need a later time",
            "what about after 3",
            "don't cancel me, just need another day",
            "puedo cambiar la cita",
            "sí pero más tarde",
            "wednesday",
        ],
    ),
    ("running_late", ["running late", "be there in 10, stuck in traffic", "voy tarde", "5 minutes away"]),
    (
        "question",
        [
            "what time is it?",
            "do i need to fast",
            "did i confirm already?",
            "is there a cancellation fee?",
            "can i stop by at 3?",
            "should i stop my aspirin?",
            "¿a qué hora es?",
            "tengo que ir en ayunas?",
        ],
    ),
    ("refill", ["i need a refill", "out of my metformin", "necesito receta de mi insulina"]),
    ("human", ["can i talk to a person", "call me please", "are you a robot?", "llámeme por favor"]),
    ("thanks", ["thanks!", "gracias", "thank you so much"]),
    ("wrong_number", ["wrong number", "this isn't Maria's phone anymore", "número equivocado"]),
    (
        "stop",
        [
            "STOP",
            "stop!!",
            "please stop texting me",
            "no more messages",
            "no más mensajes",
            "remove me",
            "unsubscribe",
            "take my number off your list",
            "I don't want these texts",
            "ya no me manden mensajes",
            "quit texting me",
            "do not contact me again",
            "lose my number",
            "Stop. You have bothered me enough",
        ],
    ),
    ("start", ["START", "unstop", "turn the reminders back on"]),
    ("help", ["HELP", "ayuda", "how does this work"]),
    ("other", ["1", "2", "asdf", "", "the quick brown fox", "🍕"]),
]


@pytest.mark.parametrize(("intent", "text"), [(intent, text) for intent, texts in TABLE for text in texts])
def test_intent(understood: Callable[[str], Message], intent: str, text: str) -> None:
    assert understood(text).wish.intent == intent


@pytest.mark.parametrize(
    "text",
    [
        "cancel my appointment",
        "stop by at 3?",
        "can you take me off the waitlist",
        "do i stop eating at midnight?",
        "is the bus stop close",
        "take me off the lisinopril",
        "my appointment got moved",
        "i quit smoking",
        "the end of the month works",
        "no quiero cancelar",
    ],
)
def test_what_is_no_wish_for_silence(reader: Reader, text: str) -> None:
    reading = reader.read(text)
    assert reading.intent is not Intent.STOP
    assert Intent.STOP not in reading.also


def test_what_else_was_said_is_told(reader: Reader) -> None:
    reading = reader.read("yes but can I come at 4 instead")
    assert (reading.intent, Intent.CONFIRM in reading.also) == (Intent.RESCHEDULE, True)


def test_unknown_is_said(reader: Reader) -> None:
    assert reader.read("mashed potatoes").intent is Intent.OTHER
    assert reader.read("yes").confidence > 0.9


def test_words_of_an_intent_that_mean_something_else_are_told(understood: Callable[[str], Message]) -> None:
    assert understood("take me off the lisinopril").wish.excepted == {Intent.STOP}
    assert understood("take me off the list").wish.excepted == frozenset()
