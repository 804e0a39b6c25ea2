"""The demo's phone page takes only what a phone can do, and says in one line what is wrong with the rest."""

from typing import Any

import pytest
import requests

from tests.bot.service.duty import MARIA, alarm, escalation, hire, later, plan, step, work
from tests.conftest import House

GUARD = {"X-Requested-With": "careline"}


def post(house: House, path: str, content: Any) -> requests.Response:
    return requests.post(f"{house.url}/phone/{path}", json=content, headers=GUARD, timeout=20)


@pytest.fixture
def paged(house: House) -> str:
    """Maria is texted and called; the code of the escalation."""
    plan(house.rt, step("nurse on call", "text", "call", wait="2 minutes"))
    hire(house, "maria", MARIA)
    return alarm(house)


def call(house: House) -> str:
    return house.twin.calls(MARIA)[-1].sid


def test_a_call_is_answered_and_taken(house: House, paged: str) -> None:
    for act in ("answer", "press"):
        assert post(house, "call", {"call": call(house), "act": act}).status_code == 204
    work(house)
    assert escalation(house).by == "maria"
    assert post(house, "call", {"call": call(house), "act": "hang_up"}).status_code == 404  # it is over


@pytest.mark.parametrize(("handle", "by"), [("maria", "maria"), (None, "")])
def test_a_page_is_acknowledged_by_a_member_or_from_the_on_call_phone(
    house: House, paged: str, handle: str | None, by: str
) -> None:
    content = {"code": paged} | ({"member": handle} if handle else {})
    assert post(house, "acknowledge", content).status_code == 204
    work(house)
    assert escalation(house).by == by


@pytest.mark.parametrize(
    ("path", "content", "status"),
    [
        ("call", {"call": "CA1", "act": "answer"}, 404),
        ("call", {"call": "CA1", "act": "explode"}, 400),
        ("call", {"call": "CA1", "act": ["answer"]}, 400),
        ("call", {"act": "answer"}, 400),
        ("call", [], 400),
        ("acknowledge", {"code": "1001", "member": "nobody"}, 404),
        ("acknowledge", {"code": "1001", "member": 7}, 400),
        ("acknowledge", {"code": "x"}, 400),
        ("clock", {"step": "year"}, 400),
        ("clock", {}, 400),
    ],
)
def test_what_no_phone_can_do_is_refused(
    house: House, paged: str, path: str, content: Any, status: int
) -> None:
    assert post(house, path, content).status_code == status
    assert escalation(house).by is None


def test_the_clock_moves_to_the_next_step_of_the_ladder(house: House, paged: str) -> None:
    assert post(house, "clock", {"step": "climb"}).status_code == 200
    later(house)
    assert len(house.twin.calls(MARIA)) == 2


def test_another_site_can_t_pick_up(house: House, paged: str) -> None:
    content = {"call": call(house), "act": "answer"}
    assert requests.post(f"{house.url}/phone/call", json=content, timeout=20).status_code == 403
    assert house.twin.calls(MARIA)[-1].status == "ringing"
