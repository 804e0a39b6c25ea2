"""Opt-out, opt-in and help: the carrier's words and any other reasonable wording.

47 CFR 64.1200(a)(10), in force 2025-04-11: stop, quit, end, revoke, opt out, cancel, unsubscribe are valid by
themselves, and so is what a reasonable person would understand. A bare CANCEL therefore opts out; 'cancel my
visit' does not. Because the patient may have meant the visit, the answer says that the visit stands.
"""

import re
from enum import StrEnum

from bot.core.book import Policy
from bot.core.events import TextArrived
from nlp.reading import Intent

_NOT_LETTERS = re.compile(r"[^\w ]+")


class Gate(StrEnum):
    """What a text says about being texted at all."""

    STOP = "stop"
    START = "start"
    HELP = "help"


def gate(policy: Policy, text: TextArrived) -> Gate | None:
    """What the text asks of the gate: Twilio's own verdict first, then a bare word, then the reading."""
    if text.opt_out_type:
        return Gate(text.opt_out_type.lower()) if text.opt_out_type.lower() in set(Gate) else None
    word = bare(text.body)
    for words, meaning in (
        (policy.stop_words, Gate.STOP),
        (policy.start_words, Gate.START),
        (policy.help_words, Gate.HELP),
    ):
        if word in words:
            return meaning
    intents = (text.reading.intent, *text.reading.also) if text.reading else ()
    return Gate.STOP if Intent.STOP in intents else None


def bare(body: str) -> str:
    """The body as carriers compare it with their words: no case, no punctuation, single blanks."""
    return " ".join(_NOT_LETTERS.sub(" ", body).casefold().split())
