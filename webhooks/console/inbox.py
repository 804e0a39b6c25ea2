"""The console's section `inbox`."""

from bot.core.roles import May
from bot.service.desk import Desk
from webhooks.console.door import needs, new_section, page

section = new_section("inbox", __name__)


@section.get("/inbox")
@needs(May.INBOX)
def listed(desk: Desk) -> str:
    """To be built."""
    return page(desk, "empty.html", title="inbox")
