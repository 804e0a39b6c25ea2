"""The console's section `patients`."""

from bot.core.roles import May
from bot.service.desk import Desk
from webhooks.console.door import needs, new_section, page

section = new_section("patients", __name__)


@section.get("/patients")
@needs(May.PATIENTS)
def find(desk: Desk) -> str:
    """To be built."""
    return page(desk, "empty.html", title="patients")


@section.post("/patients")
@needs(May.PATIENTS)
def found(desk: Desk) -> str:
    """To be built."""
    return page(desk, "empty.html", title="found")
