"""The console's section `day`."""

from bot.core.roles import May
from bot.service.desk import Desk
from webhooks.console.door import needs, new_section, page

section = new_section("day", __name__)


@section.get("/day")
@needs(May.DAY)
def shown(desk: Desk) -> str:
    """To be built."""
    return page(desk, "empty.html", title="day")
