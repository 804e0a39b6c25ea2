"""A clinic with people on call, for tests of what leaves to them: staff, ladders, an alarm, and who works it off."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import yaml
from sqlalchemy import Row, select, update

from bot.core.events import WHAT, AckDue, Unanswered, What
from bot.flowbook import loader
from bot.gateways.twilio_twin.client import Ring, TwinPhone
from bot.runtime import Runtime
from bot.service import advance, call_out
from bot.settings import Settings
from bot.store import alerts, conversations, editions, escalations, inbox, staff, worklist
from bot.store.alerts import alerts as rows
from bot.store.base import Db
from bot.store.escalations import Escalation
from bot.store.inbox import Mail
from bot.store.outbox import outbox
from tests.conftest import ANA_PHONE, CLINIC_PHONE, EDITION, House

MARIA, JOE = "+12025550171", "+12025550172"
SENTENCES = {
    "page": "{{clinic}} {{urgency}} {{code}}: a patient's message needs you. {{minutes}} min old. "
    "Reply ACK {{code}} to take it, or open {{link}}",
    "page_spoken": "This is {{clinic}} with a page for you. The code is {{digits}}. To take it, press 1.",
    "ack_taken": "{{clinic}} {{code}}: you have it. Thank you.",
    "ack_already": "{{clinic}} {{code}}: {{who}} took it {{minutes}} min ago.",
    "ack_closed": "{{clinic}} {{code}}: this is closed already.",
}
ROSTERS: Mapping[str, Any] = {
    "nurse": {"layers": [{"people": ["maria"]}]},
    "provider": {"layers": [{"people": ["joe"]}]},
}


def step(tell: str, *by: str, wait: str = "5 minutes", times: int = 1) -> dict[str, Any]:
    """A step of a ladder."""
    return {"tell": tell, "by": list(by) or ["text"], "wait": wait, "times": times}


def plan(
    rt: Runtime, *steps: Mapping[str, Any], rosters: Mapping[str, Any] = ROSTERS, sentences: bool = True
) -> str:
    """Publish an edition with this ladder for emergencies; its name. It is the small one otherwise."""
    files = dict(loader.collect(EDITION))
    ladders = {"emergency": {"steps": list(steps)}} if steps else {}
    files["oncall.yaml"] = yaml.safe_dump({"rosters": dict(rosters), "ladders": ladders})
    wording = yaml.safe_load(files["wording/en.yaml"])
    wording["sentences"] |= SENTENCES if sentences else {}
    files["wording/en.yaml"] = yaml.safe_dump(wording)
    edition = loader.read(files).edition
    with rt.begin() as db:
        editions.publish(db, edition, files, rt.now(), by="operator")
    rt.remembered.clear()
    return edition


def hire(
    house: House,
    handle: str,
    phone: str | None = None,
    *,
    role: str = "nurse",
    email: str | None = None,
) -> UUID:
    """Somebody works here now."""
    with house.rt.begin() as db:
        return staff.save(
            db,
            clinic=house.clinic,
            handle=handle,
            role=role,
            name=handle.title(),
            email=email or f"{handle}@clinic.example",
            phone=phone,
            now=house.rt.now(),
        )


def with_settings(house: House, **settings: object) -> House:
    """The same house, whose workers have these settings too."""
    rt = Runtime(Settings(_env_file=None, **(house.rt.settings.model_dump() | settings)))
    rt.__dict__.update({"engine": house.rt.engine, "reader": house.rt.reader})
    return replace(house, rt=rt)


def put(house: House, what: What, phone: str = ANA_PHONE) -> UUID:
    """Something happens to the conversation with this phone; its id."""
    with house.rt.begin() as db:
        where = conversations.with_phone(db, house.clinic, phone, house.rt.now())
        inbox.put(
            db,
            [Mail(clinic=house.clinic, conversation=where, dedupe=str(uuid4()), what=what)],
            house.rt.now(),
        )
    return where


def alarm(house: House, phone: str = ANA_PHONE, *, works: bool = True) -> str:
    """An emergency of this phone's; its code. Everybody works, or it is only decided what is to leave."""
    where = put(house, Unanswered(task="question", urgency="emergency"), phone)
    if works:
        work(house)
    else:
        assert advance.advance(house.rt, where)
    return escalation(house, where).code


def work(house: House) -> None:
    """Workers, clock, and those who call out, until nothing is left to do now."""
    quiet(house)
    house.work()
    while call_out.call_out(house.rt):
        quiet(house)
        house.work()


def quiet(house: House) -> None:
    """Wait until the carrier has told all that it has to tell."""
    house.twin.pending(10)


def later(house: House, **span: float) -> None:
    """Time passes, and everybody works."""
    house.rt.move_clock(timedelta(**span))
    work(house)


def escalation(house: House, conversation: UUID | None = None) -> Escalation:
    """The newest escalation, of this conversation."""
    with house.rt.begin() as db:
        wanted = select(escalations.escalations.c.id).order_by(escalations.escalations.c.opened_at.desc())
        if conversation:
            wanted = wanted.where(escalations.escalations.c.conversation_id == conversation)
        found = escalations.get(db, db.conn.execute(wanted.limit(1)).scalar_one())
    assert found
    return found


def told(house: House) -> list[tuple[int, str, str, str]]:
    """All alerts: number of the page, whom, by what, and what became of it."""
    with house.rt.begin() as db:
        names = {member.id: member.handle for member in staff.all_of(db, house.clinic)}
        ids = db.conn.execute(select(escalations.escalations.c.id)).scalars().all()
        return sorted(
            (
                one.alert.rung,
                names.get(one.alert.member, "gone") if one.alert.member else "phone",
                str(one.alert.channel),
                one.status,
            )
            for one in alerts.of(db, ids, 100)
        )


def whom(house: House) -> list[tuple[int, str, str]]:
    """The same without what became of it."""
    return [(rung, name, channel) for rung, name, channel, _ in told(house)]


def rung(house: House) -> int:
    """The number of the newest page."""
    return escalation(house).rung


def alert_row(house: House, channel: str) -> Row[Any]:
    """The newest alert by this channel."""
    with house.rt.begin() as db:
        wanted = select(rows).where(rows.c.channel == channel).order_by(rows.c.created_at.desc(), rows.c.rung)
        return db.conn.execute(wanted.limit(1)).one()


def change(house: House, alert: UUID, **values: object) -> None:
    """Put columns of an alert as a crash, or another process, would leave them."""
    with house.rt.begin() as db:
        db.conn.execute(update(rows).where(rows.c.id == alert).values(values))


def mailbox(house: House) -> list[What]:
    """Everything that ever happened, in its order."""
    with house.rt.begin() as db:
        found = db.conn.execute(select(inbox.inbox).order_by(inbox.inbox.c.seq)).all()
        return [
            WHAT.validate_json(db.open_bytes(inbox.inbox, "what", one.what, clinic=house.clinic, row=one.id))
            for one in found
        ]


def climbs(house: House) -> list[int]:
    """The pages that failed, so that the next one came at once."""
    return [what.rung for what in mailbox(house) if isinstance(what, AckDue) and what.failed]


def tasks(house: House) -> list[str]:
    """The names of the open tasks."""
    with house.rt.begin() as db:
        return [task.task for task in worklist.open_tasks(db, house.clinic, 50)]


def phone(house: House, number: str = MARIA) -> TwinPhone:
    """A phone of somebody's."""
    return house.twin.phone(number)


def calls(house: House, number: str = MARIA) -> Sequence[Ring]:
    """The calls that this phone got from us."""
    return phone(house, number).calls(CLINIC_PHONE)


def moment(house: House, **span: float) -> datetime:
    """So long from now."""
    return house.rt.now() + timedelta(**span)


def outbox_body(db: Db, row: Row[Any]) -> str:
    """What an outbox row says, as it lies there."""
    return db.open(outbox, "body", row.body, clinic=row.clinic_id, row=row.id)


def batch(house: House) -> bool:
    """One batch of what is no text leaves; whether there was one."""
    sent = call_out.call_out(house.rt)
    quiet(house)
    return sent


def alarmed(house: House, *by: str) -> str:
    """An emergency whose page to Maria is ready to leave; Joe comes after her. Its code."""
    plan(house.rt, step("nurse on call", *by), step("provider on call"))
    return alarm(house, works=False)
