"""Glass: who breaks it sees all of one patient for a while, others hear of it at once and look at it afterwards."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from bot.core.roles import RIGHTS, May, Sees
from bot.errors import BadImport, NotAllowed, NotFound
from bot.runtime import Runtime
from bot.service import clinic as clinics
from bot.service import enrol, operate
from bot.service.console import glass, mask
from bot.service.desk import Desk
from bot.store import alerts, audit, outbox
from bot.store import glass as rows
from tests.bot.service.desks import desk
from tests.conftest import House

WHY = "Chest pain at the desk, I need her medicines now"
CARLA, ADA = "+12025550181", "+12025550182"


def entries(rt: Runtime, prefix: str) -> list[tuple[str, str, str]]:
    """Action, patients and detail of what was audited, in the order in which it was."""
    table = audit.audit
    with rt.begin() as db:
        found = db.conn.execute(select(table).where(table.c.action.startswith(prefix)).order_by(table.c.at))
        return [(row.action, row.patients, row.detail) for row in found]


def seen(rt: Runtime, who: Desk, patient: object) -> Desk:
    """The desk as it sees this patient."""
    with rt.begin() as db:
        return glass.sight(rt, db, who, patient)  # type: ignore[arg-type]


def test_who_breaks_it_sees_all_of_this_patient_and_of_no_other_for_a_while(house: House) -> None:
    rt, ana, ben = house.rt, house.patient(), house.patient("Ben", "+12025550112")
    dana, other = desk(rt, house.clinic, "front_desk", "dana"), desk(rt, house.clinic, "front_desk", "dora")
    assert seen(rt, dana, ana) is dana
    until = glass.break_it(rt, dana, ana, reason=f"  {WHY}\n", minutes=30)
    assert rt.now() + timedelta(minutes=29) < until <= rt.now() + timedelta(minutes=30)
    broken = seen(rt, dana, ana)
    assert mask.shown(broken, Sees.HEALTH, "PHQ-9: 14") == "PHQ-9: 14"
    assert (broken.member, broken.role.label, broken.may(May.PUBLISH)) == (dana.member, "Front desk", False)
    assert mask.shown(seen(rt, dana, ben), Sees.HEALTH, "PHQ-9: 14") == mask.MASK
    assert mask.shown(seen(rt, other, ana), Sees.HEALTH, "PHQ-9: 14") == mask.MASK
    assert [(one.patient, one.name, one.until) for one in glass.open_now(rt, dana)] == [
        (ana, "Ana Morales", until)
    ]
    assert glass.open_now(rt, other) == ()
    rt.move_clock(timedelta(minutes=30, seconds=1))
    assert seen(rt, dana, ana) is dana
    assert glass.open_now(rt, dana) == ()


def test_who_may_give_out_rights_sees_all_but_may_not_give_them_out_by_that(house: House) -> None:
    ana, admin = house.patient(), desk(house.rt, house.clinic, "admin", "ada")
    glass.break_it(house.rt, admin, ana, reason=WHY, minutes=60)
    broken = seen(house.rt, admin, ana)
    assert broken.sees(Sees.HEALTH)
    assert not RIGHTS & set(broken.role.may)
    assert set(broken.role.may) == set(admin.role.may) - RIGHTS
    nurse = desk(house.rt, house.clinic, "nurse", "nora")
    assert seen(house.rt, nurse, ana) is nurse  # sees all by her role


def test_it_needs_a_reason_a_span_a_right_and_a_patient_of_ones_own_clinic(house: House) -> None:
    rt, ana, dana = house.rt, house.patient(), desk(house.rt, house.clinic, "front_desk", "dana")
    for reason, minutes, fault in (
        ("", 30, "reason"),
        (" hm \x00", 30, "reason"),
        ("x" * 501, 30, "reason"),
        (WHY, 45, "minutes"),
        (WHY, 600, "minutes"),
    ):
        with pytest.raises(BadImport, match=f"^{fault}: "):
            glass.break_it(rt, dana, ana, reason=reason, minutes=minutes)
    with pytest.raises(NotAllowed):
        glass.break_it(rt, desk(rt, house.clinic, "billing", "bill"), ana, reason=WHY, minutes=30)
    elsewhere = clinics.add(rt, name="Lakeside", phone="+12025550777", zone="America/New_York")
    for who, patient in ((dana, uuid4()), (desk(rt, elsewhere, "front_desk", "lea"), ana)):
        with pytest.raises(NotFound):
            glass.break_it(rt, who, patient, reason=WHY, minutes=30)
    assert entries(rt, "glass") == []
    with rt.begin() as db:
        assert db.conn.execute(select(rows.glass)).all() == []
        assert db.conn.execute(select(outbox.outbox)).all() == []


def test_everybody_who_reads_the_trail_hears_of_it_at_once_and_nothing_of_the_patient(house: House) -> None:
    rt, ana, dana = house.rt, house.patient(), desk(house.rt, house.clinic, "front_desk", "dana")
    enrol.add(rt, house.clinic, "ada@clinic.example", role="admin", handle="ada", phone=ADA)
    glass.break_it(rt, dana, ana, reason=WHY, minutes=30)
    house.work()
    (told,) = house.got(ADA)  # nobody reads the trail yet: who manages the staff hears of it
    assert told.startswith("Riverside Clinic: ")
    assert not any(word in told for word in ("Ana", "Morales", "medicines", "dana", "{{"))
    enrol.add(rt, house.clinic, "carla@clinic.example", role="compliance", handle="carla", phone=CARLA)
    glass.break_it(rt, dana, ana, reason=WHY, minutes=30)
    house.work()
    assert (len(house.got(CARLA)), len(house.got(ADA))) == (1, 1)
    with rt.begin() as db:
        kept = db.conn.execute(select(alerts.alerts.c.words, alerts.alerts.c.escalation_id)).all()
    assert {row.words for row in kept} == {told}
    assert entries(rt, "glass") == [("glass.broken", str(ana), "30 minutes")] * 2


def test_who_did_it_hears_of_it_only_where_nobody_else_could(house: House) -> None:
    rt, ana = house.rt, house.patient()
    ada = desk(rt, house.clinic, "admin", "ada")
    enrol.add(rt, house.clinic, "ada@clinic.example", role="admin", phone=ADA)
    glass.break_it(rt, ada, ana, reason=WHY, minutes=30)
    enrol.add(rt, house.clinic, "amy@clinic.example", role="admin", handle="amy", phone=CARLA)
    glass.break_it(rt, ada, ana, reason=WHY, minutes=30)
    house.work()
    assert (len(house.got(ADA)), len(house.got(CARLA))) == (1, 1)


def test_somebody_else_looks_at_it_afterwards_and_says_what_is_to_be_said(house: House) -> None:
    rt, ana, dana = house.rt, house.patient(), desk(house.rt, house.clinic, "front_desk", "dana")
    carla = desk(rt, house.clinic, "compliance", "carla")
    before = dana.entry("patient.viewed", f"patient:{ana}", patients=(ana,))
    with rt.begin() as db:
        audit.write(db, [before], rt.now())
    rt.move_clock(timedelta(minutes=1))
    glass.break_it(rt, dana, ana, reason=WHY, minutes=30)
    other = dana.entry("patient.viewed", "patient:x", patients=(uuid4(),))
    with rt.begin() as db:
        audit.write(db, [before, other], rt.now())
    found = glass.to_review(rt, carla)
    (one,) = found.waiting
    assert (found.count, found.done, glass.waits(rt, carla)) == (1, (), 1)
    assert (one.who, one.reason, one.until - one.since) == ("Dana", WHY, timedelta(minutes=30))
    assert one.whom == f"A. M. {str(ana)[:8]}"  # who reads the trail opens no patients
    assert [look.words for look in one.looked] == ["opened a patient"]
    assert one.may
    with pytest.raises(BadImport, match=r"^verdict: "):
        glass.review(rt, carla, one.id, "whatever")
    glass.review(rt, carla, one.id, "to talk about")
    with pytest.raises(NotFound):
        glass.review(rt, carla, one.id, "fine")  # once is enough
    found = glass.to_review(rt, carla)
    assert (found.count, found.waiting, glass.waits(rt, carla)) == (0, (), 0)
    assert [(each.verdict, each.reviewer) for each in found.done] == [("to talk about", "Carla")]
    assert entries(rt, "glass.reviewed") == [("glass.reviewed", str(ana), "to talk about")]
    operate.verify_audit(rt)


def test_nobody_reviews_their_own_nor_another_clinics(house: House) -> None:
    rt, ana, dana = house.rt, house.patient(), desk(house.rt, house.clinic, "front_desk", "dana")
    glass.break_it(rt, dana, ana, reason=WHY, minutes=30)
    reader = desk(rt, house.clinic, "compliance", "dana")  # the same person, with a new role
    (one,) = glass.to_review(rt, reader).waiting
    assert not one.may
    elsewhere = clinics.add(rt, name="Lakeside", phone="+12025550777", zone="America/New_York")
    stranger = desk(rt, elsewhere, "compliance", "carla")
    assert glass.to_review(rt, stranger).waiting == ()
    for who, error in ((reader, NotAllowed), (stranger, NotFound), (dana, NotAllowed)):
        with pytest.raises(error):
            glass.review(rt, who, one.id, "fine")
    with pytest.raises(NotAllowed):
        glass.to_review(rt, dana)
