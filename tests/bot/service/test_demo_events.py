"""What can happen in the demo beside texts and time: all of the shipped flows' starts, and each of them happens."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from bot.errors import NotFound
from bot.flowbook import loader
from bot.service import demo_events, show
from bot.settings import HOME
from bot.store import editions
from tests.bot.service.test_spine import at
from tests.conftest import House

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


def test_what_nobody_offers_can_not_happen(house: House, ana: UUID) -> None:
    with pytest.raises(NotFound):
        demo_events.let_happen(house.rt, ana, "the list gold names the patient")
    with pytest.raises(NotFound):
        demo_events.let_happen(house.rt, uuid4(), "call")
