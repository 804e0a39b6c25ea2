"""The console's section `flows`."""

from bot.core.roles import May
from bot.service.desk import Desk
from webhooks.console.door import needs, new_section, page

section = new_section("flows", __name__)


@section.get("/flows")
@needs(May.FLOWS)
def listed(desk: Desk) -> str:
    """To be built."""
    return page(desk, "empty.html", title="flows")
