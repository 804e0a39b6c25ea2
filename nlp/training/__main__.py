"""`python -m nlp.training linear | network | alarms | counts`: trains a model, or counts.

`pip install -e '.[training]'` has what it needs. `alarms` counts how many sentences of ordinary talk, none of which
was trained on, are taken for an emergency, a crisis or urgent; `counts` says how many messages there are to train on.
"""

import sys
from collections import Counter
from collections.abc import Callable, Mapping

SENTENCES = 60_000


def _linear() -> None:
    from nlp.training.linear import train

    train()


def _network() -> None:
    from nlp.training.network import train

    train()


def _alarms() -> None:
    from nlp.reader import Reader
    from nlp.training.chat import sentences

    reader, texts = Reader(), sentences(held_back=True)[:SENTENCES]
    levels = Counter(str(reader.read(text).level) for text in texts)
    for level, count in levels.most_common():
        sys.stdout.write(f"{level:<12}{count:>7}{1000 * count / len(texts):>10.2f} of 1,000\n")


def _counts() -> None:
    from nlp.training.corpus import examples

    counts = Counter(
        (label, example.language)
        for example in examples()
        for label in (
            example.level and f"level {example.level}",
            example.intent and f"intent {example.intent}",
        )
        if label
    )
    for (label, language), count in sorted(counts.items()):
        sys.stdout.write(f"{label:<24}{language:<4}{count:>6}\n")


_COMMANDS: Mapping[str, Callable[[], None]] = {
    "linear": _linear,
    "network": _network,
    "alarms": _alarms,
    "counts": _counts,
}

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in _COMMANDS:
        sys.exit(__doc__)
    _COMMANDS[sys.argv[1]]()
