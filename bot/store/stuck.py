"""What is stuck: work that should have been done by now, and emergencies that nobody has taken. Reads only.

Each walks an index of what is still open, so that it costs the same after years.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, Exists, Table, exists, or_, select

from bot.core.effects import Purpose, Urgency
from bot.core.oncall import Channel
from bot.store.alerts import Status, alerts
from bot.store.base import Db, said
from bot.store.conversations import conversations
from bot.store.deliveries import deliveries
from bot.store.escalations import escalation_acts, escalations
from bot.store.inbox import WAITING, inbox
from bot.store.outbox import Status as TextStatus
from bot.store.outbox import outbox
from bot.store.timers import next_due

_CRITICAL = outbox.c.purpose.in_([Purpose.SAFETY, Purpose.PAGE])


def timers_since(db: Db, before: datetime) -> bool:
    """Whether a timer that was due before that moment has not rung."""
    first = next_due(db)  # by the index; EXISTS would look through them all where none is late
    return first is not None and first < before


def mail_since(db: Db, before: datetime) -> bool:
    """Whether a happening waits that could have been worked on since before that moment.

    A mailbox that rests after a failure can be worked on only once its rest is over.
    """
    rested = or_(conversations.c.retry_at.is_(None), conversations.c.retry_at < before)
    wanted = (
        select(inbox.c.seq)
        .join(conversations, conversations.c.id == inbox.c.conversation_id)
        .where(WAITING, inbox.c.received_at < before, rested)
    )
    return _any(db, exists(wanted))


def texts_since(db: Db, before: datetime) -> bool:
    """Whether a page or the answer to an emergency should have left before that moment, and no carrier took it.

    It was tried in vain, or nobody tries, or nobody knows what became of it. What the carrier took once and could not
    deliver is no matter of this: there is a report of it.
    """
    reported = exists().where(deliveries.c.outbox_id == outbox.c.id)
    waits = exists().where(
        outbox.c.status == said(TextStatus.READY), *_unheard(outbox, before), _CRITICAL, ~reported
    )
    hangs = exists().where(
        outbox.c.status == said(TextStatus.SENDING), outbox.c.claimed_at < before, _CRITICAL
    )
    return _any(db, waits) or _any(db, hangs)


def alerts_since(db: Db, before: datetime) -> bool:
    """The same for what tells people on call by call, e-mail or push."""
    waits = exists().where(alerts.c.status == said(Status.READY), *_unheard(alerts, before))
    hangs = exists().where(alerts.c.status == said(Status.SENDING), alerts.c.claimed_at < before)
    return _any(db, waits) or _any(db, hangs)


def page_since(db: Db, before: datetime) -> bool:
    """Whether an escalation has climbed since before that moment, and no carrier took anything of it.

    A newer page takes the place of one that has not left: each by itself may be young. What is shown on the on-call
    page does not count.
    """
    outside = (alerts.c.escalation_id == escalations.c.id, alerts.c.channel != Channel.CONSOLE)
    text_left = exists().where(outbox.c.id == alerts.c.outbox_id, outbox.c.sent_at.is_not(None))
    wanted = exists().where(
        *_climbing(before),
        exists().where(*outside, alerts.c.created_at < before),
        ~exists().where(*outside, or_(alerts.c.sent_at.is_not(None), text_left)),
    )
    return _any(db, wanted)


def _unheard(table: Table, before: datetime) -> tuple[ColumnElement[bool], ...]:
    """Made long ago, and tried since or long due: what waits for its hour is not."""
    tried_or_due = or_(table.c.attempts > 0, table.c.not_before < before)
    return table.c.created_at < before, tried_or_due


def emergency_since(db: Db, before: datetime) -> bool:
    """Whether nobody has had an emergency in hand since before that moment; drills don't count.

    One that was taken and given back counts from then on.
    """
    touched = exists().where(
        escalation_acts.c.escalation_id == escalations.c.id, escalation_acts.c.at >= before
    )
    emergency = escalations.c.urgency == Urgency.EMERGENCY
    return _any(db, exists().where(*_climbing(before), emergency, ~touched))


def _climbing(before: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        escalations.c.acknowledged_at.is_(None),
        escalations.c.resolved_at.is_(None),
        escalations.c.opened_at < before,
        ~escalations.c.drill,
    )


def _any(db: Db, there: Exists) -> bool:
    return bool(db.conn.execute(select(there)).scalar_one())
