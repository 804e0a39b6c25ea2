"""The watch: what the operator is told and when, by which ways, and that clock and watch look after each other."""

import itertools
import socket
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from aiosmtpd.controller import Controller
from werkzeug.wrappers import Request, Response

from bot.gateways.twilio_twin.server import serve_app
from bot.runtime import Runtime
from bot.service import watch
from bot.service.faults import CLOCK, START_UP, WATCH, Fault
from bot.service.watch import Message, Post, Turn
from bot.store import heartbeats
from tests.bot.service.silence import beats, silent_for, staffed
from tests.conftest import START, House

OPERATOR = "operator@clinic.example"
BEGAN, LASTS, ENDED = Turn.BEGAN, Turn.LASTS, Turn.ENDED
HOUR = timedelta(hours=1)


# -- by which ways -----------------------------------------------------------------------------------


@dataclass
class Pager:
    """Where the operator reads: a mail server, a pager, and a dead-man's switch. `status` is the web's answer."""

    mails: list[EmailMessage] = field(default_factory=list)
    posts: list[dict[str, Any]] = field(default_factory=list)
    calls: int = 0
    status: int = 200
    mail_reply: str = "250 OK"
    settings: dict[str, str] = field(default_factory=dict)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.mail_reply.startswith("250"):
            self.mails.append(message_from_bytes(envelope.content, policy=default))
        return self.mail_reply

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        if self.status < 400:
            if request.path == "/pager":
                self.posts.append(request.get_json())
            else:
                self.calls += 1
        return Response("", self.status)(environ, start_response)


class _Mails(Controller):
    """A mail server on a port that nobody else can take meanwhile."""

    def __init__(self, pager: Pager) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        super().__init__(pager, hostname="127.0.0.1", port=self._socket.getsockname()[1])

    def _create_server(self) -> Any:
        return self.loop.create_server(self._factory_invoker, sock=self._socket)


@pytest.fixture
def pager() -> Iterator[Pager]:
    made = Pager()
    serving, mails = serve_app(made), _Mails(made)
    mails.start()
    made.settings = {
        "smtp_url": f"smtp://127.0.0.1:{mails.port}",
        "mail_from": "careline@clinic.example",
        "operator_email": OPERATOR,
        "operator_webhook": f"{serving.base_url}/pager",
        "heartbeat_url": f"{serving.base_url}/switch",
    }
    yield made
    mails.stop()
    serving.stop()


Make = Callable[..., Runtime]


@pytest.fixture
def make(rt: Runtime, pager: Pager) -> Iterator[Make]:
    """Makes the same service with an operator; settings that are given win."""
    made: list[Runtime] = []

    def with_operator(**given: str) -> Runtime:
        made.append(Runtime(rt.settings.model_copy(update=pager.settings | given)))
        return made[-1]

    yield with_operator
    for one in made:
        one.engine.dispose()


MESSAGE = Message(fault=CLOCK, turn=BEGAN, since=START)


def test_the_operator_is_told_by_mail_and_webhook(make: Make, pager: Pager) -> None:
    assert watch.tell(make(public_url="https://clinic.example"), MESSAGE)
    (mail,), (posted,) = pager.mails, pager.posts
    assert (mail["To"], mail["Subject"]) == (OPERATOR, "careline: clock stopped")
    assert MESSAGE.text in mail.get_content()
    assert "https://clinic.example/readyz" in mail.get_content()
    assert posted == {
        "text": f"careline at https://clinic.example, clock stopped. {MESSAGE.text}",
        "fault": "clock_stopped",
        "turn": "began",
        "since": "2026-11-30T14:00:00+00:00",
    }


def test_every_mail_is_one_of_its_own(make: Make, pager: Pager) -> None:
    rt = make()
    for turn in (BEGAN, LASTS):
        assert watch.tell(rt, replace(MESSAGE, turn=turn))
    assert len({mail["Message-ID"] for mail in pager.mails}) == 2


@pytest.mark.parametrize(
    ("given", "ways"),
    [
        ({"operator_email": ""}, (0, 1)),
        ({"operator_webhook": ""}, (1, 0)),
        (
            {"operator_email": "", "operator_webhook": ""},
            (0, 0),
        ),  # it stands in the log: nothing more can be done
        ({"smtp_url": ""}, (0, 1)),
    ],
)
def test_a_way_that_is_not_set_is_not_gone(
    make: Make, pager: Pager, given: dict[str, str], ways: tuple[int, int]
) -> None:
    assert watch.tell(make(**given), MESSAGE)
    assert (len(pager.mails), len(pager.posts)) == ways


@pytest.mark.parametrize(
    ("mail_reply", "status", "heard"),
    [("550 no", 200, True), ("451 later", 200, True), ("250 OK", 500, True), ("550 no", 500, False)],
)
def test_one_way_is_enough(make: Make, pager: Pager, mail_reply: str, status: int, heard: bool) -> None:
    pager.mail_reply, pager.status = mail_reply, status
    assert watch.tell(make(), MESSAGE) is heard


@pytest.mark.parametrize(
    "given", [{"smtp_url": ""}, {"mail_from": "no address"}, {"operator_email": "nonsense"}]
)
def test_mail_that_can_not_be_sent_raises_nothing(make: Make, pager: Pager, given: dict[str, str]) -> None:
    assert not watch.tell(make(operator_webhook="", **given), MESSAGE)


@pytest.mark.parametrize("given", [{}, {"operator_email": "", "operator_webhook": ""}])
def test_a_fault_stands_in_the_log_whatever_is_set(
    make: Make, capsys: pytest.CaptureFixture[str], given: dict[str, str]
) -> None:
    watch.tell(make(**given), MESSAGE)
    line = capsys.readouterr()
    assert "clock_stopped" in line.out + line.err
    assert OPERATOR not in line.out + line.err


def test_what_reached_nobody_is_told_at_the_next_look(make: Make, pager: Pager) -> None:
    rt, told, moments = make(), {}, itertools.count()

    def look(*faults: Fault) -> list[str]:
        nonlocal told
        pager.posts.clear()
        told = watch.announce(rt, told, faults, START + next(moments) * timedelta(seconds=10))
        return [posted["turn"] for posted in pager.posts]

    pager.mail_reply, pager.status = "451 later", 500
    assert [look(CLOCK), look(CLOCK), look(CLOCK)] == [[], [], []]
    pager.status = 200
    assert [look(CLOCK), look(CLOCK)] == [["began"], []]
    pager.status = 500
    assert [look(), look(), look()] == [[], [], []]
    pager.status = 200
    assert [look(), look(), look()] == [["ended"], [], []]


# -- at its post -------------------------------------------------------------------------------------


@pytest.fixture
def at_it(rt: Runtime) -> Iterator[None]:
    """Clock, watch and a worker for every queue are at it."""
    rt.doorbell._redis.flushdb()
    beats(rt)
    with staffed(rt.doorbell):
        yield


def settled_post(rt: Runtime) -> Post:
    """A post of a watch that has run for a while."""
    made = watch.post(rt)
    made.started -= START_UP
    return made


def looks(post: Post, times: int = 2) -> None:
    for _ in range(times):
        post.look()


def test_while_all_is_well_the_switch_is_called_once_a_minute(make: Make, pager: Pager, at_it: None) -> None:
    post = settled_post(make())
    looks(post, 3)
    assert (pager.calls, pager.posts) == (1, [])
    assert post.called is not None
    post.called -= watch.CALL_EVERY
    looks(post, 3)
    assert pager.calls == 2


def test_a_call_that_was_not_heard_is_tried_at_the_next_look(make: Make, pager: Pager, at_it: None) -> None:
    pager.status = 500
    post = settled_post(make())
    looks(post, 1)
    pager.status = 200
    looks(post, 1)
    assert pager.calls == 1


def test_while_anything_is_wrong_the_switch_is_not_called(
    rt: Runtime, make: Make, pager: Pager, at_it: None
) -> None:
    silent_for(rt, heartbeats.CLOCK, HOUR)
    looks(settled_post(make()))
    assert (pager.calls, [each["fault"] for each in pager.posts]) == (0, ["clock_stopped"])


def test_where_there_is_no_switch_none_is_called(make: Make, pager: Pager, at_it: None) -> None:
    looks(settled_post(make(heartbeat_url="")))
    assert pager.calls == 0


def test_the_watch_is_seen_by_its_looks(rt: Runtime, make: Make, at_it: None) -> None:
    silent_for(rt, heartbeats.WATCH, HOUR)
    looks(settled_post(make()), 1)
    with rt.begin() as db:
        assert heartbeats.ages(db)[heartbeats.WATCH] < timedelta(minutes=1)


def test_at_its_start_it_gives_the_others_time_to_start_and_calls_no_switch(
    rt: Runtime, make: Make, pager: Pager, at_it: None
) -> None:
    silent_for(rt, heartbeats.CLOCK, HOUR)
    post = watch.post(make())
    looks(post, 3)
    assert (pager.posts, pager.calls) == ([], 0)
    post.started -= START_UP
    looks(post)
    assert [each["fault"] for each in pager.posts] == ["clock_stopped"]


def test_it_tells_that_database_and_redis_are_away(make: Make, pager: Pager) -> None:
    away = {"database_url": "postgresql://nobody@127.0.0.1:1/nothing", "redis_url": "redis://127.0.0.1:1/0"}
    looks(watch.post(make(**away)))
    assert {each["fault"] for each in pager.posts} == {"database_away", "redis_away"}
    assert len(pager.mails) == 2


def test_a_carrier_that_accepts_nothing_is_told_and_its_return_too(
    house: House, make: Make, pager: Pager, at_it: None
) -> None:
    """An emergency while Twilio takes nothing: nobody on call hears of it."""
    post = settled_post(make())
    house.twin.weather(busy=1000)
    house.text("my chest hurts and I can't breathe")
    house.work()
    looks(post)
    assert pager.posts == []
    house.wait_until(house.rt.now() + timedelta(seconds=70))
    looks(post)
    told = {each["fault"] for each in pager.posts}
    assert told == {"page_not_accepted", "texts_not_accepted"}
    house.twin.weather()
    house.wait_until(house.rt.now() + timedelta(minutes=2))
    looks(post, 3)
    assert [(each["fault"], each["turn"]) for each in pager.posts[2:]] == [("page_not_accepted", "ended")]


def test_look_says_what_is_wrong_now(rt: Runtime, at_it: None) -> None:
    assert watch.look(rt) == ()
    silent_for(rt, heartbeats.CLOCK, HOUR)
    assert watch.look(rt) == (CLOCK,)


# -- the clock looks after the watch -----------------------------------------------------------------


def test_the_clock_gives_a_sign_of_life(rt: Runtime) -> None:
    watch.beat(rt)
    with rt.begin() as db:
        assert heartbeats.ages(db).keys() == {heartbeats.CLOCK}


def test_a_watch_that_is_silent_is_told_by_the_clock_once_and_its_return_too(
    make: Make, pager: Pager
) -> None:
    rt = make()

    def rounds(times: int) -> list[tuple[str, str]]:
        pager.posts.clear()
        for _ in range(times):
            watch.look_after_the_watch(rt)
        return [(each["fault"], each["turn"]) for each in pager.posts]

    assert rounds(1) == [], "it may just be starting"
    assert rounds(3) == [(WATCH.name, "began")]
    silent_for(rt, heartbeats.WATCH, timedelta())
    assert rounds(3) == [(WATCH.name, "ended")]
    silent_for(rt, heartbeats.WATCH, HOUR)
    assert rounds(2) == [(WATCH.name, "began")]


def test_two_services_do_not_share_what_they_have_told(make: Make, pager: Pager) -> None:
    one, other = make(), make()
    for _ in range(2):
        watch.look_after_the_watch(one)
    watch.look_after_the_watch(other)
    assert len(pager.posts) == 1
