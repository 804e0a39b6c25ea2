"""Words as pieces of a fixed vocabulary, from the left the longest piece that fits (WordPiece, as BERT has it).

"gasping" may be one piece, "gaspin" two: so the network knows something of a word that it has never seen.
"""

from collections.abc import Sequence

INSIDE = "##"
"""Stands in front of a piece that goes on within a word."""

LONGEST_WORD = 40
"""Letters of a word that are looked at."""


class Pieces:
    """Cuts words. A piece's number is its place among `names`; `unknown` is the number of what no piece has."""

    def __init__(self, names: Sequence[str], *, unknown: int) -> None:
        self.names = names
        self._numbers = {name: number for number, name in enumerate(names)}
        self._longest = max(len(name) for name in names)
        self._unknown = unknown

    def cut(self, words: Sequence[str]) -> list[int]:
        """The numbers of the pieces of all words, one after the other."""
        return [number for word in words for number in self._cut(word[:LONGEST_WORD])]

    def _cut(self, word: str) -> list[int]:
        numbers, start = [], 0
        while start < len(word):
            mark = INSIDE if start else ""
            for end in range(min(len(word), start + self._longest), start, -1):
                number = self._numbers.get(mark + word[start:end])
                if number is not None:
                    break
            else:
                number, end = self._unknown, start + 1
            numbers.append(number)
            start = end
        return numbers
