"""Timeline entries: each kind of row as the console draws it. What the role does not see is not even opened."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from bot.core.book import Book
from bot.core.chart import RESULT, SUMMARY, Result, Summary, standing
from bot.core.chart import Kind as Chart
from bot.core.events import (
    SlotAnswer,
    VisitChanged,
)
from bot.core.flow import Page
from bot.core.questions import OneOf
from bot.core.roles import Sees
from bot.core.triggers import Change
from bot.service import board_words
from bot.service.console import mask, timeline_texts
from bot.service.console import timeline_words as words
from bot.service.console.timeline_around import Around, Rows, title
from bot.service.console.timeline_entry import Entry, Kind
from bot.store import past_rows
from bot.store.answers import answers
from bot.store.appointments import appointments
from bot.store.base import Db
from bot.store.chart import chart
from bot.store.links import links
from bot.store.past import Mark, Source
from bot.store.signatures import signatures
from bot.store.worklist import tasks


def entry(at: Around, mark: Mark, rows: Rows) -> Entry | None:
    """One entry; None where there is nothing to say of it."""
    if not rows:
        return None
    return _MAKERS[mark.source](at, mark, rows)


# -- visits ---------------------------------------------------------------------------------------------

_CHANGED: Mapping[Change, str] = {
    Change.BOOKED: "booked",
    Change.MOVED: "moved",
    Change.CANCELLED: "cancelled",
    Change.COMPLETED: "closed: the patient came",
    Change.MISSED: "closed: the patient did not come",
}


def _change(at: Around, mark: Mark, rows: Rows) -> Entry | None:
    """The office's changes, and times that were booked by text or page. Visits are said as they stand now."""
    what = past_rows.what_of(at.db, rows[0])
    if isinstance(what, SlotAnswer):
        title = "A new time was booked" if what.booked else "The time that was picked was gone already"
    elif isinstance(what, VisitChanged):
        did = _CHANGED.get(what.change, "changed") if what.change else "changed"
        title = f"The office: visit {did}"
    else:
        return None
    visit = at.visits.get(what.visit_id)
    return Entry(
        key=f"change-{mark.id}",
        at=mark.at,
        kind=Kind.VISIT,
        title=title,
        facts=_service(at, visit, when=True) if visit is not None else (),
    )


def visits_named(db: Db, rows: Mapping[tuple[Source, str], Rows]) -> list[UUID]:
    """The visits of which changes speak."""
    found = (
        row.visit_id if source is Source.BY_HAND else getattr(past_rows.what_of(db, row), "visit_id", None)
        for (source, _), many in rows.items()
        for row in many
        if source is Source.BY_HAND or (source is Source.CHANGE and row.kind in ("visit", "slot_answer"))
    )
    return [visit for visit in found if visit]


def _by_hand(at: Around, mark: Mark, rows: Rows) -> Entry:
    row = rows[0]
    visit = at.visits.get(row.visit_id)
    did = words.plain(row.after or row.act)
    return Entry(
        key=f"by-hand-{mark.id}",
        at=mark.at,
        kind=Kind.VISIT,
        title=f"{at.name(row.handle)}: visit {did}" if row.after else f"{at.name(row.handle)}: call, {did}",
        state="undone" if row.undone_at else "",
        facts=_service(at, visit, when=True) if visit is not None else (),
    )


def _visit(at: Around, mark: Mark, rows: Rows) -> Entry:
    row = rows[0]
    return Entry(
        key=f"visit-{mark.id}",
        at=mark.at,
        kind=Kind.VISIT,
        title=f"Visit: {words.plain(row.status.replace('-', ' '))}",
        facts=_service(at, row, when=False),
        tone="warn" if row.status == "noshow" else "plain",
    )


def _service(at: Around, row: Row[Any], *, when: bool) -> tuple[tuple[str, str], ...]:
    facts = [("when", words.visit_moment(row.start_at, at.zone))] if when else []
    if at.people and row.patient_id != at.patient and row.patient_id in at.people and len(at.people) > 1:
        facts.append(("whose", at.people[row.patient_id]))
    facts += [
        (label, at.said(appointments, column, row, Sees.VISITS))
        for label, column in (("with", "provider"), ("for", "kind"), ("at", "location"))
    ]
    return tuple(facts)


# -- pages, forms, the chart -----------------------------------------------------------------------------------


def _page(at: Around, mark: Mark, rows: Rows) -> Entry:
    row = rows[0]
    named = Page(row.page)
    what = words.PAGES[named]
    if row.form and at.desk.sees(Sees.HEALTH):
        what = f"{what}: {title(at, at.open(links, 'form', row))}"
    state, tone = words.page_way(row, at.now, at.zone)
    return Entry(
        key=f"page-{mark.id}",
        at=mark.at,
        kind=Kind.PAGE,
        title=f"Secure page · {what}",
        state=state,
        tone=tone,
    )


def _answers(at: Around, mark: Mark, rows: Rows) -> Entry:
    """One entry for what came in at one moment; a single answer by text is one of its own."""
    key = f"answers-{mark.at.timestamp():.6f}"
    if not at.desk.sees(Sees.HEALTH):
        return Entry(key=key, at=mark.at, kind=Kind.ANSWERS, title="Answers were kept", masked=True)
    ordered = sorted(rows, key=lambda row: _ordinal(row.effect_key))
    asked = [json.loads(at.open(answers, "asked", row)) for row in ordered]
    values = [json.loads(at.open(answers, "value", row)) for row in ordered]
    return Entry(
        key=key,
        at=mark.at,
        kind=Kind.ANSWERS,
        title=title(at, asked[0]["flow"]),
        facts=tuple(
            (words.plain(one["item"]), answer_text(at.book, one["flow"], one["item"], value))
            for one, value in zip(asked, values, strict=True)
        ),
    )


def _ordinal(key: str) -> int:
    number = key.rpartition(":")[2]
    return int(number) if number.isdigit() else 0


def answer_text(book: Book, flow: str, item: str, value: Any) -> str:
    """An answer as it was offered: 'nearly every day (3)'; else as it is."""
    said = words.value_text(value)
    known = book.flows.get(flow)
    form = book.forms.get(flow)
    expects: list[Any] = [step.expect for step in known.steps.values() if step.save == item] if known else []
    expects += [each.expect for each in form.items if each.item == item] if form else []
    for expect in expects:
        if isinstance(expect, OneOf):
            options = book.wordings["en"].choices.get(expect.choices, {})
            if said in options:
                return f"{options[said][0]} ({said})" if said.isdigit() else options[said][0]
    return said


def _chart(at: Around, mark: Mark, rows: Rows) -> Entry | None:
    if not at.desk.sees(Sees.HEALTH):
        return None
    key = f"chart-{mark.id}-{mark.at.timestamp():.0f}"
    contents = [
        (at.db.open_bytes(chart, "content", row.content, clinic=row.clinic_id, row=row.id), row)
        for row in rows
    ]
    state, tone = ("shown to the patient", "good") if rows[0].released_at else ("not released yet", "plain")
    if mark.id == Chart.SUMMARY:
        summary = SUMMARY.validate_json(contents[0][0])
        title, facts = "Visit summary", _summary(at, summary)
    else:
        results = [RESULT.validate_json(content) for content, _ in contents]
        title, facts = f"Result · {results[0].panel}", tuple(_result(result) for result in results)
    return Entry(key=key, at=mark.at, kind=Kind.CHART, title=title, state=state, tone=tone, facts=facts)


def _result(result: Result) -> tuple[str, str]:
    where = standing(result)
    said = f"{result.value} {result.unit}".strip()
    return result.name, f"{said} ({where})" if where else said


def _summary(at: Around, summary: Summary) -> tuple[tuple[str, str], ...]:
    facts = [
        ("by", mask.shown(at.desk, Sees.VISITS, summary.provider)),
        ("diagnoses", "; ".join(summary.diagnoses)),
    ]
    facts.append(("plan", "; ".join(summary.plan)))
    return tuple((name, value) for name, value in facts if value)


def _signed(at: Around, mark: Mark, rows: Rows) -> Entry:
    row = rows[0]
    health = at.desk.sees(Sees.HEALTH)
    consent = words.plain(at.open(signatures, "consent", row)) if health else ""
    return Entry(
        key=f"signed-{mark.id}",
        at=mark.at,
        kind=Kind.EVENT,
        title=f"Consent signed{f': {consent}' if consent else ''}",
        facts=(("name", at.open(signatures, "name", row)),) if health else (),
        tone="good",
    )


# -- work ------------------------------------------------------------------------------------------------------


def _task(at: Around, mark: Mark, rows: Rows) -> Entry:
    row = rows[0]
    return Entry(
        key=f"{mark.source}-{mark.id}",
        at=mark.at,
        kind=Kind.TASK,
        title=f"Task {'closed' if mark.source is Source.CLOSED else 'opened'}: {words.plain(row.task)}",
        body=at.said(tasks, "detail", row, Sees.MESSAGES) if mark.source is Source.TASK else "",
        state="" if row.closed_at else "open",
        tone="plain" if row.closed_at else "warn",
        item=row.id,
    )


def _alarm(at: Around, mark: Mark, rows: Rows) -> Entry:
    row = rows[0]
    going = row.resolved_at is None
    state = "nobody has it yet" if row.acknowledged_at is None else f"{at.name(row.taken_by)} has it"
    return Entry(
        key=f"alarm-{mark.id}",
        at=mark.at,
        kind=Kind.ALARM,
        title=f"Escalation: {board_words.reason(row.reason, row.urgency)}",
        state=state if going else f"over: {row.outcome or 'ended'}",
        tone="warn"
        if going and row.acknowledged_at is None
        else "plain",  # red it is at the head of the page
        code=row.code,
    )


def _alarm_act(at: Around, mark: Mark, rows: Rows) -> Entry:
    row = rows[0]
    who = at.name(row.by) if row.by else "Whoever has the on-call phone"
    via = board_words.via(row.via)
    more = f": {row.detail}" if row.act == "resolved" and row.detail else ""
    return Entry(
        key=f"alarm-act-{mark.id}",
        at=mark.at,
        kind=Kind.STAFF,
        title=f"{who} {board_words.act(row.act)}{f' {via}' if via else ''}{more}",
        code=row.code,
    )


_MAKERS: Mapping[Source, Callable[[Around, Mark, Rows], Entry | None]] = {
    Source.TEXT: timeline_texts.text,
    Source.SENT: timeline_texts.sent,
    Source.ACT: timeline_texts.act,
    Source.CHANGE: _change,
    Source.BY_HAND: _by_hand,
    Source.NOTE: timeline_texts.note,
    Source.PHOTO: timeline_texts.photo,
    Source.PAGE: _page,
    Source.ANSWERS: _answers,
    Source.CHART: _chart,
    Source.SIGNED: _signed,
    Source.VISIT: _visit,
    Source.TASK: _task,
    Source.CLOSED: _task,
    Source.ALARM: _alarm,
    Source.ALARM_ACT: _alarm_act,
}
assert set(_MAKERS) == set(Source)
