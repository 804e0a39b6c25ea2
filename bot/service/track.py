"""Track: what the carrier reports of a text. Reports come in any order, any number of times; a status only rises."""

from datetime import timedelta
from uuid import UUID

from bot.core.effects import Purpose
from bot.core.events import TextFailed
from bot.failpoint import failpoint
from bot.gateways.doorbell import INBOUND
from bot.gateways.twilio import RANK, Remedy, remedy
from bot.runtime import Runtime
from bot.service import climb
from bot.service.deliver import start_waits
from bot.store import audit, deliveries, inbox, outbox
from bot.store.audit import Entry
from bot.store.base import Db
from bot.store.deliveries import Tracked
from bot.store.inbox import Mail
from bot.store.outbox import Status

_OURS = {
    "delivered": Status.DELIVERED,
    "read": Status.DELIVERED,
    "undelivered": Status.UNDELIVERED,
    "failed": Status.FAILED,
    "canceled": Status.FAILED,
}
_LOST = (Status.UNDELIVERED, Status.FAILED)


def track(rt: Runtime, outbox_id: UUID, *, sid: str, status: str, error_code: int | None) -> bool:
    """Keep one report. False where it told nothing new."""
    with rt.begin() as db:
        changed = keep(rt, db, outbox_id, sid=sid, status=status, error_code=error_code)
        failpoint("track-before-commit")
    if changed:
        rt.doorbell.ring(INBOUND)
    return changed


def keep(rt: Runtime, db: Db, outbox_id: UUID, *, sid: str, status: str, error_code: int | None) -> bool:
    """The same, in the caller's transaction."""
    now = rt.now()
    ours = _OURS.get(status, Status.SENT)
    news = deliveries.track(
        db,
        outbox_id,
        sid=sid,
        status=status,
        rank=RANK.get(status, 0),
        ours=ours,
        error_code=error_code,
        now=now,
    )
    if news is None:
        return False
    if news.first_news:
        start_waits(db, [news], now)
    if ours in _LOST:
        _not_delivered(db, news, error_code or 0, rt)
    entry = Entry(
        clinic=news.clinic,
        actor="carrier",
        action=f"text.{ours}",
        subject=f"text:{news.id}",
        origin="webhook",
    )
    audit.write(db, [entry], now)
    return ours in _LOST


def _not_delivered(db: Db, news: Tracked, code: int, rt: Runtime) -> None:
    """Send again where the code's table says so; else somebody hears of it."""
    treatment = remedy(code)
    delay: timedelta | None = treatment.delay(news.attempts)
    if delay is not None:
        outbox.again(db, news.id, rt.now() + delay)
        return
    failure = TextFailed(
        code=code,
        purpose=news.purpose.name,
        opted_out=treatment.remedy is Remedy.OPTED_OUT,
        visit_id=news.visit_id,
    )
    letter = Mail(
        clinic=news.clinic, conversation=news.conversation, dedupe=f"failed:{news.id}", what=failure
    )
    inbox.put(db, [letter], rt.now())
    if news.purpose is Purpose.PAGE:
        climb.text_lost(db, news.id, rt.now())
