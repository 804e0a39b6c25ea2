"""Both models together: each is heard by its share, unless the first is certain of a harmless wish."""

from collections.abc import Callable

import pytest

from nlp import linear
from nlp.features import features
from nlp.linear import HEADS
from nlp.message import Message
from nlp.network import Network
from nlp.opinion import CERTAIN, HEAT, NETWORK_SHARE, Opinion, Opinions
from nlp.safety import Verdict


@pytest.fixture(scope="module")
def opinions() -> Opinions:
    return Opinions(linear.load(), Network())


@pytest.fixture
def opinion(
    opinions: Opinions, understood: Callable[[str], Message], verdict: Callable[[str], Verdict]
) -> Callable[[str], Opinion]:
    return lambda text: opinions.of(understood(text), verdict(text))


@pytest.mark.parametrize("text", ["yes", "my chest hurts", "ella no despierta", "", "7"])
def test_every_head_has_probabilities(opinion: Callable[[str], Opinion], text: str) -> None:
    found = opinion(text)
    assert all(sum(getattr(found, head).values()) == pytest.approx(1, abs=1e-3) for head in HEADS)
    assert 0 <= found.ordinary <= 1


def test_where_the_linear_model_is_certain_of_a_harmless_wish_it_is_enough(
    opinions: Opinions,
    opinion: Callable[[str], Opinion],
    understood: Callable[[str], Message],
    verdict: Callable[[str], Verdict],
) -> None:
    text = "yes see you then"
    seen = opinions.linear.weigh(features(understood(text), verdict(text)))
    assert opinion(text).intent == opinions.linear.heads["intent"].likely(seen)
    assert opinion(text).intent["confirm"] >= CERTAIN


def test_each_is_heard_by_its_share(
    opinions: Opinions,
    opinion: Callable[[str], Opinion],
    understood: Callable[[str], Message],
    verdict: Callable[[str], Verdict],
) -> None:
    text = "he turned grey and slid off his chair"
    message = understood(text)
    one = opinions.linear.heads["level"].likely(opinions.linear.weigh(features(message, verdict(text))))
    other = Network().likely(message.text.words)["level"]
    share, heat = NETWORK_SHARE["level"], HEAT["level"]
    mean = {name: (one[name] ** (1 - share) * other[name] ** share) ** (1 / heat) for name in one}
    assert opinion(text).level == pytest.approx(
        {name: value / sum(mean.values()) for name, value in mean.items()}, abs=1e-4
    )
