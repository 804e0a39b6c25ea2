"""Results, summaries and medicines come in: bad rows are named, nothing changes twice, a release is told of once."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select

from bot.core.chart import Medicine, MedicineChange, Summary
from bot.core.events import WHAT, Triggered
from bot.runtime import Runtime
from bot.service import operate, schedule
from bot.service.csv_rows import Fault
from bot.service.schedule import Listeners, Totals
from bot.store import appointments, audit, people, worklist
from bot.store import chart as charts
from bot.store.chart import chart
from bot.store.conversations import phone_of
from bot.store.inbox import inbox
from tests.conftest import ANA_PHONE, House

PATIENTS = "external_id,first_name,last_name,birth_date,phone"
ANA, BEN = f"P1,Ana,Morales,1958-04-12,{ANA_PHONE}", "P2,Ben,Boone,1939-12-11,202-555-0112"
BEN_PHONE = "+12025550112"
APPOINTMENTS = "external_id,patient_external_id,provider,location,kind,start,duration_minutes,status"
VISIT = "A1,P1,Dr. Okafor,Main Street,follow-up,2026-11-27T10:30-05:00,30,fulfilled"
RESULTS = "external_id,patient_external_id,panel,name,value,unit,low,high,taken,provider,note,released"
LDL = "R1,P1,Lipids,LDL,96,mg/dL,,100,2026-11-27,Dr. Okafor,All good.,yes"
HDL = "R2,P1,Lipids,HDL,52,mg/dL,40,,2026-11-27,Dr. Okafor,All good.,yes"
A1C = "R3,P1,,A1c,5.4,%,,5.6,2026-11-27T09:00-05:00,,,yes"
SUMMARIES = "appointment_external_id,provider,diagnoses,medicines,plan"
SUMMARY = 'A1,Dr. Okafor,High blood pressure; Sore knee,"new: Lisinopril, 10 mg once a day; stopped: Ibuprofen",Walk'
MEDICINES = "external_id,patient_external_id,name,how,covered"
LISINOPRIL = "M1,P1,Lisinopril,10 mg once a day,yes"
IBUPROFEN = "M2,P1,Ibuprofen,when it hurts,no"


@dataclass
class Desk:
    """A clinic's office with its files."""

    rt: Runtime
    clinic: UUID
    directory: Path
    faults: list[Fault] = field(default_factory=list)

    def bring(self, run: Callable[..., Totals], header: str, rows: Iterable[str], **how: bool) -> Totals:
        self.faults.clear()
        file = self.directory / "file.csv"
        file.write_text("\n".join([header, *rows]) + "\n")
        return run(self.rt, self.clinic, file, tell=Listeners(fault=self.faults.append), **how)

    def results(self, *rows: str, header: str = RESULTS, **how: bool) -> Totals:
        return self.bring(schedule.import_results, header, rows, **how)

    def summaries(self, *rows: str, **how: bool) -> Totals:
        return self.bring(schedule.import_summaries, SUMMARIES, rows, **how)

    def medicines(self, *rows: str, header: str = MEDICINES, **how: bool) -> Totals:
        return self.bring(schedule.import_medicines, header, rows, **how)

    def patient(self, external_id: str = "P1") -> UUID:
        with self.rt.begin() as db:
            return people.by_external_ids(db, self.clinic, [external_id])[external_id]

    def shown(self, external_id: str = "P1") -> dict[str, str]:
        """Name and value of what the results page shows."""
        patient = self.patient(external_id)
        with self.rt.begin() as db:
            found = charts.results_of(db, self.clinic, patient)
        return {result.name: result.value for result in found}

    def news(self) -> list[tuple[str, object]]:
        """Phone and kind of all that was told of results, in order."""
        with self.rt.begin() as db:
            rows = db.conn.execute(select(inbox).order_by(inbox.c.seq)).all()
            found = [
                (phone_of(db, row.conversation_id), WHAT.validate_json(self._open(db, row))) for row in rows
            ]
        return [
            (phone, (what.values or {})["kind"])
            for phone, what in found
            if isinstance(what, Triggered) and what.trigger == "a result is released"
        ]

    def _open(self, db, row) -> bytes:
        return db.open_bytes(inbox, "what", row.what, clinic=row.clinic_id, row=row.id)

    def rows(self) -> int:
        with self.rt.begin() as db:
            return db.conn.execute(select(func.count()).select_from(chart)).scalar_one()


@pytest.fixture
def desk(rt: Runtime, clinic: UUID, tmp_path: Path) -> Desk:
    made = Desk(rt, clinic, tmp_path)
    made.bring(schedule.import_patients, PATIENTS, [ANA, BEN])
    made.bring(schedule.import_appointments, APPOINTMENTS, [VISIT])
    return made


# -- what goes in ------------------------------------------------------------------------------------


def test_results_are_added_then_unchanged_then_changed(desk: Desk) -> None:
    assert desk.results(LDL, HDL, A1C) == Totals(added=3)
    assert desk.results(LDL, HDL, A1C) == Totals(same=3)
    assert desk.results(LDL, HDL.replace("52", "53"), A1C) == Totals(changed=1, same=2)
    assert desk.shown() == {"LDL": "96", "HDL": "53", "A1c": "5.4"}


def test_all_of_a_result_is_kept(desk: Desk) -> None:
    note = '"All good.\nSee you in May, OK?"'
    desk.results(LDL.replace("All good.", note), A1C)
    with desk.rt.begin() as db:
        a1c, ldl = charts.results_of(db, desk.clinic, desk.patient())
    assert (ldl.panel, ldl.value, ldl.number, ldl.unit, ldl.low, ldl.high) == (
        "Lipids",
        "96",
        96,
        "mg/dL",
        None,
        100,
    )
    assert (ldl.taken, ldl.provider, ldl.note) == (
        date(2026, 11, 27),
        "Dr. Okafor",
        "All good.\nSee you in May, OK?",
    )
    assert (a1c.panel, a1c.taken) == ("A1c", datetime(2026, 11, 27, 14, 0, tzinfo=UTC))


def test_columns_that_say_nothing_may_be_missing(desk: Desk) -> None:
    header = "released,taken,value,name,patient_external_id,external_id,abnormal"
    assert desk.results("yes,2026-11-27,positive,Strep,P1,R9,yes", header=header) == Totals(added=1)
    assert desk.news() == [(ANA_PHONE, "abnormal")]


BAD_RESULTS = [
    # what of the good row, turned into what
    ("P1", "P9", "patient_external_id", "is no patient of this clinic's: import patients first"),
    ("LDL", "", "name", "is empty"),
    (",100,", ",a lot,", "high", "is not a number such as 5.6"),
    (",100,", ',"1,000",', "high", "is not a number such as 5.6"),
    (",,100,", ",nan,100,", "low", "is not a number such as 5.6"),
    (",,100,", ",110,100,", "high", "is below low"),
    (",96,", ",borderline,", "value", "is not a number such as 5.6 or <0.5, but has a normal range"),
    ("2026-11-27", "11/27/2026", "taken", "is not a moment such as 2026-12-07T10:30-05:00"),
    ("2026-11-27", "2026-11-31", "taken", "is not a date in the form YYYY-MM-DD"),
    ("2026-11-27", "2026-12-27", "taken", "lies in the future"),
    ("2026-11-27", "2026-11-27T10:00", "taken", "has no offset from UTC, such as -05:00 or Z"),
    (",yes", ",", "released", "is empty"),
    (",yes", ",soon", "released", "is neither yes nor no nor a moment such as 2026-12-07T10:30-05:00"),
    (",yes", ",2026-12-01T10:00Z", "released", "lies in the future"),
    ("All good.", "x" * 4001, "note", "is longer than 4000 characters"),
    ("All good.", "a\x07b", "note", "holds control characters"),
    ("R8", "R2", "external_id", "is the same as in line 2"),
]


@pytest.mark.parametrize(("good", "bad", "column", "reason"), BAD_RESULTS)
def test_a_bad_result_is_named_and_the_others_go_in(
    desk: Desk, good: str, bad: str, column: str, reason: str
) -> None:
    row = LDL.replace("R1", "R8").replace(good, bad)
    assert desk.results(HDL, row, A1C) == Totals(added=2, bad=1)
    assert desk.faults == [Fault(3, column, reason)]


def test_a_dry_run_reports_the_same_and_keeps_nothing(desk: Desk) -> None:
    assert desk.results(LDL, "R7,P9" + HDL[5:], dry_run=True) == Totals(added=1, bad=1)
    assert desk.summaries(SUMMARY, dry_run=True) == Totals(added=1)
    assert desk.medicines(LISINOPRIL, dry_run=True) == Totals(added=1)
    assert (desk.rows(), desk.news()) == (0, [])
    assert desk.results(LDL) == Totals(added=1)
    assert desk.news() == [(ANA_PHONE, "normal")]


def test_the_same_id_may_stand_for_a_result_and_for_a_medicine(desk: Desk) -> None:
    assert desk.results(LDL) == Totals(added=1)
    assert desk.medicines(LISINOPRIL.replace("M1", "R1")) == Totals(added=1)
    assert desk.rows() == 2


# -- who hears of it ---------------------------------------------------------------------------------


def test_what_one_file_releases_to_a_patient_is_one_piece_of_news(desk: Desk) -> None:
    desk.results(LDL, HDL, A1C)
    desk.results(LDL, HDL, A1C)
    assert desk.news() == [(ANA_PHONE, "normal")]


def test_everybody_hears_of_their_own(desk: Desk) -> None:
    desk.results(LDL, HDL.replace("P1", "P2").replace("52", "30"))
    assert sorted(desk.news()) == [(ANA_PHONE, "normal"), (BEN_PHONE, "abnormal")]


@pytest.mark.parametrize(
    ("value", "kind"), [("100", "normal"), ("101", "abnormal"), (">100", "abnormal"), ("<100", "normal")]
)
def test_it_is_abnormal_if_any_value_is_low_or_high(desk: Desk, value: str, kind: str) -> None:
    desk.results(LDL.replace(",96,", f",{value},"), HDL)
    assert desk.news() == [(ANA_PHONE, kind)]


def test_what_is_not_released_is_kept_back_until_it_is(desk: Desk) -> None:
    held = LDL.replace(",yes", ",no")
    assert desk.results(held) == Totals(added=1)
    assert (desk.shown(), desk.news()) == ({}, [])
    assert desk.results(held) == Totals(same=1)
    assert desk.results(LDL) == Totals(changed=1)
    assert (desk.shown(), desk.news()) == ({"LDL": "96"}, [(ANA_PHONE, "normal")])
    assert desk.results(held) == Totals(changed=1)
    assert desk.shown() == {}, "it was taken back"


def test_what_is_released_later_of_a_panel_is_told_of_as_well(desk: Desk) -> None:
    desk.results(LDL)
    desk.rt.move_clock(timedelta(days=2))
    desk.results(LDL, HDL)
    assert desk.news() == [(ANA_PHONE, "normal"), (ANA_PHONE, "normal")]
    assert desk.shown() == {"LDL": "96", "HDL": "52"}, "a panel is shown whole"


def test_parts_of_a_panel_on_one_day_are_told_of_once_unless_there_is_worse(desk: Desk) -> None:
    desk.results(LDL)
    desk.results(LDL, HDL)
    assert desk.news() == [(ANA_PHONE, "normal")]
    desk.results("R4" + LDL.replace("96", "160")[2:])
    assert desk.news() == [(ANA_PHONE, "normal"), (ANA_PHONE, "abnormal")]


def test_history_that_comes_in_is_no_news(desk: Desk) -> None:
    old = LDL.replace("2026-11-27", "2025-11-27")
    known = "R2" + LDL[2:].replace(",yes", ",2026-11-20T10:00-05:00").replace("11-27", "11-19")
    assert desk.results(old, known) == Totals(added=2)
    assert desk.news() == []
    with desk.rt.begin() as db:
        assert len(charts.history_of(db, desk.clinic, desk.patient(), ["LDL"])["LDL"]) == 2


def test_a_corrected_value_is_news_and_a_corrected_note_is_not(desk: Desk) -> None:
    desk.results(LDL)
    desk.results(LDL.replace("All good.", "Very good."))
    desk.results(LDL.replace(",96,", ",96.0,"))
    assert desk.news() == [(ANA_PHONE, "normal")]
    desk.results(LDL.replace(",96,", ",196,"))
    assert desk.news() == [(ANA_PHONE, "normal"), (ANA_PHONE, "abnormal")]


def test_a_result_that_was_another_patients_is_news_for_its_owner(desk: Desk) -> None:
    desk.results(LDL)
    assert desk.results(LDL.replace("P1", "P2")) == Totals(changed=1)
    assert desk.news() == [(ANA_PHONE, "normal"), (BEN_PHONE, "normal")]
    assert (desk.shown("P1"), desk.shown("P2")) == ({}, {"LDL": "96"})


def test_nothing_in_the_clear_tells_what_the_news_is(desk: Desk) -> None:
    """Whoever holds the tables can hash the groups with either word: it must not come out as a key of the mailbox."""
    desk.results(LDL)
    desk.results("R4" + LDL.replace("96", "160")[2:])
    with desk.rt.begin() as db:
        keys = (
            db.conn.execute(select(inbox.c.dedupe).where(inbox.c.kind == "triggered").order_by(inbox.c.seq))
            .scalars()
            .all()
        )
    assert len(set(keys)) == 2
    assert all(key.startswith("result:") and len(key) == len("result:") + 32 for key in keys)


def test_a_release_is_audited_with_its_patients(desk: Desk) -> None:
    desk.results(LDL, HDL)
    with desk.rt.begin() as db:
        c = audit.audit.c
        rows = db.conn.execute(
            select(c.action, c.patients, c.detail).where(c.action.startswith("results."))
        ).all()
    assert sorted(tuple(row) for row in rows) == [
        ("results.imported", "", "added=2 changed=0 same=0 bad=0"),
        ("results.released", str(desk.patient()), ""),
    ]
    operate.verify_audit(desk.rt)


# -- summaries and medicines -------------------------------------------------------------------------


def test_a_summary_belongs_to_its_visit(desk: Desk) -> None:
    assert desk.summaries(SUMMARY) == Totals(added=1)
    assert desk.summaries(SUMMARY) == Totals(same=1)
    assert desk.summaries(SUMMARY.replace("Walk", "Rest; Walk later")) == Totals(changed=1)
    with desk.rt.begin() as db:
        patient, visit = appointments.of_patients(db, desk.clinic, ["A1"])["A1"]
        found = charts.summary_of(db, desk.clinic, visit)
        assert charts.latest_summary(db, desk.clinic, patient) == (visit, found)
    assert found == Summary(
        provider="Dr. Okafor",
        diagnoses=("High blood pressure", "Sore knee"),
        medicines=(
            MedicineChange(change="new", name="Lisinopril", how="10 mg once a day"),
            MedicineChange(change="stopped", name="Ibuprofen"),
        ),
        plan=("Rest", "Walk later"),
    )
    assert desk.news() == []


BAD_SUMMARIES = [
    ("A1", "A9", "appointment_external_id", "is no appointment of this clinic's: import appointments first"),
    ("Dr. Okafor", "", "provider", "is empty"),
    (
        "stopped: Ibuprofen",
        "Ibuprofen",
        "medicines",
        "has an entry that doesn't begin with new:, changed:, stopped:, same:",
    ),
    ("stopped: Ibuprofen", "stopped:", "medicines", "has an entry without a medicine's name"),
]


@pytest.mark.parametrize(("good", "bad", "column", "reason"), BAD_SUMMARIES)
def test_a_bad_summary_is_named(desk: Desk, good: str, bad: str, column: str, reason: str) -> None:
    assert desk.summaries(SUMMARY.replace(good, bad)) == Totals(bad=1)
    assert desk.faults == [Fault(2, column, reason)]


def test_medicines_are_added_changed_and_stopped(desk: Desk) -> None:
    assert desk.medicines(LISINOPRIL, IBUPROFEN) == Totals(added=2)
    desk.rt.move_clock(timedelta(days=1))
    assert desk.medicines(LISINOPRIL, IBUPROFEN) == Totals(same=2)
    header = f"{MEDICINES},stopped"
    rows = (f"{LISINOPRIL.replace('10', '20')},", f"{IBUPROFEN},yes")
    assert desk.medicines(*rows, header=header) == Totals(changed=2)
    with desk.rt.begin() as db:
        assert charts.medicines_of(db, desk.clinic, desk.patient()) == [
            Medicine(name="Lisinopril", how="20 mg once a day", covered=True)
        ]


BAD_MEDICINES = [
    ("P1", "P9", "patient_external_id", "is no patient of this clinic's: import patients first"),
    (",yes", ",maybe", "covered", "is neither yes nor no"),
    (",yes", ",", "covered", "is empty"),
]


@pytest.mark.parametrize(("good", "bad", "column", "reason"), BAD_MEDICINES)
def test_a_bad_medicine_is_named(desk: Desk, good: str, bad: str, column: str, reason: str) -> None:
    assert desk.medicines(IBUPROFEN, LISINOPRIL.replace(good, bad)) == Totals(added=1, bad=1)
    assert desk.faults == [Fault(3, column, reason)]


def test_a_file_in_several_batches_releases_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "BATCH", 1)
    assert desk.results(LDL, HDL) == Totals(added=2)
    assert desk.news() == [(ANA_PHONE, "normal")]


def test_the_news_comes_to_the_conversation_whatever_flows_there_are(house: House, tmp_path: Path) -> None:
    """Without a flow that begins with it, it becomes a task for staff."""
    office = Desk(house.rt, house.clinic, tmp_path)
    office.bring(schedule.import_patients, PATIENTS, [ANA])
    office.results(LDL)
    house.work()
    with house.rt.begin() as db:
        left = select(func.count()).where(inbox.c.done_at.is_(None))
        assert db.conn.execute(left).scalar_one() == 0
        tasks = worklist.open_tasks(db, house.clinic, 10)
    assert [task.task for task in tasks] == ["nothing_to_start"]
