"""The traps of YAML: what can be read, but as something else than was meant. In words for people who write flows.

What can't be read at all is told in `unreadable`.
"""

import re
from collections.abc import Sequence
from typing import TypeAlias

from yaml.nodes import MappingNode, Node, ScalarNode

from bot.flowbook.places import Place, line_from, of_node

Told: TypeAlias = tuple[str, str, str]
"""Rule, message, mend."""
Found: TypeAlias = tuple[Place, Told]

QUOTE_IT = "Put the whole sentence in double quotes."

TOO_DEEP: Told = ("shape/yaml", "This is nested too deeply.", "Take some levels out.")
NO_WORD: Told = ("shape/yaml", "A key must be a word.", "Write 'key: value'.")
MERGE: Told = ("shape/alias", "'<<' would bring in keys that stand elsewhere.", "Write them out here.")
BRACES: Told = ("shape/braces", "A value that begins with a brace is read as keys, not as text.", QUOTE_IT)
ALIAS: Told = (
    "shape/alias",
    "A value that begins with * is read as a repetition of what stands elsewhere.",
    f"Write it out here. If it is meant as text: {QUOTE_IT[0].lower()}{QUOTE_IT[1:]}",
)
ANCHOR: Told = (
    "shape/alias",
    "A value that begins with & is read as a name for repeating it elsewhere.",
    f"Take the name out. If it is meant as text: {QUOTE_IT[0].lower()}{QUOTE_IT[1:]}",
)
_TAG: Told = ("shape/tag", "The word after ! is read as a mark for programs, and is lost.", QUOTE_IT)


def twice(key: str, first: int) -> Told:
    """A key that stands in its place a second time."""
    message = f"'{key}' stands here a second time; the first is in line {first}."
    return "shape/twice", message, "Keep one of the two."


# -- in what can be read ------------------------------------------------------------------------------


def in_node(node: Node, lines: Sequence[str]) -> Found | None:
    """What YAML takes for something else than was meant, though it can be read."""
    start = node.start_mark
    begins = lines[start.line][start.column :][:2] if start.line < len(lines) else ""
    told = {"&": ANCHOR, "!": _TAG, "*": ALIAS}.get(begins[:1])
    if isinstance(node, MappingNode) and begins in ("{{", "{%"):
        told = BRACES
    if told:
        return of_node(node, lines), told
    return _run_on(node, lines) if isinstance(node, ScalarNode) and node.style is None else None


_RUNS_ON = re.compile(r"\s*(?:-\s|[\w-]+:\S)")


def _run_on(node: ScalarNode, lines: Sequence[str]) -> Found | None:
    """A value without quotes goes on in deeper lines, even in one that was meant for itself."""
    for line in range(node.start_mark.line + 2, min(node.end_mark.line + 1, len(lines)) + 1):
        if _RUNS_ON.match(lines[line - 1]):
            mend = "Begin it exactly below the others of its level; after a key comes a colon and a space."
            return line_from(lines, line), ("shape/run-on", "This is read as more of the line above.", mend)
    return None


# -- in characters ------------------------------------------------------------------------------------

_NO_UTF8 = re.compile("[\ud800-\udfff\x00\ufffd]")
"""Bytes that are no UTF-8, the zeros of UTF-16, and what another program wrote for letters it could not read."""

_INVISIBLE = re.compile(
    "[^\x09\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]|[\xad\u200b\u2060]|^ *\xa0"
)
"""What YAML refuses; what nobody sees in a sentence; and a hard space where only soft ones indent."""


def in_characters(lines: Sequence[str]) -> Found | None:
    """The first character that can't stand in a file: left over from another encoding, or invisible."""
    for number, line in enumerate(lines, start=1):
        if found := _NO_UTF8.search(line):
            message = "This file is not saved as UTF-8, so letters with accents can't be read."
            mend = "Save it again with the encoding UTF-8; editors offer it at 'Save as'."
            return _at(number, found), ("shape/encoding", message, mend)
        if found := _INVISIBLE.search(line):
            message = f"There is an invisible character here (U+{ord(found[0][-1]):04X})."
            return _at(number, found), ("shape/character", message, "Delete it, or type the line anew.")
    return None


def _at(line: int, found: re.Match[str]) -> Place:
    return Place(line, found.start() + 1, found.end() + 1)
