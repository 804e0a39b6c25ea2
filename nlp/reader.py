"""The one door of the library: `Reader.read` takes a text and gives all that was understood of it.

The order doesn't matter to the caller and is this: plain words, mended spelling, language, every pattern of
every lexicon at once, then level, intent, answer and dates from what was found. Nothing is remembered from
one text to the next, nothing is logged, and no text raises an exception.
"""

from datetime import datetime
from pathlib import Path

from nlp import intents, lexicon, replies, safety
from nlp.corrections import Corrected, correction
from nlp.dates.grammar import Grammar
from nlp.language import language_of
from nlp.message import Message, understand
from nlp.reading import Choice, Expect, Intent, Level, Reading, Value, Why
from nlp.repairs import Asked

MANY = 12
"""Reasons that a reading names at most."""


class Reader:
    """Reads texts. Made once per process: loading the lexicons takes about a second."""

    def __init__(self, *, lexicons: Path | None = None) -> None:
        self._lexicon = lexicon.load(lexicons or lexicon.DATA)
        self._grammar = Grammar(self._lexicon.dates, self._lexicon.numbers)

    def read(
        self,
        text: str,
        *,
        expect: Expect | None = None,
        before: Expect | None = None,
        language: str | None = None,
        now: datetime | None = None,
    ) -> Reading:
        """What the text says.

        `expect` is what was asked; `before` what the question before that asked, without which no
        correction is looked for; `language` what the patient prefers (the text may be in the other one);
        `now` the moment on the patient's clock, without which no dates are read.
        """
        message = understand(text, self._lexicon, self._grammar, now)
        verdict = safety.judge(message.words, message.found, self._lexicon)
        wish = _overruled(message.wish, verdict.level)
        value, sure = replies.answer(expect, message) if expect is not None else (None, 0.0)
        repair = _unless_chosen(message.repair, expect, value)
        corrected = correction(before, expect, message) if before is not None else None
        return Reading(
            language=language_of(message.text, message.words, self._lexicon.function_words, language),
            level=verdict.level,
            category=verdict.category,
            intent=wish.intent,
            also=wish.also,
            value=value,
            when=message.when,
            repair=repair.repair if repair else None,
            correction=corrected.value if corrected else None,
            confidence=_confidence(value, sure, verdict, wish),
            why=_why(message, verdict, wish, repair, corrected),
        )


def _unless_chosen(asked: Asked | None, expect: Expect | None, value: Value | None) -> Asked | None:
    """Among options that name it, "back" is a part of the body."""
    return None if isinstance(expect, Choice) and value is not None else asked


def _overruled(wish: intents.Wish, level: Level) -> intents.Wish:
    """An emergency is no wish for another time; only the wish to get no more texts stays one."""
    if level not in {Level.EMERGENCY, Level.CRISIS} or wish.intent in {Intent.STOP, Intent.OTHER}:
        return wish
    return intents.Wish(Intent.OTHER, (wish.intent, *wish.also), wish.confidence, wish.match)


def _confidence(value: Value | None, sure: float, verdict: safety.Verdict, wish: intents.Wish) -> float:
    if value is not None:
        return sure
    return verdict.confidence if verdict.level is not Level.NONE else wish.confidence


def _why(
    message: Message,
    verdict: safety.Verdict,
    wish: intents.Wish,
    repair: Asked | None,
    corrected: Corrected | None,
) -> tuple[Why, ...]:
    others = [part.match for part in (wish, repair, corrected) if part is not None and part.match is not None]
    reasons = [*(finding.match for finding in verdict.findings), *others]
    return tuple(
        Why(rule=match.rule, start=start, end=end)
        for match in reasons[:MANY]
        for start, end in [message.text.offsets(match.start, match.end)]
    )
