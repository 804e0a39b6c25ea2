"""Section `admin`, broken glass: break it for a patient, and look afterwards at who did."""

from uuid import UUID

from flask import abort, request
from werkzeug.wrappers import Response

from bot.core.roles import May
from bot.errors import BadImport
from bot.service.console import glass as broken
from bot.service.desk import Desk
from webhooks.console.admin import fault_of, section
from webhooks.console.door import SAID, done, needs, page
from webhooks.security import runtime

SAID |= {
    "glass-broken": "You see everything of this patient now. Those who read the audit trail have been told.",
    "glass-reviewed": "Reviewed.",
}


@section.get("/patients/<uuid:patient>/glass")
@needs(May.BREAK_GLASS, proof=True)
def glass(desk: Desk, patient: UUID) -> str:
    """Why, and for how long: the form."""
    return _form(desk, patient, {"reason": "", "minutes": "30"}, {})


@section.post("/patients/<uuid:patient>/glass")
@needs(May.BREAK_GLASS, proof=True)
def break_glass(desk: Desk, patient: UUID) -> Response | tuple[str, int]:
    """See everything of this patient for a while."""
    given = {name: request.form.get(name, "") for name in ("reason", "minutes")}
    minutes = int(given["minutes"]) if given["minutes"] in ("30", "60") else 0
    try:
        broken.break_it(runtime(), desk, patient, reason=given["reason"], minutes=minutes)
    except BadImport as error:
        return _form(desk, patient, given, fault_of(error)), 422
    return done("patients.shown", patient=patient, said="glass-broken")


@section.get("/audit/glass")
@needs(May.AUDIT)
def reviews(desk: Desk) -> str:
    """Who broke it, and what they looked at."""
    return page(desk, "admin_glass_reviews.html", reviews=broken.to_review(runtime(), desk))


@section.post("/audit/glass/<uuid:glass>")
@needs(May.AUDIT)
def review(desk: Desk, glass: UUID) -> Response:
    """Say what is to be said of it."""
    try:
        broken.review(runtime(), desk, glass, request.form.get("verdict", ""))
    except BadImport:
        abort(400)
    return done("admin.reviews", said="glass-reviewed")


def _form(desk: Desk, patient: UUID, given: dict[str, str], faults: dict[str, str]) -> str:
    asked = broken.asked(runtime(), desk, patient)
    return page(desk, "admin_glass.html", asked=asked, given=given, faults=faults)
