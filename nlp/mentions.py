"""Where a text names an option of a choice: by its wording, or by words that mean the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nlp.lexicon import Lexicon
from nlp.normalise import PUNCTUATION
from nlp.phrases import Match
from nlp.values import Said, phrase_words

MEANS, NOT = "reply:means ", "reply:not "
"""Rules of `data/replies.yaml`: words for an option, and words that look like it and aren't."""

FREE = frozenset({"", ",", '"', "'"})
"""Don't part the words of a wording."""

Span = tuple[int, int]
"""The words from an index up to, not including, another."""

AHEAD = 3
"""Words that a "not" reaches."""

_TURNS = frozenset({*PUNCTUATION, "but", "pero", "just", "sino"})


def mentioned(
    wordings: Mapping[str, Sequence[tuple[str, ...]]],
    words: tuple[str, ...],
    found: Mapping[str, list[Match]],
    lexicon: Lexicon,
) -> list[Said]:
    """Each place where an option is named, from left to right; `value` is the place of the option in the list."""
    refusers, behind = refusers_of(lexicon), ruled_out_behind(words, lexicon)
    said: list[Said] = []
    meant = meanings(list(wordings.values()), lexicon)
    for index, (texts, names) in enumerate(zip(wordings.values(), meant, strict=True)):
        spans = [*_by_wording(texts, words, found, names), *_by_meaning(names, found)]
        said += [
            Said(float(index), start, end)
            for start, end in spans
            if refusers.words.intersection(words[start:end])
            or not (start in behind or refused(words, start, refusers))
        ]
    return _longest(said)


def _by_wording(
    texts: Sequence[tuple[str, ...]],
    words: tuple[str, ...],
    found: Mapping[str, list[Match]],
    names: Sequence[str],
) -> list[Span]:
    excepted = [match for name in ("option", *names) for match in found.get(NOT + name, ())]
    spans = {span for wording in texts for span in _verbatim(words, wording)}
    return [span for span in sorted(spans) if not any(_excepts(match, *span) for match in excepted)]


def _by_meaning(names: Sequence[str], found: Mapping[str, list[Match]]) -> list[Span]:
    spans: list[Span] = []
    for name in names:
        excepted = [*found.get(NOT + "option", ()), *found.get(NOT + name, ())]
        spans += [
            (match.start, match.end)
            for match in found.get(MEANS + name, ())
            if not any(_excepts(one, match.start, match.end) for one in excepted)
        ]
    return spans


@dataclass(frozen=True, slots=True)
class Refusers:
    """What rules out the words that follow: "not", "any but"."""

    words: frozenset[str]
    pairs: frozenset[tuple[str, ...]]


def refusers_of(lexicon: Lexicon) -> Refusers:
    """Those of `data/replies.yaml`."""
    pairs = map(phrase_words, lexicon.replies["refuser_pairs"])
    return Refusers(frozenset(lexicon.replies["refusers"]), frozenset(pairs))


def refused(words: tuple[str, ...], index: int, refusers: Refusers) -> bool:
    """Whether a word is ruled out by a "not" shortly before it."""
    for at in range(index - 1, max(-1, index - AHEAD - 1), -1):
        if words[at] in refusers.words or words[max(0, at - 1) : at + 1] in refusers.pairs:
            return True
        if words[at] in _TURNS:
            return False
    return False


def ruled_out_behind(words: tuple[str, ...], lexicon: Lexicon) -> set[int]:
    """The words that are ruled out by what stands behind them: "monday doesn't work"."""
    out: set[int] = set()
    for phrase in map(phrase_words, lexicon.replies["ruled_out_behind"]):
        for end in range(len(words)):
            if words[end : end + len(phrase)] != phrase:
                continue
            start = end
            while start and words[start - 1] not in _TURNS:
                start -= 1
            out |= set(range(start, end + len(phrase)))
    return out


def without_excepted(words: tuple[str, ...], found: Mapping[str, list[Match]]) -> tuple[str, ...]:
    """The words, those left out that only look like an option: "all right"."""
    excepted = {
        index
        for rule, matches in found.items()
        if rule.startswith(NOT)
        for match in matches
        for index in range(match.start, match.end)
    }
    return tuple("" if index in excepted else word for index, word in enumerate(words))


def meanings(options: Sequence[Sequence[tuple[str, ...]]], lexicon: Lexicon) -> list[list[str]]:
    """For each option the names under `options` that have one of its wordings, or under `option_parts` a part
    of one that no other option has."""
    meant: list[list[str]] = [[] for _ in options]
    for name, listed in lexicon.replies["options"].items():
        whole = set(map(phrase_words, listed))
        owners = [index for index, texts in enumerate(options) if not whole.isdisjoint(texts)]
        parts = list(map(phrase_words, lexicon.replies["option_parts"].get(name, ())))
        if not owners:
            owners = [index for index, texts in enumerate(options) if _has_part(texts, parts)]
            owners = owners if len(owners) == 1 else []
        for index in owners:
            meant[index].append(name)
    return meant


def _has_part(texts: Sequence[tuple[str, ...]], parts: Sequence[tuple[str, ...]]) -> bool:
    return any(
        text[at : at + len(part)] == part for text in texts for part in parts for at in range(len(text))
    )


def _verbatim(words: tuple[str, ...], wording: tuple[str, ...]) -> list[Span]:
    """Where a wording stands in the text, commas left out; numbers and letters are told by other means."""
    if not wording or all(word.isdigit() or len(word) == 1 for word in wording):
        return []
    kept = [index for index, word in enumerate(words) if word not in FREE]
    size = len(wording)
    return [
        (kept[at], kept[at + size - 1] + 1)
        for at in range(len(kept) - size + 1)
        if tuple(words[index] for index in kept[at : at + size]) == wording
    ]


def _excepts(match: Match, start: int, end: int) -> bool:
    """Whether words that look like an option overlap it and reach beyond it."""
    return match.start < end and start < match.end and (match.start < start or end < match.end)


def _longest(said: list[Said]) -> list[Said]:
    """Those that don't lie inside of a longer one, or beside one that begins earlier and overlaps."""
    kept: list[Said] = []
    for one in sorted(said, key=lambda one: (one.start - one.end, one.start)):
        inside = [other for other in kept if other.start < one.end and one.start < other.end]
        if all(other.end - other.start == one.end - one.start for other in inside):
            kept.append(one)
    return sorted(kept, key=lambda one: (one.start, one.value))
