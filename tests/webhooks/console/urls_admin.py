"""Admin, the audit trail, broken glass."""

from uuid import UUID

from bot.core.roles import May
from bot.core.roster import Swap
from bot.runtime import Runtime
from bot.service import enrol
from bot.service.console import glass
from bot.store import glass as broken_glass
from bot.store import swaps
from tests.bot.service.desks import desk
from tests.bot.service.week import Week
from tests.webhooks.console.urls import Url

CLINIC = {
    "name": "Riverside Clinic",
    "phone": "+12025550100",
    "zone": "America/New_York",
    "language": "en",
    "oncall_phone": "",
}
PERSON = {"name": "Nell", "role": "nurse", "phone": ""}
NEW = PERSON | {"email": "new@clinic.example", "handle": ""}
SWAP = {"roster": "nurse", "person": "nell", "start": "2026-12-01T08:00", "until": "2026-12-02T08:00"}
URLS = (
    Url(rule="/admin", may=May.CLINIC),
    Url(rule="/admin/roles", may=May.CLINIC),
    Url(rule="/admin/clinic", may=May.CLINIC),
    Url(rule="/admin/clinic", method="POST", may=May.SETTINGS, form=CLINIC, proof=True),
    Url(rule="/admin/calendars", may=May.CLINIC),
    Url(rule="/admin/numbers", may=May.CLINIC),
    Url(rule="/admin/budget", may=May.CLINIC),
    Url(rule="/admin/keys", may=May.CLINIC),
    Url(rule="/admin/retention", may=May.CLINIC),
    Url(rule="/admin/staff", may=May.STAFF),
    Url(rule="/admin/staff/new", may=May.STAFF, proof=True),
    Url(rule="/admin/staff", method="POST", may=May.STAFF, form=NEW, proof=True),
    Url(rule="/admin/staff/<uuid:member>", may=May.STAFF),
    Url(rule="/admin/staff/<uuid:member>", method="POST", may=May.STAFF, form=PERSON, proof=True),
    Url(rule="/admin/staff/<uuid:member>/invite", method="POST", may=May.STAFF, proof=True),
    Url(rule="/admin/staff/<uuid:member>/reset", method="POST", may=May.STAFF, proof=True),
    Url(rule="/admin/staff/<uuid:member>/end", method="POST", may=May.STAFF, proof=True),
    Url(rule="/admin/oncall", may=May.ROSTERS),
    Url(rule="/admin/oncall/swaps", method="POST", may=May.ROSTERS, form=SWAP),
    Url(rule="/admin/oncall/swaps/<uuid:swap>/undo", method="POST", may=May.ROSTERS),
    Url(rule="/admin/exports", may=May.EXPORT),
    Url(rule="/admin/exports/appointments", method="POST", may=May.EXPORT, proof=True),
    Url(rule="/admin/exports/tasks", method="POST", may=May.EXPORT, proof=True),
    Url(rule="/audit", may=May.AUDIT),
    Url(rule="/audit/patient", method="POST", may=May.AUDIT, form={"wanted": "P1"}),
    Url(rule="/audit/verify", method="POST", may=May.AUDIT),
    Url(rule="/audit/anchors", method="POST", may=May.AUDIT),
    Url(rule="/audit/export", method="POST", may=May.AUDIT, proof=True),
    Url(rule="/audit/glass", may=May.AUDIT),
    Url(rule="/audit/glass/<uuid:glass>", method="POST", may=May.AUDIT, form={"verdict": "fine"}),
    Url(rule="/patients/<uuid:patient>/glass", may=May.BREAK_GLASS, proof=True),
    Url(
        rule="/patients/<uuid:patient>/glass",
        method="POST",
        may=May.BREAK_GLASS,
        form={"reason": "An emergency at the desk", "minutes": "30"},
        proof=True,
    ),
    Url(rule="/admin/staff/<uuid:member>/leave", method="POST", may=May.STAFF, proof=True),
)


def seed(rt: Runtime, clinic: UUID) -> dict[str, str]:
    """A member, a swap, a patient, and a glass that was broken for them."""
    member = enrol.add(rt, clinic, "nell@clinic.example", role="nurse", handle="nell")
    patient = Week(rt, clinic).patient()
    dora = desk(rt, clinic, "front_desk", "dora")
    glass.break_it(rt, dora, patient, reason="An emergency at the desk", minutes=30)
    now = rt.now()
    with rt.begin() as db:
        broken = broken_glass.waiting(db, clinic, 1)[0].id
        made = Swap(roster="nurse", person="nell", start=now, end=now.replace(year=now.year + 1))
        swap = swaps.add(db, clinic, made, now)
    return {
        "<uuid:member>": str(member.id),
        "<uuid:patient>": str(patient),
        "<uuid:glass>": str(broken),
        "<uuid:swap>": str(swap),
    }
