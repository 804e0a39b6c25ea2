"""Tests of bot/flowbook/notation.py: whatever argument differs, the entry differs."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_args
from uuid import UUID

import pytest

from bot.core.book import Book
from bot.core.effects import (
    Acknowledge,
    BookSlot,
    CancelTimers,
    Effect,
    FindSlots,
    JoinWaitlist,
    NoteEscalation,
    OpenTask,
    OptIn,
    OptOut,
    PageStaff,
    PassOn,
    Purpose,
    Record,
    SendPage,
    SendText,
    SetPreference,
    SetTimer,
    SetVisitStatus,
    TellStaff,
    Urgency,
    VisitRef,
    Wait,
)
from bot.core.events import AckDue, GivenBack, NoAnswer, ReminderDue
from bot.core.facts import Person, Sender, Slot, Visit, VisitStatus
from bot.core.flow import Page
from bot.core.limits import Defer, Drop
from bot.core.oncall import Channel, Whom
from bot.flowbook.notation import span, written
from bot.flowbook.rows import STAFF, Done, Opening, Phone, person_id, slot_id, visit_id
from bot.flowbook.world import World
from nlp.reader import Reader

NOW = datetime(2026, 11, 30, 14, 0, tzinfo=UTC)
VISIT = Visit(
    id=visit_id(1),
    patient_id=person_id(1),
    version=3,
    start=NOW + timedelta(days=3),
    minutes=30,
    status=VisitStatus.BOOKED,
)
REMINDER = ReminderDue(
    visit_id=VISIT.id, version=3, flow="appointment", when="3 days before the visit", due=NOW
)
TEXT = SendText(
    wording="reminder",
    language="en",
    body="Hi",
    purpose=Purpose.REMINDER,
    zone="America/New_York",
    about=VisitRef(visit_id=VISIT.id, version=3),
    wait=Wait(turn=2, seconds=7200, until=VISIT.start),
    not_after=VISIT.start,
)
PLAIN = SendText(wording="look", language="en", body="Hi", purpose=Purpose.REPLY, zone="America/New_York")
ANA = Person(id=person_id(1), first_name="Ana", language="en", zone="America/New_York")
PHONE = Phone(sender=Sender.PATIENT, people=(ANA,))
OPENING = Opening(slot=Slot(id=slot_id(1), start=datetime(2026, 12, 8, 14, 0, tzinfo=UTC)))
JOE = Whom(kind="person", name="joe")
PAGE = PageStaff(
    code="1001", rung=0, urgency=Urgency.URGENT, whom=JOE, by=(Channel.CALL,), body="Come", spoken="Do come"
)
EFFECTS: list[Any] = [
    TEXT,
    SetTimer(key=f"visit:{VISIT.id}:3:appointment:3 days before the visit", due=NOW, what=REMINDER),
    SetTimer(key="ack:1001:", due=NOW, what=AckDue(code="1001", rung=0)),
    SetTimer(key="wait:2", due=NOW, what=NoAnswer(turn=2)),
    SetTimer(key="held", due=NOW, what=GivenBack()),
    CancelTimers(prefix=f"visit:{VISIT.id}:"),
    SetVisitStatus(visit_id=VISIT.id, status=VisitStatus.CONFIRMED),
    FindSlots(visit_id=VISIT.id, turn=2, at_most=3),
    BookSlot(visit_id=VISIT.id, slot_id=slot_id(1), turn=2),
    OpenTask(task="question", urgency=Urgency.ROUTINE, visit_id=VISIT.id),
    SendPage(page=Page.FORM, form="intake", person_id=person_id(1), visit_id=VISIT.id, turn=2, text=TEXT),
    Record(flow="phq2", item="down", value=3, code="44255-8", person_id=person_id(1), visit_id=VISIT.id),
    SetPreference(person_id=person_id(1), name="survey", value="no"),
    JoinWaitlist(visit_id=VISIT.id),
    PassOn(visit_id=VISIT.id, slot_id=slot_id(1)),
    OptOut(words="patient"),
    OptIn(),
    PAGE,
    Acknowledge(code="1001"),
    NoteEscalation(code="1001", by="maria", via="link", outcome="false alarm", to=JOE, until=NOW),
    TellStaff(conversation=STAFF, wording="ack_taken", body="You have it"),
]
OTHER: dict[type, Any] = {
    str: "zz",
    int: 7,
    bool: True,
    datetime: NOW + timedelta(hours=5),
    UUID: visit_id(9),
    Purpose: Purpose.BULK,
    Urgency: Urgency.EMERGENCY,
    VisitStatus: VisitStatus.NOSHOW,
    VisitRef: VisitRef(visit_id=VISIT.id, version=2),
    Wait: Wait(turn=2, seconds=60, until=VISIT.start),
    ReminderDue: replace(REMINDER, when="1 day before the visit"),
    AckDue: AckDue(code="1002", rung=0),
    NoAnswer: NoAnswer(turn=5),
    GivenBack: GivenBack(by="maria"),
    SendText: replace(TEXT, body="Ho"),
    Page: Page.RESULT,
    Whom: Whom(kind="person", name="sam"),
    type(None): "zz",
}
OTHER_OF: dict[type, dict[str, Any]] = {
    Wait: {"nudges": (60,)},
    PageStaff: {"by": (Channel.CALL, Channel.TEXT)},
    NoteEscalation: {"became": "resolved"},
}
"""Other values where the type of an argument is not enough to know one."""


@pytest.fixture
def show(book: Book, reader: Reader):
    world = World(book=book, reader=reader, now=NOW, patient=PHONE, visits=[VISIT])
    world.openings = [OPENING]

    def make(effect: Any, **more: Any) -> dict[str, Any]:
        return written(world, Done(effect=effect, turn=2, at=NOW, visit=VISIT, **more))

    return make


def test_every_effect_is_here() -> None:
    assert {type(effect) for effect in EFFECTS} == set(get_args(get_args(Effect)[0]))


def variants(value: Any) -> list[Any]:
    """The effect with each argument changed, one at a time, in parts of it too."""
    changed = []
    for each in fields(value):
        if each.name == "kind":
            continue
        old = getattr(value, each.name)
        other = more[each.name] if each.name in (more := OTHER_OF.get(type(value), {})) else OTHER[type(old)]
        changed.append(replace(value, **{each.name: other}))
        if old is not None and type(old) in (VisitRef, Wait, ReminderDue, AckDue, GivenBack):
            changed += [replace(value, **{each.name: part}) for part in variants(old)]
    return changed


@pytest.mark.parametrize("effect", EFFECTS, ids=lambda effect: effect.kind)
def test_whatever_argument_differs_the_entry_differs(show, effect: Any) -> None:
    for other in variants(effect):
        assert show(other) != show(effect), other


@pytest.mark.parametrize(
    "other",
    [
        replace(TEXT, about=None),
        replace(TEXT, wait=None),
        replace(TEXT, not_after=None),
        replace(TEXT, wait=replace(TEXT.wait, seconds=None)),
        replace(TEXT, wait=replace(TEXT.wait, until=None)),
        OpenTask(task="question", urgency=Urgency.ROUTINE),
        Acknowledge(code=None),
        replace(PAGE, rung=-1),
        replace(PAGE, whom=Whom(kind="phone")),
        SetTimer(key="ack:1001:", due=NOW, what=AckDue(code="1001", rung=-1)),
    ],
)
def test_what_is_left_out_shows_too(show, other: Any) -> None:
    assert show(other) not in [show(effect) for effect in EFFECTS]


def test_what_goes_without_saying_is_not_said(show) -> None:
    assert show(TEXT) == {
        "clinic": "Hi",
        "say": "reminder",
        "purpose": "reminder",
        "about": "visit 1",
        "wait": "2 hours",
    }
    assert show(EFFECTS[1]) == {
        "SetTimer": {"reminder": "3 days before the visit", "visit": "1", "due": "2026-11-30 09:00"}
    }


@pytest.mark.parametrize(
    ("effect", "entry"),
    [
        (
            SendPage(page=Page.FORM, form="intake", person_id=ANA.id, turn=2, text=PLAIN),
            {"clinic": "Hi", "say": "look", "page": "form intake"},
        ),
        (
            SendPage(page=Page.RESULT, person_id=person_id(2), visit_id=VISIT.id, text=PLAIN),
            {"clinic": "Hi", "say": "look", "page": "result of person 2 about visit 1"},
        ),
        (
            SendPage(page=Page.TIMES, person_id=ANA.id, turn=5, text=PLAIN),
            {"clinic": "Hi", "say": "look", "page": "times turn 5"},
        ),
        (
            Record(flow="mood", item="down", value=True, person_id=ANA.id),
            {"Record": {"flow": "mood", "item": "down", "value": "yes"}},
        ),
        (
            Record(flow="mood", item="down", value=37.5, code="8310-5", person_id=person_id(2)),
            {"Record": {"flow": "mood", "item": "down", "value": "37.5", "code": "8310-5", "person": "2"}},
        ),
        (
            Record(flow="appointment", item="why", value="work", person_id=ANA.id, visit_id=VISIT.id),
            {"Record": {"flow": "appointment", "item": "why", "value": "work"}},
        ),
        (
            Record(flow="appointment", item="why", value="work"),
            {
                "Record": {
                    "flow": "appointment",
                    "item": "why",
                    "value": "work",
                    "person": "nobody",
                    "visit": "none",
                }
            },
        ),
        (
            SetPreference(person_id=ANA.id, name="survey", value="no"),
            {"SetPreference": {"survey": "no"}},
        ),
        (JoinWaitlist(visit_id=VISIT.id), {"JoinWaitlist": "visit 1"}),
        (
            replace(TEXT, wait=replace(TEXT.wait, nudges=(1800, 3600))),
            {
                "clinic": "Hi",
                "say": "reminder",
                "purpose": "reminder",
                "about": "visit 1",
                "wait": "2 hours, nudged after 30 minutes and 1 hour",
            },
        ),
        (
            OpenTask(task="score_to_review", urgency=Urgency.URGENT, role="provider"),
            {"OpenTask": {"task": "score_to_review", "urgency": "urgent", "role": "provider"}},
        ),
        (
            PageStaff(code="1001", rung=2, urgency=Urgency.URGENT, body="Come", spoken="Do come"),
            {"PageStaff": {"code": "1001", "rung": "2", "urgency": "urgent", "body": "Come"}},
        ),
        (
            replace(PAGE, rung=-1, reason="drill", drill=True),
            {
                "PageStaff": {
                    "code": "1001",
                    "urgency": "urgent",
                    "reason": "drill",
                    "tell": "joe",
                    "by": "call",
                    "body": "Come",
                    "spoken": "Do come",
                    "drill": "yes",
                }
            },
        ),
        (
            SetTimer(key="ack:1001:", due=NOW, what=AckDue(code="1001", rung=-1)),
            {"SetTimer": {"ack": "1001", "due": "2026-11-30 09:00"}},
        ),
        (
            NoteEscalation(code="1001", became="snoozed", by="maria", via="link", until=NOW),
            {
                "NoteEscalation": {
                    "code": "1001",
                    "became": "snoozed",
                    "by": "maria",
                    "via": "link",
                    "until": "2026-11-30 09:00",
                }
            },
        ),
        (NoteEscalation(code="1001", via="text"), {"NoteEscalation": {"code": "1001", "became": "taken"}}),
        (
            TellStaff(conversation=STAFF, wording="ack_taken", body="You have it"),
            {"TellStaff": {"say": "ack_taken", "body": "You have it"}},
        ),
    ],
)
def test_effects_as_they_are_written(show, effect: Any, entry: dict[str, Any]) -> None:
    assert show(effect) == entry


def test_a_time_is_written_by_its_clock(show, book: Book) -> None:
    assert show(PassOn(visit_id=VISIT.id, slot_id=slot_id(1))) == {
        "PassOn": {"visit": "1", "slot": "2026-12-08 09:00"}
    }


def test_the_fate_of_a_text_is_said(show) -> None:
    assert show(TEXT, fate=Drop("opted_out"))["dropped"] == "opted_out"
    assert show(TEXT, fate=Defer(NOW))["held until"] == "2026-11-30 09:00"
    assert show(TEXT, late=True) == {"leaves": "reminder"}
    assert show(TEXT, to_staff=True)["to"] == "the on-call phone"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(60, "1 minute"), (7200, "2 hours"), (259200, "3 days"), (5400, "90 minutes"), (1, "1 second")],
)
def test_spans(seconds: int, said: str) -> None:
    assert span(seconds) == said
