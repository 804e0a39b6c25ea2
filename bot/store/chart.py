"""The chart: results, summaries and medicines of patients, as their clinic released them. All content is sealed.

The row of a thing is found by the clinic's own id of it; results that are shown together by the hash of their group.
What has no `released_at` is here, but no patient sees it: `save` knows it, the other functions leave it out.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    Row,
    Select,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import insert

from bot.core.chart import (
    MEDICINE,
    RESULT,
    SUMMARY,
    Content,
    Kind,
    Medicine,
    Result,
    Summary,
    is_news,
    kind_of,
    released_at,
    to_json,
)
from bot.store.appointments import appointments
from bot.store.base import Db, Moment, Sealed, metadata

chart = Table(
    "chart",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("clinic_id", Uuid, ForeignKey("clinics.id"), nullable=False),
    Column("patient_id", Uuid, ForeignKey("patients.id"), nullable=False),
    Column("visit_id", Uuid, ForeignKey("appointments.id")),
    Column("kind", Text, nullable=False),
    Column("external_index", LargeBinary, nullable=False),  # keyed hash of kind and the clinic's own id
    Column("group_index", LargeBinary),  # keyed hash of what makes results one group
    Column("content", Sealed, nullable=False),  # JSON
    Column("at", Moment, nullable=False),
    Column("released_at", Moment),
    Column("digest", LargeBinary, nullable=False),  # keyed hash of the imported row
    Column("updated_at", Moment, nullable=False),
    UniqueConstraint("clinic_id", "external_index"),
    Index("ix_chart_patient", "patient_id", "kind", "at"),
)
Index("ix_chart_visit", chart.c.visit_id, postgresql_where=chart.c.visit_id.is_not(None))

MOST = 500
"""So many rows of a patient are opened at most, the newest."""


TOGETHER = timedelta(days=1)
"""What is released within this time of the last release is read together with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A thing as imported. `at` is when it was measured, held or written down; `group` is what the group is.

    `released`: since when the patient may see it, or whether at all.
    """

    external_id: str
    patient_id: UUID
    content: Content
    at: datetime
    released: datetime | bool
    visit_id: UUID | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A thing that is new or is not as before; `news`: it has just been released to this patient."""

    patient_id: UUID
    content: Content
    new: bool
    news: bool
    group: bytes | None


def save(db: Db, clinic: UUID, batch: Sequence[Leaf], now: datetime) -> list[Change]:
    """Add and change things by their external id. Rows that are as before are not touched."""
    keys = db.keys(clinic)
    wanted = {
        keys.blind("chart", f"{kind_of(leaf.content)}\x1f{leaf.external_id}"): (leaf, to_json(leaf.content))
        for leaf in batch
    }
    c = chart.c
    known = {
        row.external_index: row
        for row in db.conn.execute(
            select(c.id, c.external_index, c.patient_id, c.content, c.digest, c.released_at)
            .where(c.clinic_id == clinic, c.external_index.in_(wanted))
            .order_by(c.id)
            .with_for_update()
        )
    }
    rows, changes = [], []
    for index, (leaf, content) in wanted.items():
        old = known.get(index)
        group = None if leaf.group is None else keys.blind("group", f"{leaf.patient_id}\x1f{leaf.group}")
        digest = keys.blind("leaf", _fingerprint(leaf, content))
        if old is not None and old.digest == digest:
            continue
        same_patient = old is not None and old.patient_id == leaf.patient_id
        seen = old.released_at if old is not None and same_patient else None
        released = released_at(said=leaf.released, before=seen, at=leaf.at, fresh=old is None, now=now)
        row = {
            "id": old.id if old is not None else uuid4(),
            "clinic_id": clinic,
            "patient_id": leaf.patient_id,
            "visit_id": leaf.visit_id,
            "kind": str(kind_of(leaf.content)),
            "external_index": index,
            "group_index": group,
            "content": content,
            "at": leaf.at,
            "released_at": released,
            "digest": digest,
            "updated_at": now,
        }
        rows.append(db.sealed(chart, row))
        changes.append(
            Change(
                patient_id=leaf.patient_id,
                content=leaf.content,
                new=old is None,
                news=is_news(
                    released,
                    before=seen,
                    at=leaf.at,
                    corrected=seen is not None and _corrects(db, clinic, old, leaf.content),
                    now=now,
                ),
                group=group,
            )
        )
    _upsert(db, rows)
    return changes


def _corrects(db: Db, clinic: UUID, old: Row[*tuple[Any, ...]] | None, content: Content) -> bool:
    """Whether another value stands there now."""
    if old is None or not isinstance(content, Result):
        return False
    before = RESULT.validate_json(_opened(db, clinic, old))
    return before.value != content.value and (content.number is None or before.number != content.number)


def _fingerprint(leaf: Leaf, content: bytes) -> str:
    """Of all but `at`: a medicine's is the moment of its import, a result's is in its content."""
    fields = [str(leaf.patient_id), str(leaf.visit_id), str(leaf.group), str(leaf.released)]
    return "\x1f".join([*fields, content.decode()])


def _upsert(db: Db, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    statement = insert(chart)
    fixed = {"id", "clinic_id", "kind", "external_index"}
    db.conn.execute(
        statement.on_conflict_do_update(
            index_elements=["id"],
            set_={c.name: statement.excluded[c.name] for c in chart.columns if c.name not in fixed},
        ),
        rows,
    )


def results_of(db: Db, clinic: UUID, patient: UUID) -> list[Result]:
    """The results that were released last, by panel and name.

    Whole groups: all of which something was released within the day before the last release.
    """
    c = chart.c
    last = _of(patient, Kind.RESULT).with_only_columns(func.max(c.released_at)).scalar_subquery()
    late = _of(patient, Kind.RESULT).where(c.released_at > last - TOGETHER)
    wanted = _of(patient, Kind.RESULT).where(c.group_index.in_(late.with_only_columns(c.group_index)))
    rows = db.conn.execute(wanted.order_by(c.at.desc(), c.id).limit(MOST)).all()
    found = [RESULT.validate_json(_opened(db, clinic, row)) for row in rows]
    return sorted(found, key=lambda result: (result.panel, result.name))


def history_of(db: Db, clinic: UUID, patient: UUID, names: Collection[str]) -> dict[str, list[Result]]:
    """All released results with these names, by name, the newest first: also those that are shown now."""
    rows = db.conn.execute(
        _of(patient, Kind.RESULT).order_by(chart.c.at.desc(), chart.c.id).limit(MOST)
    ).all()
    found: dict[str, list[Result]] = {name: [] for name in names}
    for row in rows:
        result = RESULT.validate_json(_opened(db, clinic, row))
        if result.name in found:
            found[result.name].append(result)
    return found


def summary_of(db: Db, clinic: UUID, visit: UUID) -> Summary | None:
    """The summary of a visit; None where none was released, or the visit has become another patient's."""
    c = chart.c
    wanted = (
        select(c.id, c.content)
        .join(appointments, appointments.c.id == c.visit_id)
        .where(
            c.visit_id == visit,
            c.clinic_id == clinic,
            c.kind == Kind.SUMMARY,
            c.released_at.is_not(None),
            appointments.c.patient_id == c.patient_id,
        )
    )
    row = db.conn.execute(wanted.order_by(c.released_at.desc()).limit(1)).one_or_none()
    return None if row is None else SUMMARY.validate_json(_opened(db, clinic, row))


def latest_summary(db: Db, clinic: UUID, patient: UUID) -> tuple[UUID, Summary] | None:
    """The summary of the patient's last visit that has one, with the visit's id."""
    wanted = (
        _of(patient, Kind.SUMMARY)
        .join(appointments, appointments.c.id == chart.c.visit_id)
        .where(chart.c.clinic_id == clinic, appointments.c.patient_id == patient)
    )
    row = db.conn.execute(wanted.order_by(appointments.c.start_at.desc()).limit(1)).one_or_none()
    return None if row is None else (row.visit_id, SUMMARY.validate_json(_opened(db, clinic, row)))


def medicines_of(db: Db, clinic: UUID, patient: UUID) -> list[Medicine]:
    """The medicines that the patient takes, by name."""
    rows = db.conn.execute(
        _of(patient, Kind.MEDICINE).order_by(chart.c.at.desc(), chart.c.id).limit(MOST)
    ).all()
    found = [MEDICINE.validate_json(_opened(db, clinic, row)) for row in rows]
    return sorted(found, key=lambda medicine: (medicine.name.casefold(), medicine.how))


def _of(patient: UUID, kind: Kind) -> Select[Any]:
    """What of this kind was released to the patient."""
    c = chart.c
    return select(c.id, c.visit_id, c.content).where(
        c.patient_id == patient, c.kind == kind, c.released_at.is_not(None)
    )


def _opened(db: Db, clinic: UUID, row: Row[*tuple[Any, ...]]) -> bytes:
    return db.open_bytes(chart, "content", row.content, clinic=clinic, row=row.id)
