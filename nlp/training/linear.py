"""Trains `nlp/data/linear.npz`. Needs scikit-learn; takes some minutes; the same messages give the same model."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from nlp import lexicon, safety
from nlp.dates.grammar import Grammar
from nlp.features import Features, features
from nlp.linear import BLOCKS, HEADS, PATH, TALK, feature_hash
from nlp.message import understand
from nlp.reading import UNDETERMINED
from nlp.training.chat import sentences
from nlp.training.corpus import Example, digest, examples

LOOSE = 8.0
"""C of the regression: how freely weights may grow."""

CHAT, CHAT_WEIGHT = 60_000, 0.1
"""Sentences of ordinary talk, and what one counts beside a message that was written for the clinic."""

SEEN = 2
"""Messages that must have a feature for it to be learned."""

SMALLEST = 0.02
"""Share of the head's largest weight below which a feature is dropped if it is so in every head."""

AS_HARMLESS = frozenset({"other", "refill"})
"""Intents whose messages may be anything; all other replies to a reminder are harmless."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A message, its features and what it counts."""

    example: Example
    features: Features
    weight: float = 1.0


def labels(example: Example, head: str) -> str | None:
    """What a head learns from a message; None: nothing."""
    if head == "level":
        return example.level or ("none" if example.intent and example.intent not in AS_HARMLESS else None)
    if head == "category":
        return example.category if example.level != "none" else None
    if head == TALK and example.language != UNDETERMINED:
        return "ordinary" if example.category == "ordinary" else "clinic"
    return {"intent": example.intent, "language": example.language}.get(head)


def look(texts: Iterable[Example], weight: float = 1.0) -> list[Seen]:
    """The features of messages, as the reader finds them."""
    words = lexicon.load()
    grammar = Grammar(words.dates, words.numbers)
    seen = []
    for example in texts:
        message = understand(example.text, words, grammar, None)
        seen.append(
            Seen(example, features(message, safety.judge(message.words, message.found, words)), weight)
        )
    return seen


def train(path: Path = PATH) -> None:
    """Trains and writes all heads."""
    seen = look(examples())
    chat = sentences(held_back=False)[:CHAT]
    seen += look(
        (Example(text=text, language="en", level="none", category="ordinary") for text in chat), CHAT_WEIGHT
    )
    table = _table(seen)
    heads = {head: _head(head, seen, table) for head in (*HEADS, TALK)}
    kept = _worth_keeping(heads.values())
    order = np.argsort(table.hashes[kept])
    content: dict[str, Any] = {
        "hashes": table.hashes[kept][order],
        "rarity": table.rarity[kept][order].astype(np.float16),
        "corpus": np.array(digest()),
    }
    for name, head in heads.items():
        content |= {f"{name}_{part}": value for part, value in _packed(head, kept[order]).items()}
    np.savez_compressed(path, **content)


@dataclass(frozen=True, slots=True)
class _Table:
    columns: dict[int, int]
    hashes: np.ndarray
    rarity: np.ndarray


def _hashed(found: Features) -> list[list[int]]:
    return [[feature_hash(number, name) for name in block] for number, block in enumerate(found.blocks)]


def _table(seen: Sequence[Seen]) -> _Table:
    """A column for each feature that more than one message has; rare ones count more."""
    counted: Counter[int] = Counter()
    for one in seen:
        counted.update({mark for block in _hashed(one.features) for mark in block})
    common = sorted(mark for mark, count in counted.items() if count >= SEEN)
    often = np.array([counted[mark] for mark in common])
    rarity = np.log((1 + len(seen)) / (1 + often)) + 1
    return _Table(
        {mark: at for at, mark in enumerate(common)}, np.array(common, np.uint32), rarity.astype(np.float32)
    )


def _matrix(seen: Sequence[Seen], table: _Table) -> csr_matrix:
    rows, columns, values = [], [], []
    for row, one in enumerate(seen):
        for block, share in zip(_hashed(one.features), BLOCKS, strict=True):
            at = [table.columns[mark] for mark in block if mark in table.columns]
            rarity = table.rarity[at]
            rows += [row] * len(at)
            columns += at
            values.append(rarity * share / max(1e-9, float(np.linalg.norm(rarity))))
    return csr_matrix((np.concatenate(values), (rows, columns)), shape=(len(seen), len(table.columns)))


@dataclass(frozen=True, slots=True)
class _Fitted:
    classes: list[str]
    weights: np.ndarray  # features by classes
    bias: np.ndarray


def _head(name: str, seen: Sequence[Seen], table: _Table) -> _Fitted:
    told = [one for one in seen if labels(one.example, name) is not None]
    fitted = LogisticRegression(C=LOOSE, max_iter=150).fit(
        _matrix(told, table),
        [labels(one.example, name) for one in told],
        sample_weight=[one.weight for one in told],
    )
    weights, bias = fitted.coef_, fitted.intercept_
    if len(weights) == 1:  # of two classes scikit-learn tells one difference
        weights, bias = np.vstack([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
    return _Fitted(fitted.classes_.tolist(), weights.T, bias)


def _worth_keeping(heads: Iterable[_Fitted]) -> np.ndarray:
    worth = [np.abs(head.weights).max(axis=1) > SMALLEST * np.abs(head.weights).max() for head in heads]
    return np.flatnonzero(np.any(worth, axis=0))


def _packed(head: _Fitted, rows: np.ndarray) -> dict[str, Any]:
    weights = head.weights[rows]
    scale = np.abs(weights).max(axis=0) / 127
    return {
        "classes": np.array(head.classes),
        "weights": np.round(weights / scale).astype(np.int8),
        "scale": scale.astype(np.float32),
        "bias": head.bias.astype(np.float32),
    }
