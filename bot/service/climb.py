"""Climb: where nothing of a page can reach anybody any more, the next one comes at once instead of after its wait."""

from datetime import datetime
from uuid import UUID

from bot.core.events import AckDue
from bot.store import alerts, inbox
from bot.store.alerts import Alert
from bot.store.base import Db
from bot.store.inbox import Mail


def text_lost(db: Db, text: UUID, now: datetime) -> None:
    """A text to staff did not arrive; this row of the outbox."""
    alert = alerts.by_text(db, text)
    if alert:
        lost(db, alert, now)


def lost(db: Db, alert: Alert, now: datetime) -> bool:
    """This alert reached nobody; whether the next page comes now: its conversation is to be woken."""
    if alert.escalation is None or alert.conversation is None or alert.code is None:
        return False
    if not alerts.all_failed(db, alert.escalation, alert.rung):
        return False
    mail = Mail(
        clinic=alert.clinic,
        conversation=alert.conversation,
        dedupe=f"climb:{alert.id}",
        what=AckDue(code=alert.code, rung=alert.rung, failed=True),
    )
    inbox.put(db, [mail], now)
    return True
