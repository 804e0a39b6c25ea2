"""Entries of a transcript as YAML, in the one way in which transcripts are laid out."""

import json
import re
from collections.abc import Iterable

from bot.flowbook.source import Plain

_BARE = re.compile(r"[A-Za-z0-9+](?:[\w /.'()+-]|:(?! )(?!$))*(?<![ :])")
_NOT_BARE = ("null",)
_UNSEEN = re.compile("[\x7f-\x9f\xad\u200b\u2028\u2029\u2060\ufeff\ufffd-\uffff]")
"""What can't stand in a file as it is (`traps`), and ends of lines that an editor may not show as such."""


def entry(value: dict[str, Plain], indent: int = 2) -> list[str]:
    """One item of a list, as lines without their ends."""
    if len(value) == 1 and next(iter(value.values())) is None:
        return [f"{' ' * indent}- {next(iter(value))}"]
    lines: list[str] = []
    for key, part in value.items():
        lines += _pair(key, part, indent + 2)
    return [f"{' ' * indent}- {lines[0].lstrip()}", *lines[1:]]


def entries(values: Iterable[dict[str, Plain]]) -> list[str]:
    """Items of a list."""
    return [line for value in values for line in entry(value)]


def _pair(key: str, part: Plain, indent: int) -> list[str]:
    pad = " " * indent
    if isinstance(part, str) and _is_block(part):
        return [f"{pad}{key}: |-", *(f"{pad}  {line}" for line in part.split("\n"))]
    if key in ("clinic", "patient", "staff") and isinstance(part, str):
        return [f"{pad}{key}: {_quoted(part) if key == 'clinic' else scalar(part)}"]
    return [f"{pad}{key}: {flowing(part)}"]


def flowing(value: Plain) -> str:
    """A value on one line: {a: b, c: [d, e]}."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {flowing(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flowing, value)) + "]"
    return scalar(value)


def scalar(value: str | None) -> str:
    """A word bare where that is safe, else quoted."""
    if value is None:
        return "~"
    return value if _BARE.fullmatch(value) and value not in _NOT_BARE else _quoted(value)


def _quoted(text: str) -> str:
    plain = json.dumps(text, ensure_ascii=False)
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", plain)


def _is_block(text: str) -> bool:
    lines = text.split("\n")
    return len(lines) > 1 and all(
        line and line == line.strip() and line.isprintable() and not _UNSEEN.search(line) for line in lines
    )
