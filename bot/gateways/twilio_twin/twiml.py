"""TwiML of a call, as far as careline writes it: Say, Pause, Gather, Hangup. Anything else is refused.

Twilio itself skips a verb that it does not know; a stand-in that did so would hide our mistakes.
Source: https://www.twilio.com/docs/voice/twiml, read 2026-11.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

MOST_REPEATS = 10  # loop="0" means for ever


class BadTwiml(ValueError):
    """The document is no TwiML, or holds a verb that the twin does not know."""


@dataclass(frozen=True, slots=True)
class Say:
    """Words to be spoken."""

    words: str


@dataclass(frozen=True, slots=True)
class Gather:
    """Words to be spoken, then a wait for digits. `action`: where they go, as it stands in the document."""

    says: tuple[Say, ...]
    action: str
    most: int | None
    finish: str

    def taken(self, pressed: str) -> str:
        """What counts of the keys that were pressed; blank: nothing does, as if none had been."""
        digits = pressed.split(self.finish, 1)[0] if self.finish else pressed
        return digits[: self.most]


@dataclass(frozen=True, slots=True)
class Hangup:
    """The end of the call."""


Verb = Say | Gather | Hangup


def verbs(document: str) -> tuple[Verb, ...]:
    """What the document says to do, in its order. Raises BadTwiml."""
    try:
        root = ElementTree.fromstring(document)  # noqa: S314 — it comes from the application under test
    except ElementTree.ParseError as error:
        raise BadTwiml from error
    if root.tag != "Response":
        raise BadTwiml
    return tuple(verb for element in root for verb in _verbs(element))


def _verbs(element: Element) -> Iterator[Verb]:
    if element.tag == "Say":
        yield from _says(element)
    elif element.tag == "Gather":
        yield _gather(element)
    elif element.tag == "Hangup":
        yield Hangup()
    elif element.tag != "Pause":
        raise BadTwiml


def _says(element: Element) -> Iterator[Say]:
    words = " ".join("".join(element.itertext()).split())
    loop = _number(element.get("loop", "1"))
    for _ in range(min(loop, MOST_REPEATS) or MOST_REPEATS):
        yield Say(words)


def _gather(element: Element) -> Gather:
    if element.get("method", "POST") != "POST" or any(one.tag not in ("Say", "Pause") for one in element):
        raise BadTwiml
    says = tuple(say for one in element if one.tag == "Say" for say in _says(one))
    most = element.get("numDigits")
    return Gather(
        says=says,
        action=element.get("action", ""),
        most=_number(most) if most is not None else None,
        finish=element.get("finishOnKey", "#"),
    )


def _number(text: str) -> int:
    if not text.isdecimal():
        raise BadTwiml
    return int(text)
