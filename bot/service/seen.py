"""Which keys a file has had, and in which line first: 16 bytes a place, so a million rows take 32 MB at most.

Kept are 64-bit hashes, not the keys: among a million, two that clash by chance have odds of one in 40 million.
"""

from array import array

_FIRST_SIZE = 1 << 10
_HASH = (1 << 64) - 1


class Seen:
    """An open-addressed table from hash to line; 0 marks a free place."""

    def __init__(self) -> None:
        self._size = _FIRST_SIZE
        self._used = 0
        self._hashes, self._lines = _empty(self._size), _empty(self._size)

    def first(self, key: str, line: int) -> int | None:
        """The line in which the key was before; None, and from now on it is `line`, if there was none."""
        mark = (hash(key) & _HASH) or 1
        place = self._find(mark)
        if self._hashes[place]:
            return self._lines[place]
        self._hashes[place], self._lines[place] = mark, line
        self._used += 1
        if self._used * 3 > self._size * 2:
            self._grow()
        return None

    def _find(self, mark: int) -> int:
        hashes, last = self._hashes, self._size - 1
        place = mark & last
        while hashes[place] and hashes[place] != mark:
            place = (place + 1) & last
        return place

    def _grow(self) -> None:
        old = zip(self._hashes, self._lines, strict=True)
        self._size *= 2
        self._hashes, self._lines = _empty(self._size), _empty(self._size)
        for mark, line in old:
            if mark:
                place = self._find(mark)
                self._hashes[place], self._lines[place] = mark, line


def _empty(size: int) -> "array[int]":
    return array("Q", bytes(8 * size))
