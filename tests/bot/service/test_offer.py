"""Offer: a time that opens up goes to who has waited longest, one at a time, by day only."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from bot.core.effects import BookSlot, JoinWaitlist, PassOn, SetVisitStatus
from bot.core.events import WHAT, Triggered
from bot.core.facts import Slot, VisitStatus
from bot.service import offer
from bot.service.apply import Applying, apply
from bot.store import appointments, conversations, inbox, slots, waitlist
from tests.bot.service.book import make_current
from tests.bot.service.test_spine import at
from tests.conftest import ANA_PHONE, House

BEN_PHONE = "+12025550122"
SOON, LATER, LAST = at(8, 10), at(14, 10), at(15, 10)
OFFER = """
flow: offer
title: Offer a time that opens up
purpose: reminder
starts:
  - when: a time opens up
steps:
  ask:
    ask: offer_times
    answers: {a time: book, reschedule: pass}
    wait: 1 hour
    no_answer: end
  book:
    do: book the chosen time
    outcomes: {booked: end, gone: end}
  pass:
    do: offer the time to the next
    then: end
"""


@pytest.fixture(autouse=True)
def _ten_in_the_morning(house: House) -> None:
    house.rt.move_clock(timedelta(hours=1))


@pytest.fixture
def flows(house: House) -> str:
    """The clinic offers times that open up."""
    return make_current(house.rt, {"offer": OFFER})


@pytest.fixture
def ana(house: House, flows: str) -> UUID:
    """Ana's visit, on the waitlist first."""
    visit = house.visit(house.patient(), LATER)
    house.work()
    do(house, ANA_PHONE, JoinWaitlist(visit_id=visit))
    return visit


@pytest.fixture
def ben(house: House, ana: UUID) -> UUID:
    """Ben's, after her."""
    house.rt.move_clock(timedelta(minutes=1))
    visit = house.visit(house.patient("Ben", BEN_PHONE), LAST)
    house.work()
    do(house, BEN_PHONE, JoinWaitlist(visit_id=visit))
    return visit


def do(house: House, phone: str, *effects: object) -> None:
    """These effects are decided in the phone's conversation."""
    with house.rt.begin() as db:
        found = conversations.with_phone(db, house.clinic, phone, house.rt.now())
        event = UUID(int=abs(hash((phone, effects))))
        clinic = house.rt.clinic(db, house.clinic)
        book = house.rt.book(db, house.rt.current_edition(db))
        made = Applying(
            db=db,
            book=book,
            present=book,
            channels=house.rt.channels,
            clinic=clinic,
            conversation=found,
            phone=phone,
            event=event,
            now=house.rt.now(),
        )
        apply(made, effects)  # type: ignore[arg-type]


def free_up(house: House, start: datetime = SOON) -> UUID:
    """Somebody else's visit at this time is cancelled."""
    house.openings(start)
    with house.rt.begin() as db:
        found = db.conn.execute(select(slots.slots.c.id).where(slots.slots.c.start_at == start)).scalar_one()
        db.conn.execute(
            update(slots.slots).where(slots.slots.c.id == found).values(slots.freed(house.rt.now()))
        )
    return found


def offers(house: House) -> list[tuple[UUID, UUID]]:
    """Visit and slot of every offer that was mailed, in order."""
    with house.rt.begin() as db:
        rows = db.conn.execute(
            select(inbox.inbox).where(inbox.inbox.c.kind == "triggered").order_by(inbox.inbox.c.seq)
        ).all()
        found = [
            WHAT.validate_json(db.open_bytes(inbox.inbox, "what", row.what, clinic=row.clinic_id, row=row.id))
            for row in rows
        ]
    told = [what for what in found if isinstance(what, Triggered)]
    assert all(what.trigger == "a time opens up" and what.visit_id for what in told)
    return [(what.visit_id, what.slots[0].id) for what in told if what.visit_id]


def listed(house: House) -> set[UUID]:
    with house.rt.begin() as db:
        return set(db.conn.execute(select(waitlist.waitlist.c.visit_id)).scalars())


def test_who_has_waited_longest_gets_it_and_only_they(house: House, ana: UUID, ben: UUID) -> None:
    slot = free_up(house)
    assert offer.offer(house.rt) == 1
    assert offer.offer(house.rt) == 0
    assert offers(house) == [(ana, slot)]


def test_the_patient_is_asked_and_takes_it(house: House, ana: UUID) -> None:
    free_up(house)
    offer.offer(house.rt)
    house.work()
    assert len(house.got()) == 1
    house.text("1")
    house.work()
    with house.rt.begin() as db:
        (visit,) = appointments.listed(db, house.clinic)
    assert visit.start == SOON
    assert listed(house) == set()


def test_a_held_time_is_nobody_elses(house: House, ana: UUID, ben: UUID) -> None:
    slot = free_up(house)
    offer.offer(house.rt)
    with house.rt.begin() as db:
        assert appointments.open_like(db, ben, 3, house.rt.now()) == ()
        assert appointments.open_like(db, ana, 3, house.rt.now()) == (Slot(id=slot, start=SOON),)
        assert not appointments.book(db, ben, slot, house.rt.now())
    house.rt.move_clock(offer.HELD_FOR + timedelta(seconds=1))
    with house.rt.begin() as db:
        assert appointments.book(db, ben, slot, house.rt.now())


def test_it_is_passed_on_to_the_next_and_never_back(house: House, ana: UUID, ben: UUID) -> None:
    slot = free_up(house)
    offer.offer(house.rt)
    do(house, ANA_PHONE, PassOn(visit_id=ana, slot_id=slot))
    assert offer.offer(house.rt) == 1
    do(house, BEN_PHONE, PassOn(visit_id=ben, slot_id=slot))
    assert offer.offer(house.rt) == 0
    assert offers(house) == [(ana, slot), (ben, slot)]
    assert listed(house) == {ana, ben}


def test_only_who_has_the_offer_can_pass_it_on(house: House, ana: UUID, ben: UUID) -> None:
    slot = free_up(house)
    offer.offer(house.rt)
    do(house, BEN_PHONE, PassOn(visit_id=ben, slot_id=slot))
    assert offer.offer(house.rt) == 0


def test_an_offer_lapses_and_the_next_gets_it(house: House, ana: UUID, ben: UUID) -> None:
    slot = free_up(house)
    offer.offer(house.rt)
    house.rt.move_clock(offer.HELD_FOR + timedelta(seconds=1))
    assert offer.offer(house.rt) == 1
    assert offers(house)[-1] == (ben, slot)


def test_two_times_go_to_two_patients(house: House, ana: UUID, ben: UUID) -> None:
    slots_ = {free_up(house), free_up(house, at(9, 10))}
    assert offer.offer(house.rt) == 2
    assert {visit for visit, _ in offers(house)} == {ana, ben}
    assert {slot for _, slot in offers(house)} == slots_


def test_nobody_gets_two_offers_at_a_time_but_the_other_after_that(house: House, ana: UUID) -> None:
    free_up(house)
    other = free_up(house, at(9, 10))
    assert offer.offer(house.rt) == 1
    house.rt.move_clock(offer.HELD_FOR + timedelta(seconds=1))
    assert offer.offer(house.rt) == 1
    assert offers(house)[-1] == (ana, other)


def test_a_later_time_is_no_use(house: House, ana: UUID) -> None:
    free_up(house, LATER + timedelta(hours=1))
    assert offer.offer(house.rt) == 0


def test_a_time_that_is_almost_here_is_not_offered(house: House, ana: UUID) -> None:
    free_up(house, house.rt.now() + offer.HELD_FOR - timedelta(minutes=1))
    assert offer.offer(house.rt) == 0


def test_one_who_has_opted_out_is_left_out(house: House, ana: UUID, ben: UUID) -> None:
    with house.rt.begin() as db:
        who = conversations.with_phone(db, house.clinic, ANA_PHONE, house.rt.now())
        conversations.opt_out(db, who, house.rt.now())
    free_up(house)
    offer.offer(house.rt)
    assert [visit for visit, _ in offers(house)] == [ben]


def test_at_night_it_waits_for_the_morning(house: House, ana: UUID) -> None:
    house.rt.move_clock(timedelta(hours=13))  # 23:00 at the clinic
    free_up(house)
    assert offer.offer(house.rt) == 0
    house.rt.move_clock(timedelta(hours=11))
    assert offer.offer(house.rt) == 1


def test_a_visit_that_the_bot_cancels_frees_its_time_for_the_list(house: House, ana: UUID, ben: UUID) -> None:
    house.openings(LATER)
    with house.rt.begin() as db:
        appointments.fit_new_slots(db, house.clinic, house.rt.now())
    do(house, ANA_PHONE, SetVisitStatus(visit_id=ana, status=VisitStatus.CANCELLED))
    offer.offer(house.rt)
    assert [visit for visit, _ in offers(house)] == [ben]
    offer.tidy(house.rt)
    assert listed(house) == {ben}


def test_a_visit_that_the_office_moves_frees_its_time_for_the_list(house: House, ana: UUID) -> None:
    house.openings(SOON)
    carl = house.patient("Carl", "+12025550133")
    house.visit(carl, SOON, external_id="carl")
    assert offer.offer(house.rt) == 0
    house.visit(carl, at(11, 10), external_id="carl")
    offer.offer(house.rt)
    assert [visit for visit, _ in offers(house)] == [ana]


def test_one_who_books_by_themselves_leaves_the_list(house: House, ana: UUID) -> None:
    house.openings(SOON)
    with house.rt.begin() as db:
        ((slot,),) = db.conn.execute(select(slots.slots.c.id)).all()
    do(house, ANA_PHONE, BookSlot(visit_id=ana, slot_id=slot, turn=1))
    assert listed(house) == set()


def test_a_time_that_was_open_before_anybody_waited_is_not_offered(house: House, flows: str) -> None:
    free_up(house)
    offer.offer(house.rt)
    visit = house.visit(house.patient(), LATER)
    do(house, ANA_PHONE, JoinWaitlist(visit_id=visit))
    assert offer.offer(house.rt) == 0


def test_without_a_flow_for_it_nothing_is_offered(house: House) -> None:
    visit = house.visit(house.patient(), LATER)
    do(house, ANA_PHONE, JoinWaitlist(visit_id=visit))
    free_up(house)
    assert offer.offer(house.rt) == 0
    with house.rt.begin() as db:
        assert waitlist.free(db, house.rt.now(), 9) == []


def test_one_whose_visit_is_of_another_kind_now_waits_for_that(house: House, ana: UUID) -> None:
    with house.rt.begin() as db:
        c = appointments.appointments.c
        db.conn.execute(update(appointments.appointments).where(c.id == ana).values(service_index=b"other"))
    slot = free_up(house)
    assert offer.offer(house.rt) == 0
    offer.tidy(house.rt)
    with house.rt.begin() as db:
        values = slots.freed(house.rt.now()) | {"service_index": b"other"}
        db.conn.execute(update(slots.slots).where(slots.slots.c.id == slot).values(values))
    assert offer.offer(house.rt) == 1
