"""The network: probabilities for any words, and what it knows that no list of words has."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.linear import HEADS
from nlp.network import LONGEST, Network, _both_ends


@pytest.fixture(scope="module")
def network() -> Network:
    return Network()


@given(words=st.lists(st.text(min_size=1, max_size=30), max_size=60))
@settings(max_examples=50, deadline=None)
def test_any_words_have_probabilities(network: Network, words: list[str]) -> None:
    likely = network.likely(words)
    assert set(likely) == set(HEADS)
    assert all(sum(one.values()) == pytest.approx(1, abs=1e-3) for one in likely.values())


def test_it_knows_what_a_sentence_is_about(network: Network) -> None:
    level = network.likely(
        ["he", "turned", "grey", "and", "slid", "off", "his", "chair", "and", "wont", "answer", "me"]
    )["level"]
    assert level["emergency"] > level["none"]


def test_the_same_words_give_the_same(network: Network) -> None:
    assert network.likely(["my", "chest", "hurts"]) == network.likely(["my", "chest", "hurts"])


def test_of_a_very_long_text_both_ends_are_read() -> None:
    """What hurts is often said last."""
    numbers = list(range(LONGEST * 3))
    kept = _both_ends(numbers)
    assert (len(kept), kept[0], kept[-1]) == (LONGEST, 0, numbers[-1])
    assert _both_ends(numbers[:5]) == numbers[:5]
