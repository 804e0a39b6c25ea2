"""The console's section for broadcasts: write one, look at what it would do, approve it, watch it go, stop it."""

from uuid import UUID

from flask import request
from pydantic import ValidationError
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from bot.core.audience import Wanted
from bot.core.roles import May
from bot.core.state import Plain
from bot.errors import ChangedMeanwhile, NeedsASecondPerson
from bot.service.console import broadcast as service
from bot.service.console.broadcast import LEFT_OUT, MOST_DAYS, PER_MINUTE, Content, Draft
from bot.service.console.broadcast_preview import preview
from bot.service.desk import Desk
from webhooks.console.door import SAID, done, needs, new_section, page
from webhooks.security import runtime

section = new_section("broadcasts", __name__)
SAID |= {
    "made": "Kept. Who it is for is being worked out.",
    "approved": "Approved. It begins within seconds, in the hours for texts.",
    "stopped": "Stopped. It begins for nobody else.",
}
LANGUAGES = (("en", "English"), ("es", "Spanish"))
LONGEST = 80
"""Characters of a title."""
_NUMBERS = ("age_from", "age_to", "within_days", "not_since_months")
_PLACES = {
    "age_from": "A whole number of years.",
    "age_to": "A whole number of years.",
    "within_days": "A whole number of days, 1 to 365.",
    "not_since_months": "A whole number of months, 1 to 120.",
}


@section.get("/broadcasts")
@needs(May.BROADCAST, May.APPROVE)
def listed(desk: Desk) -> str:
    """The latest ones."""
    rt = runtime()
    return page(desk, "broadcasts.html", broadcasts=service.listed(rt, desk), flows=service.choices(rt, desk))


@section.get("/broadcasts/new")
@needs(May.BROADCAST)
def new(desk: Desk) -> str:
    """An empty form."""
    return _form(desk, MultiDict(), {})


@section.post("/broadcasts")
@needs(May.BROADCAST)
def make(desk: Desk) -> Response | tuple[str, int]:
    """A new one, or back with what is wrong."""
    draft, faults = _read(request.form)
    if draft is None:
        return _form(desk, request.form, faults), 422
    made = service.make(runtime(), desk, draft)
    return done("broadcasts.shown", broadcast=made, said="made")


@section.get("/broadcasts/<uuid:broadcast>")
@needs(May.BROADCAST, May.APPROVE)
def shown(desk: Desk, broadcast: UUID) -> str:
    """One of them, with what patients would get."""
    return _shown(desk, broadcast)


@section.get("/broadcasts/<uuid:broadcast>/edit")
@needs(May.BROADCAST)
def edit(desk: Desk, broadcast: UUID) -> str:
    """The form, as it was filled in."""
    found = service.shown(runtime(), desk, broadcast)
    wanted = found.content.wanted
    given: MultiDict[str, str] = MultiDict(
        {
            "title": found.title,
            "flow": found.flow,
            "per_minute": str(found.per_minute),
            "days": str(found.days),
            "visit": wanted.visit,
            "provider": wanted.provider,
            "location": wanted.location,
        }
    )
    given.setlist("language", list(wanted.languages))
    for name in _NUMBERS:
        given[name] = "" if getattr(wanted, name) is None else str(getattr(wanted, name))
    for name, value in found.content.values.items():
        given[f"value.{found.flow}.{name}"] = str(value)
    return _form(desk, given, {}, broadcast)


@section.post("/broadcasts/<uuid:broadcast>")
@needs(May.BROADCAST)
def change(desk: Desk, broadcast: UUID) -> Response | tuple[str, int]:
    """Write it anew."""
    draft, faults = _read(request.form)
    if draft is None:
        service.shown(runtime(), desk, broadcast)  # that there is such a one
        return _form(desk, request.form, faults, broadcast), 422
    try:
        service.change(runtime(), desk, broadcast, draft)
    except ChangedMeanwhile:
        return _shown(desk, broadcast, "It is under way or over, and can’t be changed any more."), 409
    return done("broadcasts.shown", broadcast=broadcast, said="made")


@section.post("/broadcasts/<uuid:broadcast>/approve")
@needs(May.APPROVE, proof=True)
def approve(desk: Desk, broadcast: UUID) -> Response | tuple[str, int]:
    """Let it go."""
    try:
        service.approve(runtime(), desk, broadcast)
    except NeedsASecondPerson:
        return _shown(desk, broadcast, "You wrote it, so somebody else has to approve it."), 409
    except ChangedMeanwhile:
        return _shown(desk, broadcast, "It was changed or ended meanwhile. Look again."), 409
    return done("broadcasts.shown", broadcast=broadcast, said="approved")


@section.post("/broadcasts/<uuid:broadcast>/stop")
@needs(May.BROADCAST, May.APPROVE)
def stop(desk: Desk, broadcast: UUID) -> Response | tuple[str, int]:
    """Nobody else gets it."""
    try:
        service.stop(runtime(), desk, broadcast)
    except ChangedMeanwhile:
        return _shown(desk, broadcast, "It is over already."), 409
    return done("broadcasts.shown", broadcast=broadcast, said="stopped")


def _shown(desk: Desk, broadcast: UUID, fault: str = "") -> str:
    rt = runtime()
    found = service.shown(rt, desk, broadcast)
    waits = found.status in ("counted", "sending")
    seen = preview(rt, desk, broadcast, found.tally.chosen - found.tally.begun) if waits else None
    return page(desk, "broadcast.html", one=found, preview=seen, fault=fault, reasons=LEFT_OUT)


def _form(
    desk: Desk, given: MultiDict[str, str], faults: dict[str, str], broadcast: UUID | None = None
) -> str:
    return page(
        desk,
        "broadcast_form.html",
        given=given,
        faults=faults,
        broadcast=broadcast,
        flows=service.choices(runtime(), desk),
        languages=LANGUAGES,
        paces=PER_MINUTE,
        most_days=MOST_DAYS,
    )


def _read(form: MultiDict[str, str]) -> tuple[Draft | None, dict[str, str]]:
    """What was filled in, or what is wrong, by field."""
    faults: dict[str, str] = {}
    title, flow = form.get("title", "").strip(), form.get("flow", "")
    if not title or len(title) > LONGEST or not title.isprintable():
        faults["title"] = f"Give it a name of 1 to {LONGEST} characters."
    if not flow:
        faults["flow"] = "Choose what is sent."
    asked: dict[str, object] = {
        "languages": tuple(form.getlist("language")),
        "visit": form.get("visit", "any"),
        "provider": form.get("provider", "").strip(),
        "location": form.get("location", "").strip(),
    }
    for name in _NUMBERS:
        asked[name] = form.get(name, "").strip() or None
    try:
        wanted = Wanted.model_validate(asked)
    except ValidationError as error:
        for one in error.errors():
            place = str(one["loc"][0]) if one["loc"] else "visit"
            faults[place] = _PLACES.get(place) or one["msg"].removeprefix("Value error, ").capitalize() + "."
        wanted = Wanted()
    pace, days = _number(form, "per_minute", 30), _number(form, "days", 1)
    if pace not in PER_MINUTE:
        faults["per_minute"] = "Choose a pace."
    if not 1 <= days <= MOST_DAYS:
        faults["days"] = f"1 to {MOST_DAYS} days."
    values = _values(form, flow)
    if any(value == "" for value in values.values()):
        faults["flow"] = "Choose which notice is sent."
    if faults:
        return None, faults
    content = Content(wanted=wanted, values=values)
    return Draft(title=title, flow=flow, content=content, per_minute=pace, days=days), {}


def _values(form: MultiDict[str, str], flow: str) -> dict[str, Plain]:
    prefix = f"value.{flow}."
    return {name.removeprefix(prefix): form[name].strip() for name in form if name.startswith(prefix)}


def _number(form: MultiDict[str, str], name: str, otherwise: int) -> int:
    try:
        return int(form.get(name, "") or otherwise)
    except ValueError:
        return -1
