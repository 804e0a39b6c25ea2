"""Scores the reader on labelled messages: `python -m nlp.score FILE.jsonl… [--misses]`.

A line has what `bot understand` takes, and the label: `intent`, `value`, or `level` and `category`; without
`kind` it is triage. For triage two more figures count: how many emergencies and crises were found (as
either), and how many harmless messages were left alone.
"""

import argparse
import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nlp.lines import answer_line
from nlp.reader import Reader

GRAVE = frozenset({"emergency", "crisis"})
_LABELS = {"intent": "intent", "answer": "value", "when": "value", "triage": "level"}


@dataclass(slots=True)
class Score:
    """Right answers of all, by what was counted, and the misses."""

    counts: dict[str, tuple[int, int]] = field(default_factory=dict)
    misses: list[str] = field(default_factory=list)

    def count(self, name: str, *, right: bool) -> None:
        """One more answer under a name."""
        hits, total = self.counts.get(name, (0, 0))
        self.counts[name] = (hits + right, total + 1)


def score(reader: Reader, lines: Iterable[str]) -> Score:
    """Reads and compares every line."""
    result = Score()
    for line in lines:
        labelled = {"kind": "triage", **json.loads(line)}
        label = _LABELS[labelled["kind"]]
        asked = {
            name: value
            for name, value in labelled.items()
            if name not in {"intent", "value", "level", "category"}
        }
        got = answer_line(reader, json.dumps(asked))
        right = label in got and got[label] == labelled[label]
        result.count(labelled["kind"], right=right)
        if labelled["kind"] == "triage":
            _count_triage(result, labelled["level"], got.get("level"))
        if not right:
            result.misses.append(
                f"{labelled['kind']}: {labelled['text']}\n    wanted {labelled[label]!r}, got {got.get(label, got)!r}"
            )
    return result


def _count_triage(result: Score, wanted: str, got: str | None) -> None:
    if wanted in GRAVE:
        result.count("emergency or crisis found", right=got in GRAVE)
    if wanted == "none":
        result.count("harmless left alone", right=got == "none")


def main(arguments: list[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m nlp.score", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--misses", action="store_true", help="show every wrong answer with its text")
    options: Any = parser.parse_args(arguments)
    lines = [line for path in options.files for line in path.read_text(encoding="utf-8").splitlines() if line]
    result = score(Reader(), lines)
    for name, (hits, total) in result.counts.items():
        sys.stdout.write(f"{name:<28}{hits:>5} of {total:<5}{hits / total:>7.1%}\n")
    if options.misses:
        sys.stdout.writelines(f"{miss}\n" for miss in result.misses)


if __name__ == "__main__":
    main()
