"""One reader for all tests of the library: loading takes a second, reading nothing."""

import pytest

from nlp import lexicon
from nlp.lexicon import Lexicon
from nlp.reader import Reader


@pytest.fixture(scope="session")
def reader() -> Reader:
    return Reader()


@pytest.fixture(scope="session")
def shipped() -> Lexicon:
    return lexicon.load()
