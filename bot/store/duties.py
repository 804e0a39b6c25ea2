"""Duties: reads for those who look after on-call: when a page comes next, what a drill did."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select

from bot.store.alerts import alerts
from bot.store.base import Db
from bot.store.deliveries import deliveries
from bot.store.escalations import escalations
from bot.store.timers import timers

_ARRIVED = ("delivered", "read")


def page_due(db: Db, conversation: UUID, code: str) -> datetime | None:
    """When this escalation pages next, or asks whoever has it."""
    due: datetime | None = db.conn.execute(
        select(timers.c.due_at).where(
            timers.c.conversation_id == conversation, timers.c.key == f"ack:{code}:"
        )
    ).scalar_one_or_none()
    return due


def newest_drill(db: Db, clinic: UUID, conversation: UUID) -> UUID | None:
    """The last drill that paged, over or not."""
    wanted = _drills(clinic, conversation).order_by(escalations.c.opened_at.desc())
    return db.conn.execute(wanted.limit(1)).scalar_one_or_none()


def drill_after(db: Db, clinic: UUID, conversation: UUID, before: UUID | None) -> UUID | None:
    """The first drill that paged after that one, or ever."""
    wanted = _drills(clinic, conversation)
    if before:
        opened = select(escalations.c.opened_at).where(escalations.c.id == before).scalar_subquery()
        wanted = wanted.where(escalations.c.opened_at > opened)
    return db.conn.execute(wanted.order_by(escalations.c.opened_at).limit(1)).scalar_one_or_none()


def _drills(clinic: UUID, conversation: UUID) -> Select[UUID]:
    mine = escalations.c.conversation_id == conversation
    return select(escalations.c.id).where(escalations.c.clinic_id == clinic, mine, escalations.c.drill)


def arrived(db: Db, told: Sequence[UUID]) -> dict[UUID, datetime]:
    """When the carrier said that the texts of these alerts have arrived; those that have not are left out."""
    rows = db.conn.execute(
        select(alerts.c.id, func.min(deliveries.c.at).label("at"))
        .join(deliveries, deliveries.c.outbox_id == alerts.c.outbox_id)
        .where(alerts.c.id.in_(told), deliveries.c.status.in_(_ARRIVED))
        .group_by(alerts.c.id)
    )
    return {row.id: row.at for row in rows}
