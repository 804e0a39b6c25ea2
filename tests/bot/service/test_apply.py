"""Apply: each effect becomes its rows, in the transaction of its event; a repeated effect adds nothing."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, Row, Table, func, select

from bot.core import effects
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
    Purpose,
    Record,
    SendPage,
    SendText,
    SetPreference,
    SetTimer,
    SetVisitStatus,
    Urgency,
    VisitRef,
    Wait,
)
from bot.core.events import (
    WHAT,
    AckDue,
    Acknowledged,
    NoAnswer,
    NotAcknowledged,
    SlotAnswer,
    SlotsFound,
    What,
)
from bot.core.facts import Person, Slot, VisitStatus
from bot.core.flow import Page
from bot.core.oncall import Channel
from bot.runtime import Runtime
from bot.service import clinic as clinic_service
from bot.service.apply import HANDLERS, Applying, apply
from bot.store import (
    answers,
    appointments,
    clinics,
    conversations,
    escalations,
    households,
    inbox,
    links,
    outbox,
    people,
    slots,
    timers,
    waitlist,
    worklist,
)
from bot.store.appointments import Booking
from bot.store.base import Db
from bot.store.links import Link
from bot.store.people import Patient
from bot.store.slots import Opening
from tests.conftest import ANA_PHONE, CLINIC_PHONE, ONCALL_PHONE, SERVICE, Servers, make_settings

NOW = datetime(2026, 11, 30, 14, 0, tzinfo=UTC)
VISIT_AT, OPEN_AT = datetime(2026, 12, 7, 15, tzinfo=UTC), datetime(2026, 12, 8, 15, tzinfo=UTC)
PAGE = PageStaff(code="1234", rung=0, urgency=Urgency.EMERGENCY, body="a patient's message needs you")


class Case:
    """One conversation in a transaction that is rolled back."""

    def __init__(self, rt: Runtime, clinic: UUID, db: Db) -> None:
        self.db, self.clinic = db, clinic
        self.conversation = conversations.with_phone(db, clinic, ANA_PHONE, NOW)
        self.at = Applying(
            db=db,
            book=rt.book(db, rt.current_edition(db)),
            present=rt.book(db, rt.current_edition(db)),
            channels=frozenset(Channel),
            clinic=clinics.get(db, clinic),
            conversation=self.conversation,
            phone=ANA_PHONE,
            event=uuid4(),
            now=NOW,
        )

    def apply(self, *effects: Effect) -> None:
        apply(self.at, effects)

    def rows(self, table: Table) -> list[Row[Any]]:
        return list(self.db.conn.execute(select(table)))

    def mail(self, conversation: UUID | None = None) -> list[What]:
        rows = self.db.conn.execute(
            select(inbox.inbox)
            .where(inbox.inbox.c.conversation_id == (conversation or self.conversation))
            .order_by(inbox.inbox.c.seq)
        )
        return [
            WHAT.validate_json(
                self.db.open_bytes(inbox.inbox, "what", row.what, clinic=self.clinic, row=row.id)
            )
            for row in rows
        ]

    def links(self) -> list[Link]:
        """Every link, oldest first."""
        found = [links.get(self.db, row.id) for row in self.rows(links.links)]
        return [link for link in found if link]

    def visit(self) -> UUID:
        """Ana's visit and one open slot like it."""
        ana = Patient(
            external_id="P1",
            first_name="Ana",
            last_name="Morales",
            birth_date=date(1970, 1, 2),
            phone=ANA_PHONE,
            language="en",
            zone="America/New_York",
        )
        people.save(self.db, self.clinic, [ana], NOW)
        patient = people.by_external_ids(self.db, self.clinic, ["P1"])["P1"]
        openings = [Opening(service=SERVICE, start=start, minutes=30) for start in (VISIT_AT, OPEN_AT)]
        slots.add_openings(self.db, self.clinic, openings)
        booking = Booking(
            external_id="A1",
            patient_id=patient,
            service=SERVICE,
            start=VISIT_AT,
            minutes=30,
            status=VisitStatus.BOOKED,
        )
        return appointments.save(self.db, self.clinic, [booking], NOW)[0].visit_id

    def open_slots(self) -> dict[datetime, UUID]:
        wanted = select(slots.slots).where(slots.slots.c.appointment_id.is_(None))
        return {row.start_at: row.id for row in self.db.conn.execute(wanted)}


@pytest.fixture(scope="module")
def rt(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    """One database for all of these tests, as none of them commits anything."""
    made = Runtime(
        make_settings(
            database_url=servers.database(), redis_url=servers.redis, data_dir=tmp_path_factory.mktemp("data")
        )
    )
    yield made
    made.engine.dispose()


@pytest.fixture(scope="module")
def clinic(rt: Runtime) -> UUID:
    """The Riverside Clinic, with somebody on call."""
    return clinic_service.add(
        rt, name="Riverside Clinic", phone=CLINIC_PHONE, zone="America/New_York", oncall_phone=ONCALL_PHONE
    )


@pytest.fixture
def case(rt: Runtime, clinic: UUID) -> Iterator[Case]:
    with rt.engine.connect() as conn, rolled_back(rt, conn) as db:
        yield Case(rt, clinic, db)


@contextmanager
def rolled_back(rt: Runtime, conn: Connection) -> Iterator[Db]:
    with conn.begin() as transaction:
        yield Db(conn, rt.vault)
        transaction.rollback()


def text(**given: object) -> SendText:
    plain = {
        "wording": "reminder",
        "language": "en",
        "body": "Hi Ana",
        "purpose": Purpose.REMINDER,
        "zone": "America/New_York",
    }
    return SendText(**(plain | given))  # type: ignore[arg-type]


def test_every_effect_has_one_handler() -> None:
    assert set(HANDLERS) == set(get_args(get_args(effects.Effect)[0]))


def test_a_text_stands_ready_in_the_outbox_with_all_that_was_said_about_it(case: Case) -> None:
    visit = case.visit()
    until = NOW + timedelta(hours=2)
    case.apply(
        text(
            about=VisitRef(visit_id=visit, version=3),
            wait=Wait(turn=7, seconds=60, until=until),
            not_after=VISIT_AT,
            final=True,
        )
    )
    (row,) = case.rows(outbox.outbox)
    body = case.db.open(outbox.outbox, "body", row.body, clinic=case.clinic, row=row.id)
    assert (row.wording, body, row.purpose, row.zone) == (
        "reminder",
        "Hi Ana",
        Purpose.REMINDER,
        "America/New_York",
    )
    assert (row.visit_id, row.visit_version, row.not_after) == (visit, 3, VISIT_AT)
    assert (row.wait_turn, row.wait_seconds, row.wait_until, row.final) == (7, 60, until, True)
    assert (row.status, row.not_before, row.attempts) == ("ready", NOW, 0)


def test_a_timer_is_set_and_the_same_key_again_replaces_it(case: Case) -> None:
    for hours in (1, 2):
        case.apply(SetTimer(key="wait:1", due=NOW + timedelta(hours=hours), what=NoAnswer(turn=hours)))
    (row,) = case.rows(timers.timers)
    assert (row.key, row.due_at, row.what["turn"]) == ("wait:1", NOW + timedelta(hours=2), 2)


def test_timers_are_cancelled_by_the_start_of_their_key(case: Case) -> None:
    for key in ("ack:1234:", "ack:12345", "ack:1234:x", "wait:1"):
        case.apply(SetTimer(key=key, due=NOW, what=AckDue(code="1234", rung=0)))
    case.apply(CancelTimers(prefix="ack:1234:"))
    assert {row.key for row in case.rows(timers.timers)} == {"ack:12345", "wait:1"}


def test_another_conversations_timers_stay(case: Case) -> None:
    case.apply(SetTimer(key="wait:1", due=NOW, what=NoAnswer(turn=1)))
    other = conversations.with_phone(case.db, case.clinic, "+12025550122", NOW)
    timers.cancel(case.db, other, "wait:")
    assert len(case.rows(timers.timers)) == 1


@pytest.mark.parametrize(
    ("status", "free"), [(VisitStatus.CONFIRMED, {OPEN_AT}), (VisitStatus.CANCELLED, {OPEN_AT, VISIT_AT})]
)
def test_a_visits_status_is_set_and_only_a_cancelled_one_frees_its_slot(
    case: Case, status: VisitStatus, free: set[datetime]
) -> None:
    visit = case.visit()
    case.apply(SetVisitStatus(visit_id=visit, status=status))
    (row,) = case.rows(appointments.appointments)
    assert (row.status, row.version) == (status, 1)
    assert set(case.open_slots()) == free


def test_open_times_come_back_as_mail(case: Case) -> None:
    visit = case.visit()
    case.apply(FindSlots(visit_id=visit, turn=4, at_most=3))
    slot = Slot(id=case.open_slots()[OPEN_AT], start=OPEN_AT)
    assert case.mail() == [SlotsFound(visit_id=visit, turn=4, slots=(slot,))]


def test_a_booking_moves_the_visit_and_comes_back_as_mail(case: Case) -> None:
    visit = case.visit()
    case.apply(BookSlot(visit_id=visit, slot_id=case.open_slots()[OPEN_AT], turn=5))
    (row,) = case.rows(appointments.appointments)
    assert (row.start_at, row.status, row.version) == (OPEN_AT, "booked", 2)
    assert set(case.open_slots()) == {VISIT_AT}
    assert case.mail() == [SlotAnswer(visit_id=visit, turn=5, booked=True)]


def test_a_slot_that_is_gone_comes_back_as_mail_too(case: Case) -> None:
    visit = case.visit()
    case.apply(BookSlot(visit_id=visit, slot_id=uuid4(), turn=5))
    assert case.mail() == [SlotAnswer(visit_id=visit, turn=5, booked=False)]
    assert [row.start_at for row in case.rows(appointments.appointments)] == [VISIT_AT]


def test_the_same_task_again_counts_up(case: Case) -> None:
    case.apply(*[OpenTask(task="question", urgency=Urgency.ROUTINE)] * 2)
    case.apply(OpenTask(task="refill", urgency=Urgency.URGENT))
    assert [(row.task, row.urgency, row.times) for row in case.rows(worklist.tasks)] == [
        ("question", "routine", 2),
        ("refill", "urgent", 1),
    ]


def test_a_phone_opts_out_and_in_again(case: Case) -> None:
    case.apply(OptOut(words="patient"))
    assert [row.opted_out_at for row in case.rows(conversations.conversations)] == [NOW]
    case.apply(OptIn())
    assert [row.opted_out_at for row in case.rows(conversations.conversations)] == [None]


def test_a_page_is_a_text_to_whoever_is_on_call_and_an_open_escalation(case: Case) -> None:
    case.apply(PAGE)
    (row,) = case.rows(outbox.outbox)
    assert row.purpose == Purpose.PAGE
    assert conversations.phone_of(case.db, row.conversation_id) == ONCALL_PHONE
    assert escalations.unanswered(case.db, case.clinic, None) == [(case.conversation, "1234")]


def test_a_page_goes_to_whoever_is_on_call_now(case: Case) -> None:
    clinics.set_oncall_phone(case.db, case.clinic, "+12025550177")
    case.at = replace(case.at, clinic=clinics.get(case.db, case.clinic), event=uuid4())
    case.apply(PAGE)
    (row,) = case.rows(outbox.outbox)
    assert conversations.phone_of(case.db, row.conversation_id) == "+12025550177"


def test_a_page_while_nobody_is_on_call_is_a_task_for_everybody(rt: Runtime) -> None:
    clinic = clinic_service.add(rt, name="Small Clinic", phone="+12025550300", zone="America/New_York")
    with rt.engine.connect() as conn, rolled_back(rt, conn) as db:
        case = Case(rt, clinic, db)
        case.apply(PAGE)
        assert case.rows(outbox.outbox) == []
        assert [(row.task, row.urgency) for row in case.rows(worklist.tasks)] == [
            ("nobody_on_call", "emergency")
        ]
        assert escalations.unanswered(db, clinic, None) == [(case.conversation, "1234")]


def test_a_later_rung_climbs_the_same_escalation(case: Case) -> None:
    case.apply(PAGE, PageStaff(code="1234", rung=1, urgency=Urgency.EMERGENCY, body="again"))
    (row,) = case.rows(escalations.escalations)
    assert row.rung == 1
    assert len(case.rows(outbox.outbox)) == 2


@pytest.mark.parametrize(
    ("open_codes", "said", "taken"),
    [
        (["1234"], None, ["1234"]),
        (["1234"], "1234", ["1234"]),
        (["1234"], "9999", []),
        (["1234", "1235"], None, []),
        (["1234", "1235"], "1235", ["1235"]),
        ([], None, []),
    ],
)
def test_which_escalations_an_answer_takes(
    case: Case, open_codes: list[str], said: str | None, taken: list[str]
) -> None:
    for code in open_codes:
        escalations.paged(
            case.db,
            clinic=case.clinic,
            conversation=case.conversation,
            page=PageStaff(code=code, rung=0, urgency=Urgency.URGENT, body=""),
            now=NOW,
        )
    case.apply(Acknowledge(code=said))
    answers = [Acknowledged(code=code, reply_to=case.conversation) for code in taken]
    assert case.mail() == (answers or [NotAcknowledged(code=said, open=tuple(open_codes))])


# -- what flows keep ---------------------------------------------------------------------------------


def test_an_answer_is_kept_once_and_nobody_sees_what_was_asked(case: Case) -> None:
    visit = case.visit()
    with_code = Record(flow="phq", item="q9", value=2, code="44260-8", visit_id=visit)
    in_words = Record(flow="phq", item="why", value="since the accident")
    for _ in range(2):
        case.apply(with_code, in_words)
    number, words = sorted(case.rows(answers.answers), key=lambda row: row.effect_key)
    asked, value = (
        json.loads(
            case.db.open(answers.answers, name, getattr(number, name), clinic=case.clinic, row=number.id)
        )
        for name in ("asked", "value")
    )
    assert (asked, value) == ({"flow": "phq", "item": "q9", "code": "44260-8"}, 2)
    assert (number.visit_id, number.in_words, words.in_words) == (visit, False, True)


def person(case: Case) -> Person:
    index = case.db.keys(case.clinic).blind("phone", ANA_PHONE)
    ((found,), _) = households.around(case.db, case.clinic, index, NOW)
    return found


def ana(case: Case, language: str = "en", last_name: str = "Morales") -> None:
    """Ana as the clinic's system has her."""
    row = Patient(
        external_id="P1",
        first_name="Ana",
        last_name=last_name,
        birth_date=date(1970, 1, 2),
        phone=ANA_PHONE,
        language=language,
        zone="America/New_York",
    )
    people.save(case.db, case.clinic, [row], NOW)


def test_what_a_patient_wishes_is_known_from_then_on_and_no_import_undoes_it(case: Case) -> None:
    ana(case)
    assert (person(case).language, person(case).preferences) == ("en", {})
    who = person(case).id
    for name, value in (("language", "es"), ("channel", "call"), ("survey", "no"), ("channel", "text")):
        case.apply(SetPreference(person_id=who, name=name, value=value))
    ana(case, last_name="Smith")
    assert person(case).language == "es"
    assert person(case).preferences == {"channel": "text", "survey": "no"}


def test_a_wish_of_somebody_unknown_is_no_harm(case: Case) -> None:
    case.apply(SetPreference(person_id=uuid4(), name="language", value="es"))


def test_a_place_on_the_waitlist_is_kept(case: Case) -> None:
    visit = case.visit()
    case.apply(JoinWaitlist(visit_id=visit))
    case.at = replace(case.at, now=NOW + timedelta(days=1))
    case.apply(JoinWaitlist(visit_id=visit))
    assert [(row.visit_id, row.since) for row in case.rows(waitlist.waitlist)] == [(visit, NOW)]


def test_a_page_is_a_link_and_the_text_that_brings_it(case: Case) -> None:
    visit = case.visit()
    wait = Wait(turn=7, seconds=86400, nudges=(60,))
    person = case.rows(people.patients)[0].id
    said = text(wait=wait)
    case.apply(SendPage(page=Page.FORM, form="intake", person_id=person, visit_id=visit, turn=7, text=said))
    (link,) = case.links()
    assert (link.page, link.form, link.patient, link.visit_id, link.turn) == (
        "form",
        "intake",
        person,
        visit,
        7,
    )
    assert (link.expires, link.tries_left, link.views_left) == (None, 5, 20)
    (row,) = case.rows(outbox.outbox)
    assert (row.link_id, row.wait_turn) == (link.id, 7)
    assert case.rows(timers.timers) == []  # its patience begins when the text has left


def test_a_fresh_link_to_a_page_ends_the_one_before_and_no_other(case: Case) -> None:
    case.visit()
    person = case.rows(people.patients)[0].id
    for page, form in (
        (Page.FORM, "intake"),
        (Page.FORM, "refill"),
        (Page.FORM, "intake"),
        (Page.RESULT, None),
    ):
        case.at = replace(case.at, event=uuid4())
        case.apply(SendPage(page=page, form=form, person_id=person, text=text()))
    assert [(link.page, link.form) for link in case.links() if link.revoked] == [("form", "intake")]


def test_an_opt_out_ends_every_link_to_the_phone(case: Case) -> None:
    case.visit()
    person = case.rows(people.patients)[0].id
    case.apply(SendPage(page=Page.RESULT, person_id=person, text=text()), OptOut(words="patient"))
    assert [link.revoked for link in case.links()] == [NOW]


def test_what_a_task_is_about_is_gathered(case: Case) -> None:
    for detail in ("form: intake", "form: phq9", "form: intake"):
        case.apply(OpenTask(task="form_to_read", urgency=Urgency.ROUTINE, detail=detail))
    (task,) = worklist.open_tasks(case.db, case.clinic, 9)
    assert (task.times, task.detail) == (3, "form: intake\nform: phq9")


def test_a_task_is_somebodys(case: Case) -> None:
    case.apply(OpenTask(task="refill", urgency=Urgency.ROUTINE, role="nurse"))
    assert [task.role for task in worklist.open_tasks(case.db, case.clinic, 9)] == ["nurse"]


def test_a_closed_escalation_is_answered(case: Case) -> None:
    case.apply(PAGE, NoteEscalation(code="1234", by="maria", via="text"))
    assert escalations.unanswered(case.db, case.clinic, None) == []


def test_a_repeated_event_adds_nothing_that_leaves_the_conversation(case: Case) -> None:
    visit = case.visit()
    escalations.paged(case.db, clinic=case.clinic, conversation=case.conversation, page=PAGE, now=NOW)
    wanted = (text(), text(), PAGE, FindSlots(visit_id=visit, turn=1, at_most=3), Acknowledge(code="1234"))
    counts = []
    for _ in range(2):
        case.apply(*wanted)
        counts.append(
            [count(case, outbox.outbox), count(case, inbox.inbox), count(case, escalations.escalations)]
        )
    assert counts == [[3, 2, 1]] * 2


def count(case: Case, table: Table) -> int:
    return case.db.conn.execute(select(func.count()).select_from(table)).scalar_one()
