"""Finding patients: by whole words of a name, by phone, by the clinic's own number; a birth date narrows."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import delete, select, update

from bot.core.roles import Sees
from bot.errors import NotAllowed
from bot.runtime import Runtime
from bot.service.console import find_patient, patient_page
from bot.store import people
from bot.store.audit import audit
from bot.store.names import patient_names, words
from bot.store.people import Patient, patients
from tests.bot.service.desks import desk

PEOPLE = (
    ("MRN-1", "Ana", "Morales", date(1958, 4, 12), "+12025550111"),
    ("MRN-2", "Ana María", "Núñez-O’Brien", date(1990, 12, 4), "+12025550112"),
    ("MRN-3", "Ben", "Morales", date(1990, 12, 4), "+12025550111"),
    ("2025550111", "Zoe", "Number", date(2001, 1, 1), "+12025550113"),
)


def save(rt: Runtime, clinic: UUID, *rows: tuple[str, str, str, date, str]) -> None:
    """Patients as an import has them."""
    batch = [
        Patient(
            external_id=number,
            first_name=first,
            last_name=last,
            birth_date=born,
            phone=phone,
            language="en",
            zone="America/New_York",
        )
        for number, first, last, born, phone in rows
    ]
    with rt.begin() as db:
        people.save(db, clinic, batch, rt.now())


def found(rt: Runtime, clinic: UUID, wanted: str) -> list[str]:
    """First names of who is found."""
    hits = find_patient.find(rt, desk(rt, clinic), wanted)
    return [hit.name.split()[0] for hit in hits.found]


def test_all_words_must_fit_and_a_birth_date_narrows(rt: Runtime, clinic: UUID) -> None:
    save(rt, clinic, *PEOPLE)
    for wanted, names in {
        "Morales": ["Ana", "Ben"],
        "  MORALES   ana ": ["Ana"],
        "Mor": [],
        "Morales Zoe": [],
        "nunez": ["Ana"],
        "OBRIEN maria": ["Ana"],
        "o'brien": ["Ana"],
        "ana": ["Ana", "Ana"],
        "ana 12/4/1990": ["Ana"],
        "ana 1958-04-12": ["Ana"],
        "12/4/90 morales": ["Ben"],
        "morales 4/12/1990": [],
        "12/4/1990": [],
        "morales 13/45/1990": [],
        "(202) 555-0112": ["Ana"],
        "202-555-0111": ["Ana", "Ben"],
        "2025550111": ["Ana", "Ben", "Zoe"],  # a phone, and somebody's own number
        "MRN-3": ["Ben"],
        "mrn-3": [],
        "": [],
        "%": [],
        "\x00": [],
        "' OR 1=1 --": [],
    }.items():
        assert found(rt, clinic, wanted) == names, wanted


def test_a_search_is_written_down_without_what_was_searched_for(rt: Runtime, clinic: UUID) -> None:
    save(rt, clinic, *PEOPLE)
    maria = desk(rt, clinic)
    find_patient.find(rt, maria, "Morales")
    with rt.begin() as db:
        row = db.conn.execute(select(audit).where(audit.c.action == "patient.searched")).one()
    assert (row.actor, row.detail, row.patients.count(",")) == (str(maria.member), "2 found", 1)
    with pytest.raises(NotAllowed):
        find_patient.find(rt, desk(rt, clinic, "compliance", "cleo"), "Morales")


def test_a_hit_tells_people_apart_as_far_as_the_role_sees(rt: Runtime, clinic: UUID) -> None:
    save(rt, clinic, *PEOPLE)
    nurse = desk(rt, clinic)
    (hit,) = find_patient.find(rt, nurse, "MRN-1").found
    assert (hit.name, hit.born, hit.phone) == ("Ana Morales", "Apr 12, 1958", "•••• 0111")
    without = tuple(one for one in Sees if one is not Sees.CONTACT)
    blind = replace(nurse, role=nurse.role.model_copy(update={"sees": without}))
    (hit,) = find_patient.find(rt, blind, "MRN-1").found
    assert (hit.name, hit.born, hit.phone) == ("Ana Morales", "•••", "•••")


def test_another_clinics_patients_are_not_found_whatever_they_are_called(rt: Runtime, clinic: UUID) -> None:
    from bot.service import clinic as clinics

    save(rt, clinic, *PEOPLE)
    other = clinics.add(rt, name="Hillside", phone="+12025550200", zone="America/Chicago")
    for wanted in ("Morales", "MRN-1", "202-555-0111"):
        assert find_patient.find(rt, desk(rt, other, handle="otto"), wanted).found == ()


def test_a_new_name_is_found_and_the_old_one_is_not(rt: Runtime, clinic: UUID) -> None:
    save(rt, clinic, *PEOPLE)
    number, first, _, born, phone = PEOPLE[0]
    save(rt, clinic, (number, first, "Vega", born, phone))
    assert found(rt, clinic, "Ana Morales") == []
    assert found(rt, clinic, "vega") == ["Ana"]


def test_patients_of_before_are_found_by_name_once_the_clock_has_come_round(
    rt: Runtime, clinic: UUID
) -> None:
    save(rt, clinic, *PEOPLE)
    with rt.begin() as db:
        db.conn.execute(delete(patient_names))
        db.conn.execute(update(patients).values(named=False))
    assert found(rt, clinic, "Morales") == []
    with rt.begin() as db:
        assert [people.name_more(db, 3) for _ in range(3)] == [3, 1, 0]
    assert found(rt, clinic, "Morales") == ["Ana", "Ben"]
    find_patient.name_more(rt)


def test_many_hits_are_cut_and_said_to_be(rt: Runtime, clinic: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    save(rt, clinic, *PEOPLE)
    monkeypatch.setattr(find_patient, "MOST", 1)
    hits = find_patient.find(rt, desk(rt, clinic), "Morales")
    assert (len(hits.found), hits.more) == (1, True)


def test_whom_one_opened_lately_stands_there_the_last_one_first(rt: Runtime, clinic: UUID) -> None:
    save(rt, clinic, *PEOPLE)
    maria = desk(rt, clinic)
    ids = {hit.external_id: hit.id for hit in find_patient.find(rt, maria, "ana").found}
    for number in ("MRN-1", "MRN-2", "MRN-1"):
        patient_page.show(rt, maria, ids[number], audited=True)
    patient_page.show(rt, maria, find_patient.find(rt, maria, "MRN-3").found[0].id, audited=False)
    assert [hit.external_id for hit in find_patient.lately(rt, maria)] == ["MRN-1", "MRN-2"]
    assert find_patient.lately(rt, desk(rt, clinic, "ma", "mo")) == []


@pytest.mark.parametrize(
    ("names", "compared"),
    [
        (("José", "O’Brien-Núñez"), {"jose", "obrien", "nunez"}),
        (("Anne-Marie", "van der Berg"), {"anne", "marie", "van", "der", "berg"}),
        (("Ｗｉｄｅ", "Straße"), {"wide", "strasse"}),
        (("--", "  "), set()),
    ],
)
def test_words_are_compared_without_case_accents_and_apostrophes(
    names: tuple[str, ...], compared: set[str]
) -> None:
    assert words(*names) == compared
