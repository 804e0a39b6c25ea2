"""What Twilio speaks in a call: TwiML that asks for a digit, or says something and hangs up."""

from twilio.twiml.voice_response import VoiceResponse

VOICE, LANGUAGE = "Polly.Joanna", "en-US"
WAIT_S = 10  # for a digit, once all is said
BREATH_S = 1
NOTHING_PRESSED = "No key was pressed. Goodbye."


def ask(*, words: str, action: str) -> str:
    """Say the words twice and wait for one digit, which Twilio posts to `action`; without one, hang up.

    A digit counts from the first word on. Codes and numbers are spoken as they stand in `words`.
    """
    twiml = VoiceResponse()
    gather = twiml.gather(
        input="dtmf", num_digits=1, finish_on_key="", timeout=WAIT_S, action=action, method="POST"
    )
    _say(gather, words)
    gather.pause(length=BREATH_S)
    _say(gather, words)
    _say(twiml, NOTHING_PRESSED)
    twiml.hangup()
    return str(twiml)


def say(words: str) -> str:
    """Say the words and hang up."""
    twiml = VoiceResponse()
    _say(twiml, words)
    twiml.hangup()
    return str(twiml)


def _say(verb: VoiceResponse, words: str) -> None:
    """Only what XML can hold: a document that Twilio can't read would end the call unheard."""
    spoken = "".join(char for char in " ".join(words.split()) if char.isprintable())
    verb.say(spoken, voice=VOICE, language=LANGUAGE)
