"""The one door of the library: `Reader.read` takes a text and gives all that was understood of it.

The order doesn't matter to the caller and is this: plain words, mended spelling, language, every pattern of
every lexicon at once, then level, intent, answer and dates from what was found. Nothing is remembered from
one text to the next, nothing is logged, and no text raises an exception.
"""

from datetime import datetime
from pathlib import Path

from nlp import intents, lexicon, replies, safety
from nlp.dates.grammar import Grammar
from nlp.dates.resolve import wished
from nlp.language import language_of
from nlp.measures import measure
from nlp.normalise import Text, is_end, normalise
from nlp.numbers import find_numbers
from nlp.phrases import Hit, Match
from nlp.reading import Expect, Intent, Level, Reading, Value, Why

MANY = 12
"""Reasons that a reading names at most."""

_OPENERS = frozenset(
    {
        ",",
        "hi",
        "hello",
        "hey",
        "hola",
        "disculpe",
        "dias",
        "tardes",
        "noches",
        "and",
        "so",
        "ok",
        "y",
        "oiga",
    }
)


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
        language: str | None = None,
        now: datetime | None = None,
    ) -> Reading:
        """What the text says.

        `expect` is what was asked, `language` what the patient prefers (the text may be in the other one),
        `now` the moment on the patient's clock; without it no dates are read.
        """
        plain = normalise(text)
        words = self._lexicon.speller.mend(plain.words)
        numerals = find_numbers(words, self._lexicon.numbers)
        measured = measure(words, numerals, self._lexicon.measures)
        measured["start"], measured["end"] = _starts(words), _ends(words)
        found = _by_rule(self._lexicon.book.find(words, measured))
        verdict = safety.judge(words, found, self._lexicon)
        wish = _overruled(intents.wish(words, found, self._lexicon), verdict.level)
        message = replies.Message(
            words=words,
            numerals=numerals,
            found=found,
            lexicon=self._lexicon,
            grammar=self._grammar,
            now=now,
        )
        value, sure = replies.answer(expect, message) if expect is not None else (None, 0.0)
        when = wished(self._grammar.read(words), self._grammar, now) if now is not None else None
        return Reading(
            language=language_of(plain, words, self._lexicon.function_words, language),
            level=verdict.level,
            category=verdict.category,
            intent=wish.intent,
            also=wish.also,
            value=value,
            when=when,
            confidence=_confidence(value, sure, verdict, wish),
            why=_why(plain, verdict, wish),
        )


def _starts(words: tuple[str, ...]) -> list[Hit]:
    """Where something begins to be said: patterns name it `@start`."""
    return [
        Hit(index, index)
        for index in range(len(words))
        if index == 0 or is_end(words[index - 1]) or words[index - 1] in _OPENERS
    ]


def _ends(words: tuple[str, ...]) -> list[Hit]:
    """Where something has been said: patterns name it `@end`."""
    return [
        Hit(index, index)
        for index in range(len(words) + 1)
        if index == len(words) or is_end(words[index]) or words[index] == ","
    ]


def _by_rule(matches: list[Match]) -> dict[str, list[Match]]:
    found: dict[str, list[Match]] = {}
    for match in matches:
        found.setdefault(match.rule, []).append(match)
    return found


def _overruled(wish: intents.Wish, level: Level) -> intents.Wish:
    """An emergency is no wish for another time; only the wish to get no more texts stays one."""
    if level not in {Level.EMERGENCY, Level.CRISIS} or wish.intent in {Intent.STOP, Intent.OTHER}:
        return wish
    return intents.Wish(Intent.OTHER, (wish.intent, *wish.also), wish.confidence, wish.match)


def _confidence(value: Value | None, sure: float, verdict: safety.Verdict, wish: intents.Wish) -> float:
    if value is not None:
        return sure
    return verdict.confidence if verdict.level is not Level.NONE else wish.confidence


def _why(plain: Text, verdict: safety.Verdict, wish: intents.Wish) -> tuple[Why, ...]:
    reasons = [finding.match for finding in verdict.findings]
    if wish.match is not None:
        reasons.append(wish.match)
    return tuple(
        Why(rule=match.rule, start=start, end=end)
        for match in reasons[:MANY]
        for start, end in [plain.offsets(match.start, match.end)]
    )
