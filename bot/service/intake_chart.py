"""What can be imported of charts: results, summaries of visits, medicines; for each its columns and how it is kept.

A result that has just been released is news for the conversation of its patient's phone: one piece of news for all
that one batch releases to a patient. What it says, normal or not, is sealed like everything else about a result.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.core.chart import Medicine, Result, Summary, number_of, verdict
from bot.core.events import Triggered
from bot.core.triggers import Happens
from bot.service import cells
from bot.service.cells import Column, Given, plain, prose, text
from bot.service.csv_rows import Fault
from bot.service.intake import Entry, Kept, Kind
from bot.store import appointments, audit, chart, conversations, inbox, people
from bot.store.base import Db
from bot.store.chart import Change, Leaf
from bot.store.inbox import Mail

PATIENT, VISIT = "patient_external_id", "appointment_external_id"
_NO_PATIENT = "is no patient of this clinic's: import patients first"
_NO_VISIT = "is no appointment of this clinic's: import appointments first"


def _keep_results(db: Db, given: Given, batch: Sequence[Entry]) -> Kept:
    ids = people.by_external_ids(db, given.clinic.id, [entry.values[PATIENT] for entry in batch])
    leaves, faults = [], []
    for entry in batch:
        patient = ids.get(entry.values[PATIENT])
        wrong = [Fault(entry.line, PATIENT, _NO_PATIENT)] if patient is None else []
        wrong += [Fault(entry.line, *fault) for fault in _contradictions(entry.values)]
        faults += wrong
        if patient is not None and not wrong:
            leaves.append(_result(given, patient, entry.values))
    changes = chart.save(db, given.clinic.id, leaves, given.now)
    _tell(db, given, [change for change in changes if change.news])
    return _kept(leaves, changes, faults)


def _keep_summaries(db: Db, given: Given, batch: Sequence[Entry]) -> Kept:
    visits = appointments.of_patients(db, given.clinic.id, {entry.values[VISIT] for entry in batch})
    leaves, faults = [], []
    for entry in batch:
        values = entry.values
        if values[VISIT] not in visits:
            faults.append(Fault(entry.line, VISIT, _NO_VISIT))
            continue
        patient, visit = visits[values[VISIT]]
        content = Summary(
            provider=values["provider"],
            diagnoses=values["diagnoses"],
            medicines=values["medicines"],
            plan=values["plan"],
        )
        leaves.append(
            Leaf(
                external_id=values[VISIT],
                patient_id=patient,
                visit_id=visit,
                content=content,
                at=given.now,
                released=True,
            )
        )
    return _kept(leaves, chart.save(db, given.clinic.id, leaves, given.now), faults)


def _keep_medicines(db: Db, given: Given, batch: Sequence[Entry]) -> Kept:
    ids = people.by_external_ids(db, given.clinic.id, [entry.values[PATIENT] for entry in batch])
    leaves, faults = [], []
    for entry in batch:
        values = entry.values
        if values[PATIENT] not in ids:
            faults.append(Fault(entry.line, PATIENT, _NO_PATIENT))
            continue
        leaves.append(
            Leaf(
                external_id=values["external_id"],
                patient_id=ids[values[PATIENT]],
                content=Medicine(name=values["name"], how=values["how"], covered=values["covered"]),
                at=given.now,
                released=not values["stopped"],  # what is stopped is on no list any more
            )
        )
    return _kept(leaves, chart.save(db, given.clinic.id, leaves, given.now), faults)


def _kept(leaves: Sequence[Leaf], changes: Sequence[Change], faults: Sequence[Fault]) -> Kept:
    added = sum(change.new for change in changes)
    return Kept(
        added=added, changed=len(changes) - added, same=len(leaves) - len(changes), faults=tuple(faults)
    )


def _contradictions(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What can't be true of a row whose cells each mean something: column and reason."""
    low, high, found = values["low"], values["high"], []
    if low is not None and high is not None and high < low:
        found.append(("high", "is below low"))
    if (low is not None or high is not None) and number_of(values["value"]) is None:
        found.append(("value", "is not a number such as 5.6 or <0.5, but has a normal range"))
    return found


def _result(given: Given, patient: UUID, values: Mapping[str, Any]) -> Leaf:
    """Results with the same panel that were taken on one day are one group."""
    taken, zone = values["taken"], ZoneInfo(given.clinic.zone)
    day = taken.astimezone(zone).date() if isinstance(taken, datetime) else taken
    panel = values["panel"] or values["name"]
    content = Result(
        name=values["name"],
        value=values["value"],
        number=number_of(values["value"]),
        unit=values["unit"],
        low=values["low"],
        high=values["high"],
        taken=taken,
        provider=values["provider"],
        note=values["note"],
        panel=panel,
        abnormal=values["abnormal"],
    )
    return Leaf(
        external_id=values["external_id"],
        patient_id=patient,
        content=content,
        at=_moment(taken, zone),
        released=values["released"],
        group=f"{panel}\x1f{day.isoformat()}",
    )


def _moment(taken: date | datetime, zone: ZoneInfo) -> datetime:
    """A day's beginning where only the day is known."""
    if isinstance(taken, datetime):
        return taken
    return datetime.combine(taken, time(), zone).astimezone(UTC)


def _tell(db: Db, given: Given, news: Sequence[Change]) -> None:
    """Mail for the conversations of the patients to whom something was released.

    The same groups on the same day are told of once: a file may come in parts. What is in the key is a keyed hash,
    for the key stands in the clear and would tell who has an abnormal result.
    """
    if not news:
        return
    clinic = given.clinic.id
    by_patient: dict[UUID, list[Change]] = defaultdict(list)
    for change in news:
        by_patient[change.patient_id].append(change)
    phones = people.phones(db, clinic, list(by_patient))
    talks = conversations.with_phones(db, clinic, set(phones.values()), given.now)
    today = given.now.astimezone(ZoneInfo(given.clinic.zone)).date()
    mail = []
    for patient, changes in by_patient.items():
        kind = verdict(change.content for change in changes if isinstance(change.content, Result))
        groups = sorted({change.group.hex() for change in changes if change.group})
        key = db.keys(clinic).blind("news", "\x1f".join([str(patient), str(today), kind, *groups]))
        what = Triggered(trigger=str(Happens.RESULT), person_id=patient, values={"kind": kind})
        dedupe = f"result:{key.hex()[:32]}"
        mail.append(Mail(clinic=clinic, conversation=talks[phones[patient]], dedupe=dedupe, what=what))
    inbox.put(db, mail, given.now)
    entry = audit.Entry(
        clinic=clinic,
        actor="operator",
        action="results.released",
        subject=f"clinic:{clinic}",
        patients=tuple(by_patient),
        origin="cli",
    )
    audit.write(db, [entry], given.now)


def _nothing(_given: Given) -> str:
    return ""


def _no(_given: Given) -> bool:
    return False


def _unknown(_given: Given) -> None:
    return None


def _none_listed(_given: Given) -> tuple[()]:
    return ()


_ID, _NAME, _LONG = text(100), text(200), 4000
RESULTS = Kind(
    name="results",
    columns=(
        Column(name="external_id", read=_ID),
        Column(name=PATIENT, read=_ID),
        Column(name="panel", read=_NAME, default=_nothing),
        Column(name="name", read=_NAME),
        Column(name="value", read=_NAME),
        Column(name="unit", read=text(50), default=_nothing),
        Column(name="low", read=plain(cells.decimal), default=_unknown),
        Column(name="high", read=plain(cells.decimal), default=_unknown),
        Column(name="taken", read=cells.day_or_moment),
        Column(name="provider", read=_NAME, default=_nothing),
        Column(name="note", read=prose(_LONG), default=_nothing),
        Column(name="abnormal", read=plain(cells.yes_no), default=_no),
        Column(name="released", read=cells.released),
    ),
    key=("external_id",),
    keep=_keep_results,
)
SUMMARIES = Kind(
    name="summaries",
    columns=(
        Column(name=VISIT, read=_ID),
        Column(name="provider", read=_NAME),
        Column(name="diagnoses", read=cells.entries(_LONG), default=_none_listed),
        Column(name="medicines", read=cells.medicine_changes(_LONG), default=_none_listed),
        Column(name="plan", read=cells.entries(_LONG), default=_none_listed),
    ),
    key=(VISIT,),
    keep=_keep_summaries,
)
MEDICINES = Kind(
    name="medicines",
    columns=(
        Column(name="external_id", read=_ID),
        Column(name=PATIENT, read=_ID),
        Column(name="name", read=_NAME),
        Column(name="how", read=_NAME, default=_nothing),
        Column(name="covered", read=plain(cells.yes_no)),
        Column(name="stopped", read=plain(cells.yes_no), default=_no),
    ),
    key=("external_id",),
    keep=_keep_medicines,
)
