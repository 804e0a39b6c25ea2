"""Measures the reader on labelled messages: how many are read right, what is taken for what, how honest it is.

A line has what `bot understand` takes, and the label: `intent`, `value`, or `level` and `category`; without `kind`
it is triage. `lang` and `trait` (a list) make slices. Of triage three figures count most: emergencies and crises
that somebody hears of (found at least as `urgent`), urgent messages that somebody hears of, and harmless ones that
are left alone.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from nlp.lines import answer_line
from nlp.reader import Reader
from nlp.reading import Level

GRAVE = frozenset({"emergency", "crisis"})
LABELS = {"intent": "intent", "answer": "value", "when": "value", "triage": "level"}
BINS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)
"""Bounds of the confidences that are counted together."""

_NOT_ASKED = frozenset({"intent", "value", "level", "category", "trait", "note"})


@dataclass(slots=True)
class Tally:
    """Right ones of all."""

    right: int = 0
    total: int = 0

    def count(self, *, right: bool) -> None:
        """One more."""
        self.right += right
        self.total += 1

    @property
    def share(self) -> float:
        """Of all; 0 of none."""
        return self.right / self.total if self.total else 0.0


@dataclass(slots=True)
class Evaluation:
    """`figures`, `slices` by what was counted; `taken` by kind, label and answer; `honest` by kind and bin."""

    figures: dict[str, Tally] = field(default_factory=dict)
    slices: dict[str, Tally] = field(default_factory=dict)
    taken: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    honest: dict[tuple[str, int], tuple[Tally, float]] = field(default_factory=dict)
    misses: list[str] = field(default_factory=list)

    def figure(self, name: str, *, right: bool) -> None:
        """One more answer under a name."""
        self.figures.setdefault(name, Tally()).count(right=right)


def evaluate(reader: Reader, lines: Iterable[str]) -> Evaluation:
    """Reads every line and compares. Raises ValueError for a line without a label."""
    result = Evaluation()
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        labelled = {"kind": "triage", **json.loads(line)}
        kind = labelled["kind"]
        if kind not in LABELS or LABELS[kind] not in labelled:
            raise ValueError(f"line {number}: needs a kind of {', '.join(LABELS)} and its label")
        asked = {name: value for name, value in labelled.items() if name not in _NOT_ASKED}
        _compare(result, labelled, answer_line(reader, json.dumps(asked)))
    return result


def _compare(result: Evaluation, labelled: dict[str, Any], got: dict[str, Any]) -> None:
    kind, label = labelled["kind"], LABELS[labelled["kind"]]
    wanted, given = labelled[label], got.get(label, got.get("error"))
    right = label in got and given == wanted
    result.figure(kind, right=right)
    for mark in (
        f"lang {labelled.get('lang', '?')}",
        *(f"trait {name}" for name in labelled.get("trait") or ()),
    ):
        result.slices.setdefault(f"{kind}, {mark}", Tally()).count(right=right)
    if kind in {"triage", "intent"}:
        result.taken[kind, str(wanted), str(given)] += 1
    if "confidence" in got:
        _weigh_honesty(result, kind, got, right=_at_least(kind, wanted, given, right=right))
    if kind == "triage":
        _triage(result, wanted, str(given), right=right)
    elif kind == "answer":
        result.figure("answer, no answer is none" if wanted is None else "answer, a value", right=right)
    if not right:
        result.misses.append(f"{kind}: {labelled['text']}\n    wanted {wanted!r}, got {given!r}")


def _at_least(kind: str, wanted: object, given: object, *, right: bool) -> bool:
    """How sure an `urgent` is says how sure it is that somebody must look."""
    return wanted != Level.NONE if kind == "triage" and given == Level.URGENT else right


def _weigh_honesty(result: Evaluation, kind: str, got: dict[str, Any], *, right: bool) -> None:
    sure = float(got["confidence"])
    number = next(number for number, bound in enumerate(BINS[1:]) if sure <= bound)
    tally, total = result.honest.get((kind, number), (Tally(), 0.0))
    tally.count(right=right)
    result.honest[kind, number] = (tally, total + sure)


def _triage(result: Evaluation, wanted: str, given: str, *, right: bool) -> None:
    if wanted in GRAVE:
        result.figure("triage, emergency or crisis somebody hears of", right=given in {*GRAVE, "urgent"})
        result.figure("triage, emergency or crisis at its level", right=right)
    elif wanted == "urgent":
        result.figure("triage, urgent somebody hears of", right=given in {*GRAVE, "urgent"})
    else:
        result.figure("triage, harmless left alone", right=right)


def report(result: Evaluation, *, misses: bool = True) -> Iterator[str]:
    """The evaluation as lines of text."""
    yield from _tallies(result.figures)
    for kind in ("triage", "intent"):
        yield from _confusion(kind, result.taken)
    yield from _reliability(result)
    yield ""
    yield from _tallies(dict(sorted(result.slices.items())))
    if misses and result.misses:
        yield from ("", *result.misses)


def _tallies(tallies: dict[str, Tally]) -> Iterator[str]:
    for name, tally in tallies.items():
        yield f"{name:<48}{tally.right:>6} of {tally.total:<6}{tally.share:>7.1%}"


def _confusion(kind: str, taken: Counter[tuple[str, str, str]]) -> Iterator[str]:
    """A row for each label, a column for each answer."""
    pairs = {(wanted, given): count for (of, wanted, given), count in taken.items() if of == kind}
    if not pairs:
        return
    names = sorted({name for pair in pairs for name in pair})
    width = max(map(len, names)) + 2
    yield ""
    yield f"{kind + ': label, taken for':<24}" + "".join(f"{name:>{width}}" for name in names)
    for wanted in names:
        yield f"{wanted:<24}" + "".join(f"{pairs.get((wanted, given), 0) or '.':>{width}}" for given in names)


def _reliability(result: Evaluation) -> Iterator[str]:
    """Of the answers that were so sure, how many were right; the error is the mean distance of the two."""
    for kind in dict.fromkeys(kind for kind, _ in result.honest):
        bins = {number: entry for (of, number), entry in sorted(result.honest.items()) if of == kind}
        count = sum(tally.total for tally, _ in bins.values())
        error = sum(abs(tally.right - total) for tally, total in bins.values()) / count
        yield ""
        yield f"{kind}: sure to, and right (expected calibration error {error:.1%})"
        for tally, total in bins.values():
            yield f"{total / tally.total:>10.0%}{tally.share:>8.0%}   of {tally.total}"
