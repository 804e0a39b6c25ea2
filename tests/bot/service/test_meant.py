"""Whom a step of a ladder tells at a moment, and when the next one comes."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from bot.core.book import Book
from bot.core.oncall import OnCall, whom
from bot.core.roster import Swap
from bot.flowbook import loader
from bot.service.meant import meant, next_step
from bot.settings import HOME
from bot.store.escalations import Escalation
from bot.store.staff import Member
from bot.store.timers import Climb

ZONE = "America/New_York"
NOON = datetime(2026, 12, 1, 17, 0, tzinfo=UTC)  # a Tuesday; maria's week has begun on Monday
NIGHT = datetime(2026, 12, 2, 4, 0, tzinfo=UTC)  # eleven in the evening
MEMBERS = [
    Member(
        id=UUID(int=number),
        clinic=UUID(int=0),
        handle=handle,
        role=role,
        name=handle.title(),
        email=f"{handle}@clinic.example",
        phone=None,
    )
    for number, (handle, role) in enumerate([("joe", "nurse"), ("maria", "nurse"), ("desk", "front_desk")], 1)
]


@pytest.fixture(scope="module")
def book() -> Book:
    small = loader.load(HOME / "tests" / "edition")
    week = {"hand_over": "mondays at 08:00", "starts": "2026-11-30", "people": ["maria", "joe", "gone"]}
    rosters = {"nurse": {"layers": [week]}}
    steps = [
        {"tell": "nurse on call", "wait": "1 hour"},
        {"tell": "everyone of nurse", "wait": "1 hour"},
    ]
    ladders = {"routine": {"hours": "office", "steps": steps}, "urgent": {"steps": steps}}
    calendars = loader.load(HOME / "flows").house.calendars
    return small.model_copy(
        update={
            "oncall": OnCall.model_validate({"rosters": rosters, "ladders": ladders}),
            "house": small.house.model_copy(update={"calendars": calendars}),
        }
    )


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("nurse on call", ["maria"]),
        ("everyone of nurse", ["maria", "joe"]),  # nobody is called 'gone'
        ("everyone with role nurse", ["joe", "maria"]),
        ("desk", ["desk"]),
        ("nobody_here", []),
        ("the on-call phone", []),
    ],
)
def test_who_is_meant(book: Book, said: str, found: list[str]) -> None:
    who = meant(book, whom(said), NOON, zone=ZONE, members=MEMBERS, swaps=())
    assert [member.handle for member in who] == found


def test_a_swap_counts(book: Book) -> None:
    over = Swap(roster="nurse", person="joe", start=NOON, end=NOON + timedelta(hours=1))
    for moment, found in ((NOON, "joe"), (over.end, "maria")):
        (who,) = meant(book, whom("nurse on call"), moment, zone=ZONE, members=MEMBERS, swaps=[over])
        assert who.handle == found


def escalation(urgency: str, *, drill: bool = False) -> Escalation:
    return Escalation(
        id=UUID(int=1),
        clinic=UUID(int=0),
        conversation=UUID(int=2),
        code="1001",
        urgency=urgency,
        reason="words",
        drill=drill,
        rung=0,
        opened=NIGHT,
        paged=NIGHT,
        taken=None,
        by=None,
        snoozed_until=None,
        resolved=None,
        outcome=None,
    )


@pytest.mark.parametrize(
    ("urgency", "drill", "at"),
    [
        ("urgent", False, NIGHT),
        ("routine", False, datetime(2026, 12, 2, 13, 0, tzinfo=UTC)),  # the clinic opens
        ("routine", True, NIGHT),  # a drill does not wait
    ],
)
def test_the_next_step_comes_in_its_ladders_hours(
    book: Book, urgency: str, drill: bool, at: datetime
) -> None:
    due, step = next_step(book, escalation(urgency, drill=drill), Climb(due=NIGHT, rung=0), zone=ZONE)
    assert (due, str(step.tell)) == (at, "everyone of nurse")


def test_without_a_ladder_it_is_the_on_call_phone(book: Book) -> None:
    due, step = next_step(book, escalation("emergency"), Climb(due=NIGHT, rung=7), zone=ZONE)
    assert (due, str(step.tell)) == (NIGHT, "the on-call phone")
