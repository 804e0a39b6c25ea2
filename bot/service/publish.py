"""Publish: lint the clinic's files and make them the edition that new conversations use.

What that means for what is under way (open conversations that move, reminders) the clock sees to: `roll_out`.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.core.book import Book
from bot.errors import BadFlow
from bot.flowbook import around, loader
from bot.flowbook.faults import errors
from bot.flowbook.lint import lint
from bot.runtime import Runtime
from bot.service import compare
from bot.service.desk import Desk
from bot.store import audit, conversations, editions
from bot.store.audit import Entry
from bot.store.base import Db

OPERATOR = "operator"
MOST_LISTED = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What publishing `edition` would meet.

    `open` counts the conversations that are open on each edition; `gone` the patients at each step, 'flow:step', that
    the new one has no more; `lost` those whom a move would take to a fallback and a person.
    """

    edition: str
    current: str | None
    open: Mapping[str, int]
    gone: Mapping[str, int]
    lost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A publication: who made which edition current, when; `open` conversations go on with that edition."""

    edition: str
    at: datetime
    by: str
    move: bool
    current: bool
    open: int


def files_around(rt: Runtime, path: Path) -> Mapping[str, str]:
    """The files of a flows directory, or of the one around a flow's file. Raises BadFlow where there is no flow."""
    edition = next(around.editions([path], rt.settings.flows_dir), None)
    if edition is None:
        raise BadFlow(f"There is no flow in {path}.")
    return edition.files


def published_files(rt: Runtime, edition: str) -> Mapping[str, str]:
    """The files of an edition that was published before. Raises NotFound."""
    with rt.begin() as db:
        return editions.files(db, edition)


def preview(rt: Runtime, files: Mapping[str, str]) -> Preview:
    """What publishing these files would meet. Raises BadFlow as `publish_files` does; changes nothing."""
    return met_by(rt, _checked(files, rt.now()))


def met_by(rt: Runtime, new: Book) -> Preview:
    """What publishing this book would meet."""
    gone = Counter[str]()
    lost = 0
    with rt.begin() as db:
        open_on = conversations.pinned(db)
        kept = {edition: set(compare.kept(rt.readable_book(db, edition), new)) for edition in open_on}
        for edition, state in conversations.pinned_states(db):
            stands = compare.places(state) if state else set()
            gone.update(compare.gone(state, new) if state else ())
            lost += edition != new.edition and not stands <= kept.get(edition, set())
        current = editions.current(db)
    return Preview(edition=new.edition, current=current, open=open_on, gone=dict(gone), lost=lost)


def publish(rt: Runtime, path: Path, *, by: str = OPERATOR, move: bool = False) -> str:
    """Publish a flows directory, or the one around a flow's file; returns the edition.

    Raises BadFlow naming every error of any file: an edition is published whole or not at all.
    """
    return publish_files(rt, files_around(rt, path), by=by, move=move)


def publish_files(
    rt: Runtime,
    files: Mapping[str, str],
    *,
    by: str = OPERATOR,
    move: bool = False,
    desk: Desk | None = None,
    before: Callable[[Db], None] | None = None,
) -> str:
    """Publish these files; see `publish`. With `move`, open conversations go on with them too, where they can.

    `desk` is who does it at the console. `before` runs first in the same transaction, and may refuse.
    """
    edition = _checked(files, rt.now()).edition
    now = rt.now()
    with rt.begin() as db:
        if before:
            before(db)
        if editions.current(db) == edition and not move:
            return edition
        by = desk.handle if desk else by
        editions.publish(db, edition, dict(files), now, by=by, move=move)
        audit.write(db, [_entry(edition, by, move=move, desk=desk)], now)
    rt.remembered.pop("edition", None)  # whoever publishes sees it at once
    return edition


def _entry(edition: str, by: str, *, move: bool, desk: Desk | None) -> Entry:
    action, subject = "flows.published", f"edition:{edition}"
    detail = "open conversations move" if move else ""
    if desk:
        return desk.entry(action, subject, detail=detail)
    return Entry(clinic=None, actor=by, action=action, subject=subject, origin="cli", detail=detail)


def listed(rt: Runtime) -> list[Listed]:
    """The latest publications, newest first."""
    with rt.begin() as db:
        open_on, current = conversations.pinned(db), editions.current(db)
        found = editions.published(db, MOST_LISTED)
    newest = next((each.id for each in found if each.edition == current), None)
    return [
        Listed(
            edition=each.edition,
            at=each.at,
            by=each.by,
            move=each.move,
            current=each.id == newest,
            open=open_on.get(each.edition, 0),
        )
        for each in found
    ]


def _checked(files: Mapping[str, str], now: datetime) -> Book:
    wrong = errors(lint(files, now))
    if wrong:
        raise BadFlow(loader.listed(wrong))
    return loader.read(files)
