"""Tell a conversation what happened to a page of it: mail, in the transaction of whatever happened."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from bot.core.events import PageUsed
from bot.core.state import Plain
from bot.store import inbox
from bot.store.base import Db
from bot.store.inbox import Mail
from bot.store.links import Link

Outcome = Literal["opened", "saved", "submitted", "locked", "wrong_person", "asked_again"]


def tell(
    db: Db,
    link: Link,
    outcome: Outcome,
    *,
    key: str,
    now: datetime,
    values: Mapping[str, Plain] | None = None,
    fresh: tuple[str, ...] = (),
) -> None:
    """Put it into the mailbox; the same `key` again adds nothing. Ring the doorbell after the commit."""
    what = PageUsed(
        turn=link.turn,
        outcome=outcome,
        values=dict(values) if values is not None else None,
        fresh=fresh,
        page=link.page,
        form=link.form,
        person_id=link.patient,
        visit_id=link.visit_id,
    )
    mail = Mail(clinic=link.clinic, conversation=link.conversation, dedupe=f"page:{key}", what=what)
    inbox.put(db, [mail], now)
