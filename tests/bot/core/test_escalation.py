"""The ladder that climbs until a person acknowledges."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.effects import Acknowledge, CancelTimers, CloseEscalation, Effect, PageStaff, SetTimer, Urgency
from bot.core.escalation import acknowledged, code_for, not_acknowledged, raise_alarm, staff_answer
from bot.core.events import AckDue, Acknowledged
from bot.core.state import State
from tests.bot.core.world import BOOK, CLINIC, POLICY

NOON = datetime(2026, 12, 1, 17, 0, tzinfo=UTC)
SOON = POLICY.page_again_after / 2


def alarm(
    state: State | None = None,
    *,
    urgency: Urgency = Urgency.EMERGENCY,
    seq: int = 7,
    now: datetime = NOON,
    reachable: bool = True,
) -> tuple[State, tuple[Effect, ...]]:
    """An alarm in a conversation where nothing is open, unless `state` says otherwise."""
    return raise_alarm(BOOK, state or State(), CLINIC, urgency=urgency, seq=seq, now=now, reachable=reachable)


def test_an_alarm_pages_at_once_and_sets_the_wait_for_an_acknowledgement() -> None:
    state, (page, ring) = alarm()
    assert page == PageStaff(
        code="1007",
        rung=0,
        urgency=Urgency.EMERGENCY,
        body="Riverside Clinic EMERGENCY 1007: a patient's message needs you. 0 min old. "
        "Reply ACK 1007 to take it.",
    )
    assert ring == SetTimer(key="ack:1007:", due=NOON + POLICY.ack_within, what=AckDue(code="1007", rung=0))
    assert [open_alarm.code for open_alarm in state.alarms] == ["1007"]


def test_nobody_answers_and_the_page_comes_again_for_ever() -> None:
    state, _ = alarm()
    for rung in range(1, 200):
        now = NOON + rung * POLICY.ack_within
        due = AckDue(code="1007", rung=rung - 1)
        state, (page, ring) = not_acknowledged(BOOK, state, CLINIC, due, now)
        assert (page.rung, ring.what) == (rung, AckDue(code="1007", rung=rung))
        assert f" {rung * 5} min old" in page.body
        assert ring.due == now + POLICY.ack_within


@pytest.mark.parametrize(
    "due", [AckDue(code="1007", rung=1), AckDue(code="1008", rung=0), AckDue(code="1007", rung=-1)]
)
def test_a_wait_of_another_rung_or_code_does_nothing(due: AckDue) -> None:
    state, _ = alarm()
    assert not_acknowledged(BOOK, state, CLINIC, due, NOON) == (state, ())


def test_an_acknowledgement_stops_the_ladder() -> None:
    state, _ = alarm()
    after, effects = acknowledged(state, Acknowledged(code="1007"))
    assert effects == (CancelTimers(prefix="ack:1007:"), CloseEscalation(code="1007"))
    assert after.alarms == ()
    assert not_acknowledged(BOOK, after, CLINIC, AckDue(code="1007", rung=0), NOON) == (after, ())


@pytest.mark.parametrize("code", ["1008", "", "007"])
def test_a_wrong_code_stops_nothing(code: str) -> None:
    state, _ = alarm()
    assert acknowledged(state, Acknowledged(code=code)) == (state, ())


def test_acknowledging_twice_is_harmless() -> None:
    state, _ = acknowledged(alarm()[0], Acknowledged(code="1007"))
    assert acknowledged(state, Acknowledged(code="1007")) == (state, ())


def test_a_second_alarm_joins_the_open_one_and_pages_again_after_a_while() -> None:
    state, _ = alarm()
    later, (page, _) = alarm(state, seq=8, now=NOON + POLICY.page_again_after)
    assert (page.code, page.rung) == ("1007", 0)
    assert len(later.alarms) == 1


def test_a_second_alarm_right_away_pages_nobody() -> None:
    state, _ = alarm()
    assert alarm(state, seq=8, now=NOON + SOON) == (state, ())


def test_a_graver_alarm_pages_right_away_and_stays_grave() -> None:
    state, _ = alarm(urgency=Urgency.URGENT)
    state, (page, _) = alarm(state, urgency=Urgency.EMERGENCY, now=NOON + SOON)
    assert page.urgency is Urgency.EMERGENCY
    assert "EMERGENCY" in page.body
    _, (page, _) = alarm(state, urgency=Urgency.URGENT, now=NOON + SOON + POLICY.page_again_after)
    assert page.urgency is Urgency.EMERGENCY


def test_an_alarm_after_an_acknowledgement_opens_a_new_ladder() -> None:
    state, _ = acknowledged(alarm()[0], Acknowledged(code="1007"))
    state, (page, _) = alarm(state, seq=9, now=NOON + SOON)
    assert (page.code, page.rung) == ("1009", 0)


def test_the_page_says_that_a_phone_which_opted_out_must_be_called() -> None:
    _, (page, _) = alarm(reachable=False)
    assert "Can't be texted: phone them" in page.body


@given(st.integers(0, 10**15))
def test_a_code_has_four_digits_and_neighbours_differ(seq: int) -> None:
    assert len(code_for(seq)) == 4
    assert code_for(seq).isdigit()
    assert len({code_for(seq + near) for near in range(0, 9000, 89)}) == len(range(0, 9000, 89))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("ACK 4821", "4821"),
        ("ack 4821", "4821"),
        ("Ack  4821 ", "4821"),
        ("ACK #4821", "4821"),
        ("ACK 4821.", "4821"),
        ("Ack, 4821!", "4821"),
        ("ack 4821 on my way", "4821"),
        ("4821", "4821"),
        ("#4821", "4821"),
        ("4821.", "4821"),
        ("ack", None),
        ("ACK", None),
        ("Ack.", None),
        ("ack on my way", None),
    ],
)
def test_the_on_call_phone_acknowledges(body: str, code: str | None) -> None:
    assert staff_answer(body) == Acknowledge(code=code)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "   ",
        "hello",
        "who is this?",
        "I will ack 4821",
        "ack 4821 4822",
        "4821 4822",
        "4821 please",
        "acknowledge",
        "no ack",
        "٤٨٢١",
        "²",
    ],
)
def test_anything_else_from_the_on_call_phone_is_no_acknowledgement(body: str) -> None:
    assert staff_answer(body) is None
