"""The trail: it is walked page by page, found by who, what, whom and when; it says what does not hold."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text

from bot.errors import NotAllowed
from bot.runtime import Runtime
from bot.service import clinic as clinics
from bot.service.console import trail, trail_words
from bot.service.console.trail import Wanted
from bot.service.desk import Desk
from bot.store import audit
from bot.store.audit import Entry
from tests.bot.service.desks import desk
from tests.bot.service.week import Week


def write(rt: Runtime, *entries: Entry) -> None:
    """These lines, now."""
    with rt.begin() as db:
        audit.write(db, entries, rt.now())


def read(rt: Runtime, who: Desk, **wanted: object) -> list[str]:
    """The actions of the newest rows that fit."""
    found = trail.read(rt, who, Wanted(**wanted), audited=False)  # type: ignore[arg-type]
    return [row.action for row in found.rows]


def test_a_page_is_walked_by_its_last_row_and_none_is_left_out_or_twice(rt: Runtime, clinic: UUID) -> None:
    carla = desk(rt, clinic, "compliance", "carla")
    for number in range(3):
        lines = [carla.entry("visit.booked", f"visit:{number}-{each}") for each in range(40)]
        write(rt, *lines)  # forty at the same moment
        rt.move_clock(timedelta(seconds=1))
    seen, after = [], None
    while True:
        shown = trail.read(rt, carla, Wanted(noun="visit"), after, audited=False)
        seen += [row.subject for row in shown.rows]
        if not shown.more:
            break
        after = shown.rows[-1].place
    assert len(seen) == len(set(seen)) == 120
    assert seen[0].startswith("visit 2-")
    assert seen[-1].startswith("visit 0-")


def test_rows_are_found_by_who_what_whom_and_when(rt: Runtime, clinic: UUID) -> None:
    carla, dana = desk(rt, clinic, "compliance", "carla"), desk(rt, clinic, "front_desk", "dana")
    week = Week(rt, clinic)
    ana, ben = week.patient("Ana"), week.patient("Ben")
    before = rt.now()
    write(rt, dana.entry("patient.viewed", f"patient:{ana}", patients=(ana,)))
    rt.move_clock(timedelta(hours=1))
    noon = rt.now()
    write(
        rt,
        dana.entry("talk.viewed", "talk:1", patients=(ben, ana)),
        carla.entry("patient.viewed", f"patient:{ben}", patients=(ben,)),
        Entry(clinic=clinic, actor="bot", action="text.sent", subject="text:1"),
    )
    assert read(rt, carla, actor=str(dana.member)) == ["talk.viewed", "patient.viewed"]
    assert read(rt, carla, actor="bot") == ["text.sent"]
    assert read(rt, carla, noun="patient", actor=str(carla.member)) == ["patient.viewed"]
    assert read(rt, carla, noun="pat") == []
    assert read(rt, carla, patient=ana) == ["talk.viewed", "patient.viewed"]
    assert sorted(read(rt, carla, patient=ben, since=noon)) == ["patient.viewed", "talk.viewed"]
    assert read(rt, carla, patient=ana, since=before, until=noon) == ["patient.viewed"]
    assert read(rt, carla, action="talk.viewed", noun="talk") == ["talk.viewed"]
    assert read(rt, carla, patient=uuid4()) == []
    elsewhere = clinics.add(rt, name="Lakeside", phone="+12025550777", zone="America/New_York")
    assert read(rt, desk(rt, elsewhere, "compliance", "lea"), patient=ana) == []
    with pytest.raises(NotAllowed):
        read(rt, dana)


def test_people_read_names_and_who_opens_no_patients_reads_initials(rt: Runtime, clinic: UUID) -> None:
    carla, dana = desk(rt, clinic, "compliance", "carla"), desk(rt, clinic, "front_desk", "dana")
    ana = Week(rt, clinic).patient("Ana")
    write(rt, dana.entry("patient.viewed", f"staff:{dana.member}", patients=(ana,)))
    (row,) = trail.read(rt, carla, Wanted(noun="patient"), audited=True).rows
    assert (row.who, row.did, row.subject) == ("Dana", "opened a patient", "staff Dana")
    assert row.whom == ((ana, f"A. M. {str(ana)[:8]}"),)
    assert trail_words.whom(dana, ana, {ana: ("Ana", "Morales")}) == "Ana Morales"
    assert read(rt, carla, noun="audit") == ["audit.read"]  # who reads is read of
    for text_, found in ((str(ana), ana), ("P1", ana), ("+1 202 555 1001", ana), (f" {ana} ", ana)):
        assert [one for one, _ in trail.find(rt, carla, text_)] == [found], text_
    for nobody in ("", "P99", "Morales", str(uuid4()), "+12025559999"):
        assert trail.find(rt, carla, nobody) == ()


@pytest.mark.parametrize(
    ("action", "words"),
    [("visit.booked", "booked a visit"), ("draft.sent_back", "draft: sent back"), ("x", "x: ")],
)
def test_what_was_done_is_said_in_words_or_in_its_own(action: str, words: str) -> None:
    assert trail_words.did(action) == words


def test_a_check_says_what_does_not_hold_and_does_not_keep_anybody_waiting(
    rt: Runtime, clinic: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    carla = desk(rt, clinic, "compliance", "carla")
    write(rt, carla.entry("visit.booked", "visit:1"))
    checked = trail.verify(rt, carla)
    assert (checked.looked, checked.trouble) == (True, "")
    assert checked.rows >= 2
    with rt.begin() as db:
        for statement in (
            "ALTER TABLE audit DISABLE TRIGGER ALL",
            "UPDATE audit SET detail = 'x' WHERE action = 'visit.booked'",
            "ALTER TABLE audit ENABLE TRIGGER ALL",
        ):
            db.conn.execute(text(statement))
    assert "was altered" in trail.verify(rt, carla).trouble
    monkeypatch.setattr(trail, "AT_ONCE", 1)
    assert not trail.verify(rt, carla).looked
    assert len(trail.anchors(rt, carla).splitlines()) >= 1
    with rt.begin() as db:
        details = db.conn.execute(
            select(audit.audit.c.detail).where(audit.audit.c.action == "audit.verified")
        ).scalars()
        assert set(details) == {f"{checked.rows} rows hold", "does not hold"}


def test_an_export_holds_what_fits_in_portions(
    rt: Runtime, clinic: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    carla = desk(rt, clinic, "compliance", "carla")
    write(rt, *(carla.entry("visit.booked", f"visit:{each}", detail="=1+1") for each in range(7)))
    monkeypatch.setattr(trail, "_PORTION", 3)
    lines = list(trail.export(rt, carla, Wanted(noun="visit")))
    assert len(lines) == 8
    assert lines[0].startswith("when,who,did,action")
    assert all(",Carla,booked a visit,visit.booked," in line and ",'=1+1" in line for line in lines[1:])
    assert read(rt, carla, noun="audit") == ["audit.exported"]
