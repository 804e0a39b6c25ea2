"""What only the demo can do: text as a patient, and put the clock forward."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import UUID

from bot.errors import NotFound
from bot.gateways.twilio_twin.client import TwinClient
from bot.runtime import Runtime
from bot.service import advance, deliver, offer, sweep
from bot.store import clinics, conversations, happenings, outbox, people, timers
from bot.store.base import Db
from bot.store.clinics import Clinic

_STEPS = {"hour": timedelta(hours=1), "day": timedelta(days=1)}
_A_MOMENT = timedelta(seconds=1)
_A_LITTLE = 0.02  # seconds
_PATIENCE = 20.0  # seconds to work on what one stop of the clock has set off


def text_as_patient(rt: Runtime, patient: UUID, body: str) -> None:
    """A text leaves the patient's phone: the twin posts it to our webhook as Twilio would. Raises NotFound."""
    with rt.begin() as db:
        clinic = clinics.all_of_them(db)[0]
        phone = _phone(db, clinic, patient)
    _send(rt, sender=phone, to=clinic.phone, body=body)


def acknowledge(rt: Runtime, code: str) -> None:
    """Whoever is on call answers the page with this code."""
    with rt.begin() as db:
        clinic = clinics.all_of_them(db)[0]
    assert clinic.oncall_phone is not None
    _send(rt, sender=clinic.oncall_phone, to=clinic.phone, body=f"ACK {code}")


def move_clock(rt: Runtime, step: str, patient: UUID | None = None) -> datetime:
    """Put the clock forward by an hour, a day, or to the patient's next reminder; stop at every timer on the way."""
    start = rt.now()
    target = start + _STEPS[step] if step in _STEPS else (_next_reminder(rt, patient) or start)
    while (due := _next_due(rt)) is not None and due <= target:
        _jump(rt, due)
        _work(rt)
    _jump(rt, target)
    _work(rt)
    return rt.now()


def _send(rt: Runtime, *, sender: str, to: str, body: str) -> None:
    twin = TwinClient(rt.settings.twilio_api_base)
    try:
        twin.text(sender=sender, to=to, body=body)
    finally:
        twin.close()


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
        return timers.next_due(db)


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
            offer.offer(rt)
            advance.drain(rt, _PATIENCE)
            deliver.deliver(rt, pool)
            with rt.begin() as db:
                if not happenings.any_waiting(db, rt.now()) and not outbox.any_leaving(db, rt.now()):
                    return
            time.sleep(_A_LITTLE)
