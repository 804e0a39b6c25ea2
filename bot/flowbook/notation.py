"""How effects are written in a transcript: every argument, except those that go without saying.

`written` is the one place that knows what goes without saying; whatever differs from it is written out.
So two effects are the same exactly if they are written the same, and entries are compared as they stand.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.core.effects import (
    Acknowledge,
    BookSlot,
    CancelTimers,
    FindSlots,
    JoinWaitlist,
    NoteEscalation,
    OpenTask,
    OptIn,
    OptOut,
    PageStaff,
    PassOn,
    Purpose,
    Record,
    SendPage,
    SendText,
    SetPreference,
    SetTimer,
    SetVisitStatus,
    TellStaff,
    Wait,
)
from bot.core.escalation import WORDS
from bot.core.events import AckDue, GivenBack, ReminderDue
from bot.core.facts import Visit
from bot.core.limits import Defer, Drop
from bot.core.oncall import THE_PHONE, Channel
from bot.core.turn import HOLD
from bot.flowbook.rows import STAFF, Done, person_id, visit_number
from bot.flowbook.source import Plain
from bot.flowbook.world import World

Entry = dict[str, Plain]
"""One item of a transcript's `play`."""

_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def written(world: World, done: Done) -> Entry:
    """What was done, as an entry."""
    if isinstance(done.effect, SendText):
        return _text(world, done, done.effect)
    if isinstance(done.effect, SendPage):
        entry = _text(world, done, done.effect.text)
        return entry if done.late else entry | {"page": _page(world, done, done.effect)}
    value = _WRITERS[type(done.effect)](world, done, done.effect)
    if isinstance(value, dict):
        value = {key: part for key, part in value.items() if part is not None}
    return {done.effect.kind: value}


def moment(world: World, when: datetime) -> str:
    """A moment on the clinic's clock: '2026-12-03 10:30'."""
    local = when.astimezone(ZoneInfo(world.clinic.zone))
    return local.strftime("%Y-%m-%d %H:%M:%S" if local.second else "%Y-%m-%d %H:%M")


def span(seconds: int) -> str:
    """'20 hours': the largest unit that fits."""
    size, unit = next((size, unit) for size, unit in _UNITS if seconds % size == 0)
    count = seconds // size
    return f"{count} {unit}{'' if count == 1 else 's'}"


# -- texts --------------------------------------------------------------------------------------------


def _text(world: World, done: Done, text: SendText) -> Entry:
    if done.late:
        return _fate({"leaves": text.wording}, world, done)
    parts: dict[str, Plain] = {
        "clinic": text.body,
        "say": text.wording,
        "to": "the on-call phone" if done.to_staff else None,
        "language": text.language if text.language != "en" else None,
        "purpose": text.purpose.name.lower() if text.purpose is not Purpose.REPLY else None,
        "zone": text.zone if text.zone != world.clinic.zone else None,
        "about": _about(text, done.visit) if text.about else None,
        "wait": _wait(world, done, text.wait) if text.wait else None,
        "not after": _not_after(world, text, done.visit),
        "final": "yes" if text.final else None,
        "hours": text.hours,
    }
    return _fate({key: part for key, part in parts.items() if part is not None}, world, done)


def _page(world: World, done: Done, page: SendPage) -> str:
    """'form intake', 'result of person 2'. That a page that is waited for belongs to this turn goes without saying."""
    about = page.text.about.visit_id if page.text.about else None
    more = {
        "of person": _person(world, page.person_id),
        "about visit": _unless(about, page.visit_id),
        "turn": None if page.turn in (None, done.turn) else str(page.turn),
    }
    kind = f"{page.page} {page.form}" if page.form else str(page.page)
    return " ".join([kind, *(f"{name} {said}" for name, said in more.items() if said)])


def _fate(entry: Entry, world: World, done: Done) -> Entry:
    if isinstance(done.fate, Drop):
        entry["dropped"] = done.fate.reason
    if isinstance(done.fate, Defer):
        entry["held until"] = moment(world, done.fate.until)
    return entry


def _about(text: SendText, visit: Visit | None) -> str:
    assert text.about
    known = visit is not None and visit.version == text.about.version
    return f"visit {visit_number(text.about.visit_id)}" + (
        "" if known else f" as of version {text.about.version}"
    )


def _wait(world: World, done: Done, wait: Wait) -> str:
    until_visit = done.visit is not None and wait.until == done.visit.start
    end = "the visit" if until_visit else moment(world, wait.until) if wait.until else None
    said = span(wait.seconds) if wait.seconds is not None else f"until {end or 'ever'}"
    if wait.seconds is not None and end and not until_visit:
        said += f", at most until {end}"
    if wait.seconds is not None and end is None and done.visit is not None:
        said += ", beyond the visit"
    if wait.nudges:
        said += f", nudged after {' and '.join(map(span, wait.nudges))}"
    return said + ("" if wait.turn == done.turn else f", turn {wait.turn}")


def _not_after(world: World, text: SendText, visit: Visit | None) -> str | None:
    usual = visit.start if visit and text.about and text.purpose >= Purpose.REMINDER else None
    if text.not_after == usual:
        return None
    return moment(world, text.not_after) if text.not_after else "never"


# -- the other effects --------------------------------------------------------------------------------


def _set_timer(world: World, done: Done, timer: SetTimer) -> Plain:
    what = timer.what
    if isinstance(what, AckDue):
        usual = f"ack:{what.code}:"
        parts: dict[str, Plain] = {
            "ack": what.code,
            "rung": _rung(what.rung),
            "failed": "yes" if what.failed else None,
        }
    elif isinstance(what, ReminderDue):
        usual = f"visit:{what.visit_id}:{what.version}:{what.flow}:{what.when}"
        same = done.visit is not None and done.visit.version == what.version
        parts = {
            "flow": None if list(world.book.flows) == [what.flow] else what.flow,
            "reminder": what.when,
            "visit": str(visit_number(what.visit_id)),
            "version": None if same else str(what.version),
            "planned": None if what.due == timer.due else moment(world, what.due),
        }
    elif isinstance(what, GivenBack):
        usual = HOLD
        parts = {"given back": what.by or "by itself", "answers": "yes" if what.answers else None}
    else:
        usual = f"wait:{what.turn}"
        parts = {"no answer": str(what.turn)}
    key = None if timer.key == usual else timer.key
    return {**parts, "due": moment(world, timer.due), "key": key}


def _rung(number: int) -> str | None:
    """The number of a page of the ladder; before the first, there is none."""
    return str(number) if number >= 0 else None


def _cancel_timers(world: World, _done: Done, effect: CancelTimers) -> Plain:
    known = {f"visit:{visit.id}:": f"visit {visit_number(visit.id)}" for visit in world.visits}
    known |= {f"ack:{code}:": f"ack {code}" for code in re.findall(r"^ack:(\d+):$", effect.prefix)}
    known[HOLD] = "given back"
    return known.get(effect.prefix, f"prefix {effect.prefix}")


def _set_visit_status(_world: World, _done: Done, effect: SetVisitStatus) -> Plain:
    return {"visit": str(visit_number(effect.visit_id)), "status": str(effect.status)}


def _find_slots(_world: World, done: Done, effect: FindSlots) -> Plain:
    return {
        "visit": str(visit_number(effect.visit_id)),
        "at_most": str(effect.at_most),
        "turn": _turn(effect.turn, done),
    }


def _book_slot(world: World, done: Done, effect: BookSlot) -> Plain:
    return {
        "visit": str(visit_number(effect.visit_id)),
        "slot": _slot(world, effect.slot_id),
        "turn": _turn(effect.turn, done),
    }


def _open_task(_world: World, _done: Done, effect: OpenTask) -> Plain:
    visit = str(visit_number(effect.visit_id)) if effect.visit_id else None
    role = effect.role if effect.role != "front_desk" else None
    return {
        "task": effect.task,
        "urgency": str(effect.urgency),
        "visit": visit,
        "role": role,
        "detail": effect.detail,
    }


def _record(world: World, _done: Done, effect: Record) -> Plain:
    said = ("no", "yes")[effect.value] if isinstance(effect.value, bool) else f"{effect.value}"
    flow = world.book.flows.get(effect.flow)
    about = world.visits[0].id if flow and flow.about == "the visit" and len(world.visits) == 1 else None
    return {
        "flow": effect.flow,
        "item": effect.item,
        "value": said,
        "code": effect.code,
        "person": _person(world, effect.person_id),
        "visit": _unless(about, effect.visit_id),
    }


def _set_preference(world: World, _done: Done, effect: SetPreference) -> Plain:
    return {effect.name: effect.value, "person": _person(world, effect.person_id)}


def _person(world: World, person: UUID | None) -> str | None:
    """The number of a person; the only one on the phone goes without saying."""
    people = world.patient.people
    only = people[0].id if len(people) == 1 else None
    return None if person == only else str(person.int - person_id(0).int) if person else "nobody"


def _unless(usual: UUID | None, visit: UUID | None) -> str | None:
    """The number of a visit that is another than the usual one."""
    return None if visit == usual else str(visit_number(visit)) if visit else "none"


def _pass_on(world: World, _done: Done, effect: PassOn) -> Plain:
    return {"visit": str(visit_number(effect.visit_id)), "slot": _slot(world, effect.slot_id)}


def _slot(world: World, slot_id: UUID) -> str:
    start = next((o.slot.start for o in world.openings if o.slot.id == slot_id), None)
    return moment(world, start) if start else str(slot_id)


def _page_staff(_world: World, _done: Done, effect: PageStaff) -> Plain:
    tell, by = str(effect.whom), ", ".join(effect.by)
    return {
        "code": effect.code,
        "rung": _rung(effect.rung),
        "urgency": str(effect.urgency),
        "reason": None if effect.reason == WORDS else effect.reason,
        "tell": None if tell == THE_PHONE else tell,
        "by": None if by == Channel.TEXT else by,
        "body": effect.body,
        "spoken": effect.spoken if Channel.CALL in effect.by else None,
        "drill": "yes" if effect.drill else None,
    }


def _note_escalation(world: World, _done: Done, effect: NoteEscalation) -> Plain:
    return {
        "code": effect.code,
        "became": effect.became,
        "by": effect.by or None,
        "via": effect.via if effect.via != "text" else None,
        "outcome": effect.outcome,
        "to": str(effect.to) if effect.to else None,
        "until": moment(world, effect.until) if effect.until else None,
    }


def _tell_staff(_world: World, _done: Done, effect: TellStaff) -> Plain:
    other = None if effect.conversation == STAFF else str(effect.conversation)
    return {"say": effect.wording, "body": effect.body, "conversation": other}


def _turn(turn: int, done: Done) -> str | None:
    """A question belongs to the conversation's present turn; that goes without saying."""
    return None if turn == done.turn else str(turn)


_WRITERS: Mapping[type, Callable[[World, Done, Any], Plain]] = {
    SetTimer: _set_timer,
    CancelTimers: _cancel_timers,
    SetVisitStatus: _set_visit_status,
    FindSlots: _find_slots,
    BookSlot: _book_slot,
    OpenTask: _open_task,
    Record: _record,
    SetPreference: _set_preference,
    JoinWaitlist: lambda _world, _done, effect: f"visit {visit_number(effect.visit_id)}",
    PassOn: _pass_on,
    OptOut: lambda _world, _done, effect: effect.words,
    OptIn: lambda _world, _done, _effect: None,
    PageStaff: _page_staff,
    Acknowledge: lambda _world, _done, effect: effect.code or "the open one",
    NoteEscalation: _note_escalation,
    TellStaff: _tell_staff,
}
