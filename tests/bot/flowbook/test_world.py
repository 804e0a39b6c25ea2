"""Tests of bot/flowbook/world.py: the little clinic does what the real one does."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.core.book import Book
from bot.core.effects import Effect, FindSlots, OpenTask, SendPage, SendText
from bot.core.events import NoAnswer, SlotAnswer, SlotsFound, TextArrived
from bot.core.facts import Person, Sender, Slot, Visit, VisitStatus
from bot.core.limits import Defer, Drop, Send
from bot.flowbook import loader
from bot.flowbook.rows import RECENT, Opening, Phone, person_id, slot_id, visit_id
from bot.flowbook.world import World
from nlp.reader import Reader
from nlp.reading import Added, Level, OwnWords

NOW = datetime(2026, 11, 30, 14, 0, tzinfo=UTC)  # 9:00 in New York
ANA = Person(id=person_id(1), first_name="Ana", language="en", zone="America/New_York")
VISIT = Visit(
    id=visit_id(1),
    patient_id=ANA.id,
    version=1,
    start=NOW + timedelta(days=3, hours=1, minutes=30),
    minutes=30,
    status=VisitStatus.BOOKED,
)
TIMES = [NOW + timedelta(days=days) for days in (8, 9, 10, 11)]


@pytest.fixture
def world(book: Book, reader: Reader) -> World:
    world = World(book=book, reader=reader, now=NOW, patient=Phone(sender=Sender.PATIENT, people=(ANA,)))
    world.openings = [Opening(slot=Slot(id=slot_id(n), start=time)) for n, time in enumerate(TIMES, start=1)]
    world.add(VISIT)
    return world


def says(world: World, body: str) -> list[Effect]:
    before = len(world.record)
    world.happen(TextArrived(sid="SM", body=body))
    return [done.effect for done in world.record[before:]]


def said(world: World) -> list[str]:
    return [done.effect.wording for done in world.record if isinstance(done.effect, SendText)]


def test_the_answer_to_an_act_comes_at_once(world: World) -> None:
    says(world, "R")
    assert isinstance(world.events[-1], SlotsFound)
    assert [slot.start for slot in world.events[-1].slots] == TIMES[:3]
    assert said(world) == ["offer_times"]


def test_booking_moves_the_visit_and_frees_its_old_time(world: World) -> None:
    says(world, "R")
    says(world, "2")
    assert world.events[-1] == SlotAnswer(visit_id=VISIT.id, turn=5, booked=True)
    assert (world.visits[0].start, world.visits[0].version) == (TIMES[1], 2)
    assert [opening.open for opening in world.openings] == [True, False, True, True]
    says(world, "R")
    says(world, "1")
    assert [opening.open for opening in world.openings] == [False, True, True, True]


def test_a_taken_time_is_gone(world: World) -> None:
    says(world, "R")
    world.take(TIMES[0])
    says(world, "1")
    assert said(world) == ["offer_times", "time_taken", "offer_times"]
    assert world.visits[0].version == 1


def test_the_patients_own_answer_leaves_the_version_and_frees_a_cancelled_time(world: World) -> None:
    says(world, "R")
    says(world, "1")
    says(world, "please cancel my appointment")
    assert (world.visits[0].status, world.visits[0].version) == (VisitStatus.CANCELLED, 2)
    assert all(opening.open for opening in world.openings)


def test_timers_ring_in_their_order_and_the_clock_stands_at_each(world: World) -> None:
    world.announce(1)
    world.wait(VISIT.start)
    assert [done.at for done in world.record if isinstance(done.effect, SendText)] == [
        VISIT.start - timedelta(days=3),
        VISIT.start - timedelta(days=1),
    ]
    assert world.now == VISIT.start


def test_a_wait_is_counted_from_when_the_question_left(world: World) -> None:
    says(world, "R")
    assert world.next_due == NOW + timedelta(hours=20)
    world.wait(NOW + timedelta(hours=20))
    assert isinstance(world.events[-1], NoAnswer)


def test_quiet_hours_hold_a_text_that_nobody_asked_for(world: World) -> None:
    says(world, "R")
    world.wait(NOW + timedelta(hours=20))  # 5:00 in New York
    assert isinstance(world.record[-1].fate, Defer)
    world.wait(NOW + timedelta(hours=24))
    assert world.record[-1].late
    assert isinstance(world.record[-1].fate, Send)


def test_a_held_text_is_dropped_when_its_visit_changes(world: World) -> None:
    says(world, "R")
    world.wait(NOW + timedelta(hours=20))
    world.change(1, status=VisitStatus.CANCELLED)
    world.wait(NOW + timedelta(hours=24))
    assert world.record[-1].fate == Drop("visit_changed")


def test_after_an_opt_out_only_final_texts_leave(world: World) -> None:
    says(world, "STOP")
    assert world.patient.opted_out
    assert [type(done.fate) for done in world.record if isinstance(done.effect, SendText)] == [Send]
    assert [type(effect) for effect in says(world, "hello")] == [OpenTask]


def test_an_acknowledgement_reaches_the_conversation_that_it_is_about(world: World) -> None:
    says(world, "I can't breathe")
    assert world.climbing == ["1001"]
    world.happen(TextArrived(sid="SM", body="ack"), world.staff)
    assert world.climbing == []
    assert world.next_due is None


def test_facts_hold_the_visits_of_this_phone_that_are_not_long_past(world: World) -> None:
    other = Visit(
        id=visit_id(2),
        patient_id=person_id(2),
        version=1,
        start=VISIT.start,
        minutes=30,
        status=VisitStatus.BOOKED,
    )
    world.add(other)
    assert world.facts(world.patient).visits == (VISIT,)
    assert world.facts(world.staff).visits == ()
    world.wait(VISIT.start + RECENT - timedelta(minutes=1))
    assert world.facts(world.patient).visits == (VISIT,)
    world.wait(VISIT.start + RECENT)
    assert world.facts(world.patient).visits == ()


def test_texts_are_read_with_what_was_asked(world: World) -> None:
    assert FindSlots in [type(effect) for effect in says(world, "R")]
    says(world, "1")
    text = [event for event in world.events if isinstance(event, TextArrived)][-1]
    assert text.reading is not None
    assert text.reading.value == str(slot_id(1))


# -- nudges, pages and wishes in a conversation -------------------------------------------------------

DIARY = """\
flow: diary
title: How it goes
purpose: care
about: the patient
variables: {pain: phi}
starts:
  - when: the patient texts DIARY
steps:
  one:
    ask: reminder
    expect: a number from 0 to 10
    save: pain
    nudges: [{after: 1 hour, say: running_late}]
    wait: 2 hours
    no_answer: end
    then: two
  two: {set: {patient.language: '"es"'}, send_page: summary, say: confirmed, then: end}
"""


@pytest.fixture
def diary(edition, reader: Reader) -> World:
    book = loader.read({**edition(), "dialogs/diary.yaml": DIARY})
    return World(book=book, reader=reader, now=NOW, patient=Phone(sender=Sender.PATIENT, people=(ANA,)))


def test_an_unanswered_question_is_reminded_of_and_then_given_up(diary: World) -> None:
    says(diary, "diary")
    diary.wait(NOW + timedelta(hours=3))
    assert [(done.effect.wording, done.at - NOW) for done in diary.record] == [  # type: ignore[union-attr]
        ("reminder", timedelta()),
        ("running_late", timedelta(hours=1)),
    ]
    assert isinstance(diary.events[-1], NoAnswer)
    assert diary.patient.state.talks == ()


def test_who_has_answered_is_not_reminded(diary: World) -> None:
    says(diary, "diary")
    record, wish, page = says(diary, "7")
    assert (record.kind, wish.kind, page.kind) == ("Record", "SetPreference", "SendPage")
    diary.wait(NOW + timedelta(hours=3))
    assert said(diary) == ["reminder"]


def test_what_the_patient_wished_holds_from_the_next_text_on(diary: World) -> None:
    says(diary, "diary")
    *_, page = says(diary, "7")
    assert isinstance(page, SendPage)
    assert page.text.language == "es"
    assert diary.facts(diary.patient).people[0].language == "es"


def test_a_text_is_read_with_the_words_of_the_edition(world: World) -> None:
    pump = Added(level=Level.EMERGENCY, category="glucose", concept="pump alarm", say=("pump stopped",))
    world.book = world.book.model_copy(update={"words": OwnWords(added=(pump,))})
    says(world, "my pump stopped")
    assert said(world) == ["emergency_reply"]
    assert world.events[-1].reading.why[0].rule == "alarm:glucose/pump alarm"
