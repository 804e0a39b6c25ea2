"""One value of a file written anew, at the very place where it stands: remarks, order and all else stay as they are."""

import json
import re

from yaml.nodes import ScalarNode

from bot.errors import BadFlow
from bot.flowbook import emit
from bot.flowbook.source import Plain, Source, Where, parse

_UNSEEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u200b\u2028\u2029\u2060\ufeff\ufffd-\uffff\ud800-\udfff]"
)
"""What can't stand in a sentence: control characters, and those that nobody sees."""


def tidy(text: str) -> str:
    """What somebody typed into a box, as a sentence is written: no blanks around its lines, no empty ends.

    Raises BadFlow where nothing is left.
    """
    lines = _UNSEEN.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n")).split("\n")
    tidied = "\n".join(" ".join(line.split()) for line in lines).strip("\n")
    if not tidied:
        raise BadFlow("A sentence can't be empty.")
    return tidied


def put(file: str, text: str, where: Where, value: str) -> str:
    """The file with this value at this place, which must be there and be text. Raises BadFlow."""
    source = parse(file, text)
    node = source.values.get(where)
    if source.faults or not isinstance(node, ScalarNode) or where not in source.keys:
        raise BadFlow(f"There is no {'.'.join(map(str, where))} in {file}.")
    begin, end = node.start_mark.index, node.end_mark.index
    end = begin + len(text[begin:end].rstrip())  # a block of text ends where the next thing begins
    indent = source.keys[where].start_mark.column + 2
    bare = node.style is None and "\n" not in value
    written = emit.scalar(value) if bare else _written(value, indent)
    return _sure(source, where, value, text[:begin] + written + text[end:])


def put_beside(file: str, text: str, key: str, value: str, after: str) -> str:
    """The file with this value at a key of its top level; where the key was not there yet, below the key `after`."""
    source = parse(file, text)
    if (key,) in source.keys:
        return put(file, text, (key,), value)
    lines = text.split("\n")
    lines.insert(source.line((after,)), f"{key}: {emit.scalar(value)}")
    return _sure(source, (key,), value, "\n".join(lines))


def _written(value: str, indent: int) -> str:
    if "\n" not in value:
        return json.dumps(value, ensure_ascii=False)
    return "|-\n" + "\n".join(f"{' ' * indent}{line}" if line else "" for line in value.split("\n"))


def _sure(before: Source, where: Where, value: str, text: str) -> str:
    """Exactly this one value has changed, or nothing is done."""
    after = parse(before.file, text)
    if after.faults or after.value != _with(before.value, where, value):
        raise BadFlow(f"{before.file} can't be changed here: edit the file itself.")
    return text


def _with(whole: Plain, where: Where, value: str) -> Plain:
    if not where:
        return value
    if isinstance(whole, dict):
        key = str(where[0])
        return {**whole, key: _with(whole.get(key), where[1:], value)}
    if isinstance(whole, list):
        return [_with(one, where[1:], value) if place == where[0] else one for place, one in enumerate(whole)]
    return value
