"""What only the demo can do: text as a patient, use the phones of staff, and put the clock forward."""

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from bot.core.oncall import Channel
from bot.errors import NotFound
from bot.gateways.twilio_twin.client import Ring, TwinClient
from bot.runtime import Runtime
from bot.service import advance, call_out, deliver, offer, oncall_link, overdue, sweep
from bot.store import (
    alerts,
    clinics,
    conversations,
    escalations,
    happenings,
    outbox,
    people,
    staff,
    timers,
    worklist,
)
from bot.store.base import Db
from bot.store.clinics import Clinic

_STEPS = {"minutes": timedelta(minutes=3), "hour": timedelta(hours=1), "day": timedelta(days=1)}
_A_MOMENT = timedelta(seconds=1)
_A_LITTLE = 0.02  # seconds
_MOST_STOPS = 30  # of one move of the clock at their very moment; after that it stops
_THEN_EVERY = timedelta(hours=1)
_PATIENCE = 20.0  # seconds to work on what one stop of the clock has set off
_TOLD_WITHIN = 5.0  # seconds that word of calls which ended may take
_TAKES = "1"  # the key by which a call is acknowledged


def the_clinic(rt: Runtime) -> Clinic:
    """The demo's clinic."""
    with rt.begin() as db:
        return clinics.all_of_them(db)[0]


def text_as_patient(rt: Runtime, patient: UUID, body: str) -> None:
    """A text leaves the patient's phone: the twin posts it to our webhook as Twilio would. Raises NotFound."""
    with rt.begin() as db:
        clinic = clinics.all_of_them(db)[0]
        phone = _phone(db, clinic, patient)
    _send(rt, sender=phone, to=clinic.phone, body=body)


# -- the phones of staff --------------------------------------------------------------------------------


def acknowledge(rt: Runtime, code: str, handle: str = "") -> None:
    """This member, or whoever holds the on-call phone, answers the page with this code. Raises NotFound."""
    with rt.begin() as db:
        clinic = clinics.all_of_them(db)[0]
        phones = {member.handle: member.phone for member in staff.all_of(db, clinic.id)}
    phone = phones.get(handle) if handle else clinic.oncall_phone
    if phone is None:
        raise NotFound
    _send(rt, sender=phone, to=clinic.phone, body=f"ACK {code}")


_CALLS: Mapping[str, tuple[Callable[[Ring], bool], Callable[[TwinClient, str], object]]] = {
    "answer": (lambda call: call.status == "ringing", TwinClient.answer),
    "press": (lambda call: call.waits, lambda twin, sid: twin.press(sid, _TAKES)),
    "hang_up": (lambda call: call.status == "in-progress", TwinClient.hang_up),
    "miss": (lambda call: call.status == "ringing", TwinClient.miss),
}
"""What whoever is called can do: when, and how."""
CALL_ACTS = frozenset(_CALLS)


def use_phone(rt: Runtime, sid: str, act: str) -> None:
    """Answer a call, press 1 in it, hang up, or let it ring out. Raises NotFound where that can't be done now."""
    fits, do = _CALLS[act]
    with _twin(rt) as twin:
        if not any(call.sid == sid and fits(call) for call in twin.calls()):
            raise NotFound
        do(twin, sid)


def link_to_oncall(rt: Runtime, handle: str) -> str | None:
    """A fresh link to this member's on-call page; None where nobody has the handle."""
    with rt.begin() as db:
        clinic, now = clinics.all_of_them(db)[0], rt.now()
        member = next((one for one in staff.all_of(db, clinic.id) if one.handle == handle), None)
        if member is None:
            return None
        made = alerts.make(
            db,
            clinic=clinic.id,
            member=member.id,
            channel=Channel.CONSOLE,
            effect_key=f"demo:{uuid4()}",
            words="",
            now=now,
        )
    assert made  # its key is new
    return oncall_link.address(rt, made.handle, now)


# -- the clock ------------------------------------------------------------------------------------------


def move_clock(rt: Runtime, step: str, patient: UUID | None = None) -> datetime:
    """Put the clock forward, and stop on the way at every timer and every task that falls due.

    By a few minutes, an hour or a day; to the patient's `next` reminder; to the next step of an escalation (`climb`).
    """
    target, stops = _target(rt, step, patient), 0
    _ring_out(rt)
    while (due := _next_due(rt)) is not None and due <= target:
        # An alarm that nobody takes pages some people every few minutes: a day of that would take minutes.
        late = due if stops < _MOST_STOPS else max(due, rt.now() + _THEN_EVERY)
        _jump(rt, min(late, target))
        _ring_out(rt)
        _work(rt)
        stops += 1
    _jump(rt, target)
    _work(rt)
    return rt.now()


def _target(rt: Runtime, step: str, patient: UUID | None) -> datetime:
    start = rt.now()
    if step in _STEPS:
        return start + _STEPS[step]
    return (_next_climb(rt) if step == "climb" else _next_reminder(rt, patient)) or start


def _next_climb(rt: Runtime) -> datetime | None:
    """When an escalation that nobody has taken climbs on."""
    with rt.begin() as db:
        clinic = clinics.all_of_them(db)[0]
        climbing = escalations.unanswered(db, clinic.id, None)
        found = timers.climbs(db, [conversation for conversation, _ in climbing]) if climbing else {}
    return min((found[one].due for one in climbing if one in found), default=None)


def _ring_out(rt: Runtime) -> None:
    """Time goes by, and what rings stops ringing. What the last stop has set off rings on until the next move."""
    with suppress(OSError), _twin(rt) as twin:
        for call in twin.calls():
            if call.status == "ringing":
                with suppress(OSError):  # somebody has just picked up
                    twin.miss(call.sid)
        twin.pending(_TOLD_WITHIN)


@contextmanager
def _twin(rt: Runtime) -> Iterator[TwinClient]:
    twin = TwinClient(rt.settings.twilio_api_base)
    try:
        yield twin
    finally:
        twin.close()


def _send(rt: Runtime, *, sender: str, to: str, body: str) -> None:
    with _twin(rt) as twin:
        twin.text(sender=sender, to=to, body=body)


def _next_reminder(rt: Runtime, patient: UUID | None) -> datetime | None:
    """When the next reminder of this patient, or of anybody, is due."""
    with rt.begin() as db:
        if patient is None:
            return timers.next_due(db)
        clinic = clinics.all_of_them(db)[0]
        conversation = conversations.find(db, clinic.id, _phone(db, clinic, patient))
        return timers.next_reminder(db, conversation) if conversation else None


def _next_due(rt: Runtime) -> datetime | None:
    with rt.begin() as db:
        moments = (timers.next_due(db), worklist.next_due(db))
    return min((moment for moment in moments if moment), default=None)


def _phone(db: Db, clinic: Clinic, patient: UUID) -> str:
    found = people.phones(db, clinic.id, [patient])
    if patient not in found:
        raise NotFound
    return found[patient]


def _jump(rt: Runtime, moment: datetime) -> None:
    ahead = moment - rt.now() + _A_MOMENT
    if ahead > timedelta():
        rt.move_clock(timedelta(seconds=int(ahead.total_seconds()) + 1))


def _work(rt: Runtime) -> None:
    """Do what clock and workers do, until they too are done: the next stop of the clock must find nothing open."""
    end = time.monotonic() + _PATIENCE
    with ThreadPoolExecutor(4) as pool:
        while time.monotonic() < end:
            sweep.ring_timers(rt)
            overdue.overdue(rt)
            offer.offer(rt)
            advance.drain(rt, _PATIENCE)
            deliver.deliver(rt, pool)
            call_out.call_out(rt)
            with rt.begin() as db:
                if not happenings.any_waiting(db, rt.now()) and not outbox.any_leaving(db, rt.now()):
                    return
            time.sleep(_A_LITTLE)
