"""Slips of the thumb: short forms spelled out, and important words with one letter wrong.

`data/spellings.yaml` lists the words that are worth mending. A word of a text is mended to one of them if
no lexicon knows it and it is one slip away (a letter left out, added, changed, or two swapped). All other
words stay as they are: to a speller "sharing" is a slip of "shaking".
"""

import re
from collections.abc import Iterable, Mapping

SHORTEST = 6
"""Letters that a word needs before it is mended."""

LONGEST = 24

_HELD = re.compile(r"(.)\1{2,}")


class Speller:
    """Mends words one for one, so that positions stay as they were."""

    def __init__(self, *, mend: Iterable[str], short_forms: Mapping[str, str], known: Iterable[str]) -> None:
        """`mend` are the words to mend to, `known` all words that are right as they are."""
        self._short_forms = dict(short_forms)
        self._known = frozenset(known)
        self._gaps: dict[str, tuple[str, ...]] = {}
        for target in sorted(mend):
            for gap in _gaps(target):
                self._gaps[gap] = (*self._gaps.get(gap, ()), target)

    def mend(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """The same words, as the lexicon spells them."""
        return tuple(self._mend(word) for word in words)

    def _mend(self, word: str) -> str:
        word = self._short_forms.get(word, word)
        if word in self._known or not word.isalpha():
            return word
        shorter = next(
            (one for one in _shortened(word) if one in self._known or one in self._short_forms), None
        )
        if shorter is not None:
            return self._short_forms.get(shorter, shorter)
        if not SHORTEST <= len(word) <= LONGEST or _inflected(word, self._known):
            return word
        near = {target for gap in _gaps(word) for target in self._gaps.get(gap, ())}
        close = {target for target in near if target[0] == word[0] and one_slip(word, target)}
        return min(close, key=lambda target: (-_shared(word, target), len(target), target), default=word)


def one_slip(word: str, target: str) -> bool:
    """Whether one letter left out, added or changed, or two neighbours swapped, leads to `target`."""
    if abs(len(word) - len(target)) > 1:
        return False
    start = 0
    while start < min(len(word), len(target)) and word[start] == target[start]:
        start += 1
    rest, aim = word[start:], target[start:]
    return (
        rest[1:] == aim[1:]
        or rest[1:] == aim
        or rest == aim[1:]
        or (len(rest) > 1 and rest[1::-1] == aim[:2] and rest[2:] == aim[2:])
    )


def _shared(word: str, target: str) -> int:
    """How many letters two words share from the front: people get the first letters right."""
    return next((i for i, (one, two) in enumerate(zip(word, target, strict=False)) if one != two), len(word))


def _gaps(word: str) -> set[str]:
    """The word, and the word with any one letter left out."""
    return {word} | {word[:index] + word[index + 1 :] for index in range(len(word))}


def _shortened(word: str) -> tuple[str, ...]:
    """Letters held down: "yesss" may be "yess" or "yes". Two of a letter are nothing unusual."""
    if _HELD.search(word) is None:
        return ()
    return _HELD.sub(r"\1\1", word), _HELD.sub(r"\1", word)


def _inflected(word: str, known: frozenset[str]) -> bool:
    """A plural or another grammatical form of a known word is a word, not a slip."""
    return any(word.endswith(ending) and word[: -len(ending)] in known for ending in ("s", "es", "ly"))
