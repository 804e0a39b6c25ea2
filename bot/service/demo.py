"""What only the demo can do: text as a patient, and put the clock forward."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import UUID

from bot.gateways.twilio_twin.client import TwinClient
from bot.runtime import Runtime
from bot.service import advance, deliver, sweep
from bot.store import clinics, people, timers

_STEPS = {"hour": timedelta(hours=1), "day": timedelta(days=1)}
_A_MOMENT = timedelta(seconds=1)
_PATIENCE = 20.0  # seconds to work on what one stop of the clock has set off


def text_as_patient(rt: Runtime, patient: UUID, body: str) -> None:
    """A text leaves the patient's phone: the twin posts it to our webhook as Twilio would."""
    with rt.begin() as db:
        clinic = clinics.all_of_them(db)[0]
        phone = people.phones(db, clinic.id, [patient])[patient]
    twin = TwinClient(rt.settings.twilio_api_base)
    try:
        twin.text(sender=phone, to=clinic.phone, body=body)
    finally:
        twin.close()


def move_clock(rt: Runtime, step: str) -> datetime:
    """Put the clock forward by an hour, a day, or to the next timer; stop at every timer on the way."""
    start = rt.now()
    target = start + _STEPS[step] if step in _STEPS else (_next(rt) or start)
    while (due := _next(rt)) is not None and due <= target:
        _jump(rt, due)
        _work(rt)
    _jump(rt, target)
    _work(rt)
    return rt.now()


def _next(rt: Runtime) -> datetime | None:
    """When the next timer rings that is still ahead."""
    with rt.begin() as db:
        return timers.next_due(db)


def _jump(rt: Runtime, moment: datetime) -> None:
    ahead = moment - rt.now() + _A_MOMENT
    if ahead > timedelta():
        rt.move_clock(timedelta(seconds=int(ahead.total_seconds()) + 1))


def _work(rt: Runtime) -> None:
    """Do what clock and workers do, here and now: the next stop of the clock must find it done."""
    sweep.ring_timers(rt)
    advance.drain(rt, _PATIENCE)
    with ThreadPoolExecutor(4) as pool:
        while deliver.deliver(rt, pool):
            pass
    advance.drain(rt, _PATIENCE)
