"""Roll out a publication: what the new edition means for conversations that are open and visits that lie ahead.

The clock does it, a batch a transaction, and goes on where it was after a crash. It begins once every process has
forgotten the edition before, and rests while the mailboxes are full: a patient's text must not queue behind it.
"""

from datetime import timedelta
from uuid import UUID

from bot.core import reminders
from bot.core.book import Book
from bot.core.effects import SetTimer
from bot.core.events import EditionMoved, VisitChanged
from bot.core.facts import Person
from bot.gateways.doorbell import INBOUND
from bot.runtime import Runtime
from bot.service import compare
from bot.store import conversations, editions, households, inbox, timers
from bot.store.base import Db
from bot.store.editions import MOVE, REPLAN, Publication
from bot.store.households import Ahead
from bot.store.inbox import Mail

BATCH = 1000
SETTLED = timedelta(seconds=5)
"""A process remembers the current edition for a second (`runtime`); clocks of hosts differ a little."""
MOST_WAITING = 500
"""With more happenings in the mailboxes than this, the roll-out rests."""
_FIRST = UUID(int=0)


def roll_out(rt: Runtime) -> int:
    """Go on with what was published; returns how many happenings were put into mailboxes."""
    total = 0
    while True:
        with rt.begin() as db:
            publication = editions.under_way(db, rt.now() - SETTLED)
            if publication is None or inbox.waiting(db) > MOST_WAITING:
                return total
            new = _PHASES[publication.phase or REPLAN](rt, db, publication)
        if new:
            rt.doorbell.ring(INBOUND)
        total += new


def _move(rt: Runtime, db: Db, publication: Publication) -> int:
    """Tell conversations that are open on another edition; what they keep is found out when they are worked on."""
    current = rt.current_edition(db)
    found = conversations.pinned_elsewhere(db, current, publication.cursor or _FIRST, BATCH)
    mail = [
        Mail(
            clinic=clinic,
            conversation=conversation,
            dedupe=f"move:{publication.id}:{conversation}",
            what=EditionMoved(kept=()),
        )
        for clinic, conversation in found
    ]
    last = found[-1][1] if len(found) == BATCH else None
    editions.got_to(db, publication.id, MOVE if last else REPLAN, last)
    return inbox.put(db, mail, rt.now())


def _replan(rt: Runtime, db: Db, publication: Publication) -> int:
    """Tell conversations whose visits have other reminders than the current edition wants.

    Conversations that are open on an older edition come to it when their last talk ends, see `advance`.
    """
    current = rt.current_edition(db)
    book, before = rt.book(db, current), publication.before
    if before and compare.same_timers(rt.readable_book(db, before), book):
        editions.got_to(db, publication.id, None, None)
        return 0
    now = rt.now()
    since = now - compare.longest_after(book)
    found, last = households.ahead(db, publication.cursor or _FIRST, since, BATCH)
    editions.got_to(db, publication.id, REPLAN if last else None, last)
    free = [each for each in found if each.pinned_to in (None, current)]
    there = timers.of_visits(db, list({each.conversation for each in free}), now)
    mail = [
        Mail(
            clinic=each.clinic,
            conversation=each.conversation,
            dedupe=f"replan:{publication.id}:{each.visit.id}",
            what=VisitChanged(visit_id=each.visit.id, version=each.visit.version),
        )
        for each in free
        if _planned(rt, book, each) != there.get((each.conversation, reminders.prefix(each.visit)), set())
    ]
    return inbox.put(db, mail, now)


def _planned(rt: Runtime, book: Book, each: Ahead) -> set[tuple[str, object]]:
    person = Person(id=each.visit.patient_id, first_name="", language="en", zone=each.zone)
    plan = reminders.plan(book, each.visit, person, rt.now())
    return {(effect.key, effect.due) for effect in plan if isinstance(effect, SetTimer)}


_PHASES = {MOVE: _move, REPLAN: _replan}
