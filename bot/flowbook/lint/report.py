"""Faults as they are handed out: text for people, JSON for scripts, SARIF 2.1.0 for code hosts and editors.

SARIF: OASIS Standard "Static Analysis Results Interchange Format (SARIF) Version 2.1.0", 27 March 2020.
"""

import json
from collections import Counter
from dataclasses import asdict
from typing import Any
from urllib.parse import quote

from bot.flowbook.faults import Fault
from bot.flowbook.lint.rules import Rule, rules, section

_WIDEST = 100
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"


def as_text(faults: list[Fault], files: int) -> str:
    """Each fault with its line and what to do, and how many there are."""
    count = Counter(fault.severity for fault in faults)
    kinds = (counted(count["error"], "error"), counted(count["warning"], "warning"))
    return "\n".join([*map(shown, faults), f"{', '.join(kinds)} in {counted(files, 'file')}."])


def as_json(faults: list[Fault]) -> str:
    """A list of objects with all that a fault has."""
    return json.dumps([asdict(fault) for fault in faults], indent=2, ensure_ascii=False)


def as_sarif(faults: list[Fault]) -> str:
    """One run, with every rule that there is and every fault that was found."""
    known = rules()
    numbers = {rule.name: number for number, rule in enumerate(known)}
    run = {
        "tool": {"driver": {"name": "bot flow lint", "rules": list(map(_descriptor, known))}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(fault, numbers) for fault in faults],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False)


def counted(count: int, noun: str) -> str:
    """'1 error', '2 errors'."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def shown(fault: Fault) -> str:
    """One fault: where and what, the line with a mark below it, and how to mend it."""
    return "\n".join([fault.head, *_excerpt(fault), f"    {fault.message}", f"    {fault.mend}"])


def _excerpt(fault: Fault) -> list[str]:
    if not fault.excerpt:
        return []
    text, column = _window(fault.excerpt, fault.column - 1)
    gap = "".join("\t" if letter == "\t" else " " for letter in text[:column])
    marks = "^" * max(1, min(fault.length, len(text) - column))
    return [f"    {fault.line} | {text}", f"    {' ' * len(str(fault.line))} | {gap}{marks}"]


def _window(text: str, column: int) -> tuple[str, int]:
    """The part of a long line around this column, and where the column is in it."""
    if len(text) <= _WIDEST:
        return text, column
    begin = max(0, min(column - _WIDEST // 3, len(text) - _WIDEST))
    end = begin + _WIDEST
    before, after = "…" if begin else "", "…" if end < len(text) else ""
    return f"{before}{text[begin:end]}{after}", column - begin + len(before)


def _descriptor(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.name,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why or rule.title},
        "help": {"text": f"{rule.title} {rule.why}".strip(), "markdown": section(rule)},
        "helpUri": rule.address,
        "defaultConfiguration": {"level": rule.severity},
    }


def _result(fault: Fault, numbers: dict[str, int]) -> dict[str, Any]:
    region: dict[str, Any] = {"startLine": fault.line, "startColumn": fault.column}
    if fault.length:
        region["endColumn"] = fault.column + fault.length
    if fault.excerpt:
        region["snippet"] = {"text": fault.excerpt[fault.column - 1 :][: fault.length] or fault.excerpt}
    place = {"artifactLocation": {"uri": quote(fault.file)}, "region": region}
    return {
        "ruleId": fault.rule,
        "ruleIndex": numbers.get(fault.rule, -1),
        "level": fault.severity,
        "message": {"text": f"{fault.message} {fault.mend}"},
        "locations": [{"physicalLocation": place}],
    }
