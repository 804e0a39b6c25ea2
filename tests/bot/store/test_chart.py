"""The chart's table: what is kept of a batch, and what the pages get of it."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from bot.core.chart import Medicine, Result, Summary, number_of
from bot.core.facts import VisitStatus
from bot.errors import VaultError
from bot.service import clinic as clinics
from bot.store import appointments, chart
from bot.store.appointments import Booking
from bot.store.chart import Change, Leaf
from tests.conftest import SERVICE, START, House

DAY = timedelta(days=1)


def leaf(
    patient: UUID,
    name: str = "LDL",
    value: str = "96",
    *,
    days: int = 1,
    panel: str = "Lipids",
    released: datetime | bool = True,
    external_id: str | None = None,
) -> Leaf:
    """A result of so many days before START."""
    at = START - days * DAY
    content = Result(
        name=name, value=value, number=number_of(value), high=100.0, taken=at.date(), panel=panel
    )
    return Leaf(
        external_id=external_id or f"{name}-{days}",
        patient_id=patient,
        content=content,
        at=at,
        released=released,
        group=f"{panel}:{days}",
    )


def save(house: House, *leaves: Leaf, later: timedelta = timedelta()) -> list[Change]:
    with house.rt.begin() as db:
        return chart.save(db, house.clinic, leaves, START + later)


def shown(house: House, patient: UUID) -> list[str]:
    with house.rt.begin() as db:
        return [result.name for result in chart.results_of(db, house.clinic, patient)]


@pytest.fixture
def ana(house: House) -> UUID:
    return house.patient()


@pytest.fixture
def ben(house: House) -> UUID:
    return house.patient("Ben", "+12025550112")


def test_the_same_batch_again_touches_nothing(house: House, ana: UUID) -> None:
    leaves = [leaf(ana), leaf(ana, "HDL", released=False)]
    assert [(change.new, change.news) for change in save(house, *leaves)] == [(True, True), (True, False)]
    assert save(house, *leaves, later=DAY) == []
    changed = save(house, leaf(ana, value="97"), leaf(ana, "HDL"), later=DAY)
    assert [(change.new, change.news) for change in changed] == [(False, True), (False, True)]
    assert save(house, leaf(ana, value="97"), leaf(ana, "HDL"), later=2 * DAY) == []


def test_results_taken_together_have_one_group_that_is_nobody_elses(
    house: House, ana: UUID, ben: UUID
) -> None:
    changes = save(house, leaf(ana), leaf(ana, "HDL"), leaf(ana, "LDL", days=400), leaf(ben, external_id="x"))
    groups = [change.group for change in changes]
    assert groups[0] == groups[1]
    assert len(set(groups)) == 3


def test_all_that_was_released_within_a_day_is_shown_by_whole_groups(house: House, ana: UUID) -> None:
    assert shown(house, ana) == []
    save(
        house,
        leaf(ana, "HDL", released=START - 9 * DAY),
        leaf(ana, "LDL", released=START - timedelta(hours=2)),
        leaf(ana, "Held back", released=False),
        leaf(ana, "A1c", days=3, panel="Sugar", released=START),
        leaf(ana, "Iron", days=3, panel="Blood", released=START - DAY),
    )
    assert shown(house, ana) == ["HDL", "LDL", "A1c"]


def test_the_history_of_a_value_is_newest_first_and_only_what_is_released(
    house: House, ana: UUID, ben: UUID
) -> None:
    save(house, *(leaf(ana, value=str(days), days=days) for days in (400, 1, 90)))
    save(house, leaf(ana, value="2", days=2, released=False), leaf(ana, "HDL", value="50", days=9))
    save(house, leaf(ben, value="77", days=7, external_id="x"))
    with house.rt.begin() as db:
        found = chart.history_of(db, house.clinic, ana, ["LDL", "Iron"])
    assert {name: [result.value for result in values] for name, values in found.items()} == {
        "LDL": ["1", "90", "400"],
        "Iron": [],
    }
    assert found["LDL"][0].taken == (START - DAY).date()


def test_a_summary_is_not_shown_to_whom_its_visit_was_taken_from(house: House, ana: UUID, ben: UUID) -> None:
    first = house.visit(ana, START - 30 * DAY, external_id="A-1")
    second = house.visit(ana, START - DAY, external_id="A-2")
    save(
        house,
        *(
            Leaf(
                external_id=str(visit),
                patient_id=ana,
                visit_id=visit,
                content=Summary(provider=name),
                at=START,
                released=True,
            )
            for visit, name in ((second, "second"), (first, "first"))
        ),
    )

    def seen(patient: UUID, visit: UUID) -> tuple[str | None, str | None]:
        with house.rt.begin() as db:
            latest = chart.latest_summary(db, house.clinic, patient)
            its = chart.summary_of(db, house.clinic, visit)
        return its and its.provider, latest and latest[1].provider

    assert seen(ana, first) == ("first", "second")
    assert seen(ben, second) == ("second", None)
    booking = Booking(
        external_id="A-2",
        patient_id=ben,
        service=SERVICE,
        start=START - DAY,
        minutes=30,
        status=VisitStatus.FULFILLED,
    )
    with house.rt.begin() as db:
        appointments.save(db, house.clinic, [booking], START)
    assert seen(ben, second) == (None, None)
    assert seen(ana, first) == ("first", "first")


def test_medicines_are_listed_by_name(house: House, ana: UUID, ben: UUID) -> None:
    def medicine(number: int, patient: UUID, name: str, *, taken: bool = True) -> Leaf:
        content = Medicine(name=name, how="once a day")
        return Leaf(external_id=str(number), patient_id=patient, content=content, at=START, released=taken)

    save(
        house,
        medicine(1, ana, "metformin"),
        medicine(2, ana, "Lisinopril"),
        medicine(3, ana, "Ibuprofen", taken=False),
        medicine(4, ben, "Aspirin"),
    )
    with house.rt.begin() as db:
        names = [each.name for each in chart.medicines_of(db, house.clinic, ana)]
    assert names == ["Lisinopril", "metformin"]


def test_another_clinic_has_other_rows_under_the_same_id_and_can_not_open_ours(
    house: House, ana: UUID
) -> None:
    save(house, leaf(ana))
    other = clinics.add(house.rt, name="Hillside Clinic", phone="202-555-0101", zone="America/Denver")
    with house.rt.begin() as db:
        (change,) = chart.save(db, other, [leaf(ana)], START)
        assert change.new
        db.conn.rollback()
    with house.rt.begin() as db, pytest.raises(VaultError):
        chart.results_of(db, other, ana)


def test_a_day_and_a_moment_stay_what_they_are(house: House, ana: UUID) -> None:
    moment = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
    for number, taken in enumerate((date(2026, 11, 20), moment)):
        content = Result(name="LDL", value="1", taken=taken, panel="Lipids")
        made = Leaf(
            external_id=str(number), patient_id=ana, content=content, at=moment, released=True, group="g"
        )
        save(house, made)
    with house.rt.begin() as db:
        found = [result.taken for result in chart.results_of(db, house.clinic, ana)]
    assert {type(taken) for taken in found} == {date, datetime}
