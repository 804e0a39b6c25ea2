"""The one door of the library: `Reader.read` takes a text and gives all that was understood of it.

The order doesn't matter to the caller and is this: plain words, mended spelling, every pattern of every lexicon
at once; what the rules make of the level; what the trained models hold likely; both together, and a clinic's own
words over both; then answer, dates and language. Nothing is remembered from one text to the next, nothing is
logged, and no text raises an exception.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from nlp import lexicon, linear, replies, safety
from nlp.corrections import correction
from nlp.dates.grammar import Grammar
from nlp.explain import explained, reasons
from nlp.language import language_of
from nlp.message import Message, understand
from nlp.network import Network
from nlp.normalise import PUNCTUATION, plain_words
from nlp.opinion import Opinion, Opinions
from nlp.own import compiled
from nlp.reading import (
    BloodPressure,
    Choice,
    Date,
    Expect,
    Explanation,
    Intent,
    Level,
    Number,
    OwnWords,
    Reading,
    Scale,
    Value,
    When,
    YesNo,
)
from nlp.repairs import Asked
from nlp.safety import Verdict
from nlp.weigh import Judged, weigh

CRY = 6
"""Words up to which an alarm is taken at its word."""

EDITIONS = 8
"""Own words that are kept compiled: a clinic has the current edition and a few that conversations still go on with."""


@dataclass(frozen=True, slots=True)
class _Looked:
    """All that leads to the level and the intent of one message."""

    message: Message
    verdict: Verdict
    opinion: Opinion
    judged: Judged


class Reader:
    """Reads texts. Made once per process: loading takes more than a second. Threads may share it."""

    def __init__(self, *, lexicons: Path | None = None) -> None:
        self._lexicon = lexicon.load(lexicons or lexicon.DATA)
        self._grammar = Grammar(self._lexicon.dates, self._lexicon.numbers)
        self._opinions = Opinions(linear.load(), Network())
        self._own = lru_cache(maxsize=EDITIONS)(lambda words: compiled(words, self._lexicon))

    def read(
        self,
        text: str,
        *,
        expect: Expect | None = None,
        before: Expect | None = None,
        language: str | None = None,
        now: datetime | None = None,
        own: OwnWords | None = None,
    ) -> Reading:
        """What the text says.

        `expect` is what was asked; `before` what the question before that asked, without which no
        correction is looked for; `language` what the patient prefers (the text may be in the other one);
        `now` the moment on the patient's clock, without which no dates are read; `own` the words that the
        clinic has added or lowered.
        """
        looked = self._look(text, now, own)
        message = looked.message
        value, sure = replies.answer(expect, message) if expect is not None else (None, 0.0)
        judged = _as_answered(looked, expect, value)
        repair = _unless_chosen(message.repair, expect, value)
        corrected = correction(before, expect, message) if before is not None else None
        return Reading(
            language=language_of(message, looked.opinion.language, language),
            level=judged.level,
            category=judged.category,
            intent=judged.intent,
            also=judged.also,
            value=value,
            when=message.when,
            repair=repair.repair if repair else None,
            correction=corrected.value if corrected else None,
            confidence=_confidence(value, sure, judged),
            level_confidence=judged.sure_of_level,
            why=reasons(
                message, looked.verdict, looked.opinion, judged, [repair, corrected], self._opinions.linear
            ),
        )

    def explain(self, text: str, *, now: datetime | None = None, own: OwnWords | None = None) -> Explanation:
        """How level and intent came about: what the rules found, kept and excused, and what the models hold likely."""
        looked = self._look(text, now, own)
        return explained(looked.message, looked.verdict, looked.opinion, looked.judged, self._opinions.linear)

    def _look(self, text: str, now: datetime | None, own: OwnWords | None) -> _Looked:
        looked = self._judge(text, now)
        if own is None or not (own.added or own.lowered):
            return looked
        judged = self._own(own).over(
            looked.message, looked.judged, lambda rest: self._judge(rest, None).judged
        )
        return replace(looked, judged=judged)

    def _judge(self, text: str, now: datetime | None) -> _Looked:
        message = understand(text, self._lexicon, self._grammar, now)
        verdict = safety.judge(message.words, message.found, self._lexicon)
        opinion = self._opinions.of(message, verdict)
        short = len(message.words) <= CRY
        judged = weigh(verdict, message.wish, opinion, only_numbers=_only_numbers(message), short=short)
        return _Looked(message, verdict, opinion, judged)


def _only_numbers(message: Message) -> bool:
    return all(word[0].isdigit() or word in PUNCTUATION for word in message.words)


_BESIDE: Mapping[type, int] = {YesNo: 1, Scale: 2, Number: 2, BloodPressure: 2, Date: 3, When: 3}
"""Words with letters that may stand in what is nothing but an answer."""


def _as_answered(looked: _Looked, expect: Expect | None, value: Value | None) -> Judged:
    """What is nothing but the answer to a question says no more than that, unless a rule says so."""
    judged, message, verdict = looked.judged, looked.message, looked.verdict
    if value is None or not _only_answers(expect, value, message):
        return judged
    if judged.learned:
        judged = replace(judged, level=verdict.level, category=verdict.category, learned=False)
    if judged.intent not in {message.wish.intent, *message.wish.also}:
        judged = replace(judged, intent=Intent.OTHER)
    return judged


def _only_answers(expect: Expect | None, value: Value, message: Message) -> bool:
    counted = {index for numeral in message.numerals for index in range(numeral.start, numeral.end)}
    words = [word for index, word in enumerate(message.text.words) if index not in counted]
    said = [word for word in words if word[0].isalpha()]
    if isinstance(expect, Choice):
        wordings = expect.options.get(str(value), ())
        known = {word for wording in wordings for word in plain_words(wording)}
        return len([word for word in said if word not in known]) <= 1
    return len(said) <= _BESIDE.get(type(expect), -1)


def _unless_chosen(asked: Asked | None, expect: Expect | None, value: Value | None) -> Asked | None:
    """Among options that name it, "back" is a part of the body."""
    return None if isinstance(expect, Choice) and value is not None else asked


def _confidence(value: Value | None, sure: float, judged: Judged) -> float:
    """Of what the asker needs: the answer, else the level if somebody must look, else the intent."""
    if value is not None:
        return sure
    return judged.sure_of_level if judged.level is not Level.NONE else judged.sure_of_intent
