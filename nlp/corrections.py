"""The right answer to the question before: "sorry i meant 4", "no wait, 7 not 6", "me equivoqué, es 5".

It takes a phrase of `data/corrections.yaml` where something begins to be said, and a value for what was
asked before. In doubt nothing is corrected: the text then answers the present question or none.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from nlp.message import Message, understand
from nlp.normalise import PUNCTUATION, is_end
from nlp.phrases import Match
from nlp.reading import Anything, Choice, Expect, FreeText, Number, Photo, Scale, Value, YesNo
from nlp.replies import answer

LONGEST = 8
"""Words that the right answer may take, unless any text is an answer."""

MANY = 3
"""Phrases of a kind that are looked at, the last ones; more are no correction but a jumble."""

_KINDS = ("said", "meant", "admits", "swaps")
_TURNS = frozenset({",", "but", "pero", "and", "y"})
_WAITS = frozenset({"wait", "espere", "espera"})
_TEXTS = (FreeText, Anything)

Span = tuple[int, int]
"""The words from an index up to, not including, another."""


@dataclass(frozen=True, slots=True)
class Corrected:
    """The right answer, and the phrase that says it is one."""

    value: Value
    match: Match


@dataclass(frozen=True, slots=True)
class _Case:
    """A text that may correct the answer to `before`, while `expect` is asked."""

    before: Expect
    expect: Expect | None
    message: Message

    @property
    def words(self) -> tuple[str, ...]:
        return self.message.words

    def matches(self, kind: str) -> list[Match]:
        """The phrases of a kind that nothing excepts, the last and longest first."""
        exceptions = self.message.found.get("corrects:not", ())
        kept = [
            match
            for match in self.message.found.get(f"corrects:{kind}", ())
            if not any(one.start < match.end and match.start < one.end for one in exceptions)
        ]
        return sorted(kept, key=lambda match: (-match.end, match.start))[:MANY]

    def raw(self, span: Span) -> str:
        """The words as they were sent."""
        first, last = self.message.text.offsets(*span)
        return self.message.text.raw[first:last]

    def read(self, raw: str) -> Message:
        """A part of the text, read as if it were the whole message."""
        return understand(raw, self.message.lexicon, self.message.grammar, self.message.now)


def correction(before: Expect, expect: Expect | None, message: Message) -> Corrected | None:
    """The right answer to `before`, if the text gives one. `expect` is what the present question asks."""
    if isinstance(before, Photo) or not any(rule.startswith("corrects:") for rule in message.found):
        return None
    case = _Case(before, expect, message)
    if isinstance(before, _TEXTS):
        return _text(case)
    return _earlier(case) or next((found for kind in _KINDS if (found := _behind(case, kind))), None)


# -- kinds of corrections ----------------------------------------------------------------------------


def _text(case: _Case) -> Corrected | None:
    """Any text would do as an answer: only a message that begins with the correction counts."""
    for match in case.matches("meant"):
        tail = case.raw((match.end, len(case.words))).strip(" :,;.-\n")
        if tail and not _without_leads(case, match.start) and not _is_wish(case.words, match):
            value = answer(case.before, case.read(tail))[0]
            if value is not None:
                return Corrected(value, match)
    return None


def _earlier(case: _Case) -> Corrected | None:
    """An earlier question is named: the right answer is what stands beside."""
    for match in case.matches("earlier"):
        taken = {index for part in match.parts for index in range(part.start, part.end)}
        rest = [(index, index + 1) for index in range(len(case.words)) if index not in taken]
        value = _value(case, " ".join(map(case.raw, rest))) if len(rest) <= 2 * LONGEST else None
        if value is not None:
            return Corrected(value, match)
    return None


def _behind(case: _Case, kind: str) -> Corrected | None:
    """The right answer follows the phrase; "4 i meant" has it before."""
    for match in case.matches(kind):
        if not _joined(case, kind, match):
            continue
        tail = (match.end, _sentence_end(case.words, match.end))
        if not _is_empty(case.words[slice(*tail)]):
            value = _right(case, kind, tail) if _begins(case, match) else None
            if value is not None and not _of_this_message(case, kind, match, tail):
                return Corrected(value, match)
        elif kind == "meant":
            value = _right(case, kind, (0, match.start))
            if value is not None:
                return Corrected(value, match)
    return None


# -- where a phrase counts ---------------------------------------------------------------------------


def _joined(case: _Case, kind: str, match: Match) -> bool:
    """What stands in the gap of a phrase belongs to it: the wrong value in "i said 6 but", else nothing."""
    between = [index for part in match.parts for index in part.between]
    if kind == "said":
        return bool(between) and _value(case, case.raw((between[0], between[-1] + 1))) is not None
    leads = case.message.lexicon.corrections.leads
    return all(case.words[index] in leads for index in between) and not _is_wish(case.words, match)


def _is_wish(words: tuple[str, ...], match: Match) -> bool:
    """ "I meant to bring it" is no correction."""
    return words[match.end - 1] == "meant" and words[match.end : match.end + 1] == ("to",)


def _begins(case: _Case, match: Match) -> bool:
    """Whether the phrase begins what is said, but for apologies."""
    for word in reversed(case.words[: match.start]):
        if is_end(word) or word in _TURNS:
            return True
        if word not in case.message.lexicon.corrections.leads:
            return False
    return True


def _without_leads(case: _Case, end: int) -> list[str]:
    """The words before a phrase that are more than an apology. A "no" is more where it would be an answer."""
    leads = case.message.lexicon.corrections.leads
    answers = isinstance(case.before, YesNo) and isinstance(case.expect, YesNo)
    return [
        word
        for index, word in enumerate(case.words[:end])
        if not (word in leads or is_end(word))
        or (word == "no" and answers and case.words[index + 1] not in _WAITS)
    ]


def _of_this_message(case: _Case, kind: str, match: Match, tail: Span) -> bool:
    """Whether an answer in this very text is put right ("6, sorry i meant 7"), or the present one given."""
    told = kind == "said" or any(one.end <= match.start for one in case.matches("told"))
    if told or case.matches("earlier"):
        return False
    head = case.read(case.raw((0, match.start))) if _without_leads(case, match.start) else None
    if kind == "admits" and head is not None and answer(case.before, head)[0] is not None:
        return True
    if case.expect is None or isinstance(case.expect, _TEXTS):
        return False
    if answer(case.expect, case.read(case.raw(tail)))[0] is None:
        return False
    if kind == "admits" and isinstance(case.expect, YesNo):
        return True
    return head is not None and answer(case.expect, head)[0] is not None


# -- the right value ---------------------------------------------------------------------------------


def _right(case: _Case, kind: str, span: Span) -> Value | None:
    for kept, refused in _sides(case, span):
        value = _value(case, case.raw(kept))
        if value is None:
            continue
        wrong = _value(case, case.raw(refused)) if refused is not None else None
        if kind != "swaps" or (wrong is not None and wrong != value):
            return value
    return None


def _sides(case: _Case, span: Span) -> Iterator[tuple[Span, Span | None]]:
    """The words that may have the right value, and those with the wrong one: "7 not 6", "not 6 but 7"."""
    table, (start, end) = case.message.lexicon.corrections, span
    while start < end and _is_pause(case.words, start, case.message.text.spans):
        start += 1
    refuses = table.refuses - {"no"} if isinstance(case.before, YesNo | Choice) else table.refuses
    at = next((index for index in range(start, end) if case.words[index] in refuses), None)
    if at is None:
        yield (start, end), None
        return
    turn = next((index for index in range(at + 2, end) if case.words[index] in table.instead), end)
    refused = (at + 1, turn)
    if not _is_empty(case.words[start:at]):
        yield (start, at), refused
    if turn < end:
        yield (turn + 1, end), refused
    if _value(case, case.raw(refused)) is None:
        yield (start, end), None


def _value(case: _Case, raw: str) -> Value | None:
    """What the words answer to the question before, if they say little else."""
    said = case.read(raw)
    if sum(word.isalnum() for word in said.words) > LONGEST:
        return None
    if isinstance(case.before, YesNo) and not _is_bare(said):
        return None
    if isinstance(case.before, Scale | Number) and _names_a_day(said):
        return None
    return answer(case.before, said)[0]


def _is_bare(said: Message) -> bool:
    """Whether there is nothing but a yes or a no: "no" answers, "no problem" doesn't."""
    hits = [hit for kind in ("yes", "no") for hit in said.found.get(f"reply:{kind}", ())]
    covered = {index for hit in hits for index in range(hit.start, hit.end)}
    fillers = said.lexicon.corrections.fillers
    return all(index in covered or word in fillers for index, word in enumerate(said.words))


def _names_a_day(said: Message) -> bool:
    names = (*said.lexicon.dates["months"].values(), *said.lexicon.dates["weekdays"].values())
    return any(word in listed for listed in names for word in said.words)


def _sentence_end(words: tuple[str, ...], start: int) -> int:
    """Where the sentence ends that begins at `start` or, behind a full stop, after it."""
    while start < len(words) and words[start] in PUNCTUATION:
        start += 1
    return next((index for index in range(start, len(words)) if is_end(words[index])), len(words))


def _is_empty(words: tuple[str, ...]) -> bool:
    return all(word in PUNCTUATION for word in words)


def _is_pause(words: tuple[str, ...], index: int, spans: tuple[Span, ...]) -> bool:
    """Punctuation, but for the sign of a number."""
    sign = words[index] == "-" and index + 1 < len(words) and spans[index][1] == spans[index + 1][0]
    return words[index] in PUNCTUATION and not sign
