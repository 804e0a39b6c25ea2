"""What is done on the on-call page: take, end, hand over, let sleep, open again, and take alerts on this phone.

On top of `answer`: here it is looked at who is meant and who was quicker, so that the page can say so.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from bot.core.oncall import whom
from bot.errors import NotFound
from bot.gateways.push import Subscription
from bot.runtime import Runtime
from bot.service import answer, board, board_words
from bot.service.board import SNOOZES, Visitor
from bot.store import devices, escalations, staff
from bot.store.escalations import Escalation

MOST_DEVICES = 10
"""Browsers of one member; the oldest goes."""
Came = Literal["done", "already", "closed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody wants done with an escalation. `to` in the words of `core/oncall`."""

    act: str
    code: str
    outcome: str = ""
    to: str = ""
    minutes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What came of it, and who has it where somebody else was quicker."""

    came: Came
    by: str = ""


def act(rt: Runtime, who: Visitor, wanted: Wanted) -> Done:
    """Do it. Raises NotFound where the clinic has no such escalation, ValueError for what can't be wanted."""
    if wanted.act not in ACTS:
        raise ValueError("There is no such act.")
    with rt.begin() as db:
        found = escalations.by_code(db, who.clinic, wanted.code)
        if found is None:
            raise NotFound(f"There is no escalation {wanted.code}.")
        others = found.taken is not None and found.by != who.handle
        names = {member.handle: member.name for member in staff.all_of(db, who.clinic)} if others else {}
    name = names.get(found.by or "", board_words.plain(found.by or ""))
    if found.resolved and wanted.act != "reopen":
        return Done(came="closed", by=name if others else "")
    if others and wanted.act in ("take", "snooze"):
        return Done(came="already", by=name)
    ACTS[wanted.act](rt, who, found, wanted)
    return Done(came="done")


def _take(rt: Runtime, who: Visitor, found: Escalation, _wanted: Wanted) -> None:
    answer.take(rt, who.clinic, found.code, by=who.handle, via=who.via)


def _resolve(rt: Runtime, who: Visitor, found: Escalation, wanted: Wanted) -> None:
    answer.resolve(rt, who.clinic, found.code, by=who.handle, via=who.via, outcome=wanted.outcome)


def _hand_over(rt: Runtime, who: Visitor, found: Escalation, wanted: Wanted) -> None:
    to = whom(wanted.to)
    with rt.begin() as db:
        everybody = staff.all_of(db, who.clinic)
        me = next((member for member in everybody if member.id == who.member), None)
        shown = board.board(rt, db, who.clinic, everybody, me=me, code=None)
    if to not in [target for target, _ in board.targets(shown)]:
        raise ValueError("It can be handed over to a roster, a member of staff or the on-call phone.")
    answer.hand_over(rt, who.clinic, found.code, by=who.handle, via=who.via, to=to)


def _snooze(rt: Runtime, who: Visitor, found: Escalation, wanted: Wanted) -> None:
    if wanted.minutes not in SNOOZES:
        raise ValueError("It can sleep for 10, 30 or 60 minutes.")
    span = timedelta(minutes=wanted.minutes)
    answer.snooze(rt, who.clinic, found.code, by=who.handle, via=who.via, span=span)


def _reopen(rt: Runtime, who: Visitor, found: Escalation, _wanted: Wanted) -> None:
    answer.reopen(rt, who.clinic, found.code, by=who.handle, via=who.via)


ACTS: Mapping[str, Callable[[Runtime, Visitor, Escalation, Wanted], None]] = {
    "take": _take,
    "resolve": _resolve,
    "hand_over": _hand_over,
    "snooze": _snooze,
    "reopen": _reopen,
}


def add_device(rt: Runtime, who: Visitor, subscription: Subscription) -> bool:
    """Their browser takes alerts from now on; False for who is no member, and for what nothing could be sent to."""
    if who.member is None or rt.pusher is None or not rt.pusher.usable(subscription):
        return False
    with rt.begin() as db:
        devices.add(
            db,
            clinic=who.clinic,
            member=who.member,
            endpoint=subscription.endpoint,
            p256dh=subscription.p256dh,
            auth=subscription.auth,
            now=rt.now(),
        )
        for old in devices.of(db, who.clinic, who.member)[:-MOST_DEVICES]:
            devices.forget(db, old.id)
    return True
