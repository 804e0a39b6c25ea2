"""Households: who is on a phone and which visits are theirs, in one query."""

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from bot.core.facts import Person, Visit, VisitStatus
from bot.store import households
from tests.bot.store.test_queries import statements
from tests.conftest import ANA_PHONE, START, House

DAY = timedelta(days=1)


def around(house: House, *named: UUID) -> tuple[tuple[Person, ...], tuple[Visit, ...]]:
    with house.rt.begin() as db:
        index = db.keys(house.clinic).blind("phone", ANA_PHONE)
        return households.around(db, house.clinic, index, START, named)


def past(house: House, patient: UUID, start: datetime, status: VisitStatus) -> UUID:
    return house.visit(patient, start, status=status)


def test_a_person_comes_with_all_that_a_flow_may_ask(house: House) -> None:
    house.visit(house.patient(), START + DAY)
    ((ana,), (visit,)) = around(house)
    assert (ana.first_name, ana.birth_date, ana.missed, ana.preferences) == ("Ana", date(1970, 1, 2), 0, {})
    assert (visit.provider, visit.location, visit.kind) == ("Dr. Okafor", "Main Street", "follow-up")


def test_missed_visits_of_two_years_count_once_however_many_visits_there_are(house: House) -> None:
    ana = house.patient()
    for days in (40, 100, 729, 731, 5000):
        past(house, ana, START - days * DAY, VisitStatus.NOSHOW)
    past(house, ana, START - 50 * DAY, VisitStatus.FULFILLED)
    house.visit(ana, START + DAY)
    house.visit(ana, START + 2 * DAY)
    ben = house.patient("Ben")
    people, visits = around(house)
    assert {person.id: person.missed for person in people} == {ana: 3, ben: 0}
    assert len(visits) == 2


@pytest.mark.parametrize("days", [36, 300])
def test_an_old_visit_is_there_if_it_is_named(house: House, days: int) -> None:
    old = past(house, house.patient(), START - days * DAY, VisitStatus.FULFILLED)
    assert around(house)[1] == ()
    assert [visit.id for visit in around(house, old)[1]] == [old]


def test_a_named_visit_of_somebody_else_is_not_shown(house: House) -> None:
    house.patient()
    theirs = house.visit(house.patient("Ben", "+12025550122"), START + DAY)
    assert around(house, theirs)[1] == ()


def test_it_is_one_statement(house: House) -> None:
    house.visit(house.patient(), START + DAY)
    around(house)
    assert len(statements(house.rt, lambda: around(house))) == 1


def test_visits_ahead_come_batch_by_batch(house: House) -> None:
    wanted = {house.visit(house.patient(phone=f"+1202555030{n}"), START + DAY) for n in range(5)}
    past(house, house.patient(), START - DAY, VisitStatus.FULFILLED)
    seen, last = [], UUID(int=0)
    while last:
        with house.rt.begin() as db:
            found, last = households.ahead(db, last, START, 2)  # type: ignore[assignment]
        seen += [each.visit.id for each in found]
    assert (len(seen), set(seen)) == (5, wanted)
