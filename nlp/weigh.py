"""The last word on a message: what the rules found and what the models hold likely, put together.

The models know what the rules found, so mostly their opinion is the last word. Two things are not left to a plain
majority. Missing an emergency is the worst error: a message goes to a nurse unless the models hold it harmless with
`HARMLESS_FROM` at least. And an ambulance isn't sent, nor a crisis called, on a hunch: below `GRAVE_FROM` the level
is `urgent`, so that a nurse decides; of what sounds like ordinary talk ("im dying lol") more is asked. A clinic's own
words (`nlp.own`) stand over all of it.
"""

from dataclasses import dataclass

from nlp.intents import Wish
from nlp.opinion import Opinion
from nlp.phrases import Match
from nlp.reading import Intent, Level
from nlp.safety import RANK, SURE, Verdict

HARMLESS_FROM = 0.6
"""How likely `none` must be for a message to be left alone."""

GRAVE_FROM = 0.5
"""How likely emergency and crisis together must be for the message to be one of them."""

GRAVE_IF_FOUND_FROM = 0.4
"""The same, where the rules found one of them; then it isn't held against it that it sounds like ordinary talk."""

TALK_FROM = 0.1
"""How likely ordinary talk may be before it counts against an emergency: from there on, as its odds rise, those of an
emergency fall."""

CRY_BELOW = 0.3
"""How likely ordinary talk may be for a few words to be taken at their word."""

STORY_FROM = 0.97
"""How likely `none` must be for a few plain words to be no cry."""

BESIDE_FROM = 0.3
"""How likely an intent must be to be told beside the first."""


GRAVE = frozenset({Level.EMERGENCY, Level.CRISIS})


@dataclass(frozen=True, slots=True)
class Judged:
    """Level and intent with how sure each is, in [0, 1]. `learned`: no rule says so, the models do;
    `own`: the clinic's own words decided."""

    level: Level
    category: str | None
    sure_of_level: float
    intent: Intent
    also: tuple[Intent, ...]
    sure_of_intent: float
    learned: bool
    own: Match | None = None


def weigh(
    verdict: Verdict, wish: Wish, opinion: Opinion, *, only_numbers: bool = False, short: bool = False
) -> Judged:
    """Level, category and intent of a message.

    Of numbers alone the models know nothing: rules measure them. And a cry of a few words ("no i have chest pain") is
    what it says, unless the models are certain of more than that: there is little in it that could make it a story.
    """
    level, sure = _level(opinion, verdict)
    plain = short and verdict.level in GRAVE and verdict.confidence >= SURE
    cries = plain and opinion.ordinary < CRY_BELOW and opinion.level[Level.NONE] < STORY_FROM
    if (only_numbers or cries) and level is not verdict.level:
        level, sure = verdict.level, verdict.confidence
    intent, also, sure_of_intent = _intent(wish, opinion, level)
    return Judged(
        level=level,
        category=_category(level, verdict, opinion),
        sure_of_level=sure,
        intent=intent,
        also=also,
        sure_of_intent=sure_of_intent,
        learned=level is not Level.NONE and RANK[verdict.level] < RANK[level],
    )


def _level(opinion: Opinion, verdict: Verdict) -> tuple[Level, float]:
    """`urgent` is as sure as that the message isn't harmless: it may well be worse."""
    likely = opinion.level
    grave = likely[Level.EMERGENCY] + likely[Level.CRISIS]
    if verdict.level in GRAVE:
        called = grave >= GRAVE_IF_FOUND_FROM
    else:
        called = _odds(grave) / max(1.0, _odds(opinion.ordinary) / _odds(TALK_FROM)) >= _odds(GRAVE_FROM)
    if called:
        level = max((Level.EMERGENCY, Level.CRISIS), key=lambda level: likely[level])
        return level, likely[level]
    if likely[Level.NONE] >= HARMLESS_FROM:
        return Level.NONE, likely[Level.NONE]
    return Level.URGENT, 1 - likely[Level.NONE]


def _odds(likely: float) -> float:
    return likely / max(1 - likely, 1e-9)


def _category(level: Level, verdict: Verdict, opinion: Opinion) -> str | None:
    """That of the rules where they found this level, else the most likely."""
    if level is Level.NONE:
        return None
    if verdict.level is level:
        return verdict.category
    return max(opinion.category, key=lambda name: opinion.category[name])


def _intent(wish: Wish, opinion: Opinion, level: Level) -> tuple[Intent, tuple[Intent, ...], float]:
    """An emergency is no wish for another time; only the wish to get no more texts stays one."""
    possible = {name: likely for name, likely in opinion.intent.items() if name not in wish.excepted}
    ranked = sorted(possible, key=lambda name: -possible[name])
    first, sure = Intent(ranked[0]), opinion.intent[ranked[0]]
    beside = [
        wish.intent,
        *wish.also,
        *(Intent(name) for name in ranked[1:] if opinion.intent[name] >= BESIDE_FROM),
    ]
    grave = level in GRAVE and first is not Intent.STOP
    if grave:
        beside, first = [first, *beside], Intent.OTHER
    also = dict.fromkeys(intent for intent in beside if intent not in {first, Intent.OTHER})
    return first, tuple(also), sure
