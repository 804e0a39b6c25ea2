"""Word to the operator over real HTTP: whether it was heard, and that nothing is raised and no address logged."""

import json
import socket
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Thread
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from werkzeug.wrappers import Request, Response

from bot import log
from bot.gateways import operator
from bot.gateways.twilio_twin.server import serve_app

SECRET = "/services/T00/secret-token"
MESSAGE = {"text": "Careline: the clock stands.", "count": 3}


@dataclass
class Pager:
    """A pager, a chat or a dead-man's switch."""

    url: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    came: list[Request] = field(default_factory=list)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        request.get_data(cache=True)
        self.came.append(request)
        return Response("heard", self.status, self.headers)(environ, start_response)


@pytest.fixture
def pager() -> Iterator[Pager]:
    app = Pager()
    serving = serve_app(app)
    app.url = serving.base_url + SECRET
    yield app
    serving.stop()


Act = Callable[[str], bool]


@pytest.fixture(params=["post", "beat"])
def act(request: pytest.FixtureRequest) -> Act:
    """Both ways to be heard."""
    return operator.beat if request.param == "beat" else lambda url: operator.post(url, MESSAGE)


def logged(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    """The lines of the log, none of which may hold any part of an address."""
    written = capsys.readouterr().err
    assert "secret" not in written
    assert "127.0.0.1" not in written
    return [json.loads(line) for line in written.splitlines()]


@pytest.fixture(autouse=True)
def log_is_on() -> None:
    log.configure()


def test_a_message_is_posted_as_json(pager: Pager) -> None:
    assert operator.post(pager.url, MESSAGE)
    (request,) = pager.came
    assert (request.method, request.path, request.get_json()) == ("POST", SECRET, MESSAGE)
    assert request.content_type == "application/json"


def test_what_json_has_no_form_for_goes_as_its_text(pager: Pager) -> None:
    assert operator.post(pager.url, {"since": datetime(2026, 11, 30, 14, tzinfo=UTC)})
    assert pager.came[0].get_json() == {"since": "2026-11-30 14:00:00+00:00"}


def test_a_beat_is_a_plain_get(pager: Pager) -> None:
    assert operator.beat(pager.url)
    (request,) = pager.came
    assert (request.method, request.path, request.get_data()) == ("GET", SECRET, b"")


@pytest.mark.parametrize("status", [200, 202, 204])
def test_what_counts_as_heard(
    pager: Pager, act: Act, capsys: pytest.CaptureFixture[str], status: int
) -> None:
    pager.status = status
    assert act(pager.url) is True
    assert logged(capsys) == []


@pytest.mark.parametrize("status", [302, 307, 400, 404, 429, 500, 503])
def test_what_does_not(pager: Pager, act: Act, capsys: pytest.CaptureFixture[str], status: int) -> None:
    pager.status, pager.headers = status, {"Location": "/elsewhere"}
    assert act(pager.url) is False
    assert [request.path for request in pager.came] == [SECRET]  # and redirects are not followed
    (line,) = logged(capsys)
    assert (line["event"] in {"operator_not_told", "heartbeat_not_heard"}, line["status"]) == (True, status)


def test_each_has_its_own_name_in_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    operator.post(f"http://127.0.0.1:1{SECRET}", MESSAGE)
    operator.beat(f"http://127.0.0.1:1{SECRET}")
    lines = logged(capsys)
    assert [line["event"] for line in lines] == ["operator_not_told", "heartbeat_not_heard"]
    assert [(line["level"], line["error"]) for line in lines] == [("warning", "ConnectionError")] * 2


@pytest.mark.parametrize(
    "url",
    [
        f"http://127.0.0.1:1{SECRET}",
        f"https://nowhere.invalid{SECRET}",
        f"http://{'a' * 70}.example{SECRET}",
        f"http://127.0.0.1:99999{SECRET}",
        f"ftp://127.0.0.1{SECRET}",
        f"http://[{SECRET}",
        "secret",
        "",
    ],
)
def test_nothing_is_raised_where_nobody_is(act: Act, capsys: pytest.CaptureFixture[str], url: str) -> None:
    assert act(url) is False
    assert len(logged(capsys)) == 1


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 2", b"220 mail ESMTP\r\n"])
def test_nothing_is_raised_where_somebody_hangs_up(
    act: Act, capsys: pytest.CaptureFixture[str], answer: bytes
) -> None:
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        with listener, listener.accept()[0] as connection:
            connection.recv(65536)
            connection.sendall(answer)

    thread = Thread(target=run)
    thread.start()
    assert act(f"http://127.0.0.1:{listener.getsockname()[1]}{SECRET}") is False
    thread.join()
    assert len(logged(capsys)) == 1


def test_an_answer_is_not_waited_for_beyond_its_first_lines(act: Act) -> None:
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        with listener, listener.accept()[0] as connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nsome of it")
            while connection.recv(65536):
                pass

    thread = Thread(target=run)
    thread.start()
    assert act(f"http://127.0.0.1:{listener.getsockname()[1]}{SECRET}") is True
    thread.join()
