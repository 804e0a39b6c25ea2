"""Draft: sentences are written anew at the console, in a draft of the next edition, until somebody publishes it.

There is one draft for the whole house, as there is one edition. It holds files that differ from the edition that it
began on; where another edition has become the present one meanwhile, it is carried over to that one first.
"""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from bot.core.roles import May
from bot.errors import BadFlow, NotFound
from bot.flowbook import edit, sentence
from bot.flowbook.faults import Fault
from bot.flowbook.sentence import Filled, Spot
from bot.runtime import Runtime
from bot.service.console import read_flows
from bot.service.desk import Desk
from bot.store import audit, drafts, editions, staff
from bot.store.base import Db
from bot.store.drafts import Draft

LONGEST = 1600
"""Characters of a text: the carrier takes no longer one."""
LONGEST_ON_PAGE = 6000
ELSEWHERE = "somebody at another clinic"
MOVED_ON = "Another edition was published since this draft began. Carry the draft over first."


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A sentence that the draft has otherwise. `theirs` is what the present edition has, where that is neither."""

    language: str
    part: str
    key: str
    file: str
    before: str
    after: str
    theirs: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The draft as it stands; `moved_on`: it began on an edition that is not the present one any more."""

    edition: str
    present: str
    moved_on: bool
    version: int
    begun_by: str
    begun_at: datetime
    changed_by: str
    changed_at: datetime
    changes: tuple[Change, ...]
    lines: tuple[str, ...]

    @property
    def languages(self) -> tuple[str, ...]:
        """Those in which something is said otherwise."""
        return tuple(dict.fromkeys(change.language for change in self.changes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A sentence in one language while it is written: at its longest, what it costs, what is wrong with it.

    `faults` is None where no rule has looked yet. `mark` names the text that was shown: who saves says which one they
    have seen.
    """

    language: str
    text: str
    published: str
    mark: str
    filled: Filled
    faults: tuple[Fault, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence to edit, in every language; `flows` say it."""

    part: str
    key: str
    flows: tuple[str, ...]
    languages: tuple[Looked, ...]
    moved_on: bool


def shown(rt: Runtime, desk: Desk) -> Shown | None:
    """The draft with all that it changes; None where there is none."""
    desk.require(May.FLOWS)
    with rt.begin() as db:
        return _shown(rt, db, desk)


def sentence_of(rt: Runtime, desk: Desk, part: str, key: str) -> Sentence:
    """The sentence as the draft has it. Raises NotFound."""
    desk.require(May.WORDING)
    with rt.begin() as db:
        files = read_flows.files(rt, db)
    drafted, published = (sentence.spots(every, part, key) for every in (files.drafted, files.base))
    if not drafted:
        raise NotFound
    book = read_flows.book_of(rt, files.base)
    looked = tuple(
        _measured(rt, files.base, spot, spot.text, published[language].text)
        for language, spot in sorted(drafted.items())
        if language in published
    )
    return Sentence(
        part=part,
        key=key,
        flows=tuple(sentence.used_by(book, key)),
        languages=looked,
        moved_on=files.moved_on,
    )


def look(rt: Runtime, desk: Desk, part: str, key: str, language: str, text: str) -> Looked:
    """What this text would be like; nothing is kept. Raises NotFound, BadFlow."""
    desk.require(May.WORDING)
    with rt.begin() as db:
        files = read_flows.files(rt, db)
    spot = sentence.spots(files.base, part, key).get(language)
    if spot is None:
        raise NotFound
    looked = _measured(rt, files.base, spot, _sized(part, text), spot.text)
    faults = sentence.faults(read_flows.book_of(rt, files.base), files.base, spot, looked.text)
    return replace(looked, faults=tuple(faults))


def save(
    rt: Runtime,
    desk: Desk,
    part: str,
    key: str,
    texts: Mapping[str, str],
    seen: Mapping[str, str],
) -> int:
    """Keep these texts, by language, in the draft; returns how many have changed.

    `seen` are the marks of what was shown. Raises BadFlow with what keeps it from being kept, NotFound.
    """
    desk.require(May.WORDING)
    now = rt.now()
    with rt.begin() as db:
        kept = drafts.open_(db, rt.current_edition(db), desk.member, now)
        files = read_flows.files(rt, db)
        if files.moved_on:
            raise BadFlow(MOVED_ON)
        after, changed = _with(files.drafted, part, key, texts, seen)
        if changed:
            entry = desk.entry("draft.changed", f"sentence:{key}", detail=", ".join(changed))
            audit.write(db, [entry], now)
            differ = _differing(files.base, after)
            drafts.save(db, kept, edition=kept.edition, files=differ, by=desk.member, now=now)
        elif not kept.files:
            drafts.drop(db)
    return len(changed)


def discard(rt: Runtime, desk: Desk, version: int) -> None:
    """Throw the draft away as it was shown. Raises BadFlow where it is another one by now."""
    desk.require(May.WORDING)
    with rt.begin() as db:
        the_one(db, version)
        drafts.drop(db)
        audit.write(db, [desk.entry("draft.discarded", "draft")], rt.now())


def carry_over(rt: Runtime, desk: Desk, version: int) -> tuple[Change, ...]:
    """Take the draft to the present edition; returns the changes that are lost: both have changed the sentence.

    Raises BadFlow where the draft is another one by now.
    """
    desk.require(May.WORDING)
    now = rt.now()
    with rt.begin() as db:
        kept = the_one(db, version)
        files = read_flows.files(rt, db)
        found = tuple(_changes(editions.files(db, kept.edition), kept.files, files.base))
        every = dict(files.base)
        for one in found:
            if one.theirs is None and one.file in every:
                every[one.file] = edit.put(one.file, every[one.file], (one.part, one.key), one.after)
        differ = _differing(files.base, every)
        drafts.save(db, kept, edition=files.edition, files=differ, by=desk.member, now=now)
        audit.write(db, [desk.entry("draft.carried_over", f"edition:{files.edition}")], now)
    return tuple(one for one in found if one.theirs is not None)


def the_one(db: Db, version: int) -> Draft:
    """The draft, locked, if it is still the one that was shown. Raises BadFlow."""
    kept = drafts.find(db, lock=True)
    if kept is None:
        raise BadFlow("There is no draft any more: somebody has published it or thrown it away.")
    if kept.version != version:
        raise BadFlow("Somebody has changed the draft meanwhile. Look at it once more.")
    return kept


def name_of(db: Db, desk: Desk, member: UUID) -> str:
    """Who that is, for this desk: names of other clinics' people are theirs."""
    found = staff.get(db, member)
    return found.name if found and found.clinic == desk.clinic else ELSEWHERE


# -- what is inside -----------------------------------------------------------------------------------


def _shown(rt: Runtime, db: Db, desk: Desk) -> Shown | None:
    files = read_flows.files(rt, db)
    if (kept := files.draft) is None:
        return None
    base = editions.files(db, kept.edition) if files.moved_on else files.base
    return Shown(
        edition=kept.edition,
        present=files.edition,
        moved_on=files.moved_on,
        version=kept.version,
        begun_by=name_of(db, desk, kept.begun_by),
        begun_at=kept.begun_at,
        changed_by=name_of(db, desk, kept.changed_by),
        changed_at=kept.changed_at,
        changes=tuple(_changes(base, kept.files, files.base)),
        lines=tuple(_lines(base, kept.files)),
    )


def _changes(
    base: Mapping[str, str], changed: Mapping[str, str], present: Mapping[str, str]
) -> Iterator[Change]:
    for file in sorted(changed):
        before = _texts(file, base.get(file, ""))
        theirs = before if present is base else _texts(file, present.get(file, ""))
        for spot in sentence.written(file, changed[file]):
            here = (spot.part, spot.key)
            old, now = before.get(here, ""), theirs.get(here)
            if spot.text == old:
                continue
            other = None if now in (old, spot.text) else now or "(not there any more)"
            yield Change(
                language=spot.language,
                part=spot.part,
                key=spot.key,
                file=file,
                before=old,
                after=spot.text,
                theirs=other,
            )


def _texts(file: str, text: str) -> dict[tuple[str, str], str]:
    return {(spot.part, spot.key): spot.text for spot in sentence.written(file, text)} if text else {}


def _lines(base: Mapping[str, str], changed: Mapping[str, str]) -> Iterator[str]:
    """What changes in the files, line by line."""
    for file in sorted(changed):
        old, new = base.get(file, "").splitlines(), changed[file].splitlines()
        yield from difflib.unified_diff(old, new, file, file, n=1, lineterm="")


def _with(
    files: Mapping[str, str], part: str, key: str, texts: Mapping[str, str], seen: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """The files with these texts, and the languages in which that is something new."""
    after, changed = dict(files), []
    spots = sentence.spots(files, part, key)
    for language, text in texts.items():
        spot = spots.get(language)
        if spot is None:
            raise NotFound
        wanted = _sized(part, text)
        if wanted == spot.text:
            continue
        if seen.get(language) != _mark(spot.text):
            raise BadFlow(
                f"Somebody has changed this sentence in '{language}' meanwhile. Look at it once more."
            )
        after[spot.file] = edit.put(spot.file, after[spot.file], (part, key), wanted)
        changed.append(language)
    return after, changed


def _differing(base: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str]:
    """Files that say something else; one in which every sentence is again what it was is left as it was."""
    return {
        file: text
        for file, text in after.items()
        if text != base.get(file) and _texts(file, text) != _texts(file, base.get(file, ""))
    }


def _measured(rt: Runtime, base: Mapping[str, str], spot: Spot, text: str, published: str) -> Looked:
    book = read_flows.book_of(rt, base)
    return Looked(
        language=spot.language,
        text=text,
        published=published,
        mark=_mark(text),
        filled=sentence.filled(book, spot.language, spot.key, spot.whole(text)),
        faults=None,
    )


def _sized(part: str, text: str) -> str:
    most = LONGEST if part == "sentences" else LONGEST_ON_PAGE
    tidied = edit.tidy(text)
    if len(tidied) > most:
        raise BadFlow(f"A sentence has at most {most} characters; this one has {len(tidied)}.")
    return tidied


def _mark(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:12]
