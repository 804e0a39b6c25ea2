"""Section `admin`: who is on call, who comes next, how alarms climb; and swaps, made and undone."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import request
from werkzeug.wrappers import Response

from bot.core.roles import May
from bot.errors import BadImport
from bot.service import duty, enrol
from bot.service import swap as swaps
from bot.service.console import administer_clinic
from bot.service.desk import Desk
from webhooks.console.admin import admin_page, fault_of, section
from webhooks.console.door import SAID, done, here, needs
from webhooks.security import runtime

SAID |= {"swap-made": "The swap is made.", "swap-undone": "The swap is undone; the roster holds again."}
_FIELDS = ("roster", "person", "start", "until")


@section.get("/admin/oncall")
@needs(May.ROSTERS)
def oncall(desk: Desk) -> str:
    """Who has duty now and in the next two weeks."""
    return _shown(desk, {}, {})


@section.post("/admin/oncall/swaps")
@needs(May.ROSTERS)
def make_swap(desk: Desk) -> Response | tuple[str, int]:
    """Somebody takes over a duty for a while."""
    given = {name: request.form.get(name, "") for name in _FIELDS}
    try:
        swaps.make(runtime(), desk.clinic, *(given[name] for name in _FIELDS), desk=desk)
    except BadImport as error:
        return _shown(desk, given, fault_of(error)), 422
    return done("admin.oncall", said="swap-made")


@section.post("/admin/oncall/swaps/<uuid:swap>/undo")
@needs(May.ROSTERS)
def undo_swap(desk: Desk, swap: UUID) -> Response:
    """The roster holds again."""
    swaps.undo(runtime(), desk.clinic, swap, desk=desk)
    return done("admin.oncall", said="swap-undone")


def _shown(desk: Desk, given: dict[str, str], faults: dict[str, str]) -> str:
    rt = runtime()
    people = enrol.everybody(rt, desk.clinic)
    return admin_page(
        desk,
        "admin_oncall.html",
        who=duty.who(rt, desk.clinic),
        plan=duty.schedule(rt, desk.clinic),
        ladders=administer_clinic.ladders(rt, desk),
        swaps=swaps.made(rt, desk.clinic),
        people=people,
        names={one.handle: one.name for one in people},
        given=given or {"start": _local(rt.now()), "until": "", "roster": "", "person": ""},
        faults=faults,
    )


def _local(moment: datetime) -> str:
    """A moment on the clinic's clock, as a field of a browser has it."""
    return f"{moment.astimezone(ZoneInfo(here().zone)):%Y-%m-%dT%H:%M}"
