"""The demo's charts: every row goes in, nobody is texted of it at the first start, and what comes next is there."""

import csv
from collections import Counter
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from bot.cli import demo_chart, demo_data
from bot.core.chart import standing, verdict
from bot.runtime import Runtime
from bot.service import demo_events
from bot.store import appointments, chart, clinics, inbox, people


@pytest.fixture
def filled(rt: Runtime) -> UUID:
    """The demo's clinic."""
    demo_data.fill(rt)
    with rt.begin() as db:
        (clinic,) = clinics.all_of_them(db)
    return clinic.id


def counted() -> Counter[str]:
    """How many rows of each kind there must be."""
    results = sum(len(panel.names) * (len(panel.measured) + 1) for panel in demo_chart.PANELS)
    return Counter(result=results, summary=len(demo_chart.SUMMARIES), medicine=len(demo_chart.MEDICINES))


@pytest.mark.parametrize("days", range(7))
def test_on_whatever_weekday_it_starts_every_row_goes_in_and_nobody_is_told(rt: Runtime, days: int) -> None:
    rt.move_clock(timedelta(days=days))
    demo_data.fill(rt)
    with rt.begin() as db:
        rows = db.conn.execute(select(chart.chart.c.kind, func.count()).group_by(chart.chart.c.kind)).all()
        told = select(func.count()).where(inbox.inbox.c.kind == "triggered")
        assert db.conn.execute(told).scalar_one() == 0
    assert Counter(dict(tuple(row) for row in rows)) == counted()


@pytest.mark.parametrize("panel", demo_chart.PANELS, ids=lambda panel: panel.patient)
def test_the_newest_of_a_panel_is_shown_with_a_note_and_its_history(
    rt: Runtime, filled: UUID, panel: demo_chart.Panel
) -> None:
    newest = panel.measured[-1]
    with rt.begin() as db:
        patient = people.by_external_ids(db, filled, [panel.patient])[panel.patient]
        shown = chart.results_of(db, filled, patient)
        history = chart.history_of(db, filled, patient, [name for name, *_ in panel.names])
    assert {result.name: result.value for result in shown} == {
        name: value for (name, *_), value in zip(panel.names, newest[1], strict=True)
    }
    assert {result.note for result in shown} == {panel.notes[newest[0]]}
    assert all(len(found) == len(panel.measured) for found in history.values())
    assert all(standing(result) for result in shown)
    assert all(isinstance(result.taken, date) and not isinstance(result.taken, datetime) for result in shown)
    assert panel.notes.keys() <= {days for days, _ in panel.measured}


def test_what_comes_next_fits_to_visits_and_patients(rt: Runtime, filled: UUID) -> None:
    folder = rt.settings.data_dir / demo_events.FOLDER
    with (folder / demo_events.NEXT_RESULTS).open(encoding="utf-8") as file:
        results = list(csv.DictReader(file))
    with (folder / demo_events.AFTER_VISIT).open(encoding="utf-8") as file:
        summaries = list(csv.DictReader(file))
    with rt.begin() as db:
        visits = appointments.of_patients(db, filled, {row["appointment_external_id"] for row in summaries})
    assert len(visits) == len(summaries) == len(demo_chart.AFTER_NEXT_VISIT)
    assert {row["patient_external_id"] for row in results} == {panel.patient for panel in demo_chart.PANELS}
    assert {row["released"] for row in results} == {"no"}


def test_something_is_normal_and_something_is_not(rt: Runtime, filled: UUID) -> None:
    with rt.begin() as db:
        ids = people.by_external_ids(db, filled, [panel.patient for panel in demo_chart.PANELS])
        verdicts = {name: verdict(chart.results_of(db, filled, patient)) for name, patient in ids.items()}
    assert set(verdicts.values()) == {"normal", "abnormal"}
