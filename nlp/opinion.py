"""What both trained models say of a message, put together as honest probabilities.

The two are averaged (the geometric mean): each knows what the other is blind to. Only where the linear model is all but
certain that a message is harmless and what it wants, as with "yes see you then", it is enough.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from nlp.features import features
from nlp.linear import HEADS, TALK, Likely, Linear, Weighed
from nlp.message import Message
from nlp.network import Network
from nlp.reading import Level
from nlp.safety import Verdict

CERTAIN = 0.99
"""How likely `none` and the intent must both be for the linear model to be enough."""

NETWORK_SHARE: Mapping[str, float] = {"level": 0.4, "category": 0.5, "intent": 0.5, "language": 0.3}
"""The network's share of the mean."""

HEAT: Mapping[str, float] = {"level": 0.8, "category": 1.0, "intent": 0.8, "language": 1.0}
"""By what the log-odds are divided, so that of the messages that are read with 80% four in five are read right."""

_LEAST = 1e-9


@dataclass(frozen=True, slots=True)
class Opinion:
    """Probabilities by class, of each head. `ordinary`: that this is ordinary talk, and nothing that one tells a
    clinic; `seen`: what the linear model went by."""

    level: Likely
    category: Likely
    intent: Likely
    language: Likely
    ordinary: float
    seen: Weighed


class Opinions:
    """Both models; made once per process."""

    def __init__(self, linear: Linear, network: Network) -> None:
        self.linear = linear
        self._network = network

    def of(self, message: Message, verdict: Verdict) -> Opinion:
        """The opinion on a message of which the rules found `verdict`."""
        seen = self.linear.weigh(features(message, verdict))
        first = {name: self.linear.heads[name].likely(seen) for name in HEADS}
        ordinary = self.linear.heads[TALK].likely(seen)["ordinary"]
        if min(first["level"][Level.NONE], max(first["intent"].values())) >= CERTAIN:
            return Opinion(**first, ordinary=ordinary, seen=seen)
        second = self._network.likely(message.text.words)
        both = {name: _mean(name, first[name], second[name]) for name in HEADS}
        return Opinion(**both, ordinary=ordinary, seen=seen)


def _mean(head: str, first: Likely, second: Likely) -> Likely:
    share = NETWORK_SHARE[head]
    scores = np.array(
        [
            (1 - share) * np.log(max(first[name], _LEAST)) + share * np.log(max(second[name], _LEAST))
            for name in first
        ]
    )
    odds = np.exp((scores - scores.max()) / HEAT[head])
    return dict(zip(first, (odds / odds.sum()).tolist(), strict=True))
