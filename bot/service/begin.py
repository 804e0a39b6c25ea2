"""Begin flows that no text asked for: by a member of staff, for a list of patients, for a result that is released.

Mail goes into the conversations; whether a flow begins there is the core's decision, consent and wishes included.
"""

import hashlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from bot.core.book import Book
from bot.core.events import Triggered
from bot.core.flow import Flow
from bot.core.state import Plain
from bot.core.triggers import Happens, Listed
from bot.errors import BadFlow, NotFound
from bot.gateways.doorbell import INBOUND
from bot.runtime import Runtime
from bot.service.clinic import the_one
from bot.service.csv_rows import Fault, Row, look_through
from bot.store import appointments, audit, conversations, inbox, people
from bot.store.audit import Entry
from bot.store.base import Db
from bot.store.clinics import Clinic
from bot.store.inbox import Mail

BATCH = 1000
MOST_WAITING = 500
"""With more happenings than this in the mailboxes, the next batch waits."""
_PATIENCE = 30.0  # seconds
_A_LITTLE = 0.2  # seconds
OPERATOR = "operator"
PATIENT, VISIT = "external_id", "visit_external_id"
_COLUMN = {PATIENT: "is no patient of this clinic's", VISIT: "is no visit of this patient's"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """For whom: the clinic's own ids. `line` is that of the list, 0 where there is none."""

    patient: str
    visit: str | None = None
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What begins flows: `trigger` in the words of `core/triggers`, a flow if one is named, its variables.

    `key` names this one time: whatever is begun for the same visit or patient under the same key begins once.
    """

    trigger: str
    key: str
    flow: str | None = None
    values: Mapping[str, Plain] | None = None
    by: str = OPERATOR
    origin: str = "cli"


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """How many conversations were told, how many had been told before, and rows that mean nothing."""

    new: int = 0
    again: int = 0
    faults: Sequence[Fault] = ()

    def plus(self, more: "Begun") -> "Begun":
        """With one batch more."""
        return Begun(
            new=self.new + more.new, again=self.again + more.again, faults=(*self.faults, *more.faults)
        )


def by_staff(
    rt: Runtime,
    clinic: UUID | None,
    flow: str,
    wanted: Wanted,
    *,
    values: Mapping[str, Plain] | None = None,
    by: str = OPERATOR,
    origin: str = "cli",
) -> Begun:
    """A member of staff starts a flow for one patient. Raises NotFound, BadFlow, UnknownClinic."""
    key = f"staff:{uuid4()}"
    cause = Cause(trigger=str(Happens.STAFF), key=key, flow=flow, values=values, by=by, origin=origin)
    return start(rt, the_one(rt, clinic), [wanted], cause)


def by_release(
    rt: Runtime,
    clinic: UUID | None,
    patient: str,
    *,
    values: Mapping[str, Plain] | None = None,
    by: str = OPERATOR,
) -> Begun:
    """A provider has released a result of the patient's. Raises NotFound, BadFlow, UnknownClinic."""
    cause = Cause(trigger=str(Happens.RESULT), key=f"result:{uuid4()}", values=values, by=by)
    return start(rt, the_one(rt, clinic), [Wanted(patient=patient)], cause)


def by_list(
    rt: Runtime,
    clinic: UUID | None,
    path: Path,
    *,
    name: str | None = None,
    flow: str | None = None,
    values: Mapping[str, Plain] | None = None,
    by: str = OPERATOR,
) -> Begun:
    """For everybody on a list: what begins with the list `name`, or the flow that is broadcast.

    The same file again on the same day begins nothing twice, so after a crash one starts over.
    Raises BadImport for a file that can't be used, NotFound, BadFlow, UnknownClinic.
    """
    found = the_one(rt, clinic)
    trigger = str(Listed(name=name)) if name else str(Happens.BROADCAST)
    today = rt.now().astimezone(ZoneInfo(found.zone)).date()
    sheet = look_through(path, required=[PATIENT], optional=[VISIT])
    said = f"{trigger}:{flow}:{sorted((values or {}).items())}:".encode() + path.read_bytes()
    key = f"list:{today}:{hashlib.sha256(said).hexdigest()[:32]}"
    cause = Cause(trigger=trigger, key=key, flow=flow, values=values, by=by)
    total, rows = Begun(), sheet.rows()
    while batch := list(islice(rows, BATCH)):
        if total.new:
            _wait_for_room(rt)
        faults = [row for row in batch if isinstance(row, Fault)]
        total = total.plus(Begun(faults=faults)).plus(start(rt, found, list(_wanted(batch)), cause))
    return total


def _wait_for_room(rt: Runtime) -> None:
    """A patient's text must not queue behind a broadcast: let the workers catch up, but not wait for ever."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        with rt.begin() as db:
            if inbox.waiting(db) <= MOST_WAITING:
                return
        time.sleep(_A_LITTLE)


def start(rt: Runtime, clinic: Clinic, wanted: Sequence[Wanted], cause: Cause) -> Begun:
    """One batch, one transaction. Raises NotFound where no flow begins with this, BadFlow for unknown variables."""
    now = rt.now()
    with rt.begin() as db:
        flows = _flows(rt.book(db, rt.current_edition(db)), cause)
        found, faults = _mail(rt, db, clinic, wanted, cause, flows)
        new = inbox.put(db, found, now)
        patients = [letter.what.person_id for letter in found if isinstance(letter.what, Triggered)]
        entry = Entry(
            clinic=clinic.id,
            actor=cause.by,
            action="flow.started",
            subject=f"flow:{','.join(flow.name for flow in flows)}",
            patients=tuple(patient for patient in patients if patient),
            origin=cause.origin,
            detail=cause.trigger,
        )
        audit.write(db, [entry], now)
    if new:
        rt.doorbell.ring(INBOUND)
    return Begun(new=new, again=len(found) - new, faults=tuple(faults))


def _flows(book: Book, cause: Cause) -> list[Flow]:
    """Those that may begin."""
    if cause.flow is None:
        flows = [flow for flow, _ in book.starting_words(cause.trigger)]
        if not flows:
            raise NotFound(f"No flow of the current edition starts with '{cause.trigger}'.")
    elif cause.flow in book.flows:
        flows = [book.flows[cause.flow]]
    else:
        raise NotFound(f"There is no flow '{cause.flow}'. There are: {', '.join(sorted(book.flows))}.")
    known = {name for flow in flows for name in flow.variables}
    strange = sorted(set(cause.values or ()) - known)
    if strange:
        raise BadFlow(f"{', '.join(flow.name for flow in flows)}: has no variable {', '.join(strange)}.")
    return flows


def _mail(
    rt: Runtime, db: Db, clinic: Clinic, wanted: Sequence[Wanted], cause: Cause, flows: Sequence[Flow]
) -> tuple[list[Mail], list[Fault]]:
    """A happening for each; a flow about a visit is about the patient's next one where none is named."""
    now = rt.now()
    ids = people.by_external_ids(db, clinic.id, [each.patient for each in wanted])
    visits = appointments.of_patients(db, clinic.id, {each.visit for each in wanted if each.visit})
    about_visit = all(flow.about == "the visit" for flow in flows)
    ahead = appointments.next_of(db, list(ids.values()), now) if about_visit else {}
    phones = people.phones(db, clinic.id, list(ids.values()))
    talks = conversations.with_phones(db, clinic.id, set(phones.values()), now) if phones else {}
    mail, faults = [], []
    for each in wanted:
        patient = ids.get(each.patient)
        whose, visit = visits.get(each.visit or "", (None, None))
        if patient is None or (each.visit and whose != patient):
            column = PATIENT if patient is None else VISIT
            faults.append(Fault(each.line, column, _COLUMN[column]))
            continue
        visit = visit or ahead.get(patient)
        if about_visit and visit is None:
            faults.append(Fault(each.line, PATIENT, "has no visit ahead that this could be about"))
            continue
        what = Triggered(
            trigger=cause.trigger,
            flow=cause.flow,
            person_id=patient,
            visit_id=visit,
            values=dict(cause.values) if cause.values else None,
        )
        mail.append(
            Mail(
                clinic=clinic.id,
                conversation=talks[phones[patient]],
                dedupe=f"{cause.key}:{visit or patient}",
                what=what,
            )
        )
    return mail, faults


def _wanted(batch: Sequence[Row | Fault]) -> Iterator[Wanted]:
    for row in batch:
        if isinstance(row, Row):
            yield Wanted(patient=row.cells[PATIENT], visit=row.cells.get(VISIT) or None, line=row.line)
