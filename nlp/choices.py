"""Which option a text chooses: by number, place ("the second one") or wording ("tuesday", "quit in 2009").

An option whose wordings have a number of their own is chosen by that number; else by its place in the
list. Where two options fit equally well, none is chosen.
"""

from collections.abc import Mapping, Sequence

from nlp.lexicon import Lexicon
from nlp.normalise import plain_words
from nlp.numbers import Numeral

Options = Mapping[str, tuple[str, ...]]

SHARED = 0.3
"""What a word counts that more than one option has; a word of one option alone counts 1."""

_REFUSED = frozenset({"not", "except", "cant", "no"})


def choose(
    options: Options,
    words: tuple[str, ...],
    numerals: Sequence[Numeral],
    lexicon: Lexicon,
    *,
    refuses: bool = False,
    says: str | None = None,
) -> str | None:
    """The key of the option, or None. `refuses`: the text says that it doesn't know or won't tell;
    `says`: "yes" or "no" if it says that."""
    mended = lexicon.speller.mend
    wordings = {
        key: [mended(plain_words(wording)) for wording in texts if wording.strip()]
        for key, texts in options.items()
    }
    content = _content(_without_refused(words), lexicon)
    if refuses and not any(content == _content(one, lexicon) for texts in wordings.values() for one in texts):
        return None
    by_wording = _verbatim(wordings, words)
    if by_wording is not None:
        return by_wording
    number = _pure_number(words, numerals, lexicon)
    if number is not None:
        return _by_number(wordings, number)
    if says in options and not content - {says}:
        return says
    return _closest(wordings, content, lexicon) or (says if says in options else None)


def _verbatim(wordings: Mapping[str, list[tuple[str, ...]]], words: tuple[str, ...]) -> str | None:
    """The option whose wording stands in the text, the longest one; numbers are left to `_by_number`."""
    best: dict[str, int] = {}
    for key, texts in wordings.items():
        for wording in texts:
            if not wording or all(word.isdigit() for word in wording):
                continue
            for start in range(len(words) - len(wording) + 1):
                if words[start : start + len(wording)] == wording and not _refused(words, start, wording):
                    best[key] = max(best.get(key, 0), len(wording))
    longest = [key for key, length in best.items() if length == max(best.values())]
    return longest[0] if len(longest) == 1 else None


def _without_refused(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words without those that are ruled out: "not tuesday"."""
    return tuple(
        word
        for index, word in enumerate(words)
        if not _REFUSED.intersection(words[max(0, index - 1) : index])
    )


def _refused(words: tuple[str, ...], start: int, wording: tuple[str, ...]) -> bool:
    before = set(words[max(0, start - 2) : start])
    return bool(before & _REFUSED) and wording[0] not in _REFUSED


def _pure_number(words: tuple[str, ...], numerals: Sequence[Numeral], lexicon: Lexicon) -> int | None:
    """The number, if the text says nothing but one: "2", "#2 please", "the second one", "la ultima"."""
    fillers = set(lexicon.replies["choice_fillers"])
    ordinals = lexicon.replies["ordinals"]
    spoken = {int(ordinals[word]) for word in words if word in ordinals}
    counted = {index for numeral in numerals for index in range(numeral.start, numeral.end)}
    rest = [
        word
        for index, word in enumerate(words)
        if index not in counted
        and word not in fillers
        and word not in ordinals
        and word not in {"st", "nd", "rd", "th"}
    ]
    values = spoken or {int(numeral.value) for numeral in numerals if numeral.value % 1 == 0}
    if len(values) != 1 or rest or len(numerals) > 1 or any(numeral.value % 1 for numeral in numerals):
        return None
    return values.pop()


def _by_number(wordings: Mapping[str, list[tuple[str, ...]]], number: int) -> str | None:
    numbered = {
        wording[0]: key for key, texts in wordings.items() for wording in texts if _is_number(wording)
    }
    if numbered:
        return numbered.get(str(number))
    keys = list(wordings)
    if number == -1:
        return keys[-1] if keys else None
    return keys[number - 1] if 1 <= number <= len(keys) else None


def _is_number(wording: tuple[str, ...]) -> bool:
    return len(wording) == 1 and wording[0].isdigit()


def _closest(
    wordings: Mapping[str, list[tuple[str, ...]]], content: set[str], lexicon: Lexicon
) -> str | None:
    """The option with the most of the text's words, if there is exactly one."""
    vocabulary = {
        key: {word for wording in texts for word in _content(wording, lexicon)}
        for key, texts in wordings.items()
    }
    owners = {word: sum(1 for other in vocabulary.values() if word in other) for word in content}
    scores = {
        key: sum(1.0 if owners[word] == 1 else SHARED for word in content if word in known)
        for key, known in vocabulary.items()
    }
    best = max(scores.values(), default=0.0)
    winners = [key for key, score in scores.items() if score == best]
    return winners[0] if len(winners) == 1 and best >= 1 else None


def _content(words: tuple[str, ...], lexicon: Lexicon) -> set[str]:
    """The words that tell options apart, weekdays by their number, plurals as singulars."""
    fillers = set(lexicon.replies["choice_fillers"])
    days = {name: number for number, names in lexicon.dates["weekdays"].items() for name in names}
    return {
        f"weekday {days[word]}" if word in days else word.removesuffix("s") if len(word) > 3 else word
        for word in words
        if word not in fillers
    }
