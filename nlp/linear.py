"""The first trained opinion: how likely each level, category, intent and language is, by features.

Four linear models (multinomial logistic regression) over the same features, trained by `nlp.training.linear` from
the messages in `nlp/training/`, and kept in `data/linear.npz`: for each feature that counts, the CRC-32 of its
name, its weight by rarity, and a row of 8-bit weights, one a class. It is quick, can say which words decided, and
knows what the rules found; what it has never seen in words like these it can't know.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from nlp.features import Features, Span

PATH = Path(__file__).parent / "data" / "linear.npz"

BLOCKS = (1.0, 1.0, 0.5)
"""What each block of features counts, however many features of it a message has."""

HEADS = ("level", "category", "intent", "language")
"""What both models tell."""

TALK = "talk"
"""What the linear model tells besides: whether this is `ordinary` talk, or something that one tells a `clinic`."""

Likely = Mapping[str, float]
"""Probabilities by class; they add up to 1."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """The features of one message that the model knows: their rows, values and places."""

    rows: NDArray[np.int64]
    values: NDArray[np.float32]
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Head:
    """One linear model. `scale` turns a column's 8-bit weights into real ones."""

    classes: tuple[str, ...]
    weights: NDArray[np.int8]
    scale: NDArray[np.float32]
    bias: NDArray[np.float32]

    def scores(self, seen: Weighed) -> NDArray[np.float32]:
        """The log-odds of the classes, up to a constant."""
        raw: NDArray[np.float32] = (seen.values @ self.weights[seen.rows]) * self.scale + self.bias
        return raw

    def likely(self, seen: Weighed) -> Likely:
        """The probabilities of the classes."""
        scores = self.scores(seen)
        odds = np.exp(scores - scores.max())
        return dict(zip(self.classes, (odds / odds.sum()).tolist(), strict=True))

    def reasons(self, seen: Weighed, chosen: str, rival: str) -> list[tuple[float, Span]]:
        """What speaks for a class and against another: places with their share of the log-odds, the largest first."""
        one, other = self.classes.index(chosen), self.classes.index(rival)
        rows = self.weights[seen.rows].astype(np.float32) * self.scale
        shares = (rows[:, one] - rows[:, other]) * seen.values
        told = zip(shares.tolist(), seen.spans, strict=True)
        return sorted(((share, span) for share, span in told if share > 0), key=lambda one: (-one[0], one[1]))


@dataclass(frozen=True, slots=True)
class Linear:
    """All heads over one table of features."""

    hashes: NDArray[np.uint32]
    rarity: NDArray[np.float32]
    heads: Mapping[str, Head]
    corpus: str
    """The digest of what it was trained from."""

    def weigh(self, features: Features) -> Weighed:
        """The features that count, each block normed to its share."""
        rows, values = [], []
        spans: list[Span] = []
        for number, (block, share) in enumerate(zip(features.blocks, BLOCKS, strict=True)):
            names = list(block)
            hashes = np.fromiter((feature_hash(number, name) for name in names), np.uint32, len(names))
            at = np.searchsorted(self.hashes, hashes)
            at[at == len(self.hashes)] = 0
            known = np.flatnonzero(self.hashes[at] == hashes)
            rarity = self.rarity[at[known]]
            rows.append(at[known])
            values.append(rarity * np.float32(share / max(1e-9, float(np.linalg.norm(rarity)))))
            spans.extend(block[names[index]] for index in known)
        return Weighed(np.concatenate(rows), np.concatenate(values), tuple(spans))


def feature_hash(block: int, name: str) -> int:
    """Where a feature stands in the table."""
    return crc32(name.encode(), block)


def load(path: Path = PATH) -> Linear:
    """Reads the model. Raises OSError or ValueError where it is missing or damaged."""
    with np.load(path, allow_pickle=False) as kept:
        heads = {
            name: Head(
                classes=tuple(kept[f"{name}_classes"].tolist()),
                weights=kept[f"{name}_weights"],
                scale=kept[f"{name}_scale"],
                bias=kept[f"{name}_bias"],
            )
            for name in (*HEADS, TALK)
        }
        return Linear(
            hashes=kept["hashes"],
            rarity=kept["rarity"].astype(np.float32),
            heads=heads,
            corpus=str(kept["corpus"]),
        )
