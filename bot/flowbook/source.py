"""YAML as clinics write it: every scalar is text, and every value knows its line.

YAML 1.1 would make `no` a boolean, `12:30` the number 750 and `2026-12-03` a date. Here they stay what was
typed; the models of `core/flow` know what they want. Tags, anchors and merge keys have no meaning here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from bot.flowbook.faults import Fault

Plain: TypeAlias = "str | list[Plain] | dict[str, Plain] | None"
Where: TypeAlias = tuple[str | int, ...]

_NOTHING = ("", "~", "null")
_DEEPEST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file. `lines` has the line, from 1, of every key and list item by its path."""

    file: str
    value: Plain
    lines: Mapping[Where, int]
    faults: tuple[Fault, ...] = ()

    def line(self, where: Where) -> int:
        """The line of this place, or of the nearest one around it that was written."""
        return self.lines[self.known(where)]

    def known(self, where: Where) -> Where:
        """The longest beginning of `where` that was written in the file."""
        while where and where not in self.lines:
            where = where[:-1]
        return where


@dataclass(slots=True)
class _Reading:
    file: str
    lines: dict[Where, int] = field(default_factory=lambda: {(): 1})
    faults: list[Fault] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)

    def fault(self, node: Node, rule: str, message: str, mend: str) -> None:
        line = node.start_mark.line + 1
        self.faults.append(Fault(file=self.file, line=line, rule=rule, message=message, mend=mend))


def parse(file: str, text: str) -> Source:
    """Read one file; what can't be read is a fault of the Source, never an exception."""
    reading = _Reading(file)
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        value = _value(reading, root, ()) if root else None
    except yaml.MarkedYAMLError as error:
        begun = "quoted scalar" in (error.context or "")  # an open quote is found out at the file's end
        mark = (error.context_mark if begun else error.problem_mark) or error.context_mark
        reading.faults.append(_unreadable(file, mark.line + 1 if mark else 1, str(error.problem)))
        value = None
    except (yaml.YAMLError, RecursionError) as error:
        reading.faults.append(_unreadable(file, 1, str(error).splitlines()[0]))
        value = None
    return Source(file=file, value=value, lines=reading.lines, faults=tuple(reading.faults))


def _unreadable(file: str, line: int, problem: str) -> Fault:
    return Fault(
        file=file,
        line=line,
        rule="shape/yaml",
        message=f"This can't be read as YAML: {problem}.",
        mend="Look at the indentation and the quotes here; put sentences in double quotes.",
    )


def _value(reading: _Reading, node: Node, where: Where) -> Plain:
    if len(where) > _DEEPEST:
        reading.fault(node, "shape/yaml", "This is nested too deeply.", "Take some levels out.")
        return None
    if isinstance(node, ScalarNode):
        return None if node.style is None and node.value in _NOTHING else str(node.value)
    if id(node) in reading.seen:
        line = reading.lines[where]
        message = "An alias (*name) repeats what stands elsewhere."
        reading.faults.append(
            Fault(
                file=reading.file, line=line, rule="shape/alias", message=message, mend="Write it out here."
            )
        )
        return None
    reading.seen.add(id(node))
    return _list(reading, node, where) if isinstance(node, SequenceNode) else _dict(reading, node, where)


def _list(reading: _Reading, node: SequenceNode, where: Where) -> Plain:
    values: list[Plain] = []
    for place, item in enumerate(node.value):
        reading.lines[*where, place] = item.start_mark.line + 1
        values.append(_value(reading, item, (*where, place)))
    return values


def _dict(reading: _Reading, node: Node, where: Where) -> Plain:
    assert isinstance(node, MappingNode)
    values: dict[str, Plain] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, ScalarNode):
            reading.fault(key_node, "shape/yaml", "A key must be a word.", "Write 'key: value'.")
            continue
        key = str(key_node.value)
        if key in values:
            first = reading.lines[*where, key]
            reading.fault(
                key_node,
                "shape/twice",
                f"'{key}' stands here a second time; the first is in line {first}.",
                "Keep one of the two.",
            )
            continue
        reading.lines[*where, key] = key_node.start_mark.line + 1
        values[key] = _value(reading, value_node, (*where, key))
    return values
