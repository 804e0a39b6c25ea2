"""Look back: all messages of one's own, texts and secure ones, to read and to take away.

On a phone that several share, the texts are those of the phone: who holds it has read them.
"""

from datetime import datetime

from bot.core.views import HistoryView, Line
from bot.core.wording import moment_text
from bot.service.open_page import Opened
from bot.store import inbox, notes, outbox
from bot.store.base import Db
from bot.store.outbox import Status

MOST = 1000
_SENT = (Status.SENT, Status.DELIVERED)


def show(db: Db, opened: Opened, _now: datetime) -> HistoryView:
    """Everything, oldest first."""
    zone, language = opened.card.zone, opened.language
    return HistoryView(
        lines=tuple(
            Line(mine=mine, when=moment_text(at, zone, language), body=body)
            for at, mine, body in sorted(_lines(db, opened))
        )
    )


def _lines(db: Db, opened: Opened) -> list[tuple[datetime, bool, str]]:
    conversation, clinic = opened.link.conversation, opened.clinic.id
    ours = outbox.history(db, conversation, MOST)
    theirs = inbox.texts(db, conversation, MOST)
    secure = notes.thread(db, clinic, opened.card.id, MOST)
    return [
        *((text.at, False, text.body) for text in ours if text.status in _SENT),
        *((at, True, body) for at, body in theirs),
        *((note.at, note.author == notes.PATIENT, note.body) for note in secure),
    ]
