"""Publish: lint the clinic's files and make them the edition that new conversations use."""

from pathlib import Path

from bot.flowbook import loader
from bot.runtime import Runtime
from bot.store import audit, editions
from bot.store.audit import Entry


def publish(rt: Runtime, directory: Path) -> str:
    """Publish the files under `directory`; returns the edition. Raises BadFlow naming every fault."""
    files = loader.collect(directory)
    book = loader.read(files)
    with rt.begin() as db:
        if editions.current(db) == book.edition:
            return book.edition
        editions.publish(db, book.edition, files, rt.now())
        entry = Entry(
            clinic=None,
            actor="operator",
            action="flows.published",
            subject=f"edition:{book.edition}",
            origin="cli",
        )
        audit.write(db, [entry], rt.now())
    return book.edition
