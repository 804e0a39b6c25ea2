"""YAML as clinics write it: every scalar is text, and every key and value knows its place.

YAML 1.1 would make `no` a boolean, `12:30` the number 750 and `2026-12-03` a date. Here they stay what was
typed; the models of `core/flow` know what they want. Tags, anchors and merge keys have no meaning here: `traps`
has the words for them and for other surprises of YAML, `unreadable` for what is no YAML.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

import yaml
from yaml.events import AliasEvent
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from bot.flowbook import traps
from bot.flowbook.faults import Fault, Severity
from bot.flowbook.places import Place, line_from, lines_of, of_node, within
from bot.flowbook.unreadable import in_error

Plain: TypeAlias = "str | list[Plain] | dict[str, Plain] | None"
Where: TypeAlias = tuple[str | int, ...]
Span: TypeAlias = tuple[int, int]
"""Offset and length of a part of a value's text."""

_NOTHING = ("", "~", "null")
_DEEPEST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file. `keys` and `values` have what is written by its path; an item of a list is its own key."""

    file: str
    value: Plain
    lines: Sequence[str] = ()
    keys: Mapping[Where, Node] = field(default_factory=dict)
    values: Mapping[Where, Node] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()

    def line(self, where: Where) -> int:
        """The line of this place, or of the nearest one around it that was written."""
        return self.place(where).line

    def known(self, where: Where) -> Where:
        """The longest beginning of `where` that was written in the file."""
        while where and where not in self.keys:
            where = where[:-1]
        return where

    def place(self, where: Where, *, value: bool = False) -> Place:
        """Where the key is written, or its value; of what is missing, the nearest place around it."""
        known = self.known(where)
        if not known:
            root = self.values.get(())
            return line_from(self.lines, root.start_mark.line + 1 if root else 1)
        key = of_node(self.keys[known], self.lines)
        node = self.values.get(known) if value and known == where else None
        written = of_node(node, self.lines) if node else key
        return written if written.end > written.column else key

    def span(self, where: Where, part: str) -> Span | None:
        """Where this part is in the text of a value, for `fault`; a word is found as a whole word."""
        node = self.values.get(where)
        word = r"\b" if re.fullmatch(r"\w+", part) else ""
        found = re.search(f"{word}{re.escape(part)}{word}", str(node.value)) if node else None
        return (found.start(), len(part)) if found else None

    def texts(self) -> Iterator[tuple[Where, ScalarNode]]:
        """Every value that is text, with its path."""
        for where, node in self.values.items():
            if isinstance(node, ScalarNode):
                yield where, node

    def fault(
        self,
        where: Where,
        rule: str,
        message: str,
        mend: str,
        *,
        at: Literal["key", "value"] = "key",
        severity: Severity = "error",
        span: Span | None = None,
    ) -> Fault:
        """A fault of this file, at a key, at its value, or at a part of the value's text."""
        place = (self._within(where, span) if span else None) or self.place(
            where, value=at == "value" or span is not None
        )
        return fault_at(self.file, self.lines, place, rule, message, mend, severity=severity)

    def _within(self, where: Where, span: Span) -> Place | None:
        node = self.values.get(where)
        return within(node, self.lines, *span) if isinstance(node, ScalarNode) else None


def fault_at(
    file: str,
    lines: Sequence[str],
    place: Place,
    rule: str,
    message: str,
    mend: str,
    *,
    severity: Severity = "error",
) -> Fault:
    """A fault at this place of the file, with the line that it stands in."""
    return Fault(
        file=file,
        line=place.line,
        column=place.column,
        length=place.end - place.column,
        excerpt=_printable(lines[place.line - 1].rstrip()) if place.line <= len(lines) else "",
        rule=rule,
        message=message,
        mend=mend,
        severity=severity,
    )


def _printable(line: str) -> str:
    return re.sub("[\ud800-\udfff]", "\ufffd", line)


def read_text(path: Path) -> str:
    """The text of a file, whichever line ends it has. Bytes that are no UTF-8 stay in it as surrogates, and
    `parse` finds them."""
    with path.open(encoding="utf-8-sig", errors="surrogateescape") as file:
        return file.read()


# -- reading ------------------------------------------------------------------------------------------


class _Loader(yaml.SafeLoader):
    """An alias stays a node of its own, so that it is found where it stands and nothing is repeated."""

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        if self.check_event(AliasEvent):
            event = self.get_event()  # type: ignore[no-untyped-call]
            return ScalarNode("alias", "", event.start_mark, event.end_mark, style="*")
        return super().compose_node(parent, index)


@dataclass(slots=True)
class _Reading:
    file: str
    lines: list[str]
    keys: dict[Where, Node] = field(default_factory=dict)
    values: dict[Where, Node] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, place: Place, told: traps.Told) -> None:
        self.faults.append(fault_at(self.file, self.lines, place, *told))

    def trapped(self, node: Node) -> bool:
        """Whether the node is something that YAML reads otherwise than it was meant; it is told."""
        found = traps.in_node(node, self.lines)
        if found:
            self.fault(*found)
        return found is not None


def parse(file: str, text: str) -> Source:
    """Read one file; what can't be read is a fault of the Source, never an exception."""
    text = text.removeprefix("\ufeff")
    reading = _Reading(file, lines_of(text))
    value: Plain = None
    try:
        root = None if _garbled(reading) else yaml.compose(text, Loader=_Loader)
        if root:
            value = _value(reading, root, ())
    except yaml.MarkedYAMLError as error:
        reading.fault(*in_error(error, text, reading.lines))
        value = None
    except RecursionError:
        reading.fault(line_from(reading.lines, 1), traps.TOO_DEEP)
        value = None
    return Source(
        file=file,
        value=value,
        lines=reading.lines,
        keys=reading.keys,
        values=reading.values,
        faults=tuple(reading.faults),
    )


def _garbled(reading: _Reading) -> bool:
    """Whether there are characters that no YAML file can have; they are told."""
    found = traps.in_characters(reading.lines)
    if found:
        reading.fault(*found)
    return found is not None


def _value(reading: _Reading, node: Node, where: Where) -> Plain:
    reading.values[where] = node
    if len(where) > _DEEPEST:
        reading.fault(of_node(node, reading.lines), traps.TOO_DEEP)
        return None
    if reading.trapped(node):
        return None
    if isinstance(node, ScalarNode):
        return None if node.style is None and node.value in _NOTHING else str(node.value)
    return _list(reading, node, where) if isinstance(node, SequenceNode) else _dict(reading, node, where)


def _list(reading: _Reading, node: SequenceNode, where: Where) -> Plain:
    values: list[Plain] = []
    for place, item in enumerate(node.value):
        reading.keys[*where, place] = item
        values.append(_value(reading, item, (*where, place)))
    return values


def _dict(reading: _Reading, node: Node, where: Where) -> Plain:
    assert isinstance(node, MappingNode)
    values: dict[str, Plain] = {}
    for key_node, value_node in node.value:
        place = of_node(key_node, reading.lines)
        if not isinstance(key_node, ScalarNode):
            reading.fault(place, traps.NO_WORD)
            continue
        if reading.trapped(key_node):
            continue
        key = str(key_node.value)
        if key == "<<":
            reading.fault(place, traps.MERGE)
        elif key in values:
            reading.fault(place, traps.twice(key, of_node(reading.keys[*where, key], reading.lines).line))
        else:
            reading.keys[*where, key] = key_node
            values[key] = _value(reading, value_node, (*where, key))
    return values
