"""What the entries of a timeline are made with, and how they open a sealed value: only where the role sees it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Table

from bot.core.book import Book
from bot.core.roles import Sees
from bot.service.console import mask
from bot.service.console import timeline_words as words
from bot.service.desk import Desk
from bot.store.base import Db

Rows = Sequence[Row[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What entries are made with. `names`: staff by handle; `people`: who is on the phone, `patient` whose page it is.

    `visits`, `photos` and `writers` are what the rows name: visits, photos of a message, who wrote a text.
    """

    db: Db
    desk: Desk
    book: Book
    now: datetime
    zone: str
    patient: UUID | None
    people: Mapping[UUID, str]
    names: Mapping[str, str]
    visits: Mapping[UUID, Row[Any]]
    photos: Mapping[UUID, tuple[UUID, ...]]
    writers: Mapping[UUID, str]

    def open(self, table: Table, column: str, row: Row[Any]) -> str:
        """A sealed value of a row; '' where it has none."""
        value = getattr(row, column)
        return self.db.open(table, column, value, clinic=row.clinic_id, row=row.id) if value else ""

    def name(self, handle: str | None) -> str:
        """A member of staff by name."""
        return self.names.get(handle or "", handle or "") or "Somebody of the staff"

    def said(self, table: Table, column: str, row: Row[Any], what: Sees) -> str:
        """A sealed value where the role sees it, else the mask."""
        if not self.desk.sees(what):
            return mask.MASK if getattr(row, column) else ""
        return self.open(table, column, row)


def title(at: Around, name: str) -> str:
    """A flow or form by its title; what the present edition does not have, by its name."""
    flow = at.book.flows.get(name)
    return flow.title.partition(",")[0] if flow else words.plain(name).capitalize()
