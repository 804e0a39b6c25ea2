"""Presence: who writes to a patient just now, so that two don't answer at once; and whom of a phone they write to."""

from collections.abc import Sequence
from uuid import UUID

from bot.core.roles import May
from bot.errors import NotFound
from bot.gateways.live import talk as topic
from bot.runtime import Runtime
from bot.service.desk import Desk
from bot.store import conversations, people
from bot.store.base import Db


def writes(rt: Runtime, desk: Desk, conversation: UUID) -> None:
    """The desk is writing there. Others see it for some seconds. Raises NotFound, NotAllowed."""
    desk.require(May.REPLY)
    with rt.begin() as db:
        _on_phone(db, desk, conversation)
    rt.live.writes(conversation, desk.handle)
    rt.live.tell(desk.clinic, topic(conversation))


def person(rt: Runtime, desk: Desk, conversation: UUID, wanted: str | None) -> UUID:
    """The one of those on the phone who is meant: the wanted one, or the only one. Raises NotFound."""
    with rt.begin() as db:
        there = _on_phone(db, desk, conversation)
    meant = [one for one in there if not wanted or str(one) == wanted]
    if len(meant) != 1:
        raise NotFound("Nobody on this phone is meant.")
    return meant[0]


def _on_phone(db: Db, desk: Desk, conversation: UUID) -> Sequence[UUID]:
    found = conversations.as_it_stands(db, desk.clinic, conversation)
    if found is None:
        raise NotFound("There is no such conversation.")
    return [card.id for card in people.on_phone(db, desk.clinic, found.phone_index)]
