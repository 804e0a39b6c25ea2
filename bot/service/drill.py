"""Drill: page the people on call for real, with the word DRILL and no patient behind it, and see how long it takes.

It goes the whole way of an alarm: a happening in a mailbox (that of the clinic's own number), the ladder, the
workers, the carrier, a person. `begin` it, `look` as often as you like, and always `end` it: it climbs until then.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from bot.core.effects import Urgency
from bot.core.events import Drilled
from bot.core.oncall import THE_PHONE, Channel
from bot.errors import BadImport
from bot.gateways.doorbell import INBOUND
from bot.runtime import Runtime
from bot.service import answer
from bot.service.clinic import the_one
from bot.store import alerts, audit, conversations, duties, escalations, inbox, staff
from bot.store.alerts import Told
from bot.store.audit import Entry
from bot.store.base import Db
from bot.store.clinics import Clinic
from bot.store.escalations import Act, Escalation
from bot.store.inbox import Mail

OUTCOME = "dealt with otherwise"
MOST_STEPS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """A drill that has begun. `before` is the last one before it in the same conversation."""

    clinic: UUID
    conversation: UUID
    urgency: str
    began: datetime
    before: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One alert: whom it told by what, and the time from the drill's beginning until each thing that became of it.

    `who`: a handle, or the on-call phone. `left`: the carrier, mail server or push service took it. `arrived`: the
    carrier reports a text as delivered. `over`: a call has ended.
    """

    alert: UUID
    who: str
    channel: Channel
    status: str
    made: timedelta
    left: timedelta | None
    arrived: timedelta | None
    over: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How a drill stands. No code: no worker has dealt with it yet. `by` took it `via` text, call, … after `taken`."""

    code: str | None
    steps: tuple[Step, ...] = ()
    taken: timedelta | None = None
    by: str | None = None
    via: str | None = None
    resolved: bool = False


def begin(rt: Runtime, clinic_id: UUID | None, urgency: str) -> Drill:
    """Page by the ladder of this urgency. Raises BadImport where there is none or a drill is open, UnknownClinic."""
    clinic, now = the_one(rt, clinic_id), rt.now()
    with rt.begin() as db:
        book = rt.book(db, rt.current_edition(db))
        if book.oncall.ladder(urgency, book.policy.ack_within) is None:
            raise BadImport(f"urgency: flows/oncall.yaml has no ladder for {urgency}.")
        conversation = conversations.with_phone(db, clinic.id, clinic.phone, now)
        _refuse_second(db, clinic.id, conversation)
        drill = Drill(
            clinic=clinic.id,
            conversation=conversation,
            urgency=urgency,
            began=now,
            before=duties.newest_drill(db, clinic.id, conversation),
        )
        _put(db, clinic, drill)
    rt.doorbell.ring(INBOUND)
    return drill


def look(rt: Runtime, drill: Drill) -> Report:
    """How it stands now."""
    with rt.begin() as db:
        found = _escalation(db, drill)
        if found is None:
            return Report(code=None)
        told = alerts.of(db, [found.id], MOST_STEPS)
        arrived = duties.arrived(db, [one.alert.id for one in told])
        handles = {member.id: member.handle for member in staff.all_of(db, drill.clinic)}
        acts = escalations.acts(db, found.id)
    taken = next((act for act in reversed(acts) if _answers(act)), None) if found.taken else None
    return Report(
        code=found.code,
        steps=tuple(_step(drill, one, arrived, handles) for one in told),
        taken=found.taken - drill.began if taken and found.taken else None,
        by=(taken.by or THE_PHONE) if taken else None,
        via=taken.via if taken else None,
        resolved=found.resolved is not None,
    )


def end(rt: Runtime, drill: Drill) -> bool:
    """Resolve it. False where no worker has dealt with it yet: it will page once one does."""
    with rt.begin() as db:
        found = _escalation(db, drill)
    if found is None:
        return False
    if found.resolved is None:
        answer.resolve(rt, drill.clinic, found.code, by="", via="command", outcome=OUTCOME)
    return True


def _answers(act: Act) -> bool:
    """Whether somebody took it, or ended it at once; `end` is nobody."""
    ended = act.act == "resolved" and (act.by or act.via != "command")
    return bool(ended) or act.act in ("taken", "snoozed")


def _refuse_second(db: Db, clinic: UUID, conversation: UUID) -> None:
    newest = duties.newest_drill(db, clinic, conversation)
    found = escalations.get(db, newest) if newest else None
    if found and found.resolved is None:
        raise BadImport(
            f"A drill is open already. Who has it can go on with it, or end it: "
            f'`bot oncall resolve {found.code} --by HANDLE --outcome "{OUTCOME}"`.'
        )


def _put(db: Db, clinic: Clinic, drill: Drill) -> None:
    what = Drilled(urgency=Urgency(drill.urgency))
    mail = Mail(clinic=clinic.id, conversation=drill.conversation, dedupe=f"drill:{uuid4()}", what=what)
    inbox.put(db, [mail], drill.began)
    entry = Entry(
        clinic=clinic.id,
        actor="operator",
        action="oncall.drilled",
        subject=f"clinic:{clinic.id}",
        origin="cli",
        detail=drill.urgency,
    )
    audit.write(db, [entry], drill.began)


def _escalation(db: Db, drill: Drill) -> Escalation | None:
    """Told by the drill before it and not by when it began: the clocks of two machines differ."""
    found = duties.drill_after(db, drill.clinic, drill.conversation, drill.before)
    return escalations.get(db, found) if found else None


def _step(drill: Drill, told: Told, arrived: Mapping[UUID, datetime], handles: Mapping[UUID, str]) -> Step:
    alert = told.alert

    def after(moment: datetime | None) -> timedelta | None:
        return max(moment - drill.began, timedelta()) if moment else None

    return Step(
        alert=alert.id,
        who=handles.get(alert.member, "somebody who has left") if alert.member else THE_PHONE,
        channel=alert.channel,
        status=told.status,
        made=after(alert.created) or timedelta(),
        left=after(told.sent),
        arrived=after(arrived.get(alert.id)),
        over=after(alert.ended),
    )
