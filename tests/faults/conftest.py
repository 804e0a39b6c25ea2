"""One town for all fault tests: its processes and servers are started once, and only what broke is started again."""

from collections.abc import Callable, Iterator

import pytest

from tests.faults.practice import Practice, found
from tests.faults.town import Town, build


@pytest.fixture(scope="session")
def _town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with build(tmp_path_factory.mktemp("town")) as town:
        yield town


@pytest.fixture
def town(_town: Town) -> Town:
    """Everything runs, in fine weather."""
    _town.heal()
    return _town


@pytest.fixture
def practice(town: Town) -> Iterator[Callable[..., Practice]]:
    """Founds a clinic with so many patients. Its timers don't ring in the tests that come after."""
    there: list[Practice] = []

    def make(patients: int = 1) -> Practice:
        there.append(found(town, patients))
        return there[-1]

    yield make
    town.heal()
    for each in there:
        each.close()
