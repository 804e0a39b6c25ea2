"""Section `admin`: the clinic's people: add, change, let go; how they sign in."""

from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from bot.core.roles import May
from bot.errors import BadImport, NotFound
from bot.service.console import administer
from bot.service.desk import Desk
from bot.service.entrance import invite
from webhooks.console.admin import admin_page, fault_of, section
from webhooks.console.door import SAID, done, needs
from webhooks.security import runtime

SAID |= {
    "staff-added": "Added. Invite them, and they can set up their log-in.",
    "staff-changed": "Changed.",
    "staff-left": "They work here no more.",
    "staff-out": "They are signed out everywhere.",
}
_FIELDS = ("email", "role", "name", "handle", "phone")
_LIFE = {"invite": "It works once, for three days.", "reset": "It works once, for an hour."}


@section.get("/admin/staff")
@needs(May.STAFF)
def staff(desk: Desk) -> str:
    """Everybody."""
    return admin_page(desk, "admin_staff.html", staffing=administer.people(runtime(), desk))


@section.get("/admin/staff/new")
@needs(May.STAFF, proof=True)
def new_member(desk: Desk) -> str:
    """Add somebody: the form."""
    return _new(desk, dict.fromkeys(_FIELDS, ""), {})


@section.post("/admin/staff")
@needs(May.STAFF, proof=True)
def hire(desk: Desk) -> Response | tuple[str, int]:
    """Add somebody."""
    given = {name: request.form.get(name, "") for name in _FIELDS}
    try:
        made = administer.hire(runtime(), desk, **given)
    except BadImport as error:
        return _new(desk, given, fault_of(error)), 422
    return done("admin.member", member=made, said="staff-added")


@section.get("/admin/staff/<uuid:member>")
@needs(May.STAFF)
def member(desk: Desk, member: UUID) -> str:
    """One of them."""
    return _member(desk, member)


@section.post("/admin/staff/<uuid:member>")
@needs(May.STAFF, proof=True)
def change_member(desk: Desk, member: UUID) -> Response | tuple[str, int]:
    """Another role, name or phone."""
    given = {name: request.form.get(name, "") for name in ("role", "name", "phone")}
    try:
        administer.change(runtime(), desk, member, **given)
    except BadImport as error:
        return _member(desk, member, given=given, faults=fault_of(error)), 422
    return done("admin.member", member=member, said="staff-changed")


@section.post("/admin/staff/<uuid:member>/leave")
@needs(May.STAFF, proof=True)
def let_go(desk: Desk, member: UUID) -> Response | tuple[str, int]:
    """They work here no more."""
    try:
        administer.let_go(runtime(), desk, member)
    except BadImport as error:
        return _member(desk, member, faults=fault_of(error)), 422
    return done("admin.staff", said="staff-left")


@section.post("/admin/staff/<uuid:member>/invite")
@needs(May.STAFF, proof=True)
def invite_member(desk: Desk, member: UUID) -> str:
    """A link that sets up their log-in; it stands on this page once, and in no address."""
    return _member(desk, member, link=invite.invite(runtime(), desk, member), life=_LIFE["invite"])


@section.post("/admin/staff/<uuid:member>/reset")
@needs(May.STAFF, proof=True)
def reset_member(desk: Desk, member: UUID) -> str | tuple[str, int]:
    """A link by which they choose another password."""
    administer.person(runtime(), desk, member)  # somebody of another clinic is not found at all
    try:
        link = invite.reset(runtime(), desk, member)
    except NotFound as error:
        return _member(desk, member, faults={"link": str(error)}), 422
    return _member(desk, member, link=link, life=_LIFE["reset"])


@section.post("/admin/staff/<uuid:member>/end")
@needs(May.STAFF, proof=True)
def end_member(desk: Desk, member: UUID) -> Response:
    """Sign them out everywhere."""
    invite.end_sessions(runtime(), desk, member)
    return done("admin.member", member=member, said="staff-out")


def _new(desk: Desk, given: dict[str, str], faults: dict[str, str]) -> str:
    roles = administer.people(runtime(), desk).roles
    return admin_page(desk, "admin_new_member.html", given=given, faults=faults, roles=roles)


def _member(
    desk: Desk,
    member: UUID,
    *,
    given: dict[str, str] | None = None,
    faults: dict[str, str] | None = None,
    link: str = "",
    life: str = "",
) -> str:
    found, roles = administer.person(runtime(), desk, member)
    shown = given or {"role": found.role, "name": found.name, "phone": found.phone}
    return admin_page(
        desk,
        "admin_member.html",
        person=found,
        roles=roles,
        given=shown,
        faults=faults or {},
        link=link,
        life=life,
    )
