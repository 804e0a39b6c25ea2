"""The console's section `day`: a day's visits, whom to call about those to come, and who waits for an earlier time."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from flask import request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from bot.core.roles import May
from bot.core.visit_state import State
from bot.errors import ChangedMeanwhile, TimeTaken
from bot.service.console import call_round, change_visit, day, earlier
from bot.service.console.change_visit import Seen
from bot.service.desk import Desk
from webhooks.console.door import BY_ITSELF, SAID, done, needs, new_section, page
from webhooks.security import runtime

section = new_section("day", __name__)
Answer = str | Response | tuple[str, int]

SAID.update(
    {
        "visit_arrived": "Checked in.",
        "visit_fulfilled": "The visit is done.",
        "visit_held": "The visit is done.",
        "visit_confirmed": "Confirmed. Reminders know of it.",
        "visit_no_show": "Kept as a no-show.",
        "visit_cancelled": "Cancelled. The time is free for others.",
        "visit_undone": "Taken back.",
        "call_confirmed": "Confirmed by phone.",
        "call_cancelled": "Cancelled by phone. The time is free for others.",
        "call_unreached": "Noted: not reached. They come back to the top in an hour.",
        "call_dealt_with": "Off the list.",
        "offered": "Offered. It is held for two hours.",
        "offer_taken": "That time is taken, or held for somebody.",
        "offer_too_soon": "That time begins within two hours: call somebody instead.",
        "offer_night": "Texts may not leave at this hour. It is offered by itself when they may.",
        "offer_nobody": "Nobody who waits can take it just now.",
        "waitlist_left": "Off the waitlist.",
    }
)
_FAULTS: dict[type[Exception], str] = {
    ChangedMeanwhile: "Somebody has changed this visit meanwhile. Nothing was done: look at it as it is now.",
    TimeTaken: "That time was given to somebody else meanwhile. The visit stays cancelled: book another time.",
}
_LIST, _CALLS = "day.shown", "day.calls"


@section.get("/day")
@needs(May.DAY)
def shown(desk: Desk) -> Answer:
    """A day by provider."""
    return _day(desk, request.args)


@section.post("/day/visits/<uuid:visit>")
@needs(May.VISITS)
def act(desk: Desk, visit: UUID) -> Answer:
    """Check somebody in, confirm, cancel …"""
    name, seen = _meant()
    return _do(
        desk,
        lambda: change_visit.change(runtime(), desk, visit, name, seen),
        said=f"visit_{name}",
    )


@section.post("/day/acts/<uuid:act>/undo")
@needs(May.VISITS)
def undo(desk: Desk, act: UUID) -> Answer:
    """Take it back."""
    return _do(desk, lambda: change_visit.undo(runtime(), desk, act), said="visit_undone")


@section.get("/day/calls")
@needs(May.DAY)
def calls(desk: Desk) -> Answer:
    """Whom to call."""
    return _calls(desk)


@section.post("/day/calls/<uuid:visit>")
@needs(May.VISITS)
def called(desk: Desk, visit: UUID) -> Answer:
    """What came of a call."""
    name, seen = _meant()
    return _do(
        desk,
        lambda: call_round.by_phone(runtime(), desk, visit, name, seen),
        said=f"call_{name}",
    )


@section.get("/day/earlier")
@needs(May.DAY)
def earlier_times(desk: Desk) -> Answer:
    """Who waits for an earlier time, and what is free."""
    found = earlier.earlier(runtime(), desk, audited=_by_hand())
    return page(desk, "day_earlier.html", found=found, days=earlier.AHEAD.days)


@section.post("/day/openings/<uuid:slot>/offer")
@needs(May.VISITS)
def offer(desk: Desk, slot: UUID) -> Answer:
    """Offer a time to who waits."""
    return done("day.earlier_times", said=earlier.offer_now(runtime(), desk, slot))


@section.post("/day/waitlist/<uuid:waiting>/leave")
@needs(May.VISITS)
def leave(desk: Desk, waiting: UUID) -> Answer:
    """Take somebody off the waitlist."""
    earlier.take_off(runtime(), desk, waiting)
    return done("day.earlier_times", said="waitlist_left")


def _do(desk: Desk, verb: Callable[[], None], *, said: str) -> Answer:
    """Do it and go back to the list it was done from; a list that says so where somebody was quicker."""
    back, form = request.form.get("back", ""), request.form
    try:
        verb()
    except (ChangedMeanwhile, TimeTaken) as error:
        fault = _FAULTS[type(error)]
        return (_calls(desk, fault) if back == "calls" else _day(desk, form, fault)), 422
    if back == "calls":
        return done(_CALLS, said=said)
    return done(_LIST, **_filter(form), said=said)


def _day(desk: Desk, asked: MultiDict[str, str], fault: str = "") -> str:
    wanted = _filter(asked)
    found = day.day(
        runtime(),
        desk,
        _date(wanted.get("on", "")),
        provider=wanted.get("provider", ""),
        state=wanted.get("state", ""),
        audited=_by_hand(),
    )

    def to(**other: str) -> str:
        """The address of this list with something else: '' leaves a part of the filter out."""
        parts: dict[str, Any] = {name: value for name, value in {**wanted, **other}.items() if value}
        return url_for(_LIST, **parts)

    return page(
        desk,
        "day.html",
        day=found,
        wanted=wanted,
        to=to,
        labels=day.LABELS,
        fault=fault,
        act_at=_addresses("day.act", "visit"),
        patient_at=_addresses("patients.shown", "patient"),
    )


def _addresses(endpoint: str, name: str) -> Callable[[UUID], str]:
    """The addresses of this endpoint: hundreds stand on a page, and building each anew takes longer than all else."""
    nobody = UUID(int=0)
    parts: dict[str, Any] = {name: nobody}
    before, after = url_for(endpoint, **parts).split(str(nobody))
    return lambda number: f"{before}{number}{after}"


def _calls(desk: Desk, fault: str = "") -> str:
    found = call_round.calls(runtime(), desk, audited=_by_hand())
    return page(desk, "day_calls.html", round=found, fault=fault, may_act=desk.may(May.VISITS))


def _meant() -> tuple[str, Seen]:
    """What a button says: the act, and the version and status that the page showed."""
    name, version, status = [*request.form.get("act", "").split("."), "", ""][:3]
    return name, Seen(version=int(version) if version.isdecimal() else 0, status=status)


def _filter(asked: MultiDict[str, str]) -> dict[str, str]:
    """The parts of a list's address that mean something."""
    given = {name: asked.get(name, "") for name in ("on", "provider", "state")}
    fits = {
        "on": _date(given["on"]) is not None,
        "provider": given["provider"].isalnum(),
        "state": given["state"] in set(State),
    }
    return {name: value for name, value in given.items() if fits[name]}


def _date(text: str) -> date | None:
    """A day that a clinic may have visits on."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year < 2100 else None


def _by_hand() -> bool:
    return BY_ITSELF not in request.headers
