"""The inbox: its list, a task, an escalation."""

from uuid import UUID

from bot.core.effects import OpenTask, PageStaff, Urgency
from bot.core.roles import May
from bot.runtime import Runtime
from bot.store import conversations, escalations, queues, worklist
from tests.webhooks.console.urls import Url

PHONE, CODE = "+12025550141", "4711"
URLS = (
    Url(rule="/inbox", may=May.INBOX),
    Url(rule="/inbox/close", method="POST", may=May.INBOX, form={"queue": "all"}),
    Url(rule="/items/<uuid:item>", may=May.INBOX),
    Url(rule="/items/<uuid:item>", method="POST", may=May.INBOX, form={"act": "claim"}),
    Url(rule="/escalations/<code>", may=May.INBOX),
    Url(rule="/escalations/<code>", method="POST", may=May.ESCALATIONS, form={"act": "take"}),
)


def seed(rt: Runtime, clinic: UUID) -> dict[str, str]:
    """A task and an escalation of a phone that nobody has on file."""
    now = rt.now()
    with rt.begin() as db:
        where = conversations.with_phone(db, clinic, PHONE, now)
        worklist.open_task(
            db,
            clinic=clinic,
            conversation=where,
            task=OpenTask(task="question", urgency=Urgency.ROUTINE),
            now=now,
        )
        page = PageStaff(code=CODE, rung=0, urgency=Urgency.URGENT, body="")
        escalations.paged(db, clinic=clinic, conversation=where, page=page, now=now)
        (task,) = queues.of_conversations(db, clinic, [where])
    return {"<uuid:item>": str(task.id), "<code>": CODE}
