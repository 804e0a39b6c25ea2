"""The console's inbox: tasks and escalations in one list, each with a page of its own beside it.

Thin: a view reads the form, calls one verb of `service/console/work` or `work_alarm`, and shows what came of it.
"""

from collections.abc import Callable, Mapping
from uuid import UUID

from flask import abort, redirect, request, url_for
from werkzeug.wrappers import Response

from bot.core.roles import May
from bot.runtime import Runtime
from bot.service.board_acts import Wanted
from bot.service.console import timeline, work, work_alarm, work_item, work_list
from bot.service.console.timeline import Talk
from bot.service.console.work import Came
from bot.service.console.work_list import Listed, Queue
from bot.service.desk import Desk
from webhooks.console.door import BY_ITSELF, SAID, done, needs, new_section, page
from webhooks.security import runtime

section = new_section("inbox", __name__)
Answer = str | Response | tuple[str, int]

SAID |= {
    "assigned": "They have it now.",
    "released": "Nobody has it now.",
    "snoozed": "It sleeps. It wakes by itself.",
    "merged": "They are one now.",
    "handed_over": "Handed over: they are paged now.",
    "asleep": "You have it, and are asked again.",
    "over": "Ended. Thank you.",
}
_PARTS = ("head", "notes", "ending")
_TOO_LATE: Mapping[str, str] = {
    "taken": "{by} was quicker and has it.",
    "closed": "{by} has closed it already.",
    "climbed": "It has gone to the people on call already: it can’t sleep.",
    "anew": "It can’t be opened again: that was too long ago, or the same has come up anew.",
}


@section.get("/inbox")
@needs(May.INBOX)
def listed(desk: Desk) -> str:
    """A queue. Beside what the page says, what was closed a moment ago, and how to undo it."""
    closed, left = (request.args.get(name, type=int) for name in ("closed", "left"))
    return page(
        desk,
        "inbox.html",
        inbox=_listing(desk),
        open=request.args.get("open", ""),
        closed=closed,
        left=left,
        undo=request.args.get("undo", type=UUID),
    )


@section.post("/inbox/close")
@needs(May.INBOX)
def close_many(desk: Desk) -> Answer:
    """Close all that were picked and are as they were."""
    try:
        picked = request.form.getlist("pick")
        closed = work.close_many(runtime(), desk, picked)
    except ValueError:
        abort(422)
    left = len(picked) - closed
    return done("inbox.listed", queue=_queue(), closed=closed, left=left)


@section.get("/items/<uuid:item>")
@needs(May.INBOX)
def shown(desk: Desk, item: UUID) -> str:
    """A task, with its conversation."""
    return _item_page(desk, item)


@section.post("/items/<uuid:item>")
@needs(May.INBOX)
def act(desk: Desk, item: UUID) -> Answer:
    """One of the things that can be done with a task."""
    wanted = request.form.get("act", "")
    if wanted not in _ACTS:
        abort(422)
    try:
        came = _ACTS[wanted](runtime(), desk, item)
    except ValueError as fault:
        return _item_page(desk, item, fault=(wanted, str(fault))), 422
    if not came.done:
        notice = _TOO_LATE[came.how].format(by=came.by or "Somebody else")
        return _item_page(desk, item, notice=notice)
    return redirect(_after(wanted, item), 303)


@section.get("/escalations/<code>")
@needs(May.INBOX)
def escalation(desk: Desk, code: str) -> str:
    """An escalation, with its conversation."""
    return _alarm_page(desk, code)


@section.post("/escalations/<code>")
@needs(May.ESCALATIONS)
def act_on_escalation(desk: Desk, code: str) -> Answer:
    """Take it, end it, hand it over, let it sleep, open it again."""
    given = request.form
    wanted = Wanted(
        act=given.get("act", ""),
        code=code,
        outcome=given.get("outcome", ""),
        to=given.get("to", ""),
        minutes=given.get("minutes", 0, type=int),
    )
    try:
        came = work_alarm.act(runtime(), desk, wanted)
    except ValueError as fault:
        return _alarm_page(desk, code, fault=str(fault)), 422
    if came.came != "done":
        was = "was quicker and has it" if came.came == "already" else "has ended it already"
        return _alarm_page(desk, code, notice=f"{came.by or 'Somebody'} {was}.")
    said = {"resolve": "over", "hand_over": "handed_over", "snooze": "asleep"}.get(wanted.act)
    return done("inbox.escalation", code=code, queue=_queue(), said=said)


# -- what a page is made of -------------------------------------------------------------------------------


def _by_hand() -> bool:
    return BY_ITSELF not in request.headers


def _queue() -> Queue:
    """The queue that is worked through; where none is said, all."""
    wanted = request.values.get("queue", "")
    return Queue(wanted) if wanted in set(Queue) else Queue.ALL


def _part() -> bool:
    """Whether a part of a page beside the list fetches itself: it needs neither the list nor the conversation."""
    return not _by_hand() and request.headers.get("HX-Target") in _PARTS


def _listing(desk: Desk) -> Listed:
    if _part():
        return Listed(queue=_queue(), tabs=(), rows=(), after=None, first=True)
    return work_list.listing(runtime(), desk, _queue(), after=request.args.get("after"), audited=_by_hand())


def _talk(desk: Desk, conversation: UUID) -> Talk | None:
    if _part() or not desk.may(May.PATIENTS):
        return None
    return timeline.talk(runtime(), desk, conversation, audited=_by_hand())


def _item_page(desk: Desk, item: UUID, *, notice: str = "", fault: tuple[str, str] = ("", "")) -> str:
    found = work_item.item(runtime(), desk, item, audited=_by_hand())
    return page(
        desk,
        "inbox_item.html",
        inbox=_listing(desk),
        open=str(item),
        item=found,
        talk=_talk(desk, found.conversation),
        notice=notice,
        fault=dict([fault]),
        typed=request.form,
    )


def _alarm_page(desk: Desk, code: str, *, notice: str = "", fault: str = "") -> str:
    found = work_alarm.alarm(runtime(), desk, code, audited=_by_hand())
    return page(
        desk,
        "inbox_alarm.html",
        inbox=_listing(desk),
        open=code,
        alarm=found,
        talk=_talk(desk, found.conversation),
        notice=notice,
        fault=fault,
    )


# -- acts on a task ---------------------------------------------------------------------------------------


def _id(field: str) -> UUID:
    try:
        return UUID(request.form.get(field, ""))
    except ValueError:
        raise ValueError("Choose one from the list.") from None


def _text() -> str:
    return request.form.get("text", "")


_ACTS: Mapping[str, Callable[[Runtime, Desk, UUID], Came]] = {
    "claim": work.claim,
    "release": work.release,
    "assign": lambda rt, desk, item: work.assign(rt, desk, item, _id("member")),
    "take_over": lambda rt, desk, item: work.assign(rt, desk, item, desk.member),
    "snooze": lambda rt, desk, item: work.snooze(rt, desk, item, request.form.get("span", "")),
    "note": lambda rt, desk, item: work.note(rt, desk, item, _text()),
    "close": lambda rt, desk, item: work.close(rt, desk, item, _text()),
    "merge": lambda rt, desk, item: work.merge(rt, desk, item, _id("other")),
    "reopen": work.reopen,
}
_SAYS = {"assign": "assigned", "release": "released", "merge": "merged"}


def _after(act: str, item: UUID) -> str:
    """Where one goes on: what is off one's desk leads back to the list."""
    if act == "close":
        return url_for("inbox.listed", queue=_queue(), closed=1, undo=item)
    if act == "snooze":
        return url_for("inbox.listed", queue=_queue(), said="snoozed")
    return url_for("inbox.shown", item=item, queue=_queue(), said=_SAYS.get(act))
