"""Publish at the console: the draft, or an edition that was published before. What it would meet is shown first.

A wording that nobody has reviewed is not sent. So whoever publishes says, language by language, who has read the
sentences as they are now; their name and the day go into the files that have changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.core.roles import May
from bot.errors import BadFlow, NotFound
from bot.flowbook import edit
from bot.flowbook.faults import Fault, errors
from bot.flowbook.source import parse
from bot.runtime import Runtime
from bot.service import publish
from bot.service.console import draft, read_flows
from bot.service.console.draft import Shown
from bot.service.console.show_flows import Told, told
from bot.service.desk import Desk
from bot.service.publish import Preview
from bot.store import clinics, drafts, editions
from bot.store.base import Db

LONGEST_NAME = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """What is going to be published: the draft, or (`again`) an older edition; what is wrong with it, whom it meets.

    `meets` is None where it can't be published. `changed` are files that differ from the present edition; `clinics`
    is how many clinics the edition is for.
    """

    draft: Shown | None
    again: str | None
    faults: tuple[Fault, ...]
    meets: Preview | None
    changed: tuple[str, ...]
    clinics: int

    @property
    def lint(self) -> list[Told]:
        """The faults with what their rules say."""
        return told(self.faults)


def ahead(rt: Runtime, desk: Desk, again: str | None = None) -> Ahead:
    """What publishing the draft would mean, or the edition `again`. Raises NotFound where there is nothing."""
    desk.require(May.PUBLISH)
    with rt.begin() as db:
        files = read_flows.files(rt, db)
        wanted = editions.files(db, again) if again else files.drafted
        houses = len(clinics.all_of_them(db))
    found = None if again else draft.shown(rt, desk)
    if not again and found is None:
        raise NotFound
    faults = read_flows.faults_of(wanted, rt.now())
    fits = not errors(list(faults)) and not (found and found.moved_on)
    return Ahead(
        draft=found,
        again=again,
        faults=faults,
        meets=publish.met_by(rt, read_flows.book_of(rt, wanted)) if fits else None,
        changed=tuple(sorted(f for f in {*wanted, *files.base} if wanted.get(f) != files.base.get(f))),
        clinics=houses,
    )


def publish_draft(
    rt: Runtime, desk: Desk, version: int, reviewers: Mapping[str, str], *, move: bool = False
) -> str:
    """Publish the draft as it was shown; returns the edition. `reviewers` say who has read which language.

    Raises BadFlow where a language has no reviewer, the draft is another one by now, or a file has a fault.
    """
    desk.require(May.PUBLISH)
    with rt.begin() as db:
        files = read_flows.files(rt, db)
        draft.the_one(db, version)
        zone = rt.clinic(db, desk.clinic).zone
    if files.moved_on or files.draft is None:
        raise BadFlow(draft.MOVED_ON)
    signed = _signed(files.draft.files, reviewers, rt.now().astimezone(ZoneInfo(zone)))

    def take(db: Db) -> None:
        draft.the_one(db, version)
        if editions.current(db) != files.edition:
            raise BadFlow(draft.MOVED_ON)
        drafts.drop(db)

    return publish.publish_files(rt, {**files.base, **signed}, move=move, desk=desk, before=take)


def publish_again(rt: Runtime, desk: Desk, edition: str, *, move: bool = False) -> str:
    """Make an edition that was published before the present one again. Raises NotFound, BadFlow."""
    desk.require(May.PUBLISH)
    return publish.publish_files(rt, publish.published_files(rt, edition), move=move, desk=desk)


def _signed(changed: Mapping[str, str], reviewers: Mapping[str, str], today: datetime) -> dict[str, str]:
    """The files with who has reviewed them, and when."""
    signed = {}
    for file, text in changed.items():
        value = parse(file, text).value
        language = str(value.get("language")) if isinstance(value, dict) else ""
        name = " ".join(reviewers.get(language, "").split())[:LONGEST_NAME]
        if not name:
            raise BadFlow(f"Say who has read the sentences in '{language}' as they are now.")
        named = edit.put_beside(file, text, "reviewed_by", edit.tidy(name), "language")
        signed[file] = edit.put_beside(file, named, "reviewed_on", f"{today:%Y-%m-%d}", "reviewed_by")
    return signed
