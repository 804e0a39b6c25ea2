"""Read flows: the files of an edition, or of the draft, as a book, and their faults. What was read lately is kept.

The present edition costs nothing; another set of files is read in about half a second and looked through by every
rule in one or two, once in a process.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from bot.core.book import Book
from bot.flowbook import loader
from bot.flowbook.faults import Fault
from bot.flowbook.lint import lint
from bot.runtime import Runtime
from bot.store import drafts, editions
from bot.store.base import Db
from bot.store.drafts import Draft

_Items = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """The files that one works on: of the present edition, with what the draft has otherwise."""

    edition: str
    base: Mapping[str, str]
    draft: Draft | None

    @property
    def drafted(self) -> Mapping[str, str]:
        """The files as they are going to be: the draft's, where it began on the present edition."""
        return {**self.base, **self.draft.files} if self.draft and not self.moved_on else self.base

    @property
    def moved_on(self) -> bool:
        """Whether the draft began on an edition that is not the present one any more."""
        return self.draft is not None and self.draft.edition != self.edition


def files(rt: Runtime, db: Db) -> Files:
    """The present edition's files, and the draft. Raises NotFound before anything was published."""
    edition = rt.current_edition(db)
    kept = rt.remembered.get(("files", edition))
    base = kept[1] if kept else editions.files(db, edition)
    rt.remembered[("files", edition)] = (0.0, base)  # an edition never changes
    return Files(edition=edition, base=base, draft=drafts.find(db))


def book_of(rt: Runtime, every: Mapping[str, str]) -> Book:
    """The book that these files make; raises BadFlow."""
    edition = loader.edition(every)
    return rt.books.get(edition) or _book(_items(every))


def faults_of(every: Mapping[str, str], now: datetime) -> tuple[Fault, ...]:
    """Every fault of these files; who is on call is looked at from the beginning of this hour."""
    return _faults(_items(every), now.astimezone(UTC).replace(minute=0, second=0, microsecond=0))


def _items(every: Mapping[str, str]) -> _Items:
    return tuple(sorted(every.items()))


@lru_cache(maxsize=3)
def _book(items: _Items) -> Book:
    return loader.read(dict(items))


@lru_cache(maxsize=4)
def _faults(items: _Items, now: datetime) -> tuple[Fault, ...]:
    return tuple(lint(dict(items), now))
