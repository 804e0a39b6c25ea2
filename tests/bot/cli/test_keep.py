"""`bot clock` and `bot watch`, as processes on the test's servers."""

import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.wrappers import Request, Response

from bot.gateways.doorbell import INBOUND
from bot.gateways.twilio_twin.server import serve_app
from bot.runtime import Runtime
from bot.service import clinic as clinics
from bot.store import heartbeats, timers
from bot.store.heartbeats import CLOCK, WATCH
from tests.bot.cli.processes import bot, forget_rings, job, put_timer
from tests.bot.service.silence import silent_for
from tests.faults.waiting import until


def test_the_clock_rings_what_is_due_and_stops_at_a_signal(rt: Runtime, clinic: UUID) -> None:
    forget_rings(rt)
    put_timer(rt, clinic)
    with bot(rt, "clock") as process:
        assert job(rt, INBOUND)
    assert process.returncode == 0
    with rt.begin() as db:
        assert timers.next_due(db) is None


def test_the_clock_goes_on_after_a_round_that_failed(rt: Runtime, clinic: UUID) -> None:
    """Twilio can't be reached: polling fails, and the timers ring all the same."""
    forget_rings(rt)
    poor = Runtime(rt.settings.model_copy(update={"twilio_api_base": "http://127.0.0.1:1"}))
    with rt.begin() as db:  # nor can a look for left-over work succeed
        db.conn.exec_driver_sql("ALTER TABLE outbox RENAME TO away")
    put_timer(rt, clinic)
    with bot(poor, "clock") as process:
        assert job(rt, INBOUND)
        put_timer(rt, clinic)
        forget_rings(rt)
        assert job(rt, INBOUND)
    assert process.returncode == 0


@contextmanager
def hanging() -> Iterator[str]:
    """The address of a carrier that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_timers_ring_while_the_carrier_leaves_another_round_without_an_answer(
    rt: Runtime, clinic: UUID
) -> None:
    """To ask what came in takes as long as the carrier may take: ten seconds, for each number."""
    forget_rings(rt)
    for number in range(5):
        clinics.add(rt, name=f"Clinic {number}", phone=f"+1202555040{number}", zone="America/Chicago")
    with hanging() as address:
        slow = Runtime(rt.settings.model_copy(update={"twilio_api_base": address}))
        with bot(slow, "clock") as process:
            for _ in range(3):
                put_timer(rt, clinic)
                forget_rings(rt)
                assert until(lambda: rt.doorbell._redis.lpop("rq:queue:inbound"), within=9) is not None
            process.kill()  # it would wait for the round to end


def test_the_clock_gives_signs_of_life(rt: Runtime) -> None:
    silent_for(rt, CLOCK, timedelta(hours=1))
    with bot(rt, "clock"):
        until(lambda: age(rt, CLOCK) < timedelta(seconds=30))


def test_the_watch_gives_signs_of_life_and_stops_at_a_signal(rt: Runtime) -> None:
    silent_for(rt, WATCH, timedelta(hours=1))
    with bot(rt, "watch") as process:
        until(lambda: age(rt, WATCH) < timedelta(seconds=30))
    assert process.returncode == 0


def test_the_watch_works_where_database_and_redis_are_away(rt: Runtime) -> None:
    """It tells the operator of just that, at its second look."""
    away = {"database_url": "postgresql://nobody@127.0.0.1:1/nothing", "redis_url": "redis://127.0.0.1:1/0"}
    came: list[str] = []

    def pager(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        came.append(Request(environ).get_json()["fault"])
        return Response("")(environ, start_response)

    serving = serve_app(pager)
    given = away | {"operator_webhook": serving.base_url}
    with bot(Runtime(rt.settings.model_copy(update=given)), "watch") as process:
        until(lambda: sorted(came) == ["database_away", "redis_away"], seen=lambda: came)
    serving.stop()
    assert process.returncode == 0


def age(rt: Runtime, name: str) -> timedelta:
    with rt.begin() as db:
        return heartbeats.ages(db)[name]
