"""Deliver: texts leave the outbox. What may leave is decided now, on the record as it is now.

Three steps a batch: mark as `sending` and commit; call the carrier; keep the results and commit. A crash in
between leaves `sending` rows, which `sweep.settle` looks into: nothing is sent again blindly.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from bot import log
from bot.core.book import Policy
from bot.core.effects import LINK, Purpose, Wait
from bot.core.events import TextFailed
from bot.core.limits import Defer, Drop, Leaving, verdict
from bot.core.segments import segments
from bot.errors import CarrierBusy, CarrierRefused, CarrierSilent, CarrierUnreachable
from bot.failpoint import failpoint
from bot.gateways.doorbell import INBOUND
from bot.gateways.live import talk
from bot.gateways.twilio import Remedy, remedy
from bot.runtime import Runtime
from bot.service import climb, oncall_link
from bot.service.hold_back import held_back
from bot.signing import link_token
from bot.store import alerts, audit, inbox, letters, links, outbox, timers
from bot.store.audit import Entry
from bot.store.base import Db
from bot.store.inbox import Mail
from bot.store.letters import Letter
from bot.store.outbox import Status
from bot.store.timers import Timer

BATCH = 32
CRITICAL = (Purpose.SAFETY, Purpose.PAGE)
"""Better twice than never."""
_CRITICAL_PAUSE = timedelta(minutes=1)
_CRITICAL_ATTEMPTS = 60
_AT_ONCE = 4
_GATHER = 0.01  # seconds between batches: two commits then serve many texts
_LONGEST_PAUSE = 300  # seconds
_LONGEST_CRITICAL_PAUSE = 15  # seconds; a carrier that is back must not be noticed late
_LONGEST_VALIDITY = 36_000  # seconds; Twilio's bound
_HELD_BACK = "phi_in_text"
_logger = log.get(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the carrier said to one letter: columns to set, and the failure to report, if any."""

    letter: Letter
    values: Mapping[str, object]
    failure: TextFailed | None = None


def drain(rt: Runtime, seconds: float) -> bool:
    """Send what may leave until nothing is left or `seconds` are over; whether there is more to do."""
    end = time.monotonic() + seconds
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        while time.monotonic() < end:
            if not deliver(rt, pool):
                return False
            time.sleep(_GATHER)
    return True


def deliver(rt: Runtime, pool: ThreadPoolExecutor) -> bool:
    """One batch; False when nothing was ready."""
    with rt.begin() as db:
        batch = letters.claim(db, rt.now(), BATCH)
        leaving = _sort_out(rt, db, [letter for letter in batch if not letter.spoilt])
        keep(db, [lost(letter) for letter in batch if letter.spoilt], rt.now())
    if not batch:
        return False
    failpoint("deliver-before-call")
    outcomes = list(pool.map(lambda letter: _send(rt, letter), leaving))
    failpoint("deliver-after-accepted")
    with rt.begin() as db:
        keep(db, outcomes, rt.now())
        failpoint("deliver-before-commit")
    for clinic, talks in _seen_by(outcomes).items():
        rt.live.tell(clinic, *talks)
    if any(outcome.failure for outcome in outcomes):
        rt.doorbell.ring(INBOUND)
    return True


def _seen_by(outcomes: Sequence[Outcome]) -> dict[UUID, set[str]]:
    """Which conversations of which clinics look otherwise now."""
    found: dict[UUID, set[str]] = {}
    for outcome in outcomes:
        found.setdefault(outcome.letter.clinic, set()).add(talk(outcome.letter.conversation))
    return found


def keep(db: Db, outcomes: Sequence[Outcome], now: datetime) -> None:
    """Write results down: status, the wait's timer where a question has really left, failures as events."""
    outbox.change(db, [{"id": outcome.letter.id, **outcome.values} for outcome in outcomes])
    sent = [outcome.letter for outcome in outcomes if outcome.values["status"] == Status.SENT]
    start_waits(db, sent, now)
    mail = [
        Mail(
            clinic=outcome.letter.clinic,
            conversation=outcome.letter.conversation,
            dedupe=f"failed:{outcome.letter.id}",
            what=outcome.failure,
        )
        for outcome in outcomes
        if outcome.failure
    ]
    inbox.put(db, mail, now)
    for outcome in outcomes:
        if outcome.failure and outcome.letter.alert_handle:
            climb.text_lost(db, outcome.letter.id, now)
    audit.write(db, [_entry(outcome) for outcome in outcomes], now)


class Asked(Protocol):
    """A question that has left: what both a letter and a carrier's report know of it."""

    @property
    def clinic(self) -> UUID: ...
    @property
    def conversation(self) -> UUID: ...
    @property
    def wait_turn(self) -> int | None: ...
    @property
    def wait_seconds(self) -> int | None: ...
    @property
    def wait_until(self) -> datetime | None: ...
    @property
    def wait_nudges(self) -> tuple[int, ...]: ...


def start_waits(db: Db, sent: Sequence[Asked], now: datetime) -> None:
    """A question's patience begins when it was really sent, and so does the time until it is reminded of."""
    timers.put(
        db, [timer for letter in sent if letter.wait_turn is not None for timer in _waits(letter, now)]
    )


def _waits(letter: Asked, now: datetime) -> Iterator[Timer]:
    """Its end, and the nudges that come before it."""
    assert letter.wait_turn is not None
    wait = Wait(
        turn=letter.wait_turn,
        seconds=letter.wait_seconds,
        until=letter.wait_until,
        nudges=letter.wait_nudges,
    )
    for key, due, what in wait.timers(now):
        yield Timer(clinic=letter.clinic, conversation=letter.conversation, key=key, due=due, what=what)


def _sort_out(rt: Runtime, db: Db, batch: Sequence[Letter]) -> list[Letter]:
    """Decide on each letter; what may leave is marked as being sent."""
    if not batch:
        return []
    now = rt.now()
    policy = rt.book(db, rt.current_edition(db)).policy
    changes: list[dict[str, object]] = []
    leaving: list[Letter] = []
    dropped: list[tuple[Letter, str]] = []
    needless = _needless_pages(db, batch)
    for letter in batch:
        if letter.alert_handle in needless:
            dropped.append((letter, "overtaken"))
            continue
        match _verdict(letter, policy, now):
            case Drop(reason):
                dropped.append((letter, reason))
            case Defer(until):
                changes.append({"id": letter.id, "not_before": until})
            case _:
                leaving.append(_with_life(letter, policy, now))
    held = held_back(rt, db, leaving, now)
    found = [(letter, f"{_HELD_BACK} {held[letter.id]}") for letter in leaving if letter.id in held]
    leaving = [letter for letter in leaving if letter.id not in held]
    changes += [
        {"id": letter.id, "status": Status.DROPPED, "reason": reason.split()[0]}
        for letter, reason in (*dropped, *found)
    ]
    outbox.change(db, changes)
    outbox.count_attempt(db, [letter.id for letter in leaving], now)
    links.leave(
        db, [(letter.link, letter.link_expires) for letter in leaving if letter.link and letter.link_expires]
    )
    start_waits(
        db, [letter for letter, _ in dropped if letter.link_off], now
    )  # its page is waited for all the same
    audit.write(db, [_about(letter, "text.dropped", reason) for letter, reason in (*dropped, *found)], now)
    failpoint("deliver-before-sending")
    return leaving


def _needless_pages(db: Db, batch: Sequence[Letter]) -> set[bytes]:
    """Pages that somebody took, or a newer one overtook, while it was not known whether they had left."""
    return alerts.needless(db, [letter.alert_handle for letter in batch if letter.alert_handle])


def _verdict(letter: Letter, policy: Policy, now: datetime) -> object:
    text = Leaving(
        purpose=letter.purpose,
        zone=letter.zone,
        opted_out=letter.opted_out,
        final=letter.final,
        not_after=letter.not_after,
        about_version=letter.about_version,
        visit_version=letter.visit_version,
        visit_status=letter.visit_status,
        wish=letter.wish,
        link_off=letter.link_off,
    )
    return verdict(text, policy.send_hours, now)


def _with_life(letter: Letter, policy: Policy, now: datetime) -> Letter:
    """A link lives from when its text leaves: a text that waits for the morning takes nothing of it."""
    if letter.link is None or letter.link_expires is not None:
        return letter
    return replace(letter, link_expires=(now + policy.link_life).replace(microsecond=0))


def body_of(rt: Runtime, letter: Letter) -> str:
    """What goes to the carrier: the link stands nowhere else, neither in the outbox nor in a log."""
    if letter.alert_handle is not None:
        return letter.body.replace(LINK, oncall_link.address(rt, letter.alert_handle, letter.created))
    if letter.link_handle is None or letter.link_expires is None:
        return letter.body
    token = link_token(rt.settings.secrets, letter.link_handle, letter.link_expires)
    return letter.body.replace(LINK, f"{rt.settings.pages_url}/s#{token}")


def _send(rt: Runtime, letter: Letter) -> Outcome:
    """Hand one letter to the carrier. Called on a thread, outside of any transaction."""
    body = body_of(rt, letter)
    try:
        receipt = rt.carrier.send(
            to=letter.to,
            sender=letter.sender,
            body=body,
            status_callback=callback_url(rt, letter.id),
            validity_s=_validity(letter, rt.now()),
        )
    except CarrierRefused as refused:
        return refusal(letter, refused.code, rt.now())
    except (CarrierBusy, CarrierUnreachable) as error:
        _logger.warning("carrier_not_reached", outbox=str(letter.id), **log.error_fields(error))
        longest = _LONGEST_CRITICAL_PAUSE if letter.purpose in CRITICAL else _LONGEST_PAUSE
        pause = timedelta(seconds=min(2 ** (letter.attempts + 1), longest))
        return Outcome(letter=letter, values={"status": Status.READY, "not_before": rt.now() + pause})
    except CarrierSilent as error:
        _logger.warning("carrier_silent", outbox=str(letter.id), **log.error_fields(error))
        return Outcome(letter=letter, values={"status": Status.SENDING})
    values = {
        "status": Status.SENT,
        "sid": receipt.sid,
        "sent_at": rt.now(),
        "segments": segments(body).count,
    }
    return Outcome(letter=letter, values=values)


def refusal(letter: Letter, code: int, now: datetime) -> Outcome:
    """What a code of Twilio's means for this letter: another try later, or a failure that somebody hears of."""
    treatment = remedy(code)
    delay = treatment.delay(letter.attempts + 1)
    if delay is not None:
        return Outcome(
            letter=letter, values={"status": Status.READY, "not_before": now + delay, "error_code": code}
        )
    if treatment.remedy is Remedy.TELL_OPERATOR:
        _logger.error("carrier_refuses_us", outbox=str(letter.id), code=code, purpose=letter.purpose.name)
        if letter.purpose in CRITICAL and letter.attempts < _CRITICAL_ATTEMPTS:
            again = (
                now + _CRITICAL_PAUSE
            )  # an account can be mended; an emergency must not wait for that in vain
            return Outcome(
                letter=letter, values={"status": Status.READY, "not_before": again, "error_code": code}
            )
    failure = TextFailed(
        code=code,
        purpose=letter.purpose.name,
        opted_out=treatment.remedy is Remedy.OPTED_OUT,
        visit_id=letter.visit_id,
    )
    return Outcome(letter=letter, values={"status": Status.FAILED, "error_code": code}, failure=failure)


def lost(letter: Letter) -> Outcome:
    """It can't be sent, or nobody knows whether it was: somebody hears of it."""
    failure = TextFailed(code=0, purpose=letter.purpose.name, visit_id=letter.visit_id)
    return Outcome(letter=letter, values={"status": Status.LOST}, failure=failure)


def callback_url(rt: Runtime, outbox_id: UUID) -> str:
    """Where Twilio reports on this text: our id is in it, so a report finds its text whatever happened to us."""
    return f"{rt.settings.public_url}/twilio/status?o={outbox_id}"


def _validity(letter: Letter, now: datetime) -> int | None:
    """How long the text may wait at Twilio: not beyond the moment after which it is wrong."""
    ends = [moment for moment in (letter.not_after, letter.link_expires) if moment]
    if not ends:
        return None
    return max(1, min(_LONGEST_VALIDITY, int((min(ends) - now).total_seconds())))


def _entry(outcome: Outcome) -> Entry:
    return _about(outcome.letter, f"text.{outcome.values['status']}", outcome.letter.wording)


def _about(letter: Letter, action: str, detail: str) -> Entry:
    return Entry(
        clinic=letter.clinic,
        actor="bot",
        action=action,
        subject=f"text:{letter.id}",
        detail=f"{Purpose(letter.purpose).name.lower()} {detail}",
    )
