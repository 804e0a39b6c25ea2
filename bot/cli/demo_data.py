"""The demo's made-up clinic: staff, patients, visits, open times and charts around the day of the demo's first start.

They come in by the same ways as a real clinic's.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.cli import demo_chart
from bot.runtime import Runtime
from bot.service import clinic as clinics
from bot.service import demo, enrol, schedule
from bot.service.demo_events import AFTER_VISIT, FOLDER, NEXT_RESULTS
from bot.service.entrance import demo_sign_in

ZONE = "America/New_York"
_STAFF = (
    # handle (as rosters call them), name, role, phone
    ("desk", "Dana Cole", "front_desk", "+15555550130"),
    ("maria", "Maria Santos", "nurse", "+15555550131"),
    ("joe", "Joe Keller", "nurse", "+15555550132"),
    ("sam", "Sam Porter", "nurse", "+15555550133"),
    ("dr_lee", "Dr. Susan Lee", "provider", "+15555550134"),
    ("dr_shah", "Dr. Anil Shah", "provider", "+15555550135"),
)
"""Everybody whom the rosters of the shipped `flows/oncall.yaml` name."""
_OFF_CALL = (
    # handle, name, role
    ("admin", "Alex Rivera", "admin"),
    ("noor", "Noor Haddad", "compliance"),
    ("kim", "Kim Tran", "ma"),
    ("pat", "Pat Doyle", "billing"),
)
"""Who works there and is never on call."""
ADDRESSES = tuple(f"{handle}@riverside.example" for handle, *_ in (*_STAFF, *_OFF_CALL))
"""By which they sign in."""
_PEOPLE = (
    # external_id, first_name, last_name, birth_date, phone, language
    ("P-1001", "Ana", "Morales", "1958-04-12", "202-555-0111", "en"),
    ("P-1002", "James", "Whitfield", "1947-09-30", "202-555-0112", "en"),
    ("P-1003", "Rosa", "Jimenez", "1971-01-22", "202-555-0113", "es"),
    ("P-1004", "Priya", "Raman", "1989-06-03", "202-555-0114", "en"),
    ("P-1005", "Walter", "Boone", "1939-12-11", "202-555-0115", "en"),
    ("P-1006", "Lena", "Fischer", "1984-03-08", "202-555-0116", "en"),
    ("P-1007", "Theo", "Fischer", "2019-07-19", "202-555-0116", "en"),
    ("P-1008", "Ruth", "Adler", "1951-02-08", "202-555-0118", "en"),
    ("P-1009", "Marcus", "Bell", "1978-11-19", "202-555-0119", "en"),
    ("P-1010", "Ines", "Duarte", "1993-05-27", "202-555-0120", "es"),
    ("P-1011", "Paul", "Novak", "1966-08-14", "202-555-0121", "en"),
    ("P-1012", "Grace", "Okada", "2001-10-02", "202-555-0122", "en"),
)
_VISITS = (
    # external_id, patient, days ahead, time, provider, location, kind
    ("A-2001", "P-1001", 4, time(10, 30), "Dr. Okafor", "Main Street", "follow-up"),
    ("A-2002", "P-1002", 4, time(9, 0), "Dr. Okafor", "Main Street", "follow-up"),
    ("A-2003", "P-1003", 4, time(14, 15), "Dr. Lindqvist", "Main Street", "check-up"),
    ("A-2004", "P-1004", 5, time(11, 0), "Dr. Lindqvist", "Main Street", "check-up"),
    ("A-2005", "P-1005", 6, time(13, 0), "Dr. Okafor", "Main Street", "follow-up"),
    ("A-2006", "P-1006", 5, time(15, 30), "Dr. Lindqvist", "Main Street", "check-up"),
    ("A-2007", "P-1007", 5, time(16, 0), "Dr. Lindqvist", "Main Street", "check-up"),
)
_TODAY = (
    # the same, for the console's day; on a weekend, the Monday after it
    ("A-2008", "P-1008", 0, time(9, 0), "Dr. Okafor", "Main Street", "follow-up"),
    ("A-2009", "P-1009", 0, time(10, 30), "Dr. Okafor", "Main Street", "check-up"),
    ("A-2010", "P-1010", 0, time(11, 15), "Dr. Lindqvist", "Main Street", "follow-up"),
    ("A-2011", "P-1011", 0, time(14, 0), "Dr. Okafor", "Main Street", "follow-up"),
    ("A-2012", "P-1012", 0, time(15, 45), "Dr. Lindqvist", "Main Street", "check-up"),
)
_SERVICES = (("Dr. Okafor", "Main Street", "follow-up"), ("Dr. Lindqvist", "Main Street", "check-up"))
_SLOT_TIMES = (time(8, 30), time(11, 30), time(15, 0))
_SLOT_DAYS = range(5, 19)
_MINUTES = "30"


def fill(rt: Runtime) -> None:
    """Make the clinic and import its files, unless an earlier start has; and add its staff, if there is none yet."""
    if not clinics.exists(rt):
        _open_clinic(rt)
    _hire(rt)
    demo_sign_in.give_logins(rt)


def _open_clinic(rt: Runtime) -> None:
    clinic = clinics.add(
        rt, name="Riverside Clinic", phone="+12025550100", zone=ZONE, oncall_phone="+12025550199"
    )
    directory = rt.settings.data_dir / FOLDER
    directory.mkdir(exist_ok=True)
    today = rt.now().astimezone(ZoneInfo(ZONE)).date()
    _import(rt, clinic, directory, today)


def _hire(rt: Runtime) -> None:
    """Demos of before there were staff get them too; who has left stays away, as long as anybody is there."""
    clinic = demo.the_clinic(rt).id
    there = {member.handle for member in enrol.everybody(rt, clinic)}
    for some in (_STAFF, _OFF_CALL):
        if not there & {handle for handle, *_ in some}:
            for handle, name, role, *phone in some:
                enrol.add(
                    rt,
                    clinic,
                    f"{handle}@riverside.example",
                    role=role,
                    name=name,
                    handle=handle,
                    phone=phone[0] if phone else None,
                )


def _import(rt: Runtime, clinic: UUID, directory: Path, today: date) -> None:
    people = _write(
        directory / "patients.csv",
        ("external_id", "first_name", "last_name", "birth_date", "phone", "language"),
        _PEOPLE,
    )
    visits = _write(
        directory / "appointments.csv",
        (
            *("external_id", "patient_external_id", "provider", "location", "kind"),
            *("start", "duration_minutes", "status"),
        ),
        [*_past_visits(today), *_visits(today)],
    )
    slots = _write(
        directory / "slots.csv",
        ("provider", "location", "kind", "start", "duration_minutes"),
        [
            (*service, _moment(today, days, at), _MINUTES)
            for service in _SERVICES
            for days in _SLOT_DAYS
            for at in _SLOT_TIMES
            if _workday(today + timedelta(days=days))
        ],
    )
    schedule.import_patients(rt, clinic, people)
    schedule.import_appointments(rt, clinic, visits)
    schedule.import_slots(rt, clinic, slots)
    _import_charts(rt, clinic, directory, today)


def _import_charts(rt: Runtime, clinic: UUID, directory: Path, today: date) -> None:
    """What was released; and what may be, in files of their own that come in when it happens."""
    columns = demo_chart.RESULT_COLUMNS
    results = _write(directory / "results.csv", columns, demo_chart.results(today, ZONE))
    later = _write(directory / NEXT_RESULTS, columns, demo_chart.next_results(today))
    summaries = _write(directory / "summaries.csv", demo_chart.SUMMARY_COLUMNS, demo_chart.SUMMARIES)
    _write(directory / AFTER_VISIT, demo_chart.SUMMARY_COLUMNS, demo_chart.AFTER_NEXT_VISIT)
    medicines = _write(directory / "medicines.csv", demo_chart.MEDICINE_COLUMNS, demo_chart.MEDICINES)
    schedule.import_results(rt, clinic, results)
    schedule.import_results(rt, clinic, later)
    schedule.import_summaries(rt, clinic, summaries)
    schedule.import_medicines(rt, clinic, medicines)


def _past_visits(today: date) -> Iterator[Sequence[str]]:
    for number, patient, days, at, *service in demo_chart.PAST_VISITS:
        day = demo_chart.workday(today - timedelta(days=days))
        start = datetime.combine(day, at, ZoneInfo(ZONE)).isoformat()
        yield number, patient, *service, start, _MINUTES, "fulfilled"


def _visits(today: date) -> Iterator[Sequence[str]]:
    for number, patient, days, at, *service in (*_TODAY, *_VISITS):
        yield number, patient, *service, _moment(today, days, at), _MINUTES, "booked"


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)
    return path


def _moment(today: date, days: int, at: time) -> str:
    """ISO 8601 with offset; a day on a weekend moves to the next Monday."""
    day = today + timedelta(days=days)
    while not _workday(day):
        day += timedelta(days=1)
    return datetime.combine(day, at, ZoneInfo(ZONE)).isoformat()


def _workday(day: date) -> bool:
    return day.isoweekday() <= 5
