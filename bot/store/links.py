"""Links: each leads one person to one page, for a while. The row is the truth; the token only finds it.

A link lives from the moment at which its text leaves (`expires_at` is unset until then) until it expires, is
revoked, or has no view left. `tries_left` counts wrong answers over the whole of its life.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Row,
    SmallInteger,
    Table,
    Text,
    Uuid,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from bot.core.flow import Page
from bot.signing import HANDLE
from bot.store.base import Db, Moment, Sealed, metadata

links = Table(
    "links",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("clinic_id", Uuid, ForeignKey("clinics.id"), nullable=False),
    Column("conversation_id", Uuid, ForeignKey("conversations.id"), nullable=False),
    Column("patient_id", Uuid, ForeignKey("patients.id"), nullable=False),
    Column("visit_id", Uuid, ForeignKey("appointments.id")),
    Column("effect_key", Text, nullable=False, unique=True),
    Column("handle", LargeBinary, nullable=False, unique=True),
    Column("page", Text, nullable=False),
    Column("form", Sealed),  # its name tells what is the matter
    Column("form_index", LargeBinary),
    Column("turn", Integer),
    Column("tries_left", SmallInteger, nullable=False),
    Column("views_left", SmallInteger, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment),
    Column("opened_at", Moment),
    Column("submitted_at", Moment),
    Column("revoked_at", Moment),
    Column("reason", Text),
    Column("outcome", Sealed),  # what was sent, in a word, where a page can end in several ways
    Column("draft", Sealed),  # answers that were saved and not yet submitted, as JSON
)
_live = links.c.revoked_at.is_(None)
Index("ix_links_conversation", links.c.conversation_id, postgresql_where=_live)
Index("ix_links_patient", links.c.patient_id, postgresql_where=_live)
Index("ix_links_history", links.c.patient_id, links.c.created_at)

REISSUED = "reissued"
"""Why a link ends whose page has a newer one."""

SKEW = timedelta(seconds=60)
"""What the clocks of two hosts may differ by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link as it is now."""

    id: UUID
    clinic: UUID
    conversation: UUID
    patient: UUID
    visit_id: UUID | None
    page: Page
    form: str | None
    turn: int | None
    tries_left: int
    views_left: int
    expires: datetime | None
    opened: datetime | None
    submitted: datetime | None
    outcome: str
    revoked: datetime | None
    reason: str | None

    def alive(self, now: datetime) -> bool:
        """Whether it may be opened, as far as the link goes."""
        return self.revoked is None and self.expires is not None and self.expires + SKEW > now


def issue(
    db: Db,
    *,
    clinic: UUID,
    conversation: UUID,
    patient: UUID,
    visit_id: UUID | None,
    effect_key: str,
    page: Page,
    form: str | None,
    turn: int | None,
    tries: int,
    views: int,
    now: datetime,
) -> UUID:
    """A fresh link; an older one to the same page ends, and what was saved on it goes over to this one."""
    form_index = form and db.keys(clinic).blind("form", form)
    same = [
        links.c.conversation_id == conversation,
        links.c.patient_id == patient,
        links.c.page == page,
        links.c.form_index.is_not_distinct_from(form_index),
        links.c.visit_id.is_not_distinct_from(visit_id),
    ]
    ended = update(links).where(*same, _live, links.c.effect_key != effect_key)
    older = db.conn.execute(
        ended.values(revoked_at=now, reason=REISSUED).returning(
            links.c.id, links.c.draft, links.c.submitted_at, links.c.created_at
        )
    ).all()
    row = {
        "id": uuid4(),
        "clinic_id": clinic,
        "conversation_id": conversation,
        "patient_id": patient,
        "visit_id": visit_id,
        "effect_key": effect_key,
        "handle": os.urandom(HANDLE),
        "page": page,
        "form": form,
        "form_index": form_index,
        "turn": turn,
        "tries_left": tries,
        "views_left": views,
        "created_at": now,
        "draft": _saved_on(db, clinic, older),
    }
    put = insert(links).on_conflict_do_nothing(index_elements=["effect_key"]).returning(links.c.id)
    made: UUID | None = db.conn.execute(put, db.sealed(links, row)).scalar_one_or_none()
    if made is None:  # the same effect again
        made = db.conn.execute(select(links.c.id).where(links.c.effect_key == effect_key)).scalar_one()
    return made


def _saved_on(db: Db, clinic: UUID, older: Sequence[Row[Any]]) -> bytes | None:
    """The latest draft that was not submitted."""
    for row in sorted(older, key=lambda row: row.created_at, reverse=True):
        if row.draft is not None and row.submitted_at is None:
            return db.open_bytes(links, "draft", row.draft, clinic=clinic, row=row.id)
    return None


def leave(db: Db, expiry: Sequence[tuple[UUID, datetime]]) -> None:
    """The texts of these links are leaving: each lives until its moment. One that left before keeps its own."""
    for link, until in expiry:
        db.conn.execute(
            update(links).where(links.c.id == link, links.c.expires_at.is_(None)).values(expires_at=until)
        )


def with_handle(db: Db, handle: bytes) -> Link | None:
    """The link that a token is about."""
    return _link(db, db.conn.execute(select(links).where(links.c.handle == handle)).one_or_none())


def get(db: Db, link: UUID) -> Link | None:
    """The link with this id."""
    return _link(db, db.conn.execute(select(links).where(links.c.id == link)).one_or_none())


@dataclass(frozen=True, slots=True)
class Taken:
    """What is left after a try."""

    tries: int
    views: int


def take(db: Db, link: UUID, now: datetime, *, right: bool) -> Taken | None:
    """Use up a try, or a view where the answer was right; None where nothing was left to use.

    One statement: fifty at once use up what there is and no more.
    """
    c = links.c
    open_yet = update(links).where(c.id == link, _live, c.expires_at > now - SKEW, c.tries_left > 0)
    if right:
        used = open_yet.where(c.views_left > 0).values(
            views_left=c.views_left - 1, opened_at=func.coalesce(c.opened_at, now)
        )
    else:
        used = open_yet.values(tries_left=c.tries_left - 1)
    taken = db.conn.execute(used.returning(c.tries_left, c.views_left)).one_or_none()
    return Taken(taken.tries_left, taken.views_left) if taken else None


def submit(db: Db, link: Link, now: datetime, outcome: str = "") -> bool:
    """Its form comes in: the draft goes. False where it had come in before."""
    sealed = db.seal(links, "outcome", clinic=link.clinic, row=link.id, value=outcome)
    statement = update(links).where(links.c.id == link.id, links.c.submitted_at.is_(None), _live)
    return db.conn.execute(statement.values(submitted_at=now, outcome=sealed, draft=None)).rowcount == 1


def draft(db: Db, link: Link) -> bytes | None:
    """What was saved so far, locked until the transaction ends."""
    wanted = select(links.c.draft).where(links.c.id == link.id).with_for_update()
    sealed = db.conn.execute(wanted).scalar_one()
    return sealed and db.open_bytes(links, "draft", sealed, clinic=link.clinic, row=link.id)


def save(db: Db, link: Link, content: bytes) -> None:
    """Keep what was saved so far."""
    sealed = db.seal(links, "draft", clinic=link.clinic, row=link.id, value=content)
    db.conn.execute(update(links).where(links.c.id == link.id).values(draft=sealed))


def revoke(
    db: Db,
    now: datetime,
    reason: str,
    *,
    conversation: UUID | None = None,
    patients: Sequence[UUID] = (),
    link: UUID | None = None,
) -> list[UUID]:
    """End what lives of a conversation, of patients, or one; returns which. It holds from the next request on."""
    whose = [
        links.c.conversation_id == conversation if conversation else None,
        links.c.patient_id.in_(patients) if patients else None,
        links.c.id == link if link else None,
    ]
    chosen = [each for each in whose if each is not None]
    if not chosen:
        return []
    ended = update(links).where(_live, or_(*chosen)).values(revoked_at=now, reason=reason)
    return list(db.conn.execute(ended.returning(links.c.id)).scalars())


def _link(db: Db, row: Row[Any] | None) -> Link | None:
    if row is None:
        return None
    return Link(
        id=row.id,
        clinic=row.clinic_id,
        conversation=row.conversation_id,
        patient=row.patient_id,
        visit_id=row.visit_id,
        page=Page(row.page),
        form=row.form and db.open(links, "form", row.form, clinic=row.clinic_id, row=row.id),
        turn=row.turn,
        tries_left=row.tries_left,
        views_left=row.views_left,
        expires=row.expires_at,
        opened=row.opened_at,
        submitted=row.submitted_at,
        outcome=db.open(links, "outcome", row.outcome, clinic=row.clinic_id, row=row.id)
        if row.outcome
        else "",
        revoked=row.revoked_at,
        reason=row.reason,
    )
