"""Import and export: good rows go in, bad ones are named, nothing changes twice, conversations hear of changes."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from bot.core.events import WHAT, VisitChanged
from bot.core.facts import VisitStatus
from bot.core.triggers import Change
from bot.errors import BadImport
from bot.runtime import Runtime
from bot.service import advance, operate, schedule, sweep
from bot.service.csv_rows import Fault, line_of
from bot.service.schedule import BATCH, Listeners, Totals
from bot.store import appointments, audit, people
from bot.store.base import metadata
from bot.store.conversations import phone_of
from bot.store.inbox import inbox
from bot.store.slots import slots
from bot.store.timers import timers
from tests.conftest import ANA_PHONE, START, House

PATIENTS = "external_id,first_name,last_name,birth_date,phone,language,timezone"
APPOINTMENTS = "external_id,patient_external_id,provider,location,kind,start,duration_minutes,status"
SLOTS = "provider,location,kind,start,duration_minutes"
ANA = f"P1,Ana,Morales,1958-04-12,{ANA_PHONE},en,America/New_York"
BEN = "P2,Ben,Boone,1939-12-11,202-555-0112,,"
VISIT = "A1,P1,Dr. Okafor,Main Street,follow-up,2026-12-07T10:30-05:00,30,booked"
NEW_PHONE = "+12025550177"
Import = Callable[..., Totals]


@dataclass
class Desk:
    """A clinic's office with its files."""

    rt: Runtime
    clinic: UUID
    directory: Path
    faults: list[Fault] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    def _run(self, run: Import, header: str, rows: Iterable[str], *, dry_run: bool = False) -> Totals:
        self.faults.clear()
        file = self.directory / "file.csv"
        file.write_text("\n".join([header, *rows]) + "\n")
        tell = Listeners(fault=self.faults.append, ignored=self.ignored.extend)
        return run(self.rt, self.clinic, file, dry_run=dry_run, tell=tell)

    def patients(self, *rows: str, header: str = PATIENTS, dry_run: bool = False) -> Totals:
        return self._run(schedule.import_patients, header, rows, dry_run=dry_run)

    def visits(self, *rows: str, header: str = APPOINTMENTS, dry_run: bool = False) -> Totals:
        return self._run(schedule.import_appointments, header, rows, dry_run=dry_run)

    def slots(self, *rows: str, dry_run: bool = False) -> Totals:
        return self._run(schedule.import_slots, SLOTS, rows, dry_run=dry_run)

    def export(self) -> list[str]:
        return [line.rstrip("\n") for line in schedule.export_appointments(self.rt, self.clinic)]

    def mail(self) -> list[tuple[str, int]]:
        """Phone and version of every visit's change in the mailboxes, in their order."""
        with self.rt.begin() as db:
            rows = db.conn.execute(
                select(inbox.c.conversation_id, inbox.c.dedupe).order_by(inbox.c.seq)
            ).all()
            return [(phone_of(db, row.conversation_id), int(row.dedupe.split(":")[2])) for row in rows]

    def changes(self) -> list[Change | None]:
        """What was said to be new of visits, in order."""
        with self.rt.begin() as db:
            rows = db.conn.execute(select(inbox).order_by(inbox.c.seq)).all()
            found = [
                WHAT.validate_json(db.open_bytes(inbox, "what", row.what, clinic=row.clinic_id, row=row.id))
                for row in rows
            ]
        return [what.change for what in found if isinstance(what, VisitChanged)]

    def visit(self) -> UUID:
        with self.rt.begin() as db:
            return db.conn.execute(select(appointments.appointments.c.id)).scalar_one()


@pytest.fixture
def desk(rt: Runtime, clinic: UUID, tmp_path: Path) -> Desk:
    return Desk(rt, clinic, tmp_path)


def rows_in_tables(rt: Runtime) -> dict[str, int]:
    with rt.begin() as db:
        return {
            table.name: db.conn.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        }


# -- what goes in ------------------------------------------------------------------------------------


def test_patients_are_added_then_unchanged_then_changed(desk: Desk) -> None:
    assert desk.patients(ANA, BEN) == Totals(added=2)
    assert desk.patients(ANA, BEN) == Totals(same=2)
    assert desk.patients(ANA.replace("Morales", "Moreno"), BEN) == Totals(changed=1, same=1)
    with desk.rt.begin() as db:
        everyone = people.everyone(db, desk.clinic, 10)
    by_name = {
        person.first_name: (person.language, person.zone, last, phone) for person, last, phone in everyone
    }
    assert by_name == {
        "Ana": ("en", "America/New_York", "Moreno", ANA_PHONE),
        "Ben": ("en", "America/New_York", "Boone", "+12025550112"),
    }


def test_language_and_zone_may_be_left_out_and_other_columns_are_ignored(desk: Desk) -> None:
    header = "phone,notes,external_id,birth_date,last_name,first_name"
    assert desk.patients(f"{ANA_PHONE},x,P1,1958-04-12,Morales,Ana", header=header) == Totals(added=1)
    assert desk.ignored == ["notes"]
    assert desk.patients(ANA) == Totals(same=1)


BAD_PATIENTS = [
    ("P9,,Boone,1939-12-11,202-555-0112,,", "first_name", "is empty"),
    (",Ben,Boone,1939-12-11,202-555-0112,,", "external_id", "is empty"),
    ("P9,Ben,Boone,1939-12-11,202-555-01,,", "phone", "has too few or too many digits for a phone number"),
    ("P9,Ben,Boone,11/12/1939,202-555-0112,,", "birth_date", "is not a date in the form YYYY-MM-DD"),
    ("P9,Ben,Boone,2039-12-11,202-555-0112,,", "birth_date", "lies in the future"),
    ("P9,Ben,Boone,1839-12-11,202-555-0112,,", "birth_date", "lies more than 130 years back"),
    ("P9,Ben,Boone,1939-12-11,202-555-0112,xx,", "language", "is not a language such as en, es or pt-BR"),
    ("P9,Ben,Boone,1939-12-11,202-555-0112,,EDT", "timezone", "is not a time zone such as America/New_York"),
    ("P9,B\0en,Boone,1939-12-11,202-555-0112,,", "first_name", "holds control characters"),
    (f"P9,{'B' * 101},Boone,1939-12-11,202-555-0112,,", "first_name", "is longer than 100 characters"),
    ("P9,Ben,Boone,1939-12-11,202-555-0112,", "row", "has 6 fields, the header has 7"),
    ("P9,Ben,Boone,Jr.,1939-12-11,202-555-0112,,", "row", "has 8 fields, the header has 7"),
    ("P1,Ben,Boone,1939-12-11,202-555-0112,,", "external_id", "is the same as in line 2"),
    ('P9,"Ben,Boone,1939-12-11,202-555-0112,,', "row", "has a quotation mark out of place"),
]


@pytest.mark.parametrize(("row", "column", "reason"), BAD_PATIENTS)
def test_a_bad_patient_is_named_and_the_others_go_in(desk: Desk, row: str, column: str, reason: str) -> None:
    assert desk.patients(ANA, row, "P3" + BEN[2:]) == Totals(added=2, bad=1)
    assert desk.faults == [Fault(3, column, reason)]


NO_MOMENT = "is not a moment such as 2026-12-07T10:30-05:00"
BAD_VISITS = [
    # what of the good row, turned into what
    ("P1", "P9", "patient_external_id", "is no patient of this clinic's: import patients first"),
    ("-05:00", "", "start", "has no offset from UTC, such as -05:00 or Z"),
    ("T10:30-05:00", "", "start", NO_MOMENT),
    ("T10:30", "T24:30", "start", NO_MOMENT),
    ("2026-12-07", "2026-12-32", "start", NO_MOMENT),
    ("2026-12-07", "2226-12-07", "start", "lies more than 50 years away"),
    (",30,", ",half,", "duration_minutes", "is not a whole number of minutes from 1 to 1440"),
    ("booked", "bookd", "status", f"is none of {', '.join(VisitStatus)}"),
    ("A9", "A1", "external_id", "is the same as in line 2"),
]


@pytest.mark.parametrize(("good", "bad", "column", "reason"), BAD_VISITS)
def test_a_bad_appointment_is_named_and_the_others_go_in(
    desk: Desk, good: str, bad: str, column: str, reason: str
) -> None:
    desk.patients(ANA)
    row = VISIT.replace("A1", "A9").replace(good, bad)
    assert desk.visits(VISIT, row, VISIT.replace("A1", "A3")) == Totals(added=2, bad=1)
    assert desk.faults == [Fault(3, column, reason)]


def test_all_that_is_wrong_with_a_row_is_named_and_it_counts_once(desk: Desk) -> None:
    assert desk.patients("P9,Ben,,1839-12-11,5,,") == Totals(bad=1)
    assert [fault.column for fault in desk.faults] == ["last_name", "birth_date", "phone"]


def test_rows_are_compared_across_batches_and_each_batch_is_audited(desk: Desk) -> None:
    rows = [f"P{number},Ben,Boone,1939-12-11,202-555-0112,," for number in range(2 * BATCH + 1)]
    rows[-1] = rows[5]
    assert desk.patients(*rows) == Totals(added=2 * BATCH, bad=1)
    assert desk.faults == [Fault(2 * BATCH + 2, "external_id", "is the same as in line 7")]
    with desk.rt.begin() as db:
        details = select(audit.audit.c.detail).where(audit.audit.c.action == "patients.imported")
        assert db.conn.execute(details.order_by(audit.audit.c.seq)).scalars().all() == [
            "added=1000 changed=0 same=0 bad=0",
            "added=1000 changed=0 same=0 bad=0",
            "added=0 changed=0 same=0 bad=1",
        ]
    operate.verify_audit(desk.rt)


def test_a_dry_run_reports_the_same_and_keeps_nothing(desk: Desk) -> None:
    desk.patients(ANA)
    desk.visits(VISIT)
    before = rows_in_tables(desk.rt)
    slot = "Dr. Okafor,Main Street,follow-up,2026-12-09T10:30-05:00,30"
    assert desk.patients(ANA.replace(ANA_PHONE, NEW_PHONE), BEN, "P3", dry_run=True) == Totals(
        added=1, changed=1, bad=1
    )
    assert desk.visits(VISIT.replace("10:30", "11:30"), VISIT.replace("A1", "A2"), dry_run=True) == Totals(
        added=1, changed=1
    )
    assert desk.slots(slot, dry_run=True) == Totals(added=1)
    assert rows_in_tables(desk.rt) == before
    assert desk.patients(ANA) == Totals(same=1)
    assert desk.visits(VISIT) == Totals(same=1)


def test_a_file_that_can_not_be_used_keeps_nothing(desk: Desk) -> None:
    before = rows_in_tables(desk.rt)
    with pytest.raises(BadImport, match="columns are missing: birth_date"):
        desk.patients("P1,Ana,Morales", header="external_id,first_name,last_name")
    (desk.directory / "latin.csv").write_bytes(f"{PATIENTS}\n{ANA}\n".encode() + b"Jos\xe9")
    with pytest.raises(BadImport, match="line 3 is not UTF-8"):
        schedule.import_patients(desk.rt, desk.clinic, desk.directory / "latin.csv")
    assert rows_in_tables(desk.rt) == before


def test_two_imports_at_once_wait_for_each_other(desk: Desk) -> None:
    rows = [f"P{number},Ben,Boone,1939-12-11,202-555-0112,," for number in range(300)]
    files = [desk.directory / f"{number}.csv" for number in range(3)]
    for number, file in enumerate(files):
        file.write_text("\n".join([PATIENTS, *rows[number:], *rows[:number]]))
    with ThreadPoolExecutor(3) as pool:
        totals = list(pool.map(lambda file: schedule.import_patients(desk.rt, desk.clinic, file), files))
    assert sum(each.added for each in totals) == 300
    assert sum(each.same for each in totals) == 600


def test_workers_and_imports_do_not_stand_in_each_others_way(desk: Desk) -> None:
    patients = [f"P{n},Ben,Boone,1939-12-11,202-555-01{n},," for n in range(10, 50)]
    assert desk.patients(*patients) == Totals(added=40)

    def import_all() -> None:
        for hour in range(10, 15):
            desk.visits(
                *(VISIT.replace("A1,P1", f"A{n},P{n}").replace("T10", f"T{hour}") for n in range(10, 50)),
            )

    with ThreadPoolExecutor(3) as pool:
        importing = pool.submit(import_all)
        while not importing.done():
            for worker in [pool.submit(advance.drain, desk.rt, 60) for _ in range(2)]:
                worker.result()
        importing.result()
    assert not advance.drain(desk.rt, 60)
    with desk.rt.begin() as db:
        keys = db.conn.execute(select(timers.c.key)).scalars().all()
    assert len({key.split(":")[1] for key in keys}) == 40
    assert {key.split(":")[2] for key in keys} == {"5"}


# -- who hears of it ---------------------------------------------------------------------------------


def test_a_new_visit_is_news_once_and_a_change_is_again(desk: Desk) -> None:
    desk.patients(ANA)
    assert desk.visits(VISIT) == Totals(added=1)
    assert desk.visits(VISIT) == Totals(same=1)
    assert desk.visits(VISIT.replace("T10:30-05:00", "T15:30Z")) == Totals(same=1)
    assert desk.mail() == [(ANA_PHONE, 1)]
    assert desk.visits(VISIT.replace("10:30", "11:30")) == Totals(changed=1)
    assert desk.visits(VISIT.replace("10:30", "11:30").replace("booked", "cancelled")) == Totals(changed=1)
    assert desk.mail() == [(ANA_PHONE, 1), (ANA_PHONE, 2), (ANA_PHONE, 3)]


@pytest.mark.parametrize(
    "change", [("2026-12-07", "2026-11-02"), ("booked", "cancelled"), ("booked", "fulfilled")]
)
def test_a_visit_that_comes_in_when_it_is_over_or_off_is_no_news(desk: Desk, change: tuple[str, str]) -> None:
    desk.patients(ANA)
    assert desk.visits(VISIT.replace(*change)) == Totals(added=1)
    assert desk.mail() == []


def test_a_visit_that_was_closed_is_news(desk: Desk) -> None:
    desk.patients(ANA)
    past = VISIT.replace("2026-12-07", "2026-11-02")
    desk.visits(past)
    assert desk.visits(past.replace("booked", "fulfilled")) == Totals(changed=1)
    assert desk.mail() == [(ANA_PHONE, 2)]


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ("booked", "cancelled", Change.CANCELLED),
        ("booked", "entered-in-error", Change.CANCELLED),
        ("booked", "fulfilled", Change.COMPLETED),
        ("booked", "noshow", Change.MISSED),
        ("10:30", "11:30", Change.MOVED),
        ("Okafor", "Lin", None),
        ("booked", "arrived", None),
    ],
)
def test_it_is_said_what_is_new(desk: Desk, old: str, new: str, change: Change | None) -> None:
    desk.patients(ANA)
    desk.visits(VISIT)
    desk.visits(VISIT.replace(old, new))
    assert desk.changes() == [Change.BOOKED, change]
    desk.visits(VISIT.replace("10:30", "12:30"))
    back = Change.BOOKED if change in (Change.CANCELLED, Change.COMPLETED, Change.MISSED) else Change.MOVED
    assert desk.changes()[-1] is (Change.BOOKED if new == "arrived" else back)


def test_a_move_of_a_confirmed_visit_is_a_move(desk: Desk) -> None:
    desk.patients(ANA)
    desk.visits(VISIT)
    with desk.rt.begin() as db:
        appointments.set_status(db, desk.visit(), VisitStatus.CONFIRMED, desk.rt.now())
    desk.visits(VISIT.replace("10:30", "11:30"))
    assert desk.changes() == [Change.BOOKED, Change.MOVED]


def test_to_the_patient_who_gets_a_visit_of_anothers_it_is_booked(desk: Desk) -> None:
    desk.patients(ANA, BEN)
    desk.visits(VISIT)
    desk.visits(VISIT.replace("P1", "P2"))
    assert desk.changes()[1] is Change.BOOKED


def test_a_visit_that_becomes_another_patients_is_news_for_both(desk: Desk) -> None:
    desk.patients(ANA, BEN)
    desk.visits(VISIT)
    assert not advance.drain(desk.rt, 60)
    assert phones_with_timers(desk.rt) == {ANA_PHONE}
    assert desk.visits(VISIT.replace("P1", "P2")) == Totals(changed=1)
    assert phones_with_timers(desk.rt) == set()
    assert not advance.drain(desk.rt, 60)
    assert phones_with_timers(desk.rt) == {"+12025550112"}
    assert desk.mail() == [(ANA_PHONE, 1), ("+12025550112", 2), (ANA_PHONE, 2)]


def phones_with_timers(rt: Runtime) -> set[str]:
    with rt.begin() as db:
        found = db.conn.execute(select(timers.c.conversation_id)).scalars().all()
        return {phone_of(db, conversation) for conversation in found}


@pytest.fixture
def office(house: House, tmp_path: Path) -> Desk:
    return Desk(house.rt, house.clinic, tmp_path)


def test_reminders_follow_the_patient_to_another_phone(house: House, office: Desk) -> None:
    office.patients(ANA)
    office.visits(VISIT)
    house.work()
    assert phones_with_timers(house.rt) == {ANA_PHONE}
    assert office.patients(ANA.replace(ANA_PHONE, NEW_PHONE)) == Totals(changed=1)
    house.work()
    assert phones_with_timers(house.rt) == {NEW_PHONE}
    house.wait_until(datetime(2026, 12, 4, 15, 30, tzinfo=UTC))
    assert house.got(ANA_PHONE) == []
    assert len(house.got(NEW_PHONE)) == 1


def test_and_back(house: House, office: Desk) -> None:
    office.patients(ANA)
    office.visits(VISIT)
    for phone in (NEW_PHONE, ANA_PHONE, NEW_PHONE, ANA_PHONE):
        assert office.patients(ANA.replace(ANA_PHONE, phone)) == Totals(changed=1)
    house.work()
    assert phones_with_timers(house.rt) == {ANA_PHONE}
    house.wait_until(datetime(2026, 12, 4, 15, 30, tzinfo=UTC))
    assert (len(house.got(ANA_PHONE)), house.got(NEW_PHONE)) == (1, [])


def test_a_text_that_is_queued_for_the_old_phone_does_not_leave(house: House, office: Desk) -> None:
    office.patients(ANA)
    office.visits(VISIT)
    house.work()
    house.rt.move_clock(datetime(2026, 12, 4, 15, 30, 1, tzinfo=UTC) - house.rt.now())
    assert sweep.ring_timers(house.rt) == 1
    assert not advance.drain(house.rt, 60)
    assert rows_in_tables(house.rt)["outbox"] == 1
    office.patients(ANA.replace(ANA_PHONE, NEW_PHONE))
    house.work()
    assert house.got(ANA_PHONE) == []


def test_a_new_name_is_no_news(desk: Desk) -> None:
    desk.patients(ANA)
    desk.visits(VISIT)
    assert desk.patients(ANA.replace("Morales", "Moreno")) == Totals(changed=1)
    assert desk.mail() == [(ANA_PHONE, 1)]


# -- slots -------------------------------------------------------------------------------------------


def open_slots(rt: Runtime) -> list[datetime]:
    with rt.begin() as db:
        wanted = select(slots.c.start_at).where(slots.c.appointment_id.is_(None)).order_by(slots.c.start_at)
        return list(db.conn.execute(wanted).scalars())


def test_slots_are_added_once(desk: Desk) -> None:
    slot = "Dr. Okafor,Main Street,follow-up,2026-12-08T10:30-05:00,30"
    assert desk.slots(slot, slot.replace("12-08", "12-09"), slot) == Totals(added=2, bad=1)
    assert desk.faults == [Fault(4, "provider", "is the same as in line 2")]
    assert desk.slots(slot, slot.replace("12-08", "12-10")) == Totals(added=1, same=1)
    assert len(open_slots(desk.rt)) == 3


@pytest.mark.parametrize("slots_first", [True, False])
def test_a_slot_at_the_time_of_a_standing_visit_is_taken(desk: Desk, slots_first: bool) -> None:
    desk.patients(ANA)
    slot = "Dr. Okafor,Main Street,follow-up,2026-12-07T10:30-05:00,30"
    steps = [lambda: desk.slots(slot, slot.replace("10:30", "11:30")), lambda: desk.visits(VISIT)]
    for step in steps if slots_first else reversed(steps):
        step()
    assert open_slots(desk.rt) == [datetime(2026, 12, 7, 16, 30, tzinfo=UTC)]
    desk.visits(VISIT.replace("booked", "cancelled"))
    assert len(open_slots(desk.rt)) == 2


# -- what goes out -----------------------------------------------------------------------------------


def test_the_export_has_the_imports_columns_and_the_present_status(desk: Desk) -> None:
    desk.patients(ANA)
    desk.visits(VISIT.replace("Main Street", "=HYPERLINK(A1)"))
    with desk.rt.begin() as db:
        appointments.set_status(db, desk.visit(), VisitStatus.CONFIRMED, desk.rt.now())
    assert desk.export() == [
        APPOINTMENTS,
        "A1,P1,Dr. Okafor,'=HYPERLINK(A1),follow-up,2026-12-07T10:30:00-05:00,30,confirmed",
    ]
    with desk.rt.begin() as db:
        exported = select(func.count()).where(audit.audit.c.action == "appointments.exported")
        assert db.conn.execute(exported).scalar_one() == 1


def test_what_the_patient_did_is_not_undone_by_the_clinics_own_file(desk: Desk) -> None:
    desk.patients(ANA)
    desk.visits(VISIT)
    with desk.rt.begin() as db:
        appointments.set_status(db, desk.visit(), VisitStatus.CONFIRMED, desk.rt.now())
    exported = desk.export()
    assert desk.visits(VISIT) == Totals(same=1)
    assert desk.visits(*exported[1:]) == Totals(same=1)
    assert desk.visits(VISIT) == Totals(same=1)
    assert desk.export() == exported
    assert desk.mail() == [(ANA_PHONE, 1)]


def test_after_the_clinics_system_took_over_a_move_it_can_take_it_back(desk: Desk) -> None:
    desk.patients(ANA)
    desk.visits(VISIT)
    desk.slots("Dr. Okafor,Main Street,follow-up,2026-12-08T10:30-05:00,30")
    with desk.rt.begin() as db:
        visit = desk.visit()
        (slot,) = appointments.open_like(db, visit, 1, desk.rt.now())
        assert appointments.book(db, visit, slot.id, desk.rt.now())
    assert desk.visits(VISIT) == Totals(same=1)
    assert desk.visits(VISIT.replace("12-07", "12-08")) == Totals(same=1)
    assert desk.visits(VISIT) == Totals(changed=1)


CELL = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=12) | st.sampled_from(
    ["=1+1", "'=1", "''@x", "'Aisha", "-", '"', "a,b", "O'Brien", "+15555550111"]
)
NAIVE = START.replace(tzinfo=None)
STARTS = st.datetimes(NAIVE - timedelta(days=180), NAIVE + timedelta(days=180), timezones=st.just(UTC))
VISITS = st.lists(
    st.tuples(
        CELL, CELL, CELL, CELL, STARTS, st.integers(1, 1440), st.sampled_from(VisitStatus), st.booleans()
    ),
    max_size=8,
    unique_by=lambda visit: visit[0],
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(visits=VISITS)
def test_an_export_that_comes_in_again_changes_nothing(
    desk: Desk, visits: Sequence[tuple[object, ...]]
) -> None:
    desk.patients(ANA)
    rows = [
        line_of([str(number), "P1", *map(str, service), start.isoformat(), str(minutes), str(status)])
        for number, *service, start, minutes, status, _ in visits  # type: ignore[attr-defined]
    ]
    assert desk.visits(*(row.rstrip("\n") for row in rows)).bad == 0
    with desk.rt.begin() as db:
        listed = {visit.external_id: visit.id for visit in appointments.listed(db, desk.clinic)}
        for number, *_, confirmed in visits:
            if confirmed:
                appointments.set_status(db, listed[str(number)], VisitStatus.CONFIRMED, desk.rt.now())
    exported, mail = desk.export(), desk.mail()
    assert len(exported) - 1 == len(listed)
    assert desk.visits(*exported[1:]) == Totals(same=len(listed))
    assert desk.visits(*exported[1:]) == Totals(same=len(listed))
    assert (desk.export(), desk.mail()) == (exported, mail)
