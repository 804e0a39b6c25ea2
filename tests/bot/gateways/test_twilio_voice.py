"""What is spoken: TwiML that Twilio can read, whatever the words hold."""

from xml.etree import ElementTree

import pytest

from bot.gateways.twilio_twin.twiml import BadTwiml, Gather, Hangup, Say, verbs
from bot.gateways.twilio_voice import ask, say

ACTION = "/twilio/voice/alert/press?a=6f0e&b=2"


def test_a_question_is_asked_twice_and_waits_for_one_digit() -> None:
    gather, closing, end = verbs(ask(words="Press 1 to take it.", action=ACTION))
    assert gather == Gather(
        says=(Say("Press 1 to take it."), Say("Press 1 to take it.")), action=ACTION, most=1, finish=""
    )
    assert isinstance(closing, Say)
    assert end == Hangup()


def test_a_digit_may_come_early_and_is_posted() -> None:
    (gather, *_) = ElementTree.fromstring(ask(words="Hi", action=ACTION))
    assert [child.tag for child in gather] == ["Say", "Pause", "Say"]
    assert (gather.get("input"), gather.get("method")) == ("dtmf", "POST")
    assert int(gather.get("timeout", "0")) >= 5


def test_a_statement_is_said_once_and_ends_the_call() -> None:
    assert verbs(say("It is yours.")) == (Say("It is yours."), Hangup())


@pytest.mark.parametrize("document", [ask(words="Hi", action=ACTION), say("Hi")])
def test_every_word_is_spoken_by_one_voice_of_one_language(document: str) -> None:
    spoken = list(ElementTree.fromstring(document).iter("Say"))
    assert {(one.get("voice"), one.get("language")) for one in spoken} == {("Polly.Joanna", "en-US")}


@pytest.mark.parametrize(
    ("words", "spoken"),
    [
        ("Code 4 7 1 1.", "Code 4 7 1 1."),
        ('<Say> & "so"', '<Say> & "so"'),
        ("two\n lines", "two lines"),
        ("no\x00thing\x0b odd\ud800\ufffe", "nothing odd"),
        ("Peña", "Peña"),
    ],
)
def test_words_that_xml_could_not_hold_do_not_break_the_document(words: str, spoken: str) -> None:
    assert verbs(say(words)) == (Say(spoken), Hangup())


@pytest.mark.parametrize(
    "document",
    [
        "", "Sorry", "<Reply/>", "<Response>", "<Response><Dial>+15551230001</Dial></Response>",
        "<Response><say>lower case</say></Response>", '<Response><Gather method="GET"/></Response>',
        '<Response><Gather numDigits="one"/></Response>', "<Response><Gather><Play/></Gather></Response>",
    ],
)  # fmt: skip
def test_the_twin_reads_nothing_else(document: str) -> None:
    with pytest.raises(BadTwiml):
        verbs(document)


@pytest.mark.parametrize(
    ("gather", "pressed", "taken"),
    [
        ('numDigits="1"', "12", "1"), ("", "12#3", "12"), ('finishOnKey=""', "1#", "1#"),
        ('finishOnKey="*" numDigits="4"', "12*", "12"), ("", "#", ""), ('numDigits="1"', "", ""),
    ],
)  # fmt: skip
def test_what_counts_of_the_keys(gather: str, pressed: str, taken: str) -> None:
    (verb,) = verbs(f"<Response><Gather {gather}/></Response>")
    assert isinstance(verb, Gather)
    assert verb.taken(pressed) == taken


def test_a_loop_is_said_as_often() -> None:
    assert verbs('<Response><Say loop="3">Hi <break/> you</Say></Response>') == (Say("Hi you"),) * 3
