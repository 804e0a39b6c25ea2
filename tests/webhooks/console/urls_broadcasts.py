"""Broadcasts."""

from uuid import UUID

from bot.core.audience import Wanted
from bot.core.roles import May
from bot.runtime import Runtime
from bot.service.console import broadcast, broadcast_rounds
from bot.service.console.broadcast import Content, Draft
from tests.bot.service.desks import desk
from tests.webhooks.console.urls import Url

ONE = "/broadcasts/<uuid:broadcast>"
EITHER = (May.BROADCAST, May.APPROVE)
FILLED_IN = {"title": "Snow", "flow": "broadcast", "value.broadcast.notice": "closed_today"}

URLS = (
    Url(rule="/broadcasts", may=EITHER),
    Url(rule="/broadcasts/new", may=May.BROADCAST),
    Url(rule=ONE, may=EITHER),
    Url(rule=f"{ONE}/edit", may=May.BROADCAST),
    Url(rule="/broadcasts", method="POST", may=May.BROADCAST, form=FILLED_IN),
    Url(rule=ONE, method="POST", may=May.BROADCAST, form=FILLED_IN),
    Url(rule=f"{ONE}/approve", method="POST", may=May.APPROVE, proof=True),
    Url(rule=f"{ONE}/stop", method="POST", may=EITHER),
)


def seed(rt: Runtime, clinic: UUID) -> dict[str, str]:
    """One that waits for approval."""
    writer = desk(rt, clinic, "front_desk", "writer")
    content = Content(wanted=Wanted(), values={"notice": "closed_today"})
    made = broadcast.make(rt, writer, Draft(title="Snow", flow="broadcast", content=content))
    broadcast_rounds.count(rt)
    return {"<uuid:broadcast>": str(made)}
