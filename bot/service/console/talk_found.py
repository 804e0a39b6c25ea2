"""A conversation as a member of staff acts in it: found within their clinic; how their acts get into its mailbox."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from bot.core.book import Book
from bot.core.by_hand import LATELY
from bot.core.events import What
from bot.core.facts import Facts
from bot.errors import NotFound
from bot.runtime import Runtime
from bot.service.desk import Desk
from bot.store import audit, conversations, households, inbox
from bot.store.base import Db
from bot.store.conversations import Standing
from bot.store.inbox import Mail


@dataclass(frozen=True, slots=True, kw_only=True)
class Talking:
    """What is known of it. `book` is the edition that it goes by, `present` the newest one.

    `answers`: the patient has written lately, so what staff send is part of a talk that is under way.
    """

    standing: Standing
    facts: Facts
    book: Book
    present: Book
    answers: bool

    @property
    def patients(self) -> tuple[UUID, ...]:
        """Those who share the phone."""
        return tuple(person.id for person in self.facts.people)


def found(rt: Runtime, db: Db, desk: Desk, conversation: UUID, *, visits: Sequence[UUID] = ()) -> Talking:
    """The conversation, with the visits around it and these. Raises NotFound where the clinic has none of this id."""
    standing = conversations.as_it_stands(db, desk.clinic, conversation)
    if standing is None:
        raise NotFound("There is no such conversation.")
    now, present = rt.now(), rt.book(db, rt.current_edition(db))
    named = {*visits, *(talk.visit_id for talk in standing.state.talks if talk.visit_id)}
    people, its = households.around(db, desk.clinic, standing.phone_index, now, named)
    pinned = standing.edition if standing.state.talks else None
    last = inbox.texts(db, conversation, 1)
    return Talking(
        standing=standing,
        facts=Facts(
            clinic=rt.clinic(db, desk.clinic).facts, people=people, visits=its, opted_out=standing.opted_out
        ),
        book=(rt.readable_book(db, pinned) if pinned else None) or present,
        present=present,
        answers=bool(last) and now - last[0][0] <= LATELY,
    )


def put(
    rt: Runtime,
    db: Db,
    desk: Desk,
    talking: Talking,
    what: What,
    action: str,
    detail: str = "",
    *,
    once: UUID | None = None,
) -> None:
    """It goes into the mailbox, and who did it into the trail, last of all. The same `once` again does nothing."""
    conversation, now = talking.standing.id, rt.now()
    mail = Mail(clinic=desk.clinic, conversation=conversation, dedupe=f"desk:{once or uuid4()}", what=what)
    if not inbox.put(db, [mail], now):
        return
    subject = f"conversation:{conversation}"
    audit.write(db, [desk.entry(action, subject, patients=talking.patients, detail=detail)], now)
