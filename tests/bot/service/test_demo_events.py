"""What can happen in the demo beside texts and time: all of the shipped flows' starts, and each of them happens."""

import csv
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from bot.core.events import WHAT, Triggered
from bot.errors import NotFound
from bot.flowbook import loader
from bot.service import demo_events, show
from bot.settings import HOME
from bot.store import appointments, chart, conversations, editions, inbox
from tests.bot.service.test_spine import at
from tests.conftest import ANA_PHONE, House

FLOWS = loader.collect(HOME / "flows")
OFFERED = [each["id"] for each in demo_events.offered(loader.read(FLOWS))]


@pytest.fixture
def ana(house: House) -> Iterator[UUID]:
    """The shipped flows are in force; Ana's visit is ahead, on a Monday morning at which the clinic is open."""
    with house.rt.begin() as db:
        editions.publish(db, loader.edition(FLOWS), dict(FLOWS), house.rt.now(), by="test", move=False)
    house.rt.remembered.clear()
    patient = house.patient()
    house.visit(patient, at(9, 10, 30))
    house.wait_until(at(7, 10, 0))
    return patient


def test_visits_calls_results_lists_and_staff_are_offered() -> None:
    assert {"came", "missed", "call", "a result is released", "the list recall names the patient"} <= set(
        OFFERED
    )
    assert "staff start it:phq9" in OFFERED


@pytest.mark.parametrize("what", [each for each in OFFERED if each not in ("came", "missed")])
def test_each_comes_to_the_conversation(house: House, ana: UUID, what: str) -> None:
    demo_events.let_happen(house.rt, ana, what)
    house.work()
    newest = show.phone_state(house.rt, ana)["trace"][0]
    assert newest["event"]["kind"] == "triggered"
    assert "nothing_to_start" not in {effect["detail"].replace(" ", "_") for effect in newest["effects"]}


@pytest.mark.parametrize(("what", "status"), [("came", "fulfilled"), ("missed", "noshow")])
def test_a_visit_takes_place_or_is_missed(house: House, ana: UUID, what: str, status: str) -> None:
    demo_events.let_happen(house.rt, ana, what)
    house.work()
    assert show.phone_state(house.rt, ana)["visits"][0]["status"] == status


def prepare(house: House, name: str, rows: list[dict[str, str]]) -> None:
    """What the demo's first start writes for later."""
    folder = house.rt.settings.data_dir / demo_events.FOLDER
    folder.mkdir()
    with (folder / name).open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def test_a_release_releases_what_was_measured_panel_by_panel(house: House, ana: UUID) -> None:
    ben = house.patient("Ben", "+12025550112")
    house.visit(ben, at(9, 11, 30))
    with house.rt.begin() as db:
        mine, another = (
            next(appointments.listed(db, house.clinic, patient=who)).patient_external_id for who in (ana, ben)
        )
    row = {
        "external_id": "R1",
        "patient_external_id": mine,
        "panel": "Blood",
        "name": "Iron",
        "value": "12",
        "low": "60",
        "taken": "2026-12-01",
        "released": "no",
    }
    rows = [row, row | {"external_id": "R2", "name": "INR", "panel": "INR", "low": "", "value": "2"}]
    his = row | {"external_id": "R3", "patient_external_id": another, "name": "Zinc"}
    prepare(house, demo_events.NEXT_RESULTS, [his, *rows])

    def told() -> list[str]:
        demo_events.let_happen(house.rt, ana, "a result is released")
        with house.rt.begin() as db:
            return [result.name for result in chart.results_of(db, house.clinic, ana)]

    assert told() == ["Iron"]
    assert told() == ["Iron", "INR"]
    assert told() == ["Iron", "INR"], "nothing is left: only the conversation hears of one"
    with house.rt.begin() as db:
        conversation = conversations.with_phone(db, house.clinic, ANA_PHONE, house.rt.now())
        rows = db.conn.execute(select(inbox.inbox).where(inbox.inbox.c.conversation_id == conversation)).all()
        found = [
            WHAT.validate_json(db.open_bytes(inbox.inbox, "what", row.what, clinic=house.clinic, row=row.id))
            for row in rows
        ]
        assert chart.results_of(db, house.clinic, ben) == []
    kinds = [what.values and what.values["kind"] for what in found if isinstance(what, Triggered)]
    assert kinds == ["abnormal", "normal", None]


def test_after_the_visit_its_summary_is_there(house: House, ana: UUID) -> None:
    with house.rt.begin() as db:
        (visit,) = appointments.listed(db, house.clinic, patient=ana)
    row = {"appointment_external_id": visit.external_id, "provider": "Dr. Okafor", "plan": "Walk"}
    prepare(house, demo_events.AFTER_VISIT, [row, row | {"appointment_external_id": "another"}])
    with house.rt.begin() as db:
        assert chart.summary_of(db, house.clinic, visit.id) is None
    demo_events.let_happen(house.rt, ana, "came")
    with house.rt.begin() as db:
        summary = chart.summary_of(db, house.clinic, visit.id)
    assert summary is not None
    assert summary.plan == ("Walk",)


def test_what_nobody_offers_can_not_happen(house: House, ana: UUID) -> None:
    with pytest.raises(NotFound):
        demo_events.let_happen(house.rt, ana, "the list gold names the patient")
    with pytest.raises(NotFound):
        demo_events.let_happen(house.rt, uuid4(), "call")
