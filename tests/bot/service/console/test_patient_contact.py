"""Contact data by hand: a change goes the way of an import; guardians; a task to call."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.core.flow import Page
from bot.errors import NotAllowed, NotFound
from bot.service import clinic as clinics
from bot.service.console import find_patient, patient_contact
from bot.service.console.patient_contact import FIELDS, BadContact
from bot.store import conversations, links, people, worklist
from bot.store.audit import audit
from tests.bot.service.desks import desk
from tests.conftest import ANA_PHONE, START, House

OTHER_PHONE = "+12025550166"


def test_another_phone_ends_links_and_takes_the_reminders_along(house: House) -> None:
    patient, maria = house.patient(), desk(house.rt, house.clinic)
    house.visit(patient, START + timedelta(days=3, hours=1))
    house.work()
    now = patient_contact.form(house.rt, maria, patient).values
    assert now["phone"] == "(202) 555-0111"
    assert patient_contact.change(house.rt, maria, patient, now) == ()
    given = {**now, "phone": "(202) 555-0166", "last_name": " Vega "}
    assert patient_contact.change(house.rt, maria, patient, given) == ("last_name", "phone")
    house.work()
    with house.rt.begin() as db:
        assert people.phones(db, house.clinic, [patient])[patient] == OTHER_PHONE
        row = db.conn.execute(select(audit).where(audit.c.action == "patient.changed")).one()
    assert (row.actor, row.detail, row.patients) == (str(maria.member), "last_name, phone", str(patient))
    assert [hit.id for hit in find_patient.find(house.rt, maria, "vega").found] == [patient]
    house.wait_until(START + timedelta(hours=2))
    assert len(house.got(OTHER_PHONE)) == 1
    assert house.got(ANA_PHONE) == []


def test_a_link_to_the_old_phone_is_over_at_once(house: House) -> None:
    patient, maria = house.patient(), desk(house.rt, house.clinic)
    with house.rt.begin() as db:
        talk = conversations.with_phone(db, house.clinic, ANA_PHONE, house.rt.now())
        link = links.issue(
            db,
            clinic=house.clinic,
            conversation=talk,
            patient=patient,
            visit_id=None,
            effect_key="x",
            page=Page.RESULT,
            form=None,
            turn=None,
            tries=5,
            views=5,
            now=house.rt.now(),
        )
    now = patient_contact.form(house.rt, maria, patient).values
    patient_contact.change(house.rt, maria, patient, {**now, "phone": OTHER_PHONE})
    with house.rt.begin() as db:
        found = links.get(db, link)
    assert found
    assert found.reason == "phone_changed"


def test_what_can_not_be_is_said_beside_its_field_and_nothing_is_kept(house: House) -> None:
    patient, maria = house.patient(), desk(house.rt, house.clinic)
    now = dict(patient_contact.form(house.rt, maria, patient).values)
    wrong = {
        "first_name": "",
        "last_name": "x" * 101,
        "birth_date": "2999-01-01",
        "phone": "12",
        "language": "nonsense!",
        "timezone": "Mars/Crater",
    }
    with pytest.raises(BadContact) as bad:
        patient_contact.change(house.rt, maria, patient, wrong)
    assert set(bad.value.faults) == set(FIELDS)
    assert all(fault.startswith("This ") for fault in bad.value.faults.values())
    assert patient_contact.form(house.rt, maria, patient).values == now


def test_guardians_are_added_shown_and_taken_away(house: House) -> None:
    patient, maria = house.patient(), desk(house.rt, house.clinic)
    with pytest.raises(BadContact) as bad:
        patient_contact.add_guardian(house.rt, maria, patient, {"name": "", "relation": "", "phone": "1"})
    assert set(bad.value.faults) == {"name", "relation", "phone"}
    given = {"name": "Luis Morales", "relation": "son", "phone": ""}
    patient_contact.add_guardian(house.rt, maria, patient, given)
    (son,) = patient_contact.form(house.rt, maria, patient).guardians
    assert (son.name, son.relation, son.phone) == ("Luis Morales", "son", "")
    with pytest.raises(NotFound):
        patient_contact.remove_guardian(house.rt, maria, house.patient("Ben"), son.id)
    patient_contact.remove_guardian(house.rt, maria, patient, son.id)
    assert patient_contact.form(house.rt, maria, patient).guardians == ()


def test_a_call_task_says_what_it_is_about_and_goes_to_ones_own_role(house: House) -> None:
    patient, joe = house.patient(), desk(house.rt, house.clinic, "front_desk", "joe")
    patient_contact.call_task(house.rt, joe, patient, "  insurance\x00 card ")
    with house.rt.begin() as db:
        (task,) = worklist.open_tasks(db, house.clinic, 9)
    assert (task.task, task.role, task.detail) == ("call_the_patient", "front_desk", "insurance card")


def test_only_who_may_changes_and_only_in_their_own_clinic(house: House) -> None:
    patient = house.patient()
    billing = desk(house.rt, house.clinic, "billing", "bill")
    for refused in (
        lambda: patient_contact.form(house.rt, billing, patient),
        lambda: patient_contact.change(house.rt, billing, patient, {}),
        lambda: patient_contact.add_guardian(house.rt, billing, patient, {}),
    ):
        with pytest.raises(NotAllowed):
            refused()
    other = clinics.add(house.rt, name="Hillside", phone="+12025550200", zone="America/Chicago")
    theirs = desk(house.rt, other, handle="otto")
    for missing in (
        lambda: patient_contact.form(house.rt, theirs, patient),
        lambda: patient_contact.change(house.rt, theirs, patient, {}),
        lambda: patient_contact.add_guardian(house.rt, theirs, patient, {}),
        lambda: patient_contact.call_task(house.rt, theirs, patient, ""),
    ):
        with pytest.raises(NotFound):
            missing()
