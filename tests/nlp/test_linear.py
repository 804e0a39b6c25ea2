"""The linear model: probabilities from the features of a message, and the words that they come from."""

from pathlib import Path

import numpy as np
import pytest

from nlp import linear
from nlp.features import Features
from nlp.linear import Head, Linear, feature_hash

HASHES = sorted(
    (feature_hash(0, "hurts"), feature_hash(0, "chest"), feature_hash(1, "che"), feature_hash(2, "+x"))
)


@pytest.fixture
def small() -> Linear:
    """Knows four features; "hurts" speaks for the first class, "chest" twice as much for the second."""
    weights = np.zeros((4, 2), np.int8)
    weights[HASHES.index(feature_hash(0, "hurts"))] = (100, 0)
    weights[HASHES.index(feature_hash(0, "chest"))] = (0, 127)
    head = Head(("a", "b"), weights, np.array([0.05, 0.1], np.float32), np.zeros(2, np.float32))
    return Linear(np.array(HASHES, np.uint32), np.ones(4, np.float32), {"level": head}, "digest")


def features(*words: str) -> Features:
    return Features({word: (at, at + 1) for at, word in enumerate(words)}, {}, {})


def test_what_it_knows_decides(small: Linear) -> None:
    head = small.heads["level"]
    assert head.likely(small.weigh(features("hurts")))["a"] > 0.9
    assert head.likely(small.weigh(features("hurts", "chest")))["b"] > 0.9


def test_what_it_does_not_know_changes_nothing(small: Linear) -> None:
    head = small.heads["level"]
    assert head.likely(small.weigh(features("hurts"))) == head.likely(
        small.weigh(features("hurts", "strange"))
    )
    assert head.likely(small.weigh(features("strange"))) == {"a": 0.5, "b": 0.5}
    assert head.likely(small.weigh(features())) == {"a": 0.5, "b": 0.5}


def test_a_block_counts_the_same_however_long_the_message_is(small: Linear) -> None:
    short, long = small.weigh(features("hurts")), small.weigh(features("hurts", "chest"))
    assert np.linalg.norm(short.values) == pytest.approx(np.linalg.norm(long.values))


def test_the_same_name_is_another_feature_in_another_block(small: Linear) -> None:
    assert len(small.weigh(Features({"che": (0, 1)}, {}, {})).rows) == 0
    assert len(small.weigh(Features({}, {"che": (0, 1)}, {})).rows) == 1


def test_reasons_are_the_words_that_speak_for_a_class(small: Linear) -> None:
    reasons = small.heads["level"].reasons(small.weigh(features("hurts", "chest")), "b", "a")
    assert [span for _, span in reasons] == [(1, 2)]


def test_the_shipped_model_has_every_head() -> None:
    shipped = linear.load()
    assert set(shipped.heads) == {*linear.HEADS, linear.TALK}
    assert (np.diff(shipped.hashes.astype(np.int64)) > 0).all()  # searchsorted needs them in order


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="linear"):
        linear.load(tmp_path / "linear.npz")
