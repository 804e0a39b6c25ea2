"""The console's section `broadcasts`."""

from bot.core.roles import May
from bot.service.desk import Desk
from webhooks.console.door import needs, new_section, page

section = new_section("broadcasts", __name__)


@section.get("/broadcasts")
@needs(May.BROADCAST)
def listed(desk: Desk) -> str:
    """To be built."""
    return page(desk, "empty.html", title="broadcasts")
