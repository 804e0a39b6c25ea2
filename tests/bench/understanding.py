"""How fast texts are read: `python -m tests.bench.understanding`, on one core.

Each message of `tests/nlp/data/*-unseen.jsonl` is read several times, all readers together, and by the rules alone;
a naive list of keywords over the same messages is the yardstick that makes machines comparable.
"""

import json
import os
import re
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

DATA = Path(__file__).parents[1] / "nlp" / "data"
ROUNDS = 5
NOW = datetime.fromisoformat("2026-11-24T10:15:00-05:00")

KEYWORDS = re.compile(
    "|".join(
        ("chest pain", "can't breathe", "cant breathe", "stroke", "heart attack", "bleeding", "unconscious", "overdose",
         "suicide", "kill myself", "seizure", "choking", "allergic reaction", "911", "emergency")
    ),
    re.IGNORECASE,
)  # fmt: skip


def messages() -> list[str]:
    """The texts, of all kinds."""
    return [
        json.loads(line)["text"]
        for path in sorted(DATA.glob("*-unseen.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]


def milliseconds(work: Callable[[str], object], texts: Sequence[str]) -> list[float]:
    """Of each text, sorted; the first round warms up."""
    taken = []
    for number in range(ROUNDS + 1):
        for text in texts:
            start = time.perf_counter()
            work(text)
            if number:
                taken.append(1000 * (time.perf_counter() - start))
    return sorted(taken)


def told(name: str, taken: list[float], unit: float) -> str:
    """One line of the table."""
    middle, late = statistics.median(taken), taken[int(0.99 * len(taken))]
    return f"{name:<28}{middle:>9.3f}{late:>9.3f}{taken[-1]:>9.1f}{middle / unit:>10.0f}"


def main() -> None:
    """Measures and prints."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    start = time.perf_counter()
    from nlp import safety
    from nlp.message import understand
    from nlp.reader import Reader

    imported = time.perf_counter()
    reader = Reader()
    loaded = time.perf_counter()
    texts = messages()
    lexicon, grammar = reader._lexicon, reader._grammar

    def by_rules(text: str) -> object:
        message = understand(text, lexicon, grammar, NOW)
        return safety.judge(message.words, message.found, lexicon)

    keywords = milliseconds(KEYWORDS.search, texts)
    unit = statistics.median(keywords)
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"import {imported - start:.2f} s, load {loaded - imported:.2f} s, {megabytes:.0f} MB, {len(texts)} messages"
    )
    print(f"{'milliseconds':<28}{'median':>9}{'p99':>9}{'most':>9}{'keywords':>10}")
    print(told("a list of keywords", keywords, unit))
    print(told("rules alone", milliseconds(by_rules, texts), unit))
    print(told("all readers together", milliseconds(lambda text: reader.read(text, now=NOW), texts), unit))
    for command in ([sys.executable, "-c", "pass"], [str(Path(sys.executable).with_name("bot")), "--help"]):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        print(f"{Path(command[0]).name} {command[1]}: {time.perf_counter() - start:.2f} s")


if __name__ == "__main__":
    main()
