"""Where in a file something is written: line and columns of YAML's nodes, and of a part of a sentence.

Lines and columns count from 1, in characters; `end` is the column after the last one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from yaml.nodes import Node, ScalarNode

_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_WRITTEN = {
    '"': re.compile(r"\\(?:x..|u.{4}|U.{8}|.)|."),
    "'": re.compile(r"''|."),
    None: re.compile("."),
}
"""One character of a value as it is written, by the quotes around it."""


@dataclass(frozen=True, slots=True)
class Place:
    """A part of one line."""

    line: int
    column: int
    end: int


def lines_of(text: str) -> list[str]:
    """The lines, as YAML counts them."""
    return _BREAK.split(text)


def line_from(lines: Sequence[str], line: int, column: int = 1) -> Place:
    """What is written in this line from that column on."""
    written = lines[line - 1] if line <= len(lines) else ""
    column += len(written[column - 1 :]) - len(written[column - 1 :].lstrip())
    return Place(line, column, max(column, len(written.rstrip()) + 1))


def of_node(node: Node, lines: Sequence[str]) -> Place:
    """The node; of one over several lines, its first line, of a block of text the first line of the text."""
    start, end = node.start_mark, node.end_mark
    if isinstance(node, ScalarNode) and node.style in ("|", ">"):
        below = (number for number in range(start.line + 2, len(lines) + 1) if lines[number - 1].strip())
        return line_from(lines, next(below, start.line + 1))
    if start.line != end.line:
        return line_from(lines, start.line + 1, start.column + 1)
    return Place(start.line + 1, start.column + 1, end.column + 1)


def within(node: ScalarNode, lines: Sequence[str], offset: int, length: int) -> Place | None:
    """A part of the value, given in characters of the value; None where it isn't written in one line."""
    if not 0 <= offset < offset + length <= len(node.value):
        return None
    if node.style == "|":
        return _in_block(node, lines, offset, length)
    start, end = node.start_mark, node.end_mark
    if start.line != end.line or node.style == ">":
        return None
    quote = 1 if node.style else 0
    written = lines[start.line][start.column + quote : end.column - quote]
    columns = [found.start() for found in _WRITTEN[node.style].finditer(written)] + [len(written)]
    if len(columns) != len(node.value) + 1:
        return None
    first = start.column + quote + 1
    return Place(start.line + 1, first + columns[offset], first + columns[offset + length])


def _in_block(node: ScalarNode, lines: Sequence[str], offset: int, length: int) -> Place | None:
    """Of a block after `|`, each line is written as it is, behind the block's indentation."""
    if "\n" in node.value[offset : offset + length]:
        return None
    row = node.value.count("\n", 0, offset)
    content = node.value.split("\n")[row]
    written = lines[node.start_mark.line + 1 + row]
    if not written.endswith(content):
        return None
    column = len(written) - len(content) + offset - (node.value.rfind("\n", 0, offset) + 1) + 1
    return Place(node.start_mark.line + 2 + row, column, column + length)
