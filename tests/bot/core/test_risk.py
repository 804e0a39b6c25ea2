"""The rule of thumb for visits that may be missed: every point has its reason, and both stand in this table."""

from dataclasses import replace
from datetime import time

import pytest

from bot.core.facts import VisitStatus
from bot.core.risk import AT_RISK, Risk, Signs, assess, call_weight

PLAIN = Signs(status=VisitStatus.BOOKED, at=time(10))
ASKED_TWICE = replace(PLAIN, asked=2)


@pytest.mark.parametrize(
    ("signs", "points", "words"),
    [
        (PLAIN, 0, []),
        (replace(PLAIN, asked=1), 1, ["Asked once, no answer yet"]),
        (ASKED_TWICE, 3, ["Asked twice, not confirmed"]),
        (replace(PLAIN, asked=3), 3, ["Asked 3 times, not confirmed"]),
        (replace(PLAIN, missed=1), 2, ["Missed a visit in the last two years"]),
        (replace(PLAIN, missed=4), 3, ["Missed 4 visits in the last two years"]),
        (replace(PLAIN, new=True), 1, ["First visit here"]),
        (replace(PLAIN, booked_days=29), 0, []),
        (replace(PLAIN, booked_days=30), 1, ["Booked 30 days ahead"]),
        (replace(PLAIN, undelivered=True), 2, ["Our last text did not arrive"]),
        (replace(PLAIN, opted_out=True, undelivered=True), 2, ["Takes no texts"]),
        (replace(PLAIN, unreached=1), 1, ["Called once, not reached"]),
        (replace(PLAIN, unreached=2), 1, ["Called 2 times, not reached"]),
        (replace(PLAIN, at=time(8, 59)), 1, ["Early in the morning"]),
        (replace(PLAIN, at=time(9)), 0, []),
        (
            replace(PLAIN, at=time(8), missed=1, asked=2),
            6,
            ["Asked twice, not confirmed", "Missed a visit in the last two years", "Early in the morning"],
        ),
    ],
)
def test_each_sign_counts_for_what_the_table_says(signs: Signs, points: int, words: list[str]) -> None:
    risk = assess(signs)
    assert (risk.points, [reason.words for reason in risk.reasons]) == (points, words)
    assert risk.high is (points >= AT_RISK)


@pytest.mark.parametrize("status", [each for each in VisitStatus if each is not VisitStatus.BOOKED])
def test_a_visit_that_is_confirmed_or_over_is_not_at_risk(status: VisitStatus) -> None:
    assert assess(replace(ASKED_TWICE, status=status, missed=3)) == Risk()


def test_a_call_helps_most_where_the_risk_is_high_and_the_visit_near() -> None:
    low, high = assess(replace(PLAIN, asked=1)), assess(replace(ASKED_TWICE, missed=2))
    weights = [
        call_weight(risk, days) for risk, days in [(high, 0), (high, 1), (high, 2), (low, 0), (low, 2)]
    ]
    assert weights == sorted(weights, reverse=True)
    assert call_weight(low, 2) == call_weight(low, 9) > 0
