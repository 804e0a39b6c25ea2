"""The console's section `admin`."""

from bot.core.roles import May
from bot.service.desk import Desk
from webhooks.console.door import needs, new_section, page

section = new_section("admin", __name__)


@section.get("/admin")
@needs(May.CLINIC)
def overview(desk: Desk) -> str:
    """To be built."""
    return page(desk, "empty.html", title="admin")


@section.get("/audit")
@needs(May.AUDIT)
def trail(desk: Desk) -> str:
    """To be built."""
    return page(desk, "empty.html", title="audit")
