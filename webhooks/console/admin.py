"""The console's section `admin`: what holds for the clinic as a whole. Its other pages: `admin_*`, `audit`, `glass`."""

from flask import request
from werkzeug.wrappers import Response

from bot.core.roles import May
from bot.errors import BadImport
from bot.service import duty
from bot.service.clinic import Settings
from bot.service.console import administer, administer_clinic, budget, retention
from bot.service.desk import Desk
from webhooks.console.door import SAID, done, needs, new_section, page
from webhooks.security import runtime

section = new_section("admin", __name__)
SAID["clinic-changed"] = "The clinic’s settings are changed."

PAGES = (
    ("Overview", "admin.overview", May.CLINIC),
    ("Staff", "admin.staff", May.STAFF),
    ("Roles", "admin.roles", May.CLINIC),
    ("Clinic", "admin.clinic", May.CLINIC),
    ("Calendars", "admin.calendars", May.CLINIC),
    ("On call", "admin.oncall", May.ROSTERS),
    ("Numbers", "admin.numbers", May.CLINIC),
    ("Message budget", "admin.budgets", May.CLINIC),
    ("Keys", "admin.keys", May.CLINIC),
    ("Retention", "admin.retained", May.CLINIC),
    ("Exports", "admin.exports", May.EXPORT),
)
"""The pages of the section: label, endpoint, and what one must be allowed to see it."""


def admin_page(desk: Desk, template: str, **values: object) -> str:
    """A page of the section, with the list of its pages."""
    pages = [(label, endpoint) for label, endpoint, may in PAGES if desk.may(may)]
    return page(desk, template, pages=pages, **values)


def fault_of(error: BadImport) -> dict[str, str]:
    """'phone: is not a phone number.' → the field and what is said beside it."""
    field, _, said = str(error).partition(": ")
    return {field: said[:1].upper() + said[1:]}


@section.get("/admin")
@needs(May.CLINIC)
def overview(desk: Desk) -> str:
    """What there is, and what needs somebody."""
    rt = runtime()
    return admin_page(
        desk,
        "admin.html",
        clinic=administer_clinic.settings(rt, desk),
        staffing=administer.people(rt, desk) if desk.may(May.STAFF) else None,
        duties=duty.who(rt, desk.clinic).duties,
        numbers=administer_clinic.numbers(rt, desk),
        keys=administer_clinic.keys(rt, desk),
        budget=budget.budget(rt, desk),
    )


@section.get("/admin/roles")
@needs(May.CLINIC)
def roles(desk: Desk) -> str:
    """What each role may do and sees."""
    return admin_page(desk, "admin_roles.html", table=administer_clinic.roles(runtime(), desk))


@section.get("/admin/clinic")
@needs(May.CLINIC)
def clinic(desk: Desk) -> str:
    """The clinic's settings."""
    return admin_page(desk, "admin_clinic.html", given=administer_clinic.settings(runtime(), desk), faults={})


@section.post("/admin/clinic")
@needs(May.SETTINGS, proof=True)
def change_clinic(desk: Desk) -> Response | tuple[str, int]:
    """Change them."""
    form = request.form
    given = Settings(
        name=form.get("name", ""),
        phone=form.get("phone", ""),
        zone=form.get("zone", ""),
        language=form.get("language", ""),
        oncall_phone=form.get("oncall_phone", ""),
    )
    try:
        administer_clinic.change(runtime(), desk, given)
    except BadImport as error:
        return admin_page(desk, "admin_clinic.html", given=given, faults=fault_of(error)), 422
    return done("admin.clinic", said="clinic-changed")


@section.get("/admin/calendars")
@needs(May.CLINIC)
def calendars(desk: Desk) -> str:
    """When the clinic is open."""
    return admin_page(desk, "admin_calendars.html", calendars=administer_clinic.calendars(runtime(), desk))


@section.get("/admin/numbers")
@needs(May.CLINIC)
def numbers(desk: Desk) -> str:
    """From where texts leave."""
    return admin_page(desk, "admin_numbers.html", numbers=administer_clinic.numbers(runtime(), desk))


@section.get("/admin/budget")
@needs(May.CLINIC)
def budgets(desk: Desk) -> str:
    """How many texts leave."""
    found = budget.budget(runtime(), desk)
    return admin_page(desk, "admin_budget.html", budget=found, bars=bars(found))


@section.get("/admin/keys")
@needs(May.CLINIC)
def keys(desk: Desk) -> str:
    """How old the keys are."""
    return admin_page(desk, "admin_keys.html", keys=administer_clinic.keys(runtime(), desk))


@section.get("/admin/retention")
@needs(May.CLINIC)
def retained(desk: Desk) -> str:
    """What is kept for how long."""
    goes, stays = retention.kept(runtime(), desk)
    return admin_page(desk, "admin_retention.html", goes=goes, stays=stays)


HEIGHT, WIDTH = 120, 40
"""Of the chart, and of each day in it."""


def bars(found: budget.Budget) -> list[list[tuple[int, int, int, int]]]:
    """The parts of each day's bar: kind, left edge, top and height; the highest bar fills the chart."""
    most = max((day.total for day in found.days), default=0) or 1
    drawn = []
    for number, day in enumerate(found.days):
        parts, bottom = [], HEIGHT
        for kind, texts in enumerate(day.texts):
            height = round(texts / most * HEIGHT)
            bottom -= height
            if height:
                parts.append((kind, number * WIDTH, bottom, height))
        drawn.append(parts)
    return drawn
