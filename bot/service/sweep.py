"""Sweep: what the clock does. Due timers ring, left-over work is found, open questions are settled.

Several clocks may sweep at once: rows are taken with SKIP LOCKED, and every mail has its `dedupe`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import log
from bot.core.effects import OpenTask, Urgency
from bot.errors import CarelineError
from bot.failpoint import failpoint
from bot.gateways.doorbell import ALERTS, INBOUND, OUTBOUND
from bot.runtime import Runtime
from bot.service import call_out, offer, overdue, receive, roll_out, tidy_pages, track, watch
from bot.service.console import broadcast_rounds, find_patient
from bot.service.deliver import CRITICAL, Outcome, body_of, keep, lost
from bot.service.entrance import invite, tidy_sign_in
from bot.service.receive import Text
from bot.store import alerts, clinics, happenings, inbox, letters, outbox, timers, worklist
from bot.store.inbox import Mail
from bot.store.letters import Letter
from bot.store.outbox import Status

RING_AT_ONCE = 500
SETTLE_AT_ONCE = 50
LOOK_AFTER = timedelta(seconds=30)
"""A text that has been `sending` for longer is looked up at the carrier."""
GIVE_UP_AFTER = timedelta(minutes=10)
"""A text that the carrier does not know after this was not sent."""
_UNREADABLE = OpenTask(task="bot_could_not_read_this", urgency=Urgency.URGENT)
_POLL_BACK = timedelta(hours=2)
_POLL_BACK_AT_MOST = timedelta(days=30)
_logger = log.get(__name__)


def ring_timers(rt: Runtime) -> int:
    """Put the happenings of due timers into their mailboxes; returns how many."""
    total = 0
    while True:
        with rt.begin() as db:
            due = timers.ring(db, rt.now(), RING_AT_ONCE)
            mail = [
                Mail(clinic=t.clinic, conversation=t.conversation, dedupe=f"timer:{t.id}", what=t.what)
                for t in due
                if t.what is not None
            ]
            inbox.put(db, mail, rt.now())
            for broken in (
                t for t in due if t.what is None
            ):  # a person sees to it; the others ring all the same
                _logger.error("timer_not_readable", conversation=str(broken.conversation))
                worklist.open_task(
                    db, clinic=broken.clinic, conversation=broken.conversation, task=_UNREADABLE, now=rt.now()
                )
            failpoint("sweep-before-commit")
        if due:
            rt.doorbell.ring(INBOUND)
        total += len(due)
        if len(due) < RING_AT_ONCE:
            return total


def find_work(rt: Runtime) -> None:
    """Ring for whatever waits: a doorbell may have been lost."""
    with rt.begin() as db:
        mail, ready = happenings.any_waiting(db, rt.now()), outbox.any_ready(db, rt.now())
        pages = alerts.any_ready(db, rt.now())
    for queue, there in ((INBOUND, mail), (OUTBOUND, ready), (ALERTS, pages)):
        if there:
            rt.doorbell.ring(queue)


def settle(rt: Runtime) -> int:
    """Find out what became of texts whose sending was interrupted; returns how many are settled now.

    The carrier's list says whether it has the text. If not after ten minutes, critical texts are sent again
    (better twice than never), others become a task.
    """
    with rt.begin() as db:
        open_questions = letters.unsettled(db, rt.now() - LOOK_AFTER, SETTLE_AT_ONCE)
    settled = 0
    for letter in open_questions:
        try:
            settled += _settle(rt, letter)
        except CarelineError as error:
            _logger.warning("not_settled", outbox=str(letter.id), **log.error_fields(error))
    return settled


def _settle(rt: Runtime, letter: Letter) -> bool:
    assert letter.claimed_at is not None
    since = letter.claimed_at - timedelta(minutes=1)
    listed = [] if letter.spoilt else rt.carrier.outbound(to=letter.to, sender=letter.sender, since=since)
    now = rt.now()
    with rt.begin() as db:
        if not letters.still_unsettled(db, letter):
            return False
        unknown = outbox.unknown_sids(db, [sent.sid for sent in listed if sent.body == body_of(rt, letter)])
        if unknown:
            values = {"status": Status.SENT, "sid": unknown[0], "sent_at": now}
            keep(db, [Outcome(letter=letter, values=values)], now)
            report = next(sent for sent in listed if sent.sid == unknown[0])
            track.keep(rt, db, letter.id, sid=report.sid, status=report.status, error_code=report.error_code)
            return True
        if now - letter.claimed_at < GIVE_UP_AFTER:
            return False
        keep(db, [_given_up(letter, now)], now)
    return True


def _given_up(letter: Letter, now: datetime) -> Outcome:
    if letter.purpose in CRITICAL and not letter.spoilt:
        return Outcome(letter=letter, values={"status": Status.READY, "not_before": now})
    return lost(letter)


def poll(rt: Runtime) -> int:
    """Take in what the webhook missed, from the carrier's own list; returns how many texts were new.

    Looks back to the last text that came in: however long nothing could, nothing of it is missed.
    """
    with rt.begin() as db:
        numbers = [clinic.phone for clinic in clinics.all_of_them(db)]
        newest = inbox.newest_text_at(db)
    since = rt.now() - _POLL_BACK
    if newest:
        since = max(min(since, newest), rt.now() - _POLL_BACK_AT_MOST)
    new = 0
    for number in numbers:
        try:
            for text in rt.carrier.inbound(number=number, since=since):
                missed = Text(sid=text.sid, sender=text.sender, to=text.to, body=text.body, media=text.media)
                new += receive.receive(rt, missed)
        except CarelineError as error:
            _logger.warning("poll_failed", **log.error_fields(error))
    return new


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One of the clock's duties and how often it comes round."""

    name: str
    every: float  # seconds
    run: Callable[[Runtime], object]


ROUNDS = (
    Round(name="ring_timers", every=1, run=ring_timers),
    Round(name="find_work", every=3, run=find_work),
    Round(name="offer", every=5, run=offer.offer),
    Round(name="count_broadcasts", every=2, run=broadcast_rounds.count),
    Round(name="send_broadcasts", every=5, run=broadcast_rounds.send),
    Round(name="roll_out", every=2, run=roll_out.roll_out),
    Round(name="settle", every=10, run=settle),
    Round(name="settle_alerts", every=10, run=call_out.settle),
    Round(name="overdue", every=10, run=overdue.overdue),
    Round(name="beat", every=3, run=watch.beat),
    Round(name="look_after_the_watch", every=60, run=watch.look_after_the_watch),
    Round(name="poll", every=60, run=poll),
    Round(name="name_patients", every=10, run=find_patient.name_more),
    Round(name="tidy_waitlist", every=600, run=offer.tidy),
    Round(name="tidy_pages", every=3600, run=tidy_pages.tidy),
    Round(name="mail_links", every=3, run=invite.mail_links),
    Round(name="tidy_sign_in", every=600, run=tidy_sign_in.tidy),
)
