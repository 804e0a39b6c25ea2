"""Conversations: reading, writing, taking over and giving back."""

from uuid import UUID

from bot.core.roles import May
from bot.runtime import Runtime
from bot.store import conversations
from tests.webhooks.console.urls import Url

ONE = "/talks/<uuid:talk>"
URLS = (
    Url(rule=ONE, may=May.PATIENTS),
    Url(rule=f"{ONE}/look", method="POST", may=May.REPLY, form={"body": "See you"}),
    Url(rule=f"{ONE}/writing", method="POST", may=May.REPLY),
    Url(rule=f"{ONE}/write", method="POST", may=May.REPLY, form={"body": "See you"}),
    Url(rule=f"{ONE}/take-over", method="POST", may=May.REPLY),
    Url(rule=f"{ONE}/give-back", method="POST", may=May.REPLY),
    Url(rule=f"{ONE}/wrong-number", method="POST", may=May.CONTACTS),
)


def seed(rt: Runtime, clinic: UUID) -> dict[str, str]:
    """A conversation."""
    with rt.begin() as db:
        return {"<uuid:talk>": str(conversations.with_phone(db, clinic, "+12025550144", rt.now()))}
