"""The stream of news, over HTTP as a browser has it."""

import re
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlsplit

import pytest

from bot.gateways.live import INBOX
from bot.service.entrance import session
from tests.conftest import House
from tests.webhooks.console.seats import Seat, sit_down
from webhooks.app import create


@pytest.fixture
def seat(house: House) -> Seat:
    """A nurse at her desk."""
    return sit_down(house.rt, create(house.rt), house.clinic)


@pytest.fixture
def stream(house: House, seat: Seat) -> Iterator[HTTPResponse]:
    """Her page's stream, which is open."""
    connection = HTTPConnection(urlsplit(house.url).netloc, timeout=20)
    connection.request("GET", "/console/live", headers={"Cookie": f"__Host-console={seat.secret}"})
    yield connection.getresponse()
    connection.close()


def test_a_stream_says_which_topics_have_news_and_nothing_else(
    house: House, seat: Seat, stream: HTTPResponse
) -> None:
    assert stream.status == 200
    assert stream.headers["Content-Type"].startswith("text/event-stream")
    assert stream.headers["Cache-Control"] == "no-store"
    assert stream.readline() == b"retry: 3000\n"
    assert stream.readline() == b"\n"
    house.patient()
    house.text("I need to talk to a person please")
    house.work()
    house.rt.live.tell(seat.desk.clinic, INBOX)
    said = stream.readline()
    while not said.startswith(b"data:"):
        said = stream.readline()
    topics = said.decode().removeprefix("data: ").split()
    assert all(topic in ("inbox", "all") or topic.startswith("talk:") for topic in topics)


def test_what_has_changed_before_the_stream_was_open_is_news(house: House, seat: Seat) -> None:
    page = seat.get("/account").text
    address = re.search(r'data-live="([^"]+)"', page)
    assert address

    def first(path: str) -> list[bytes]:
        connection = HTTPConnection(urlsplit(house.url).netloc, timeout=20)
        connection.request("GET", path, headers={"Cookie": f"__Host-console={seat.secret}"})
        answer = connection.getresponse()
        lines = [answer.readline() for _ in range(3)]
        connection.close()
        return lines

    house.rt.live.tell(seat.desk.clinic, INBOX)
    assert first(address[1]) == [b"retry: 3000\n", b"\n", b"data: all\n"]
    later = re.search(r'data-live="([^"]+)"', seat.get("/account").text)
    assert later
    assert later[1] != address[1]


def test_nobody_without_a_seat_hears_anything(house: House) -> None:
    connection = HTTPConnection(urlsplit(house.url).netloc, timeout=20)
    connection.request("GET", "/console/live")
    assert connection.getresponse().status == 303
    connection.close()


def test_a_look_by_the_stream_keeps_nobody_signed_in(house: House, seat: Seat, stream: HTTPResponse) -> None:
    assert stream.readline()
    before = session.seat(house.rt, seat.secret, by_hand=False)
    assert before
    assert before.ends == (session.seat(house.rt, seat.secret, by_hand=False) or before).ends
