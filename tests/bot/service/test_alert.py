"""Alert: a page goes to who is on call now, by each channel; the on-call phone stands in; nobody at all is a task."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from bot.core.effects import NoteEscalation, PageStaff, Purpose, Urgency
from bot.core.events import Unanswered
from bot.core.oncall import Channel, whom
from bot.core.roster import Swap
from bot.service import advance, alert
from bot.service.alert import Paging
from bot.store import alerts, clinics, conversations, devices, outbox, staff, swaps
from bot.store.audit import audit
from tests.bot.service import duty
from tests.bot.service.duty import JOE, MARIA, step
from tests.conftest import ANA_PHONE, ONCALL_PHONE, START, House

BODY, SPOKEN = "Riverside 1001: open [link]", "Press 1."
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _staff(house: House) -> None:
    duty.plan(house.rt, step("nurse on call"))
    duty.hire(house, "maria", MARIA)
    duty.hire(house, "joe", JOE, role="provider")


def page(
    house: House, tell: str, *by: str, number: int = 0, key: str = "event:0", code: str = "1001"
) -> list[tuple[str, str]]:
    """Apply one page; whom it told by what."""
    effect = PageStaff(
        code=code,
        rung=number,
        urgency=Urgency.EMERGENCY,
        whom=whom(tell),
        by=tuple(Channel(one) for one in by or ("text",)),
        body=BODY,
        spoken=SPOKEN,
    )
    with house.rt.begin() as db:
        alert.page(paging(house, db), effect, key)
    return [(name, channel) for page_number, name, channel in duty.whom(house) if page_number == number]


def paging(house: House, db: Any) -> Paging:
    return Paging(
        db=db,
        clinic=clinics.get(db, house.clinic),
        conversation=conversations.with_phone(db, house.clinic, ANA_PHONE, house.rt.now()),
        present=house.rt.book(db, house.rt.current_edition(db)),
        channels=frozenset(Channel),
        now=house.rt.now(),
    )


def swap(house: House, person: str, start: timedelta, end: timedelta) -> UUID:
    now = house.rt.now()
    made = Swap(roster="nurse", person=person, start=now + start, end=now + end)
    with house.rt.begin() as db:
        return swaps.add(db, house.clinic, made, now)


def take_the_phone_away(house: House) -> None:
    with house.rt.begin() as db:
        db.conn.execute(text("UPDATE clinics SET oncall_phone = NULL"))


def texts(house: House) -> list[tuple[str, str]]:
    """The texts in the outbox: status and body."""
    with house.rt.begin() as db:
        found = db.conn.execute(select(outbox.outbox).order_by(outbox.outbox.c.seq)).all()
        return [
            (one.status, db.open(outbox.outbox, "body", one.body, clinic=one.clinic_id, row=one.id))
            for one in found
        ]


# -- whom -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tell", "told"),
    [
        ("nurse on call", ["maria"]),
        ("provider on call", ["joe"]),
        ("everyone of both", ["joe", "maria"]),
        ("everyone with role provider", ["joe"]),
        ("joe", ["joe"]),
        ("the on-call phone", ["phone"]),
        ("night on call", ["joe"]),  # nobody has it: its `otherwise` stands in
        ("ghost", ["phone"]),
        ("ghosts on call", ["phone"]),
        ("nothing on call", ["phone"]),
        ("everyone with role surgeon", ["phone"]),
    ],
)
def test_whom_a_step_means(house: House, tell: str, told: list[str]) -> None:
    duty.plan(
        house.rt,
        step("nurse on call"),
        rosters={
            **duty.ROSTERS,
            "both": {"layers": [{"people": ["maria"]}, {"people": ["joe"]}]},
            "ghosts": {"layers": [{"people": ["ghost"]}]},
            "night": {
                "layers": [{"people": ["maria"], "only": {"from": "20:00", "until": "06:00"}}],
                "otherwise": "provider",
            },
        },
    )
    assert page(house, tell) == [(name, "text") for name in told]


def test_of_a_roster_whoever_is_known_is_told(house: House) -> None:
    duty.plan(house.rt, rosters={"nurse": {"layers": [{"people": ["ghost"]}, {"people": ["maria"]}]}})
    assert page(house, "everyone of nurse") == [("maria", "text")]


@pytest.mark.parametrize(
    ("start", "end", "told"), [(-HOUR, HOUR, "joe"), (HOUR, 2 * HOUR, "maria"), (-2 * HOUR, -HOUR, "maria")]
)
def test_a_swap_counts_while_it_lasts(house: House, start: timedelta, end: timedelta, told: str) -> None:
    swap(house, "joe", start, end)
    assert page(house, "nurse on call") == [(told, "text")]


def test_a_swap_that_is_undone_counts_no_more(house: House) -> None:
    number = swap(house, "joe", -HOUR, HOUR)
    with house.rt.begin() as db:
        assert swaps.undo(db, house.clinic, number, house.rt.now())
    assert page(house, "nurse on call") == [("maria", "text")]


def test_who_has_left_is_stood_in_for(house: House) -> None:
    with house.rt.begin() as db:
        staff.leave(db, house.clinic, "maria", house.rt.now())
    assert page(house, "nurse on call", "text", "call") == [("phone", "call"), ("phone", "text")]


def test_people_of_another_clinic_are_not_told(house: House) -> None:
    with house.rt.begin() as db:
        now = house.rt.now()
        other = clinics.add(
            db, name="Other", phone="+12025550900", zone="UTC", language="en", oncall_phone=None, now=now
        )
        given = {"role": "surgeon", "name": "Zoe", "email": "zoe@other.example", "phone": "+12025550901"}
        staff.save(db, clinic=other, handle="zoe", now=now, **given)
    assert page(house, "everyone with role surgeon") == [("phone", "text")]
    assert page(house, "zoe", number=1, key="event:1") == [("phone", "text")]


def test_the_rosters_of_the_present_edition_count_though_the_conversation_goes_by_an_older_one(
    house: House,
) -> None:
    duty.plan(house.rt, step("nurse on call", wait="7 minutes"), step("the on-call phone"))
    start = START + timedelta(days=7, hours=1, minutes=30)
    house.visit(house.patient(), start)
    house.work()
    house.wait_until(start - timedelta(days=3))
    assert len(house.got()) == 1, "a question is open now: the conversation stays with its edition"
    duty.plan(house.rt, step("nurse on call"), rosters={"nurse": {"layers": [{"people": ["joe"]}]}})
    duty.alarm(house)
    assert duty.whom(house) == [(0, "joe", "text")]
    duty.later(house, minutes=6)
    assert duty.rung(house) == 0, "the ladder is that of the conversation's own edition"
    duty.later(house, minutes=2)
    assert duty.rung(house) == 1


# -- by what ----------------------------------------------------------------------------------------------


def subscribe(house: House, member: UUID) -> None:
    with house.rt.begin() as db:
        given = {"endpoint": "https://push.example/1", "p256dh": "x", "auth": "y"}
        devices.add(db, clinic=house.clinic, member=member, now=house.rt.now(), **given)


def test_every_channel_of_the_step_has_an_alert_of_its_own(house: House) -> None:
    subscribe(house, duty.hire(house, "maria", MARIA))
    told = page(house, "nurse on call", "text", "call", "email", "console", "push")
    assert told == [("maria", channel) for channel in ("call", "console", "email", "push", "text")]
    assert duty.alert_row(house, "call").words == SPOKEN
    assert {duty.alert_row(house, channel).words for channel in ("text", "email", "console", "push")} == {
        BODY
    }
    assert {duty.alert_row(house, one).status for one in ("call", "email", "push")} == {"ready"}
    assert (duty.alert_row(house, "console").status, duty.alert_row(house, "text").status) == (
        "shown",
        "text",
    )
    assert texts(house) == [("ready", BODY)]


@pytest.mark.parametrize(
    ("by", "told"),
    [
        (("text",), [("phone", "text")]),
        (("call",), [("phone", "call"), ("phone", "text")]),
        (("text", "email"), [("sam", "email")]),
        (("text", "push"), [("phone", "text")]),  # no browser of theirs takes push
        (("text", "console"), [("phone", "text"), ("sam", "console")]),
        (("console",), [("sam", "console")]),
    ],
)
def test_who_has_no_phone_is_told_otherwise_or_stood_in_for(
    house: House, by: tuple[str, ...], told: list[tuple[str, str]]
) -> None:
    duty.hire(house, "sam")
    assert page(house, "sam", *by) == told


def test_of_several_those_who_can_be_reached_are(house: House) -> None:
    duty.hire(house, "sam")
    assert page(house, "everyone with role nurse") == [("maria", "text")]


def test_the_text_leaves_to_their_phone_before_what_patients_get(house: House) -> None:
    page(house, "nurse on call")
    with house.rt.begin() as db:
        row = db.conn.execute(select(outbox.outbox)).one()
        theirs = conversations.with_phone(db, house.clinic, MARIA, house.rt.now())
    assert (row.purpose, row.conversation_id) == (Purpose.PAGE, theirs)
    house.work()
    assert len(house.got(MARIA)) == 1


# -- nobody -----------------------------------------------------------------------------------------------


def test_nobody_at_all_is_a_task_and_the_next_step_comes_at_once(house: House) -> None:
    take_the_phone_away(house)
    duty.plan(
        house.rt, step("ghost", "text", "call"), step("nurse on call", wait="1 hour"), step("joe", "text")
    )
    duty.alarm(house)
    assert "nobody_on_call" in duty.tasks(house)
    assert duty.whom(house) == [(1, "maria", "text")]


def test_where_nobody_can_be_reached_at_all_the_last_step_waits_for_its_time(house: House) -> None:
    take_the_phone_away(house)
    duty.plan(house.rt, step("ghost"), step("ghost", "call"))
    duty.alarm(house)
    assert (duty.rung(house), duty.whom(house)) == (1, [])
    duty.later(house, minutes=6)
    assert duty.rung(house) == 2
    duty.hire(house, "ghost", JOE)
    duty.later(house, minutes=6)
    assert duty.whom(house) == [(3, "ghost", "call")]


def test_who_is_only_shown_it_is_no_reason_for_a_task(house: House) -> None:
    take_the_phone_away(house)
    page(house, "nurse on call", "console")
    assert duty.tasks(house) == []


# -- overtaken, taken ----------------------------------------------------------------------------------------


def test_an_older_alert_to_the_same_person_by_the_same_channel_need_not_leave(house: House) -> None:
    page(house, "nurse on call", "text", "call", "console")
    page(house, "everyone with role provider", "call", number=1, key="event:1")
    page(house, "nurse on call", "text", "call", "console", number=2, key="event:2")
    assert duty.told(house) == [
        (0, "maria", "call", "dropped"),
        (0, "maria", "console", "dropped"),
        (0, "maria", "text", "dropped"),
        (1, "joe", "call", "ready"),
        (2, "maria", "call", "ready"),
        (2, "maria", "console", "shown"),
        (2, "maria", "text", "ready"),
    ]


def test_another_escalations_alerts_stay(house: House) -> None:
    page(house, "nurse on call", "text", "call")
    page(house, "nurse on call", "text", "call", key="event:1", code="1002")
    assert {status for *_, status in duty.told(house)} == {"ready"}


def note(house: House, became: Any = "taken", code: str = "1001") -> None:
    with house.rt.begin() as db:
        effect = NoteEscalation(code=code, became=became, by="joe", via="console")
        alert.note(paging(house, db), effect)


@pytest.mark.parametrize("became", ["taken", "resolved", "snoozed"])
def test_nothing_that_has_not_left_leaves_once_it_is_taken(house: House, became: str) -> None:
    page(house, "nurse on call", "text", "call", "email", "console")
    page(house, "nurse on call", key="event:1", code="1002")
    note(house, became)
    assert sorted(status for *_, status in duty.told(house)) == ["dropped"] * 4 + ["ready"]
    duty.work(house)
    assert len(house.got(MARIA)) == 1
    assert duty.calls(house) == []


def test_what_became_of_it_is_in_the_record(house: House) -> None:
    page(house, "nurse on call")
    note(house)
    with house.rt.begin() as db:
        entry = db.conn.execute(select(audit).where(audit.c.action.startswith("escalation."))).one()
    assert (entry.actor, entry.action, entry.detail) == ("staff:joe", "escalation.taken", "console")
    assert entry.subject == f"escalation:{duty.escalation(house).id}"


def test_a_note_of_one_that_was_never_paged_changes_nothing(house: House) -> None:
    page(house, "nurse on call")
    note(house, code="9999")
    assert duty.told(house) == [(0, "maria", "text", "ready")]


def test_a_page_while_the_text_of_the_one_before_is_being_sent_leaves_too(house: House) -> None:
    """It may have arrived, or not: nobody knows yet."""
    page(house, "nurse on call", "call")
    with house.rt.begin() as db:
        assert alerts.claim(db, house.rt.now(), 9)
    page(house, "nurse on call", "call", number=1, key="event:1")
    assert duty.told(house) == [(0, "maria", "call", "sending"), (1, "maria", "call", "ready")]


# -- no PHI -----------------------------------------------------------------------------------------------


def test_no_alert_holds_anything_of_the_patients(
    house: House, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    duty.plan(house.rt, step("nurse on call", "text", "call", "email", "console", "push"), step("joe"))
    house.patient("Anastasia")
    house.text("I have crushing chest pain and can't breathe")
    duty.work(house)
    assert duty.rung(house) >= 0
    with house.rt.begin() as db:
        dump = "\n".join(str(tuple(row)) for row in db.conn.execute(text("SELECT * FROM alerts")))
        dump += "\n".join(str(tuple(row)) for row in db.conn.execute(text("SELECT * FROM audit")))
        dump += "\n".join(str(tuple(row)) for row in db.conn.execute(text("SELECT * FROM escalations")))
    said = "\n".join([*house.got(MARIA), *(words for call in duty.calls(house) for words in call.said)])
    logged = "".join(capsys.readouterr()) + caplog.text
    assert "maria" not in logged.lower()
    for phi in ("Anastasia", "Morales", "chest", "breathe", ANA_PHONE, ANA_PHONE.removeprefix("+1")):
        assert phi not in dump + said + logged
    for secret in (MARIA, ONCALL_PHONE, "maria@clinic.example"):
        assert secret not in dump + logged


def test_two_deciders_page_once(house: House) -> None:
    conversation = duty.put(house, Unanswered(task="question", urgency="emergency"))
    assert advance.advance(house.rt, conversation) is not None
    assert advance.advance(house.rt, conversation) is None
    assert duty.whom(house) == [(0, "maria", "text")]
