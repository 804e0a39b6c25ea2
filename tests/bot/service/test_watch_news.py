"""What the watch finds worth telling: a pure rule over what was seen, look by look, and how it reads."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.service import watch
from bot.service.faults import CLOCK, DATABASE, MAIL, REDIS, TEXTS, Fault
from bot.service.watch import Message, Told, Turn
from tests.conftest import START

BEGAN, LASTS, ENDED = Turn.BEGAN, Turn.LASTS, Turn.ENDED


def history(
    *looks: tuple[Fault, ...], every: timedelta = timedelta(seconds=10)
) -> list[list[tuple[str, Turn]]]:
    """What is told after each of these looks."""
    told: Told = {}
    found = []
    for number, faults in enumerate(looks):
        told, messages = watch.news(told, faults, START + number * every)
        found.append([(message.fault.name, message.turn) for message in messages])
    return found


def flat(told: list[list[tuple[str, Turn]]]) -> list[Turn]:
    return [turn for each in told for _, turn in each]


def test_while_all_is_well_nothing_is_told() -> None:
    assert history((), (), ()) == [[], [], []]


def test_a_fault_is_told_at_the_second_look_and_then_no_more() -> None:
    assert history(*[(CLOCK,)] * 5) == [[], [("clock_stopped", BEGAN)], [], [], []]


def test_a_fault_that_was_seen_once_is_none() -> None:
    assert flat(history((CLOCK,), (), (CLOCK,), (), (CLOCK,))) == []


def test_its_end_is_told_once_it_is_gone_for_two_looks() -> None:
    assert history((CLOCK,), (CLOCK,), (), (), ()) == [
        [],
        [("clock_stopped", BEGAN)],
        [],
        [("clock_stopped", ENDED)],
        [],
    ]


def test_a_look_without_it_is_no_end() -> None:
    assert flat(history((CLOCK,), (CLOCK,), (), (CLOCK,), (), (CLOCK,))) == [BEGAN]


def test_it_is_told_again_every_hour_while_it_lasts() -> None:
    looks = history(*[(CLOCK,)] * 15, every=timedelta(minutes=10))
    assert flat(looks) == [BEGAN, LASTS, LASTS]
    assert [number for number, told in enumerate(looks) if told] == [1, 7, 13]


def test_after_its_end_it_is_news_again() -> None:
    assert flat(history((CLOCK,), (CLOCK,), (), (), (CLOCK,), (CLOCK,))) == [BEGAN, ENDED, BEGAN]


def test_faults_are_told_one_by_one() -> None:
    looks = history((CLOCK,), (CLOCK, MAIL), (MAIL,), (MAIL,))
    assert looks == [[], [("clock_stopped", BEGAN)], [("mailbox_stuck", BEGAN)], [("clock_stopped", ENDED)]]


def test_what_a_fault_hides_is_not_over() -> None:
    """While the database is away, nobody can say that the clock is at it again."""
    clock, away, both = (CLOCK,), (DATABASE,), (CLOCK, DATABASE)
    assert flat(history(clock, clock, away, away, away, clock, clock)) == [BEGAN, BEGAN, ENDED]
    assert flat(history(clock, clock, away, away, away, (), (), ())) == [BEGAN, BEGAN, ENDED, ENDED]
    assert flat(history(clock, clock, both, both)) == [BEGAN, BEGAN]


def test_what_a_fault_does_not_hide_can_be_over_meanwhile() -> None:
    assert flat(history((CLOCK,), (CLOCK,), (REDIS,), (REDIS,))) == [BEGAN, BEGAN, ENDED]


def test_a_page_that_takes_the_place_of_another_does_not_end_the_fault() -> None:
    """A newer page is too young to be a fault for its first minute."""
    repeated = [*[(TEXTS,)] * 24, *[()] * 7] * 3  # a page every five minutes
    assert flat(history(*repeated)) == [BEGAN]
    assert flat(history(*repeated, *[()] * 10)) == [BEGAN, ENDED]


def test_since_when_it_is_there_is_told_to_the_end() -> None:
    told, _ = watch.news({}, (CLOCK,), START)
    for minute in range(1, 200):
        told, messages = watch.news(told, (CLOCK,), START + timedelta(minutes=minute))
        assert all(message.since == START for message in messages)


def test_a_fault_that_says_something_new_is_the_same_fault() -> None:
    other = replace(CLOCK, sentence="Something else.")
    told: Told = {}
    for number, fault in enumerate((CLOCK, CLOCK, other)):
        told, _ = watch.news(told, (fault,), START + timedelta(seconds=number))
    assert told["clock_stopped"].fault.sentence == "Something else."


# -- how it reads ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("turn", "head", "text"),
    [
        (BEGAN, "clock stopped", f"{CLOCK.sentence} First seen at 2026-11-30 14:00 UTC."),
        (LASTS, "still clock stopped", f"{CLOCK.sentence} First seen at 2026-11-30 14:00 UTC."),
        (
            ENDED,
            "over: clock stopped",
            f"This is over; it was first seen at 2026-11-30 14:00 UTC: {CLOCK.sentence}",
        ),
    ],
)
def test_a_message_says_what_is_wrong_since_when(turn: Turn, head: str, text: str) -> None:
    message = Message(fault=CLOCK, turn=turn, since=START)
    assert (message.head, message.text) == (head, text)
