"""What is denied: "no chest pain", "fever: none", "nunca he tenido convulsiones", "bleeding stopped".

A denial must touch what it denies. From the symptom we walk left, over words that may stand between
(`between:` in `data/negation.yaml`) and over other symptoms of the same list, until a cue or a stranger is
met. A stranger means: not denied. So a missed denial costs a needless call, and never the other way round.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from nlp.normalise import is_end
from nlp.phrases import Hit

LONGEST_WALK = 14
"""Words that are walked from a symptom to its cue at most."""

_BETWEEN_AND_AFTER = frozenset({":", "-", ",", "?", "=", "is", "are"})
_OWN_DENIALS = frozenset({"no", "not", "cant", "wont", "isnt", "barely"})


@dataclass(frozen=True, slots=True)
class Denials:
    """The tables of `data/negation.yaml`, and how they are applied."""

    before: frozenset[tuple[str, ...]]
    after: frozenset[tuple[str, ...]]
    undone: frozenset[tuple[str, ...]]
    alone_after: frozenset[tuple[str, ...]]
    between: frozenset[str]
    joins: frozenset[str]
    lists: frozenset[str]
    stops: frozenset[str]

    def denied(self, words: tuple[str, ...], hit: Hit, others: Iterable[Hit] = ()) -> bool:
        """Whether the words of `hit` are denied. `others`: the other symptoms of the message."""
        others = [*others]
        end = max((other.end for other in others if other.start < hit.end <= other.end), default=hit.end)
        if any(words[end : end + len(phrase)] == phrase for phrase in self.undone):
            return False  # "never had chest pain like this"
        inside = any((words[index],) in self.before for index in hit.between)  # "my chest does not hurt"
        covered = {
            index
            for other in others
            if words[other.start] not in _OWN_DENIALS  # "no aguanto el dolor" is no list of symptoms
            for index in range(other.start, other.end)
        }
        return inside or self._before(words, hit, covered) or self._after(words, end)

    def _before(self, words: tuple[str, ...], hit: Hit, covered: set[int]) -> bool:
        if self._begins_denied(words, hit):
            return False  # the "no" of "no puedo respirar" is its own; a "no" before it is an answer
        in_list = False
        for index in range(hit.start - 1, max(-1, hit.start - 1 - LONGEST_WALK), -1):
            word = words[index]
            if self._cue_ends(words, index):
                return not in_list or self._listed(words, index, hit)
            if word == "," or word in self.lists:
                in_list = True
            elif index in covered:
                continue
            elif is_end(word) or self._is_stop(words, index) or word not in self.joins | self.between:
                return False
        return False

    def _begins_denied(self, words: tuple[str, ...], hit: Hit) -> bool:
        return words[hit.start] in _OWN_DENIALS

    def _is_stop(self, words: tuple[str, ...], index: int) -> bool:
        """Spanish "he tenido" has a word that is "he" in English."""
        return words[index] in self.stops and not (words[index] == "he" and words[index + 1].endswith("do"))

    def _cue_ends(self, words: tuple[str, ...], index: int) -> bool:
        return any(words[max(0, index + 1 - size) : index + 1] in self.before for size in (1, 2, 3))

    def _listed(self, words: tuple[str, ...], cue: int, hit: Hit) -> bool:
        """A list is denied as a whole only if it says so: an "or" or a "ni" in it or right behind it."""
        end = hit.end
        while end < len(words) and not is_end(words[end]) and words[end] not in self.stops:
            end += 1
        return any(word in self.joins for word in words[cue + 1 : end])

    def _after(self, words: tuple[str, ...], end: int) -> bool:
        start = end
        while start < len(words) and words[start] in _BETWEEN_AND_AFTER:
            start += 1
        for size in (4, 3, 2, 1):
            phrase = words[start : start + size]
            then = start + len(phrase)
            if phrase in self.after and not self._goes_on(words, then):
                return True
            if phrase in self.alone_after and (
                then >= len(words) or is_end(words[then]) or words[then] == ","
            ):
                return True
        return False

    def _goes_on(self, words: tuple[str, ...], index: int) -> bool:
        """ "No tengo" belongs to what follows it, if something follows: "dolor de pecho, no tengo aire"."""
        return words[max(0, index - 1)] in {"tengo", "tiene", "hay", "siento", "tenido"} and (
            index < len(words) and not is_end(words[index]) and words[index] not in self.stops | {","}
        )
