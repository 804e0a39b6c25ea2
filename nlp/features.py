"""What the trained model sees of a message: its words and their neighbours, letters, and what the rules found.

Three blocks of named features, each with the words that it stands for. Words are seen as mended, letters as
typed, so that a slip that no speller knows still looks like its word. A word of the lexicon is seen by the
name of its list too ("chest hurts" is also "<chest> <hurts>"), and words behind a denial with a mark.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from nlp.lexicon import Lexicon
from nlp.message import Message
from nlp.normalise import is_end
from nlp.safety import Verdict

SHORTEST, LONGEST = 2, 5
"""Letters of the pieces of words."""

DENIED_REACH = 3
"""Words behind a denial that are marked."""

Span = tuple[int, int]
"""The words from an index up to, not including, another."""

Block = Mapping[str, Span]


@dataclass(frozen=True, slots=True)
class Features:
    """Names of what is there, each with its first place. What rules found may have no place: an empty span."""

    words: Block
    letters: Block
    rules: Block

    @property
    def blocks(self) -> tuple[Block, Block, Block]:
        """All, in the order in which the model numbers them."""
        return self.words, self.letters, self.rules


def features(message: Message, verdict: Verdict) -> Features:
    """Everything that the model may weigh."""
    return Features(
        words=_first(_of_words([_number(word) for word in message.words], message.lexicon)),
        letters=_first(_of_letters(message.text.words)),
        rules=_first(_of_rules(message, verdict)),
    )


def _first(named: Iterator[tuple[str, Span]]) -> Block:
    found: dict[str, Span] = {}
    for name, span in named:
        found.setdefault(name, span)
    return found


def _number(word: str) -> str:
    """Numbers by how many digits they have: what exactly was measured is for the rules."""
    if not word[0].isdigit():
        return word
    return f"#{len(word.partition('.')[0])}" if len(word) > 1 or word in "089" else word


def _of_words(words: list[str], lexicon: Lexicon) -> Iterator[tuple[str, Span]]:
    yield from _neighbours(words, threes=True)
    listed = [lexicon.listed.get(word, word) for word in words]
    if listed != words:
        yield from _neighbours(listed, threes=False)
    left = 0
    for index, word in enumerate(words):
        if (word,) in lexicon.denials.before:
            left = DENIED_REACH
        elif is_end(word) or word in lexicon.denials.stops:
            left = 0
        elif left:
            left -= 1
            yield f"no~{listed[index]}", (index, index + 1)


def _neighbours(words: Sequence[str], *, threes: bool) -> Iterator[tuple[str, Span]]:
    """Each word, each two and three in a row, and two with one between; "^" and "$" are beside the ends."""
    bounded = ["^", *words, "$"]
    for index, word in enumerate(words):
        yield word, (index, index + 1)
    for index, (one, two) in enumerate(pairwise(bounded)):
        yield f"{one} {two}", (index - 1, index + 1)
    for index, (one, two) in enumerate(zip(words, words[2:], strict=False)):
        yield f"{one} .. {two}", (index, index + 3)
    if threes:
        for index in range(len(bounded) - 2):
            yield " ".join(bounded[index : index + 3]), (index - 1, index + 2)


def _of_letters(words: Sequence[str]) -> Iterator[tuple[str, Span]]:
    for index, word in enumerate(words):
        framed, span = f"_{word}_", (index, index + 1)
        for size in range(SHORTEST, LONGEST + 1):
            for start in range(len(framed) - size + 1):
                yield framed[start : start + size], span


_PLACES = frozenset({"start", "end", "number"})
_TOLD = frozenset({"context", "present", "intent", "whole", "reply"})


def _of_rules(message: Message, verdict: Verdict) -> Iterator[tuple[str, Span]]:
    nowhere = (0, 0)
    standing = {finding.match.rule for finding in verdict.findings}
    yield f"level={verdict.level}", nowhere
    yield f"excused={verdict.excused}", nowhere
    yield f"wish={message.wish.intent} {message.wish.confidence}", nowhere
    yield from ((f"also={intent}", nowhere) for intent in message.wish.also)
    yield from ((f"measured={name}", nowhere) for name in message.measured if name not in _PLACES)
    contexts = [rule for rule in message.found if rule.startswith("context:")]
    for rule, matches in message.found.items():
        kind, _, name = rule.partition(":")
        span = (matches[0].start, matches[0].end)
        if kind == "alarm":
            how = "+" if rule in standing else "-"
            level = message.lexicon.alarms[name].level
            yield from ((how + what, span) for what in (name, level))
            yield from ((f"{how}{level} {context}", span) for context in contexts)
        elif kind in _TOLD:
            yield rule, span
