"""What the sender wants: the intents of `data/intents.yaml`, in the order that the file gives.

More than one may be found: "yes but can I come at 4 instead" is a wish for another time that also says yes.
The first of the order is the intent, the others are told beside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nlp.lexicon import Lexicon
from nlp.phrases import Match
from nlp.reading import Intent

WHOLE, SAID, MIXED, UNKNOWN = 0.95, 0.85, 0.7, 0.2
"""Confidence: the message is nothing but the intent; it says it; it says others too; it says none."""


@dataclass(frozen=True, slots=True)
class Wish:
    """The intent, what else was found, how sure that is, and the match that decided. `excepted`: intents whose words
    are there and mean something else ("take me off the lisinopril")."""

    intent: Intent
    also: tuple[Intent, ...]
    confidence: float
    match: Match | None
    excepted: frozenset[Intent] = frozenset()


def wish(words: tuple[str, ...], found: Mapping[str, list[Match]], lexicon: Lexicon) -> Wish:
    """What the message asks for. `found`: the matches by rule name, with their role in front."""
    said: dict[Intent, tuple[Match, bool]] = {}
    excepted: set[Intent] = set()
    for intent in lexicon.intents:
        exceptions = found.get(f"not:{intent}", ())
        alone = whole(words, found.get(f"whole:{intent}", ()), lexicon.courtesy)
        if alone is not None:
            said[intent] = (alone, True)
            continue
        match = next(
            (hit for hit in found.get(f"intent:{intent}", ()) if not _excepted(hit, exceptions)), None
        )
        if match is not None:
            said[intent] = (match, False)
        elif found.get(f"intent:{intent}"):
            excepted.add(intent)
    if not said:
        return Wish(Intent.OTHER, (), UNKNOWN, None, frozenset(excepted))
    intent = next((intent for intent, (_, alone) in said.items() if alone), next(iter(said)))
    match, whole_message = said[intent]
    also = tuple(other for other in said if other is not intent)
    confidence = WHOLE if whole_message else SAID if not _rivals(also) else MIXED
    return Wish(intent, also, confidence, match, frozenset(excepted))


def whole(words: tuple[str, ...], matches: Sequence[Match], courtesy: frozenset[str]) -> Match | None:
    """The match beside which nothing but courtesy is said."""
    for match in sorted(matches, key=lambda match: match.start - match.end):
        rest = words[: match.start] + words[match.end :]
        if all(word in courtesy for word in rest):
            return match
    return None


def _excepted(match: Match, exceptions: Sequence[Match]) -> bool:
    return any(
        exception.start < part.end and part.start < exception.end
        for exception in exceptions
        for part in match.parts
    )


def _rivals(also: tuple[Intent, ...]) -> bool:
    """Courtesy and a question beside a wish don't make it less sure."""
    return any(intent not in {Intent.THANKS, Intent.QUESTION, Intent.CONFIRM} for intent in also)
