"""Answers: what patients said to the questions of flows. What was asked is sealed too: it tells of the patient."""

import json
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Boolean, Column, ForeignKey, Index, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import insert

from bot.core.effects import Record
from bot.store.base import Db, Moment, Sealed, metadata

answers = Table(
    "answers",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("clinic_id", Uuid, ForeignKey("clinics.id"), nullable=False),
    Column("conversation_id", Uuid, ForeignKey("conversations.id"), nullable=False),
    Column("patient_id", Uuid, ForeignKey("patients.id")),
    Column("visit_id", Uuid, ForeignKey("appointments.id")),
    Column("effect_key", Text, nullable=False, unique=True),  # event and ordinal: a repeat adds nothing
    Column("asked", Sealed, nullable=False),  # flow, item and code, as JSON
    Column("value", Sealed, nullable=False),  # JSON
    Column("in_words", Boolean, nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_answers_patient", "patient_id", "at"),
)
Index(
    "ix_answers_in_words",
    answers.c.conversation_id,
    answers.c.at,
    postgresql_where=answers.c.in_words,
)

_PUT = insert(answers).inline().on_conflict_do_nothing(index_elements=["effect_key"])


def put(db: Db, *, clinic: UUID, conversation: UUID, effect_key: str, answer: Record, now: datetime) -> None:
    """Keep an answer; the same effect again adds nothing."""
    row = {
        "id": uuid4(),
        "clinic_id": clinic,
        "conversation_id": conversation,
        "patient_id": answer.person_id,
        "visit_id": answer.visit_id,
        "effect_key": effect_key,
        "asked": json.dumps({"flow": answer.flow, "item": answer.item, "code": answer.code}),
        "value": json.dumps(answer.value),
        "in_words": isinstance(answer.value, str),
        "at": now,
    }
    db.conn.execute(_PUT, db.sealed(answers, row))
