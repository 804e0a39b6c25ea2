"""Tests of bot/flowbook/obey.py: every effect is obeyed. What a conversation makes of it is shown in test_world."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from bot.core.book import Book
from bot.core.effects import (
    Acknowledge,
    Effect,
    JoinWaitlist,
    NoteEscalation,
    OpenTask,
    PageStaff,
    PassOn,
    Purpose,
    Record,
    SendPage,
    SendText,
    SetPreference,
    TellStaff,
    Urgency,
    VisitRef,
    Wait,
)
from bot.core.events import Acknowledged, NoAnswer, NotAcknowledged, NudgeDue, What
from bot.core.facts import Person, Sender, Visit, VisitStatus
from bot.core.flow import Page
from bot.core.limits import Defer, Drop, Send
from bot.flowbook.obey import OBEY
from bot.flowbook.rows import STAFF, Done, Phone, Rows, person_id, slot_id, visit_id

NOW = datetime(2026, 11, 30, 14, 0, tzinfo=UTC)  # 9:00 in New York
VISIT = Visit(
    id=visit_id(1),
    patient_id=person_id(1),
    version=1,
    start=NOW + timedelta(days=3),
    minutes=30,
    status=VisitStatus.BOOKED,
)
PEOPLE = tuple(
    Person(id=person_id(number), first_name=name, language="en", zone="America/New_York")
    for number, name in ((1, "Ana"), (2, "Ben"))
)
TEXT = SendText(wording="look", language="en", body="Look", purpose=Purpose.REMINDER, zone="America/New_York")


@pytest.fixture
def rows(book: Book) -> Rows:
    rows = Rows(book=book, now=NOW, patient=Phone(sender=Sender.PATIENT, people=PEOPLE))
    rows.add(VISIT)
    return rows


def obey(rows: Rows, effect: Effect) -> Done:
    """Obey it; returns what is on record of it."""
    OBEY[type(effect)](rows, rows.patient, Done(effect=effect, turn=1, at=rows.now), effect)
    (done,) = rows.record[-1:]
    assert done.effect == effect
    return done


def page(**text: object) -> SendPage:
    return SendPage(page=Page.RESULT, person_id=person_id(1), text=replace(TEXT, **text))  # type: ignore[arg-type]


def test_every_effect_is_obeyed() -> None:
    assert set(OBEY) == set(get_args(get_args(Effect)[0]))


@pytest.mark.parametrize(
    "effect",
    [
        Record(flow="phq2", item="down", value=3),
        JoinWaitlist(visit_id=VISIT.id),
        PassOn(visit_id=VISIT.id, slot_id=slot_id(1)),
        OpenTask(task="look", urgency=Urgency.ROUTINE),
        TellStaff(conversation=STAFF, wording="ack_taken", body="You have it"),
    ],
)
def test_what_only_the_staff_hear_of_is_noted(rows: Rows, effect: Effect) -> None:
    obey(rows, effect)
    assert (rows.visits, rows.pending, list(rows.patient.mailbox)) == ([VISIT], [], [])


@pytest.mark.parametrize(("name", "value"), [("language", "es"), ("survey", "no"), ("channel", "call")])
def test_a_wish_is_kept_for_the_one_whose_it_is(rows: Rows, name: str, value: str) -> None:
    obey(rows, SetPreference(person_id=person_id(2), name=name, value=value))
    ana, ben = rows.facts(rows.patient).people
    assert ana == PEOPLE[0]
    assert ben.preferences == {name: value}
    assert ben.language == ("es" if name == "language" else "en")


def test_a_page_leaves_as_its_text_does(rows: Rows) -> None:
    assert obey(rows, page()).fate == Send()
    rows.now = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)  # 22:00 in New York
    assert isinstance(obey(rows, page()).fate, Defer)
    assert obey(rows, page(purpose=Purpose.REPLY)).fate == Send()
    rows.patient.opted_out = True
    assert obey(rows, page(purpose=Purpose.REPLY)).fate == Drop("opted_out")


def test_a_page_about_a_visit_that_has_changed_does_not_leave(rows: Rows) -> None:
    done = obey(rows, page(about=VisitRef(visit_id=VISIT.id, version=0)))
    assert done.fate == Drop("visit_changed")


@pytest.mark.parametrize(
    ("wait", "pending"),
    [
        (Wait(turn=1), []),
        (Wait(turn=1, seconds=7200), [(7200, NoAnswer(turn=1))]),
        (Wait(turn=1, until=NOW + timedelta(hours=1)), [(3600, NoAnswer(turn=1))]),
        (Wait(turn=1, seconds=7200, until=NOW + timedelta(hours=1)), [(3600, NoAnswer(turn=1))]),
        (
            Wait(turn=1, seconds=7200, nudges=(1800, 3600)),
            [
                (1800, NudgeDue(turn=1, number=0)),
                (3600, NudgeDue(turn=1, number=1)),
                (7200, NoAnswer(turn=1)),
            ],
        ),
        (
            # who is not waited for any more is not reminded
            Wait(turn=1, seconds=3600, nudges=(1800, 3600, 7200)),
            [(1800, NudgeDue(turn=1, number=0)), (3600, NoAnswer(turn=1))],
        ),
        (Wait(turn=1, nudges=(1800,)), [(1800, NudgeDue(turn=1, number=0))]),
    ],
)
@pytest.mark.parametrize("as_page", [False, True])
def test_a_question_that_left_is_waited_for_and_reminded_of(
    rows: Rows, wait: Wait, pending: list[tuple[int, object]], *, as_page: bool
) -> None:
    asked = page(wait=wait)
    obey(rows, asked if as_page else asked.text)
    due = sorted(rows.pending, key=lambda each: each.due)
    assert [(int((each.due - NOW).total_seconds()), each.what) for each in due] == pending


def test_a_question_that_is_held_is_not_waited_for_yet(rows: Rows) -> None:
    rows.now = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)
    obey(rows, page(wait=Wait(turn=1, seconds=60)))
    assert [isinstance(each.what, Done) for each in rows.pending] == [True]


# -- escalations --------------------------------------------------------------------------------------


def paged(rows: Rows, *codes: str) -> None:
    for code in codes:
        obey(rows, PageStaff(code=code, rung=0, urgency=Urgency.URGENT, body="Come"))


@pytest.mark.parametrize(
    ("code", "open_codes", "what"),
    [
        ("1001", ["1001", "1002"], Acknowledged(code="1001", reply_to=STAFF)),
        (None, ["1001"], Acknowledged(code="1001", reply_to=STAFF)),
        (None, ["1002", "1001"], NotAcknowledged(code=None, open=("1001", "1002"))),
        (None, [], NotAcknowledged(code=None, open=())),
        ("1009", ["1001"], NotAcknowledged(code="1009", open=("1001",))),
    ],
)
def test_an_acknowledgement_is_for_the_one_that_it_names_or_the_only_one(
    rows: Rows, code: str | None, open_codes: list[str], what: What
) -> None:
    paged(rows, *open_codes)
    ack = Acknowledge(code=code)
    OBEY[Acknowledge](rows, rows.staff, Done(effect=ack, turn=1, at=NOW, to_staff=True), ack)
    answered = isinstance(what, Acknowledged)
    assert list(rows.patient.mailbox) == ([what] if answered else [])
    assert list(rows.staff.mailbox) == ([] if answered else [what])


def test_what_somebody_has_taken_climbs_no_more_but_is_known_by_its_code(rows: Rows) -> None:
    paged(rows, "1001", "1002")
    obey(rows, NoteEscalation(code="1001"))
    assert rows.climbing == ["1002"]
    assert set(rows.paged) == {"1001", "1002"}
    paged(rows, "1001")
    assert rows.climbing == ["1002", "1001"]
