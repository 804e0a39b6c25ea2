"""Call out: alerts leave that are no texts: voice calls, e-mail, web push.

As with texts: mark as being sent and commit; call; keep what came of it. What a crash leaves behind is looked into by
`settle`: a call is asked of the carrier's list, the others are sent once more, and mailboxes and browsers drop doubles.
What somebody has taken meanwhile does not leave, nor what a newer page to the same person has overtaken.
"""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from bot import log
from bot.core.effects import LINK
from bot.core.oncall import Channel
from bot.errors import (
    CarelineError,
    CarrierRefused,
    CarrierSilent,
    MailRefused,
    PushGone,
    PushUnreachable,
    VaultError,
)
from bot.failpoint import failpoint
from bot.gateways.doorbell import INBOUND
from bot.gateways.push import Subscription
from bot.runtime import Runtime
from bot.service import climb, oncall_link
from bot.store import alerts, audit, clinics, devices, staff
from bot.store.alerts import Alert, Status
from bot.store.audit import Entry
from bot.store.base import Db
from bot.store.devices import Device

BATCH = 16
LOOK_AFTER = timedelta(seconds=30)
"""An alert that has been `sending` for longer is looked into."""
_LOOK_AGAIN = 0.2  # seconds, while something is under way
_LONGEST_PAUSE = 15  # seconds
_RING_S = 30  # how long a phone rings; a voicemail picks up after 20 to 30 s and acknowledges nothing
_PUSH_TTL_S = 600
_logger = log.get(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    """An alert with where it goes, as the records are now."""

    alert: Alert
    sender: str
    phone: str | None
    email: str | None
    devices: tuple[Device, ...]


class _Unable(Exception):  # not an error: a channel that this house or person does not have
    """Nothing can be sent by this channel."""


def drain(rt: Runtime, seconds: float) -> bool:
    """Send until nothing is left or `seconds` are over; whether there is more to do.

    What becomes ready leaves beside what is under way: a call does not wait for a mail server that hangs.
    """
    end = time.monotonic() + seconds
    going: set[Future[None]] = set()
    with ThreadPoolExecutor(BATCH) as pool:
        while time.monotonic() < end:
            claimed, batch = _take(rt, BATCH - len(going))
            going |= {pool.submit(_leave, rt, ready) for ready in batch}
            if not claimed and not going:
                return False
            going = wait(going, timeout=_LOOK_AGAIN, return_when=FIRST_COMPLETED).not_done
    return True


def call_out(rt: Runtime) -> bool:
    """One batch; False when nothing was ready."""
    claimed, batch = _take(rt, BATCH)
    with ThreadPoolExecutor(BATCH) as pool:
        list(pool.map(partial(_leave, rt), batch))
    return claimed


def _take(rt: Runtime, at_most: int) -> tuple[bool, list[_Ready]]:
    """Whether anything was ready, and what of it is to leave: marked as being sent."""
    if at_most == 0:
        return False, []
    with rt.begin() as db:
        claimed = alerts.claim(db, rt.now(), at_most)
        over = alerts.needless(db, [alert.handle for alert in claimed])
        for alert in claimed:
            if alert.handle in over:
                _keep(rt, db, alert, {"status": Status.DROPPED})
        batch = [_ready(db, alert) for alert in claimed if alert.handle not in over]
    if batch:
        failpoint("call-out-before-call")
    return bool(claimed), batch


def settle(rt: Runtime) -> int:
    """Find out what became of alerts whose sending was interrupted; returns how many are settled now."""
    with rt.begin() as db:
        left = [_ready(db, alert) for alert in alerts.unsettled(db, rt.now() - LOOK_AFTER, BATCH)]
    settled = 0
    for ready in left:
        try:
            sid = _known_to_carrier(rt, ready) if ready.alert.channel is Channel.CALL else None
        except CarelineError as error:
            _logger.warning("not_settled", alert=str(ready.alert.id), **log.error_fields(error))
            continue
        settled += _settle(rt, ready.alert, sid)
    return settled


def _settle(rt: Runtime, alert: Alert, sid: str | None) -> bool:
    """False where another clock was quicker, or it is being sent again by now."""
    now = rt.now()
    again = {"status": Status.READY, "not_before": now}
    with rt.begin() as db:
        found = alerts.get(db, alert.id)
        if found is None or found.status is not Status.SENDING or found.attempts != alert.attempts:
            return False
        _keep(rt, db, alert, {"status": Status.SENT, "sid": sid, "sent_at": now} if sid else again)
    return True


def _known_to_carrier(rt: Runtime, ready: _Ready) -> str | None:
    """The sid of the call, where the carrier took it."""
    if not ready.phone:  # they have left meanwhile
        return None
    assert ready.alert.claimed
    since = ready.alert.claimed - timedelta(minutes=1)
    listed = rt.carrier.calls(to=ready.phone, sender=ready.sender, since=since)
    with rt.begin() as db:
        return next((call.sid for call in listed if not alerts.has_call(db, call.sid)), None)


def _ready(db: Db, alert: Alert) -> _Ready:
    db.keys(alert.clinic)  # that they can't be had is no fault of the row's
    try:
        return _addressed(db, alert)
    except VaultError as error:  # one bad row must not keep the others from leaving
        _logger.error("alert_not_readable", alert=str(alert.id), **log.error_fields(error))
        return _Ready(alert=alert, sender="", phone=None, email=None, devices=())


def _addressed(db: Db, alert: Alert) -> _Ready:
    clinic = clinics.get(db, alert.clinic)
    member = staff.get(db, alert.member) if alert.member else None
    push = member is not None and alert.channel is Channel.PUSH
    return _Ready(
        alert=alert,
        sender=clinic.phone,
        phone=member.phone if member else None if alert.member else clinic.oncall_phone,
        email=member.email if member else None,
        devices=tuple(devices.of(db, alert.clinic, member.id)) if member and push else (),
    )


def _leave(rt: Runtime, ready: _Ready) -> None:
    """Send one and keep what came of it. Where its page reaches nobody any more, the ladder goes on."""
    values = _send(rt, ready)
    failpoint("call-out-after-accepted")
    with rt.begin() as db:
        climbs = _keep(rt, db, ready.alert, values)
    if climbs:
        rt.doorbell.ring(INBOUND)


def _send(rt: Runtime, ready: _Ready) -> Mapping[str, object]:
    """Send one, on a thread, outside of any transaction; the columns that this comes to."""
    try:
        sid = _SENDERS[ready.alert.channel](rt, ready)
    except CarrierRefused as refused:
        _logger.error("call_refused", alert=str(ready.alert.id), code=refused.code)
        return {"status": Status.FAILED, "error_code": refused.code}
    except (_Unable, MailRefused, PushGone):
        _logger.warning("alert_not_possible", alert=str(ready.alert.id), channel=str(ready.alert.channel))
        return {"status": Status.FAILED}
    except CarrierSilent as error:
        _logger.warning("carrier_silent", alert=str(ready.alert.id), **log.error_fields(error))
        return {"status": Status.SENDING}
    except CarelineError as error:
        _logger.warning("alert_not_sent", alert=str(ready.alert.id), **log.error_fields(error))
        pause = timedelta(seconds=min(2**ready.alert.attempts, _LONGEST_PAUSE))
        return {"status": Status.READY, "not_before": rt.now() + pause}
    return {"status": Status.SENT, "sid": sid, "sent_at": rt.now()}


def _call(rt: Runtime, ready: _Ready) -> str | None:
    if not ready.phone:
        raise _Unable
    url = f"{rt.settings.public_url}/twilio/voice/alert"
    receipt = rt.carrier.call(
        to=ready.phone,
        sender=ready.sender,
        url=f"{url}?a={ready.alert.id}",
        status_callback=f"{url}/status?a={ready.alert.id}",
        ring_s=_RING_S,
    )
    return receipt.sid


def _mail(rt: Runtime, ready: _Ready) -> str | None:
    if rt.mailer is None or not ready.email:
        raise _Unable
    body = _with_link(rt, ready.alert)
    rt.mailer.send(
        to=ready.email,
        subject=ready.alert.words.split(":")[0],
        body=body,
        message_id=f"{ready.alert.id}@careline",
    )
    return None


def _push(rt: Runtime, ready: _Ready) -> str | None:
    """To every browser of theirs; one that is gone is forgotten. One that was reached will do."""
    if rt.pusher is None or not ready.devices:
        raise _Unable
    words = ready.alert.words.split(":")[0]  # clinic, urgency, code: the rest is about the link
    reached, away = False, None
    for device in ready.devices:
        subscription = Subscription(endpoint=device.endpoint, p256dh=device.p256dh, auth=device.auth)
        try:
            rt.pusher.send(subscription, words, _PUSH_TTL_S, topic=ready.alert.id)
            reached = True
        except PushUnreachable as error:
            away = error
        except PushGone:
            with rt.begin() as db:
                devices.forget(db, device.id)
    if not reached:
        raise away or PushGone
    return None


_SENDERS: Mapping[Channel, Callable[[Runtime, _Ready], str | None]] = {
    Channel.CALL: _call,
    Channel.EMAIL: _mail,
    Channel.PUSH: _push,
}


def _with_link(rt: Runtime, alert: Alert) -> str:
    return alert.words.replace(LINK, oncall_link.address(rt, alert.handle, alert.created))


def _keep(rt: Runtime, db: Db, alert: Alert, values: Mapping[str, object]) -> bool:
    """Write it down; what was lost may be the last hope of its page. Whether the ladder goes on for that."""
    if not alerts.change(db, alert.id, **values):
        return False
    climbs = values["status"] is Status.FAILED and climb.lost(db, alert, rt.now())
    entry = Entry(
        clinic=alert.clinic,
        actor="bot",
        action=f"alert.{values['status']}",
        subject=f"alert:{alert.id}",
        detail=str(alert.channel),
    )
    audit.write(db, [entry], rt.now())
    return climbs
