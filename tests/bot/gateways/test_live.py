"""Word to open consoles, over a real Valkey."""

from collections.abc import Iterator
from contextlib import ExitStack
from uuid import uuid4

import pytest

from bot.gateways.live import INBOX, Ear, Live, talk
from tests.conftest import Servers

OURS, OTHERS = uuid4(), uuid4()
LONG = 10.0  # seconds; nothing of it is waited for unless something is wrong


@pytest.fixture
def live(servers: Servers) -> Live:
    """A process that serves consoles."""
    return Live(servers.redis)


@pytest.fixture
def ears(live: Live, servers: Servers) -> Iterator[tuple[Ear, Ear, Ear]]:
    """Two consoles of our clinic and one of another's, which listen for certain."""
    with ExitStack() as stack:
        found = [stack.enter_context(live.ear(clinic)) for clinic in (OURS, OURS, OTHERS)]
        worker = Live(servers.redis)
        for ear, clinic in zip(found, (OURS, OURS, OTHERS), strict=True):
            until_heard(worker, ear, clinic)
        for ear in found:
            ear.wait(0.05)  # what is left of getting ready
        yield found[0], found[1], found[2]


def until_heard(worker: Live, ear: Ear, clinic: object) -> None:
    """The subscription takes a moment: say something until it is heard."""
    for _ in range(200):
        worker.tell(clinic, "ready")  # type: ignore[arg-type]
        if ear.wait(0.05):
            return
    pytest.fail("nothing is heard")


def test_every_console_of_the_clinic_hears_and_no_other(servers: Servers, ears: tuple[Ear, Ear, Ear]) -> None:
    conversation = uuid4()
    Live(servers.redis).tell(OURS, INBOX, talk(conversation))
    assert ears[0].wait(LONG) == ears[1].wait(LONG) == {"inbox", f"talk:{conversation}"}
    Live(servers.redis).tell(OTHERS, INBOX)
    assert ears[2].wait(LONG) == {"inbox"}
    assert ears[0].wait(0) == set()


def test_news_that_come_while_nobody_looks_are_told_together(
    servers: Servers, ears: tuple[Ear, Ear, Ear]
) -> None:
    for topic in ("a", "b", "a", "last"):
        Live(servers.redis).tell(OURS, topic)
    heard: set[str] = set()
    while "last" not in heard:
        got = ears[0].wait(LONG)
        assert got
        heard |= got
    assert heard == {"a", "b", "last"}


def test_a_mark_moves_with_each_piece_of_the_clinics_own_news(live: Live, servers: Servers) -> None:
    ours, others = uuid4(), uuid4()
    before = live.mark(ours)
    Live(servers.redis).tell(others, INBOX)
    assert live.mark(ours) == before
    Live(servers.redis).tell(ours, INBOX)
    assert live.mark(ours) != before


def test_who_writes_is_known_for_a_while_and_to_all(live: Live, servers: Servers) -> None:
    conversation = uuid4()
    assert live.writers(conversation) == []
    live.writes(conversation, "maria")
    live.writes(conversation, "joe")
    assert sorted(Live(servers.redis).writers(conversation)) == ["joe", "maria"]
    assert live.writers(uuid4()) == []


def test_a_server_that_is_away_stops_nobody() -> None:
    nowhere = Live("redis://127.0.0.1:1/0")
    nowhere.tell(OURS, INBOX)
    nowhere.writes(OURS, "maria")
    assert nowhere.writers(OURS) == []
    assert nowhere.mark(OURS) == ""
