"""Which timers a question has once it was asked: its end, and what reminds of it before."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.core.effects import Wait
from bot.core.events import NoAnswer, NudgeDue

ASKED = datetime(2026, 11, 30, 14, 0, tzinfo=UTC)
HOUR = 3600


def hours(wait: Wait) -> dict[str, float]:
    """The key of each timer, and how many hours after the question it rings."""
    return {key: (due - ASKED) / timedelta(hours=1) for key, due, _ in wait.timers(ASKED)}


@pytest.mark.parametrize(
    ("wait", "rings"),
    [
        (Wait(turn=7), {}),
        (Wait(turn=7, seconds=2 * HOUR), {"wait:7": 2}),
        (Wait(turn=7, until=ASKED + timedelta(hours=5)), {"wait:7": 5}),
        (Wait(turn=7, seconds=2 * HOUR, until=ASKED + timedelta(hours=5)), {"wait:7": 2}),
        (Wait(turn=7, seconds=9 * HOUR, until=ASKED + timedelta(hours=5)), {"wait:7": 5}),
        (
            Wait(turn=7, seconds=4 * HOUR, nudges=(HOUR, 3 * HOUR)),
            {"wait:7": 4, "nudge:7:0": 1, "nudge:7:1": 3},
        ),
        (Wait(turn=7, seconds=2 * HOUR, nudges=(HOUR, 2 * HOUR)), {"wait:7": 2, "nudge:7:0": 1}),
        (Wait(turn=7, nudges=(HOUR,)), {"nudge:7:0": 1}),
    ],
)
def test_a_question_ends_at_the_first_of_its_ends_and_is_reminded_of_before(
    wait: Wait, rings: dict[str, float]
) -> None:
    assert hours(wait) == rings


def test_each_timer_belongs_to_the_turn_of_its_question() -> None:
    wait = Wait(turn=7, seconds=HOUR, nudges=(60,))
    assert [what for _, _, what in wait.timers(ASKED)] == [NoAnswer(turn=7), NudgeDue(turn=7, number=0)]
