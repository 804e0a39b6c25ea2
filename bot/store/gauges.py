"""Counts of what waits, for operators."""

from datetime import datetime

from sqlalchemy import func, select

from bot.store.base import Db, said
from bot.store.escalations import escalations
from bot.store.inbox import inbox
from bot.store.outbox import Status, outbox
from bot.store.timers import timers
from bot.store.worklist import tasks


def read(db: Db, now: datetime) -> dict[str, tuple[str, float]]:
    """Name -> (what it is, value). Each is an index-only count or minimum."""
    waiting = (inbox.c.done_at.is_(None), inbox.c.failed_at.is_(None))
    ready = (outbox.c.status == said(Status.READY), outbox.c.not_before <= now)
    oldest = db.conn.execute(select(func.min(inbox.c.received_at)).where(*waiting)).scalar_one()
    wanted = {
        "mailbox_waiting": (
            "Happenings that wait in mailboxes.",
            select(func.count(inbox.c.id)).where(*waiting),
        ),
        "mailbox_failed": (
            "Happenings that were given up and handed to a person.",
            select(func.count(inbox.c.id)).where(inbox.c.failed_at.is_not(None)),
        ),
        "outbox_ready": ("Texts that may leave.", select(func.count(outbox.c.id)).where(*ready)),
        "outbox_unsettled": (
            "Texts whose sending began and whose outcome is not known.",
            select(func.count(outbox.c.id)).where(outbox.c.status == said(Status.SENDING)),
        ),
        "timers_overdue": (
            "Timers that should have rung.",
            select(func.count(timers.c.id)).where(timers.c.due_at <= now),
        ),
        "tasks_open": ("Open tasks.", select(func.count(tasks.c.id)).where(tasks.c.closed_at.is_(None))),
        "escalations_open": (
            "Escalations that nobody has acknowledged.",
            select(func.count(escalations.c.id)).where(escalations.c.acknowledged_at.is_(None)),
        ),
    }
    found = {
        name: (text, float(db.conn.execute(query).scalar_one())) for name, (text, query) in wanted.items()
    }
    age = (now - oldest).total_seconds() if oldest else 0.0
    return found | {"mailbox_oldest_seconds": ("Age of the happening that has waited longest.", age)}
