"""Queries that grow find their rows by an index: PostgreSQL's own plans on tables with tens of thousands of rows.

What is explained is the statement that the store really sends, caught on its way to the driver.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import event, text

from bot.core.chart import Medicine
from bot.core.effects import NoteEscalation, OpenTask, PageStaff, Urgency
from bot.core.events import NoAnswer
from bot.core.facts import Visit, VisitStatus
from bot.core.flow import Page
from bot.errors import VaultError
from bot.runtime import Runtime
from bot.service import clinic as clinic_service
from bot.store import (
    ahead,
    alerts,
    appointments,
    audience,
    bookings,
    broadcasts,
    chart,
    claims,
    conversations,
    days,
    deliveries,
    escalations,
    glass,
    guardians,
    guards,
    happenings,
    households,
    inbox,
    letters,
    links,
    names,
    notes,
    openings,
    outbox,
    overview,
    passkeys,
    past,
    past_rows,
    people,
    phi,
    queues,
    signatures,
    stuck,
    task_notes,
    timers,
    times,
    trail,
    visit_acts,
    waitlist,
    worklist,
)
from bot.store.base import Db
from bot.store.chart import Leaf
from bot.store.claims import Pick
from bot.store.happenings import Happening
from bot.store.outbox import Status
from bot.store.queues import Looker, Place, Queue
from bot.store.timers import Timer
from bot.store.trail import Look, Wanted
from tests.bot.store.years import SEED
from tests.conftest import CLINIC_PHONE, Servers, make_settings

NOW = datetime(2026, 12, 1, 17, 0, tzinfo=UTC)
BIG = ("appointments", "audit", "conversations", "deliveries", "escalations", "inbox", "outbox", "patients")
BIG += ("slots", "tasks", "timers", "answers", "waitlist", "offers", "chart")
BIG += ("alerts", "escalation_acts", "mentions", "task_notes", "visit_acts")
BIG += ("guardians", "patient_names")
BIG += ("guards", "links", "notes", "openings", "passkey_challenges", "passkeys", "photos", "signatures")
BIG += ("broadcast_recipients", "broadcasts", "glass")


@pytest.fixture(scope="module")
def big(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Runtime, UUID]]:
    """A clinic after some years. What is sealed is junk here: no query looks into it."""
    directory: Path = tmp_path_factory.mktemp("plans")
    rt = Runtime(make_settings(database_url=servers.database(), redis_url=servers.redis, data_dir=directory))
    clinic = clinic_service.add(rt, name="Big Clinic", phone=CLINIC_PHONE, zone="America/New_York")
    with rt.begin() as db:
        for statement in SEED.split(";\n"):
            if statement.strip():
                db.conn.execute(text(statement), {"clinic": clinic} if ":clinic" in statement else {})
    with rt.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text("VACUUM ANALYZE"))
    yield rt, clinic
    rt.engine.dispose()


@contextmanager
def caught(rt: Runtime) -> Iterator[list[tuple[str, object]]]:
    """The statements that go to the driver, with their parameters."""
    statements: list[tuple[str, object]] = []

    def keep(_conn: object, _cursor: object, statement: str, parameters: object, *_rest: object) -> None:
        if not statement.startswith("SET "):
            statements.append((statement, parameters))

    event.listen(rt.engine, "before_cursor_execute", keep)
    try:
        yield statements
    finally:
        event.remove(rt.engine, "before_cursor_execute", keep)


PARAMETER = re.compile(r"%\((\w+)\)s")
"""A parameter of a statement as the driver takes it."""


def one(kind: str, number: int = 77) -> UUID:
    """The id of one of the seeded rows."""
    return UUID(hashlib.md5(f"{kind}{number}".encode(), usedforsecurity=False).hexdigest())


def taken(clinic: UUID) -> Happening:
    """One of the happenings that wait."""
    return Happening(
        id=one("x"),
        seq=39500,
        clinic=clinic,
        conversation=one("c", 4007),
        attempts=0,
        what=NoAnswer(turn=1),
        phone="",
        phone_index=b"",
        state=None,
        edition=None,
        opted_out=False,
    )


def leaf() -> Leaf:
    """A medicine that is new."""
    what = Medicine(name="x", how="x")
    return Leaf(external_id="new", patient_id=one("p"), content=what, at=NOW, released=True)


def issued(db: Db, clinic: UUID, effect_key: str) -> UUID:
    """A link to a page of which there are older ones."""
    return links.issue(
        db,
        clinic=clinic,
        conversation=one("c"),
        patient=one("p"),
        visit_id=None,
        effect_key=effect_key,
        page=Page.FORM,
        form="intake",
        turn=1,
        tries=5,
        views=20,
        now=NOW,
    )


def standing(db: Db, clinic: UUID) -> Visit:
    """One of the visits."""
    found = visit_acts.visit(db, clinic, one("v", 19980))
    assert found is not None
    return found


def link(db: Db) -> links.Link:
    """One of the links."""
    found = links.get(db, one("l"))
    assert found is not None
    return found


def looked(db: Db, clinic: UUID, queue: Queue, after: Place | None = None) -> object:
    """A page of the inbox, as one of the staff sees it."""
    who = Looker(clinic=clinic, member=one("j", 1), role="nurse")
    without = [one("w", 39600)]
    return queues.page(db, who, queue, NOW, without=without, after=after, at_most=50, details=False)


def everything(clinic: UUID) -> past.Whose:
    """Whose past is asked for: a patient's and that of their phone."""
    return past.Whose(clinic=clinic, patient=one("p"), conversation=one("c"))


def marked(db: Db, clinic: UUID) -> list[past.Mark]:
    """The newest of each source."""
    found = (past.marks(db, everything(clinic), {source}, 3, now=NOW) for source in past.Source)
    return [mark for marks in found for mark in marks]


TASK = OpenTask(task="task77", urgency=Urgency.ROUTINE)
PAGE = PageStaff(code="1077", rung=1, urgency=Urgency.URGENT, body="x")
TIMER = NoAnswer(turn=1)
QUERIES: dict[str, Callable[[Db, UUID], object]] = {
    "happenings.conversations_waiting": lambda db, _: happenings.conversations_waiting(db, NOW, 50),
    "happenings.take": lambda db, _: happenings.take(db, one("c", 4007), NOW),
    "happenings.finish": lambda db, clinic: happenings.finish(
        db, taken(clinic), state=b"{}", edition="x", record=b"{}", now=NOW
    ),
    "happenings.put_off": lambda db, clinic: happenings.put_off(db, taken(clinic), retry_at=NOW, now=NOW),
    "inbox.post": lambda db, clinic: inbox.post(
        db, clinic=clinic, phone="+12025550111", dedupe="sms:new", what=TIMER, now=NOW
    ),
    "happenings.any_waiting": lambda db, _: happenings.any_waiting(db, NOW),
    "inbox.waiting": lambda db, _: inbox.waiting(db),
    "inbox.history": lambda db, _: inbox.history(db, one("c"), 40),
    "inbox.texts": lambda db, _: inbox.texts(db, one("c"), 1),
    "letters.claim": lambda db, _: letters.claim(db, NOW, 32),
    "letters.unsettled": lambda db, _: letters.unsettled(db, NOW, 50),
    "outbox.any_ready": lambda db, _: outbox.any_ready(db, NOW),
    "outbox.count_attempt": lambda db, _: outbox.count_attempt(db, [one("t")], NOW),
    "outbox.change": lambda db, _: outbox.change(db, [{"id": one("t"), "status": Status.SENT}]),
    "outbox.unknown_sids": lambda db, _: outbox.unknown_sids(db, ["SM77", "SM78"]),
    "outbox.history": lambda db, _: outbox.history(db, one("c"), 40),
    "deliveries.track": lambda db, _: deliveries.track(
        db, one("t"), sid="SM77", status="read", rank=5, ours=Status.DELIVERED, error_code=None, now=NOW
    ),
    "timers.ring": lambda db, _: timers.ring(db, NOW, 500),
    "timers.put": lambda db, clinic: timers.put(
        db, [Timer(clinic=clinic, conversation=one("c"), key="visit:76", due=NOW, what=TIMER)]
    ),
    "timers.cancel": lambda db, _: timers.cancel(db, one("c"), "visit:76"),
    "timers.next_due": lambda db, _: timers.next_due(db),
    "timers.next_reminder": lambda db, _: timers.next_reminder(db, one("c")),
    "appointments.open_like": lambda db, _: appointments.open_like(db, one("v"), 3, NOW),
    "households.around": lambda db, clinic: households.around(db, clinic, b"x" * 16, NOW),
    "appointments.book": lambda db, _: appointments.book(db, one("v", 19980), one("s", 19980), NOW),
    "appointments.set_status": lambda db, _: appointments.set_status(
        db, one("v"), VisitStatus.CANCELLED, NOW
    ),
    "people.phones": lambda db, clinic: people.phones(db, clinic, [one("p")]),
    "people.by_external_ids": lambda db, clinic: people.by_external_ids(db, clinic, ["P1"]),
    "conversations.with_phone": lambda db, clinic: conversations.with_phones(db, clinic, {"+1202"}, NOW),
    "conversations.opt_out": lambda db, _: conversations.opt_out(db, one("c"), NOW),
    "conversations.as_it_stands": lambda db, clinic: conversations.as_it_stands(db, clinic, one("c")),
    "conversations.pinned_states, of a clinic": lambda db, clinic: list(
        conversations.pinned_states(db, clinic, 5000)
    ),
    "timers.coming": lambda db, clinic: timers.coming(
        db, clinic, "America/New_York", NOW, NOW + timedelta(days=7), 20_001
    ),
    "conversations.pinned_elsewhere": lambda db, _: conversations.pinned_elsewhere(db, "x", one("c"), 1000),
    "households.ahead": lambda db, _: households.ahead(db, one("v"), NOW, 20),
    "timers.of_visits": lambda db, _: timers.of_visits(db, [one("c")], NOW),
    "days.between": lambda db, clinic: days.between(db, clinic, NOW, NOW + timedelta(days=1), 1000),
    "days.texts": lambda db, _: days.texts(db, [one("v"), one("v", 78)]),
    "days.open_tasks": lambda db, _: days.open_tasks(db, [one("c"), one("c", 78)]),
    "days.past": lambda db, _: days.past(db, [one("p"), one("p", 78)], NOW),
    "broadcasts.latest": lambda db, clinic: broadcasts.latest(db, clinic, 50),
    "broadcasts.get": lambda db, clinic: broadcasts.get(db, clinic, one("broadcast")),
    "broadcasts.take": lambda db, _: broadcasts.take(db, broadcasts.Status.SENDING),
    "broadcasts.move": lambda db, clinic: broadcasts.move(
        db, clinic, one("broadcast"), broadcasts.Status.STOPPED, broadcasts.Status.DONE
    ),
    "broadcasts.next_ones": lambda db, _: broadcasts.next_ones(db, one("broadcast", 1), 20),
    "broadcasts.begun": lambda db, _: broadcasts.begun(db, one("broadcast", 1), [one("p")], NOW),
    "broadcasts.begun_since": lambda db, _: broadcasts.begun_since(db, one("broadcast", 2), NOW),
    "broadcasts.leave_out": lambda db, _: broadcasts.leave_out(db, one("broadcast", 1), one("p"), "x"),
    "broadcasts.tallies": lambda db, _: broadcasts.tallies(db, [one("broadcast", 3)]),
    "audience.after": lambda db, clinic: audience.after(db, clinic, one("p"), 250),
    "audience.known": lambda db, clinic: audience.known(db, clinic, [], since=NOW, named=True),
    "visit_acts.of": lambda db, _: visit_acts.of(db, [one("v"), one("v", 78)]),
    "visit_acts.set_status": lambda db, clinic: visit_acts.set_status(
        db, clinic, standing(db, clinic), VisitStatus.CANCELLED, NOW
    ),
    "visit_acts.time_is_taken": lambda db, clinic: visit_acts.time_is_taken(db, clinic, one("v"), NOW),
    "times.open_until": lambda db, clinic: times.open_until(db, clinic, NOW, NOW + timedelta(days=7), 100),
    "times.who_waits": lambda db, clinic: times.who_waits(db, clinic, NOW, 100),
    "times.lock_free": lambda db, clinic: times.lock_free(db, clinic, one("s"), NOW),
    "times.patient_who_waits": lambda db, clinic: times.patient_who_waits(db, clinic, one("v")),
    "waitlist.free": lambda db, _: waitlist.free(db, NOW, 200),
    "waitlist.waiting_for": lambda db, _: waitlist.waiting_for(db, [one("s", 15000)], NOW),
    "waitlist.offered": lambda db, _: waitlist.offered(db, [(one("s"), one("v"), NOW)], NOW),
    "waitlist.pass_on": lambda db, _: waitlist.pass_on(db, one("s"), one("v"), NOW),
    "waitlist.leave": lambda db, _: waitlist.leave(db, one("v")),
    "phi.of": lambda db, _: phi.of(db, [one("c"), one("c", 78)], NOW),
    "people.set_preference": lambda db, clinic: people.set_preference(
        db, clinic, one("p"), "channel", "call", NOW
    ),
    "appointments.of_patients": lambda db, clinic: appointments.of_patients(db, clinic, {"A1"}),
    "appointments.next_of": lambda db, _: appointments.next_of(db, [one("p")], NOW),
    "chart.save": lambda db, clinic: chart.save(db, clinic, [leaf()], NOW),
    "chart.results_of": lambda db, clinic: chart.results_of(db, clinic, one("p")),
    "chart.history_of": lambda db, clinic: chart.history_of(db, clinic, one("p"), ["LDL"]),
    "chart.summary_of": lambda db, clinic: chart.summary_of(db, clinic, one("v")),
    "chart.latest_summary": lambda db, clinic: chart.latest_summary(db, clinic, one("p")),
    "chart.medicines_of": lambda db, clinic: chart.medicines_of(db, clinic, one("p")),
    "links.issue": lambda db, clinic: issued(db, clinic, "new"),
    "links.issue, the same effect again": lambda db, clinic: issued(db, clinic, "l78"),
    "links.leave": lambda db, _: links.leave(db, [(one("l"), NOW)]),
    "links.with_handle": lambda db, _: links.with_handle(db, b"x" * 10),
    "links.take": lambda db, _: links.take(db, one("l"), NOW, right=True),
    "links.take, a try": lambda db, _: links.take(db, one("l"), NOW, right=False),
    "links.submit": lambda db, _: links.submit(db, link(db), NOW),
    "links.draft": lambda db, _: links.draft(db, link(db)),
    "links.save": lambda db, _: links.save(db, link(db), b"{}"),
    "links.revoke, of a phone": lambda db, _: links.revoke(db, NOW, "x", conversation=one("c")),
    "links.revoke, of patients": lambda db, _: links.revoke(db, NOW, "x", patients=[one("p"), one("p", 78)]),
    "links.revoke, of either": lambda db, _: links.revoke(
        db, NOW, "x", conversation=one("c"), patients=[one("p", 78)]
    ),
    "links.revoke, one": lambda db, _: links.revoke(db, NOW, "x", link=one("l")),
    "openings.of_browser": lambda db, _: openings.of_browser(db, one("o"), "x"),
    "openings.touch": lambda db, _: openings.touch(db, one("o"), NOW, timedelta(minutes=15)),
    "openings.unlock": lambda db, _: openings.unlock(db, one("o"), NOW),
    "openings.end": lambda db, _: openings.end(db, "x", NOW),
    "guards.lock": lambda db, _: guards.lock(db, "patient", b"x", NOW, timedelta(days=1)),
    "guards.count": lambda db, _: guards.count(db, "patient", b"x"),
    "guards.wrong": lambda db, _: guards.wrong(db, "patient", b"x"),
    "guards.forget": lambda db, _: guards.forget(db, NOW - timedelta(days=14)),
    "people.card": lambda db, clinic: people.card(db, clinic, one("p")),
    "people.on_phone_of": lambda db, clinic: people.on_phone_of(db, clinic, one("p")),
    "people.set_pin": lambda db, clinic: people.set_pin(db, clinic, one("p"), "x", NOW),
    "notes.thread": lambda db, clinic: notes.thread(db, clinic, one("p"), 50),
    "notes.photo": lambda db, clinic: notes.photo(db, clinic, one("p"), one("f")),
    "signatures.of_link": lambda db, clinic: signatures.of_link(db, clinic, one("l")),
    "bookings.open_for": lambda db, clinic: bookings.open_for(db, clinic, one("p"), 20, NOW),
    "bookings.offered": lambda db, _: bookings.offered(db, one("v"), NOW),
    "passkeys.of": lambda db, clinic: passkeys.of(db, clinic, one("p")),
    "passkeys.has_any": lambda db, clinic: passkeys.has_any(db, clinic, one("p")),
    "passkeys.find": lambda db, clinic: passkeys.find(db, clinic, one("p"), b"x", link=one("l")),
    "passkeys.used": lambda db, _: passkeys.used(db, one("k"), 1, one("o")),
    "passkeys.drop, one": lambda db, clinic: passkeys.drop(db, clinic, passkey=one("k")),
    "passkeys.drop, of patients": lambda db, clinic: passkeys.drop(db, clinic, patients=[one("p")]),
    "passkeys.take": lambda db, _: passkeys.take(db, one("o"), passkeys.Purpose.USE, NOW),
    "passkeys.forget_challenges": lambda db, _: passkeys.forget_challenges(db, NOW),
    "worklist.open_task, with a detail": lambda db, clinic: worklist.open_task(
        db, clinic=clinic, conversation=one("c"), task=replace(TASK, detail="form: intake"), now=NOW
    ),
    "worklist.open_task": lambda db, clinic: worklist.open_task(
        db, clinic=clinic, conversation=one("c"), task=TASK, now=NOW
    ),
    "worklist.open_tasks": lambda db, clinic: worklist.open_tasks(db, clinic, 50),
    **{
        f"queues.page, {queue}": lambda db, clinic, queue=queue: looked(db, clinic, queue)  # type: ignore[misc]
        for queue in Queue
    },
    "queues.page, the next": lambda db, clinic: looked(
        db, clinic, Queue.ALL, Place(rank=2, wanted=NOW, id=one("w", 39700))
    ),
    "queues.counts": lambda db, clinic: queues.counts(
        db, Looker(clinic=clinic, member=one("j", 1), role="nurse"), NOW
    ),
    "queues.get": lambda db, clinic: queues.get(db, clinic, one("w"), details=False),
    "queues.of_conversations": lambda db, clinic: queues.of_conversations(
        db, clinic, [one("c"), one("c", 78)]
    ),
    "queues.about_visits_of": lambda db, clinic: queues.about_visits_of(db, clinic, [one("p")]),
    "queues.whose": lambda db, clinic: queues.whose(db, clinic, [one("c"), one("c", 78)]),
    "queues.on_the_way": lambda db, _: queues.on_the_way(db, one("c"), ("handled",)),
    "claims.claim": lambda db, clinic: claims.claim(db, clinic, one("w", 39700), one("j"), NOW),
    "claims.close": lambda db, clinic: claims.close(db, clinic, [Pick(id=one("w", 39700))], one("j"), NOW),
    "claims.reopen": lambda db, clinic: claims.reopen(db, clinic, one("w"), NOW),
    "claims.lock": lambda db, clinic: claims.lock(db, clinic, [one("w"), one("w", 78)]),
    "task_notes.of": lambda db, clinic: task_notes.of(db, clinic, one("w"), 50),
    "task_notes.move": lambda db, _: task_notes.move(db, one("w"), one("w", 78)),
    "worklist.next_due": lambda db, _: worklist.next_due(db),
    "stuck.timers_since": lambda db, _: stuck.timers_since(db, NOW),
    "stuck.mail_since": lambda db, _: stuck.mail_since(db, NOW),
    "stuck.texts_since": lambda db, _: stuck.texts_since(db, NOW),
    "stuck.alerts_since": lambda db, _: stuck.alerts_since(db, NOW),
    "stuck.page_since": lambda db, _: stuck.page_since(db, NOW),
    "stuck.emergency_since": lambda db, _: stuck.emergency_since(db, NOW),
    "worklist.take_overdue": lambda db, _: worklist.take_overdue(db, NOW, 50),
    "worklist.close_named": lambda db, _: worklist.close_named(db, one("c"), ["task77"], NOW),
    "escalations.paged": lambda db, clinic: escalations.paged(
        db, clinic=clinic, conversation=one("c"), page=PAGE, now=NOW
    ),
    "escalations.note": lambda db, _: escalations.note(
        db, one("c"), NoteEscalation(code="1077", became="resolved"), NOW
    ),
    "escalations.unanswered": lambda db, clinic: escalations.unanswered(db, clinic, "1077"),
    "escalations.unanswered, any": lambda db, clinic: escalations.unanswered(db, clinic, None),
    "escalations.open_ones": lambda db, clinic: escalations.open_ones(db, clinic, 50),
    "escalations.by_code": lambda db, clinic: escalations.by_code(db, clinic, "1077"),
    "escalations.acts": lambda db, _: escalations.acts(db, one("e")),
    "alerts.claim": lambda db, _: alerts.claim(db, NOW, 16),
    "alerts.unsettled": lambda db, _: alerts.unsettled(db, NOW, 16),
    "alerts.any_ready": lambda db, _: alerts.any_ready(db, NOW),
    "alerts.overtaken": lambda db, _: alerts.overtaken(db, one("e")),
    "alerts.all_failed": lambda db, _: alerts.all_failed(db, one("e"), 0),
    "alerts.by_handle": lambda db, _: alerts.by_handle(db, b"x"),
    "alerts.by_text": lambda db, _: alerts.by_text(db, one("t")),
    "alerts.has_call": lambda db, _: alerts.has_call(db, "CA77"),
    "trail.lines": lambda db, clinic: trail.lines(db, clinic, Wanted(), (NOW, 1, 1), 51),
    "trail.lines, of a member": lambda db, clinic: trail.lines(
        db, clinic, Wanted(actor=str(one("staff", 9))), None, 51
    ),
    "trail.lines, of a noun": lambda db, clinic: trail.lines(db, clinic, Wanted(noun="x"), None, 51),
    "trail.lines, of a patient": lambda db, clinic: trail.lines(
        db, clinic, Wanted(patient=one("p")), None, 51
    ),
    "trail.within": lambda db, clinic: trail.within(
        db, clinic, [Look(actor=one("staff", 9), patient=one("p"), since=NOW, until=NOW)], 400
    ),
    "glass.open_until": lambda db, _: glass.open_until(db, one("staff", 9), one("p"), NOW),
    "glass.open_of": lambda db, _: glass.open_of(db, one("staff", 9), NOW),
    "glass.waiting": lambda db, clinic: glass.waiting(db, clinic, 20),
    "glass.how_many_wait": lambda db, clinic: glass.how_many_wait(db, clinic),
    "glass.reviewed": lambda db, clinic: glass.reviewed(db, clinic, 20),
    "overview.sent": lambda db, clinic: overview.sent(db, clinic, "UTC", NOW - timedelta(days=14)),
    "overview.last_sent": lambda db, clinic: overview.last_sent(db, clinic),
    "overview.last_text": lambda db, clinic: overview.last_text(db, clinic),
    "past.marks": lambda db, clinic: past.marks(
        db,
        everything(clinic),
        past.EVERYTHING,
        51,
        now=NOW,
        before=past.Mark(at=NOW, source=past.Source.SENT, id="x"),
    ),
    "past_rows.rows": lambda db, clinic: past_rows.rows(db, everything(clinic), marked(db, clinic)),
    "past_rows.photos_of": lambda db, _: past_rows.photos_of(db, [one("n")]),
    "past_rows.writers": lambda db, _: past_rows.writers(db, one("c"), [one("x")]),
    "past_rows.answers_of": lambda db, clinic: past_rows.answers_of(db, clinic, one("p"), 600),
    "ahead.open_tasks": lambda db, _: ahead.open_tasks(db, one("c")),
    "ahead.open_alarms": lambda db, _: ahead.open_alarms(db, one("c")),
    "ahead.next_visits": lambda db, clinic: ahead.next_visits(db, clinic, one("p"), NOW, 5),
    "ahead.next_reminder": lambda db, _: ahead.next_reminder(db, one("c"), NOW),
    "names.found": lambda db, clinic: names.found(db, clinic, ["ana", "morales"], 200),
    "names.keep": lambda db, clinic: names.keep(db, clinic, {one("p"): ("Ana", "Morales")}),
    "people.name_more": lambda db, _: people.name_more(db, 500),
    "people.on_phone": lambda db, clinic: people.on_phone(db, clinic, b"x"),
    "guardians.of": lambda db, clinic: guardians.of(db, clinic, one("p")),
    "alerts.of": lambda db, _: alerts.of(db, [one("e")], 12),
}


@pytest.mark.parametrize("name", QUERIES)
def test_no_big_table_is_read_from_end_to_end(big: tuple[Runtime, UUID], name: str) -> None:
    rt, clinic = big
    with rt.begin() as db:
        db.keys(clinic)
        with caught(rt) as statements, suppress(VaultError):
            QUERIES[name](db, clinic)
        assert statements
        plans = [explain(db, *statement) for statement in statements]
        db.conn.rollback()
    for plan, (statement, _) in zip(plans, statements, strict=True):
        scanned = [f"{node['Node Type']} on {node['Relation Name']}" for node in nodes(plan) if is_bad(node)]
        assert scanned == [], statement


@pytest.mark.parametrize(
    "name",
    [
        "alerts.claim",
        "escalations.open_ones",
        "happenings.conversations_waiting",
        "letters.claim",
        "queues.counts",
        *(f"queues.page, {queue}" for queue in Queue),
        "timers.ring",
        "worklist.open_tasks",
        "worklist.take_overdue",
    ],
)
def test_what_waits_is_found_without_looking_at_what_is_done(big: tuple[Runtime, UUID], name: str) -> None:
    rt, clinic = big
    with rt.begin() as db:
        db.keys(clinic)
        with caught(rt) as statements, suppress(VaultError):
            QUERIES[name](db, clinic)
        statement = statements[0]
        db.conn.rollback()
    with rt.begin() as db:
        plan = explain(db, *statement, run=True)
        db.conn.rollback()
    looked_at = max(
        node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
        for node in nodes(plan)
        if node.get("Relation Name") in BIG
    )
    assert looked_at <= 2500, "of some 40,000 rows, about 1,000 wait"


def test_the_detector_sees_a_scan(big: tuple[Runtime, UUID]) -> None:
    rt, _ = big
    with rt.begin() as db:
        plan = explain(db, "SELECT * FROM outbox WHERE wording = %(a)s", {"a": "x"})
    assert [node["Relation Name"] for node in nodes(plan) if is_bad(node)] == ["outbox"]


def explain(db: Db, statement: str, parameters: object, *, run: bool = False) -> dict:
    """PostgreSQL's plan of a statement: the one for any values, as `Runtime.engine` wants all of ours planned.

    `run`: with these values, and what it really looked at; of many rows' parameters, the first.
    """
    given = parameters[0] if isinstance(parameters, list) else parameters
    with db.conn.connection.driver_connection.cursor() as cursor:  # type: ignore[union-attr]
        if run:
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", given)
        else:
            numbers: dict[str, int] = {}

            def numbered(found: re.Match[str]) -> str:
                number = numbers.setdefault(found[1], len(numbers) + 1)
                return f"${number}" + ("::interval" if isinstance(given[found[1]], timedelta) else "")

            text = PARAMETER.sub(numbered, statement).replace("%%", "%")
            cursor.execute(f"EXPLAIN (GENERIC_PLAN, FORMAT JSON) {text}".encode())
        return cursor.fetchone()[0][0]["Plan"]


def nodes(plan: dict) -> Iterator[dict]:
    """The plan's steps."""
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


def is_bad(node: dict) -> bool:
    """A step that reads a big table from end to end."""
    return node["Node Type"] == "Seq Scan" and node["Relation Name"] in BIG
