"""Names: by which words of their names patients are found. Each word has its keyed hash; nothing can be read from it.

Words are compared without case, accents and apostrophes: 'José O’Brien-Núñez' is found by jose, obrien and nunez.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Uuid,
    delete,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import insert

from bot.store.base import Db, metadata

patient_names = Table(
    "patient_names",
    metadata,
    Column("clinic_id", Uuid, ForeignKey("clinics.id"), nullable=False),
    Column("name_index", LargeBinary, nullable=False),
    Column("patient_id", Uuid, ForeignKey("patients.id"), nullable=False),
    PrimaryKeyConstraint("clinic_id", "name_index", "patient_id"),
    Index("ix_patient_names_patient", "patient_id"),
)

_APOSTROPHES = re.compile("['’ʼ`´]")
_WORD = re.compile(r"[^\W_]+")


def words(*names: str) -> frozenset[str]:
    """The words of these names as they are compared."""
    parted = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", " ".join(names)).casefold())
    plain = "".join(letter for letter in parted if not unicodedata.combining(letter))
    return frozenset(_WORD.findall(plain))


def keep(db: Db, clinic: UUID, called: Mapping[UUID, Iterable[str]]) -> None:
    """These patients are called so from now on: first and last name of each."""
    if not called:
        return
    keys = db.keys(clinic)
    rows = [
        {"clinic_id": clinic, "name_index": keys.blind("name", word), "patient_id": patient}
        for patient, names in called.items()
        for word in sorted(words(*names))
    ]
    db.conn.execute(delete(patient_names).where(patient_names.c.patient_id.in_(list(called))))
    if rows:
        db.conn.execute(insert(patient_names).on_conflict_do_nothing(), rows)


def found(db: Db, clinic: UUID, wanted: Collection[str], at_most: int) -> Sequence[UUID]:
    """Patients whose names have all of these words."""
    if not wanted:
        return ()
    keys, c = db.keys(clinic), patient_names.c
    indexes = [keys.blind("name", word) for word in wanted]
    matching = select(c.patient_id).where(c.clinic_id == clinic, c.name_index.in_(indexes))
    fitting = matching.group_by(c.patient_id).having(func.count() == len(indexes))
    return db.conn.execute(fitting.order_by(c.patient_id).limit(at_most)).scalars().all()
