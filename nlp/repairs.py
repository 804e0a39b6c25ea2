"""What the sender wants of the conversation itself: the question again, the one before, or none of it.

Only a message that says nothing else counts: "back" goes back, "back pain" and "i am back" don't.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from nlp.intents import whole
from nlp.lexicon import Lexicon
from nlp.phrases import Match
from nlp.reading import Repair


@dataclass(frozen=True, slots=True)
class Asked:
    """The repair and the words that ask for it."""

    repair: Repair
    match: Match


def asked_of_talk(words: tuple[str, ...], found: Mapping[str, list[Match]], lexicon: Lexicon) -> Asked | None:
    """The repair that the message asks for, if it asks for nothing else."""
    for repair in Repair:
        match = whole(words, found.get(f"repair:{repair}", ()), lexicon.repair_courtesy)
        if match is not None:
            return Asked(repair, match)
    return None
