"""One reader for all tests of the library: loading takes a second, reading nothing."""

from collections.abc import Callable

import pytest

from nlp import lexicon, safety
from nlp.dates.grammar import Grammar
from nlp.lexicon import Lexicon
from nlp.message import Message, understand
from nlp.reader import Reader
from nlp.safety import Verdict


@pytest.fixture(scope="session")
def reader() -> Reader:
    return Reader()


@pytest.fixture(scope="session")
def shipped() -> Lexicon:
    return lexicon.load()


@pytest.fixture(scope="session")
def understood(shipped: Lexicon) -> Callable[[str], Message]:
    """What the rules find in a text, without any model."""
    grammar = Grammar(shipped.dates, shipped.numbers)
    return lambda text: understand(text, shipped, grammar, None)


@pytest.fixture(scope="session")
def verdict(shipped: Lexicon, understood: Callable[[str], Message]) -> Callable[[str], Verdict]:
    """The level of a text by the rules alone."""

    def judge(text: str) -> Verdict:
        message = understood(text)
        return safety.judge(message.words, message.found, shipped)

    return judge
