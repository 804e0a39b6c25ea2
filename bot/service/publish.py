"""Publish: lint the clinic's files and make them the edition that new conversations use."""

from collections.abc import Mapping
from pathlib import Path

from bot.errors import BadFlow
from bot.flowbook import around, loader
from bot.flowbook.faults import errors
from bot.flowbook.lint import lint
from bot.runtime import Runtime
from bot.store import audit, editions
from bot.store.audit import Entry


def publish(rt: Runtime, path: Path) -> str:
    """Publish a flows directory, or the one around a flow's file; returns the edition.

    Raises BadFlow naming every error of any file: an edition is published whole or not at all.
    """
    edition = next(around.editions([path], rt.settings.flows_dir), None)
    if edition is None:
        raise BadFlow(f"There is no flow in {path}.")
    return publish_files(rt, edition.files)


def publish_files(rt: Runtime, files: Mapping[str, str]) -> str:
    """Publish these files; see `publish`."""
    wrong = errors(lint(files))
    if wrong:
        raise BadFlow(loader.listed(wrong))
    book = loader.read(files)
    with rt.begin() as db:
        if editions.current(db) == book.edition:
            return book.edition
        editions.publish(db, book.edition, dict(files), rt.now())
        entry = Entry(
            clinic=None,
            actor="operator",
            action="flows.published",
            subject=f"edition:{book.edition}",
            origin="cli",
        )
        audit.write(db, [entry], rt.now())
    return book.edition
