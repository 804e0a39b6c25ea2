"""Trail: the audit trail for those who may read it: a page of it, whose it is, whether it holds, and as a file.

Whoever reads it is read of: each look is a line of the trail itself.
"""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bot.core.roles import May
from bot.errors import AuditBroken
from bot.runtime import Runtime
from bot.service import cells, operate
from bot.service.cells import BadCell
from bot.service.console import trail_words
from bot.service.csv_rows import line_of
from bot.service.desk import Desk
from bot.store import audit, people, trail
from bot.store.base import Db
from bot.store.trail import Known, Line
from bot.store.trail import Place as Place
from bot.store.trail import Wanted as Wanted

PAGE = 50
AT_ONCE = 50_000
"""So many rows are checked while somebody waits; some seconds. More: by `bot audit verify`."""
_PORTION = 2_000
_SPEED = 16_000  # rows a second, for the estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A row for people. `whom`: the patients, by names where the role opens patients, else initials and a short id."""

    place: Place
    at: datetime
    who: str
    did: str
    action: str
    subject: str
    whom: tuple[tuple[UUID, str], ...]
    origin: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Rows, newest first; `more`: there are older ones, after the last."""

    rows: tuple[Shown, ...]
    more: bool
    members: tuple[Known, ...]
    patient: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
    known: Mapping[UUID, Known]
    handles: Mapping[str, Known]
    patients: Mapping[UUID, tuple[str, str]]


def read(rt: Runtime, desk: Desk, wanted: Wanted, after: Place | None = None, *, audited: bool) -> Page:
    """The newest rows of the clinic that fit, after this place. Raises NotAllowed."""
    desk.require(May.AUDIT)
    with rt.begin() as db:
        found = trail.lines(db, desk.clinic, wanted, after, PAGE + 1)
        rows = found[:PAGE]
        names = _names(db, desk, rows, wanted.patient)
        if audited:
            patients = (wanted.patient,) if wanted.patient else ()
            audit.write(db, [desk.entry("audit.read", "audit", patients=patients)], rt.now())
    return Page(
        rows=tuple(_shown(desk, row, names) for row in rows),
        more=len(found) > PAGE,
        members=tuple(names.known.values()),
        patient=trail_words.whom(desk, wanted.patient, names.patients) if wanted.patient else None,
    )


def _names(db: Db, desk: Desk, rows: list[Line], patient: UUID | None) -> _Names:
    members = trail.members(db, desk.clinic)
    ids = {each for row in rows for each in row.patients} | ({patient} if patient else set())
    return _Names(
        known={one.id: one for one in members},
        handles={one.handle: one for one in reversed(members)},
        patients=trail.names_of(db, desk.clinic, ids),
    )


def _shown(desk: Desk, row: Line, names: _Names) -> Shown:
    return Shown(
        place=row.place,
        at=row.at,
        who=trail_words.who(row.actor, names.known, names.handles),
        did=trail_words.did(row.action),
        action=row.action,
        subject=trail_words.subject(row.subject, names.known),
        whom=tuple((each, trail_words.whom(desk, each, names.patients)) for each in row.patients),
        origin=row.origin,
        detail=trail_words.detail(row.detail, names.known),
    )


# -- whose ---------------------------------------------------------------------------------------------------


def find(rt: Runtime, desk: Desk, text: str) -> tuple[tuple[UUID, str], ...]:
    """The patients that this means: our id, the clinic's own id of theirs, or a phone. Raises NotAllowed."""
    desk.require(May.AUDIT)
    text = text.strip()
    with rt.begin() as db:
        ids = _ids(db, desk.clinic, text) if text else []
        names = trail.names_of(db, desk.clinic, ids)
    return tuple((one, trail_words.whom(desk, one, names)) for one in ids if one in names)


def _ids(db: Db, clinic: UUID, text: str) -> list[UUID]:
    try:
        return [UUID(text)]
    except ValueError:
        pass
    found = list(people.by_external_ids(db, clinic, [text]).values())
    try:
        phone = db.keys(clinic).blind("phone", cells.e164(text))
    except BadCell:
        return found
    return found + [card.id for card in people.on_phone(db, clinic, phone)]


# -- whether it holds ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a check came to. `trouble`: what does not hold; `seconds`: how long it took, or would about take.

    `looked` is False where there are too many rows to check while somebody waits.
    """

    rows: int
    seconds: float
    looked: bool
    trouble: str = ""


def verify(rt: Runtime, desk: Desk) -> Checked:
    """Recompute all chains of this house, if that takes no longer than one can wait. Raises NotAllowed."""
    desk.require(May.AUDIT)
    with rt.begin() as db:
        rows = sum(head.seq for head in audit.heads(db))
    if rows > AT_ONCE:
        return Checked(rows=rows, seconds=rows / _SPEED, looked=False)
    began, trouble = time.monotonic(), ""
    try:
        rows = operate.verify_audit(rt)
    except AuditBroken as broken:
        trouble = str(broken)
    with rt.begin() as db:
        detail = "does not hold" if trouble else f"{rows} rows hold"
        audit.write(db, [desk.entry("audit.verified", "audit", detail=detail)], rt.now())
    return Checked(rows=rows, seconds=time.monotonic() - began, looked=True, trouble=trouble)


def anchors(rt: Runtime, desk: Desk) -> str:
    """The ends of the chains, as lines to be kept elsewhere: what `bot audit verify --anchor` takes."""
    desk.require(May.AUDIT)
    lines = operate.audit_anchor(rt)
    with rt.begin() as db:
        audit.write(db, [desk.entry("audit.anchored", "audit")], rt.now())
    return "".join(f"{json.dumps(line)}\n" for line in lines)


# -- as a file -----------------------------------------------------------------------------------------------

_COLUMNS = ("when", "who", "did", "action", "what", "patients", "from", "detail")


def export(rt: Runtime, desk: Desk, wanted: Wanted) -> Iterator[str]:
    """Lines of CSV, newest first; patients by their ids. Raises NotAllowed."""
    desk.require(May.AUDIT)
    with rt.begin() as db:  # written down before the first row leaves
        patients = (wanted.patient,) if wanted.patient else ()
        audit.write(db, [desk.entry("audit.exported", "audit", patients=patients)], rt.now())
    return _export(rt, desk, wanted)


def _export(rt: Runtime, desk: Desk, wanted: Wanted) -> Iterator[str]:
    yield line_of(_COLUMNS)
    after: Place | None = None
    with rt.begin() as db:
        names = _names(db, desk, [], None)
    while True:
        with rt.begin() as db:
            rows = trail.lines(db, desk.clinic, wanted, after, _PORTION)
        for row in rows:
            who = trail_words.who(row.actor, names.known, names.handles)
            patients = " ".join(str(each) for each in row.patients)
            what = (row.at.isoformat(), who, trail_words.did(row.action), row.action)
            yield line_of((*what, row.subject, patients, row.origin, row.detail))
        if len(rows) < _PORTION:
            return
        after = rows[-1].place
