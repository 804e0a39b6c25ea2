"""Begin: flows that no text asked for. Mail goes out once; whom it means nothing to is named."""

from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from bot.core.events import WHAT, Triggered
from bot.errors import BadFlow, NotFound
from bot.service import attend, begin
from bot.service.begin import Wanted
from bot.store import audit, inbox, people, worklist
from tests.bot.service.book import make_current
from tests.bot.service.test_spine import at, say
from tests.conftest import House

BEN_PHONE = "+12025550122"
CHECKUP = """
flow: checkup
title: Ask for a check-up
purpose: care
about: the patient
variables: {shot: contact}
starts:
  - when: staff start it
  - when: a broadcast
  - when: the list recall names the patient
  - when: a result is released
  - when: the task refill is closed
steps:
  hello:
    say: checkup
    then: end
"""
SENTENCES = {"checkup": "{{clinic}}: Hi {{first_name}}, it is time for your {{shot}}."}


@pytest.fixture(autouse=True)
def _checkup(house: House) -> None:
    make_current(house.rt, {"checkup": CHECKUP}, SENTENCES)
    house.wait_until(at(1, 10))


@pytest.fixture
def ana(house: House) -> str:
    """Ana's own id at the clinic."""
    return external(house, house.patient())


@pytest.fixture
def ben(house: House) -> str:
    return external(house, house.patient("Ben", BEN_PHONE))


def external(house: House, patient: UUID) -> str:
    with house.rt.begin() as db:
        row = db.conn.execute(select(people.patients).where(people.patients.c.id == patient)).one()
        return db.open(people.patients, "external_id", row.external_id, clinic=house.clinic, row=patient)


def mailed(house: House) -> list[Triggered]:
    with house.rt.begin() as db:
        rows = db.conn.execute(select(inbox.inbox).order_by(inbox.inbox.c.seq)).all()
        found = [
            WHAT.validate_json(db.open_bytes(inbox.inbox, "what", row.what, clinic=row.clinic_id, row=row.id))
            for row in rows
        ]
    return [what for what in found if isinstance(what, Triggered)]


def a_list(tmp_path: Path, *lines: str) -> Path:
    file = tmp_path / "list.csv"
    file.write_text("\n".join(lines) + "\n")
    return file


def test_staff_start_a_flow_for_one_patient(house: House, ana: str) -> None:
    begun = begin.by_staff(
        house.rt, None, "checkup", Wanted(patient=ana), values={"shot": "flu shot"}, by="kim"
    )
    assert (begun.new, begun.again, begun.faults) == (1, 0, ())
    house.work()
    assert house.got() == ["Riverside Clinic: Hi Ana, it is time for your flu shot."]
    with house.rt.begin() as db:
        c = audit.audit.c
        row = db.conn.execute(select(audit.audit).where(c.action == "flow.started")).one()
    assert (row.actor, row.subject, row.detail) == ("kim", "flow:checkup", "staff start it")
    assert row.patients


def test_a_broadcast_reaches_all_of_its_list_once_a_day(
    house: House, ana: str, ben: str, tmp_path: Path
) -> None:
    file = a_list(tmp_path, "external_id", ana, "nobody", ben)
    values = {"shot": "flu shot"}
    first = begin.by_list(house.rt, None, file, flow="checkup", values=values)
    assert (first.new, first.again) == (2, 0)
    assert [(fault.line, fault.column) for fault in first.faults] == [(3, "external_id")]
    again = begin.by_list(house.rt, None, file, flow="checkup", values=values)
    assert (again.new, again.again) == (0, 2)
    house.wait_until(at(2, 10))
    assert begin.by_list(house.rt, None, file, flow="checkup", values=values).new == 2
    assert [what.trigger for what in mailed(house)] == ["a broadcast"] * 4


def test_a_long_list_goes_out_in_batches(
    house: House, ana: str, ben: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(begin, "BATCH", 1)
    assert begin.by_list(house.rt, None, a_list(tmp_path, "external_id", ana, ben), flow="checkup").new == 2


def test_a_batch_waits_until_the_workers_have_caught_up(
    house: House, ana: str, ben: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(begin, "BATCH", 1)
    monkeypatch.setattr(begin, "MOST_WAITING", 0)
    waited = []

    def work(_seconds: float) -> None:
        waited.append(len(mailed(house)))
        house.work()

    monkeypatch.setattr("bot.service.begin.time.sleep", work)
    begin.by_list(house.rt, None, a_list(tmp_path, "external_id", ana, ben), flow="checkup")
    assert waited == [1]


def test_a_list_has_a_name(house: House, ana: str, tmp_path: Path) -> None:
    file = a_list(tmp_path, "external_id", ana)
    assert begin.by_list(house.rt, None, file, name="recall").new == 1
    assert mailed(house)[0].trigger == "the list recall names the patient"
    with pytest.raises(NotFound, match="the list other names the patient"):
        begin.by_list(house.rt, None, file, name="other")


def test_a_result_is_released(house: House, ana: str) -> None:
    assert begin.by_release(house.rt, None, ana, values={"shot": "x"}).new == 1
    (what,) = mailed(house)
    assert (what.trigger, what.values) == ("a result is released", {"shot": "x"})


def test_a_flow_about_a_visit_is_about_the_next_one(house: House, ana: str) -> None:
    begun = begin.by_staff(house.rt, None, "appointment", Wanted(patient=ana))
    assert [fault.reason for fault in begun.faults] == ["has no visit ahead that this could be about"]
    with house.rt.begin() as db:
        patient = people.by_external_ids(db, house.clinic, [ana])[ana]
    house.visit(patient, at(9, 10), external_id="later")
    soon = house.visit(patient, at(8, 10), external_id="soon")
    begin.by_staff(house.rt, None, "appointment", Wanted(patient=ana))
    later = begin.by_staff(house.rt, None, "appointment", Wanted(patient=ana, visit="later"))
    assert later.new == 1
    assert [what.visit_id == soon for what in mailed(house)] == [True, False]


def test_another_patients_visit_is_refused(house: House, ana: str, ben: str) -> None:
    with house.rt.begin() as db:
        patient = people.by_external_ids(db, house.clinic, [ben])[ben]
    house.visit(patient, at(9, 10), external_id="bens")
    begun = begin.by_staff(house.rt, None, "appointment", Wanted(patient=ana, visit="bens"))
    assert (begun.new, [fault.column for fault in begun.faults]) == (0, ["visit_external_id"])


def test_an_unknown_flow_and_an_unknown_variable_are_told(house: House, ana: str) -> None:
    with pytest.raises(NotFound, match="appointment, checkup"):
        begin.by_staff(house.rt, None, "chekup", Wanted(patient=ana))
    with pytest.raises(BadFlow, match="no variable shto"):
        begin.by_staff(house.rt, None, "checkup", Wanted(patient=ana), values={"shto": "x"})
    assert mailed(house) == []


def test_one_who_has_opted_out_gets_no_text(house: House, ana: str) -> None:
    say(house, "STOP")
    before = len(house.got())
    begin.by_staff(house.rt, None, "checkup", Wanted(patient=ana))
    house.work()
    assert len(house.got()) == before


@pytest.mark.parametrize(("text", "mails"), [("I need a refill", 1), ("blue is a nice color", 0)])
def test_closing_a_task_begins_what_waits_for_it(house: House, ana: str, text: str, mails: int) -> None:
    say(house, text)
    with house.rt.begin() as db:
        (task,) = worklist.open_tasks(db, house.clinic, 9)
    attend.close(house.rt, task.id)
    assert [what.trigger for what in mailed(house)] == ["the task refill is closed"] * mails
