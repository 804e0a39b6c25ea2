"""Show the trace: what was understood and done reads well, and everything that can happen or be done has a title."""

from datetime import datetime, timedelta
from typing import Any, get_args
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from bot.core import effects, events
from bot.core.effects import NoteEscalation, PageStaff, TellStaff, Urgency
from bot.core.oncall import Channel, whom
from bot.service import answer, show, show_staff, show_trace
from bot.service.show_staff import People
from tests.bot.service.duty import JOE, MARIA, alarm, hire, later, plan, step, work
from tests.bot.service.test_spine import at, say
from tests.conftest import House

BY_TEXT_AND_CALL = (Channel.TEXT, Channel.CALL)


@pytest.fixture
def ana(house: House) -> UUID:
    """Ana's visit is ahead, and the office knows of it."""
    patient = house.patient()
    house.visit(patient, at(7, 10, 30))
    house.work()
    return patient


@pytest.fixture
def people(house: House) -> People:
    """Maria is the nurse on call, Joe the provider."""
    plan(house.rt, step("nurse on call", "text", wait="2 minutes"), step("provider on call", "call", "text"))
    hire(house, "maria", MARIA)
    hire(house, "joe", JOE, role="provider")
    with house.rt.begin() as db:
        return show_staff.people(house.rt, db, house.rt.clinic(db, house.clinic), house.rt.now())


def trace(house: House, patient: UUID) -> list[Any]:
    """What the page shows, the newest first."""
    found: list[Any] = show.phone_state(house.rt, patient)["trace"]
    return found


def did(event: Any) -> dict[str, str]:
    """Titles of what was done, with their details."""
    return {effect["title"]: effect["detail"] for effect in event["effects"]}


def paged(whom_: str, by: tuple[Channel, ...] = (Channel.TEXT,)) -> PageStaff:
    return PageStaff(code="1001", rung=0, urgency=Urgency.EMERGENCY, whom=whom(whom_), by=by, body="")


def test_everything_that_can_happen_and_be_done_has_a_title() -> None:
    happenings = get_args(get_args(events.What)[0])
    assert set(show_trace._EVENTS) == {what.__dataclass_fields__["kind"].default for what in happenings}
    assert set(show_trace._EFFECTS) == {effect.__name__ for effect in get_args(get_args(effects.Effect)[0])}
    hows = get_args(events.Handled.__dataclass_fields__["how"].type)
    assert set(show_trace._HANDLED) == set(hows)
    assert set(show_trace._BECAME) == set(get_args(NoteEscalation.__dataclass_fields__["became"].type))
    assert set(show_trace._VIA) == set(get_args(answer.Via))
    assert set(show_trace._BY) == set(Channel)


def test_the_trace_says_what_was_understood_and_done(house: House, ana: UUID) -> None:
    house.wait_until(at(4, 10, 30))
    say(house, "yes, see you")
    newest, reminder, visit = trace(house, ana)
    assert newest["event"] == {"kind": "text", "title": "Text from the patient", "text": "yes, see you"}
    assert (newest["understood"]["intent"], newest["understood"]["language"]) == ("confirm", "en")
    assert (newest["before"], newest["after"]) == ("appointment / remind", None)
    assert [effect["title"] for effect in newest["effects"]] == ["Visit updated", "Text queued"]
    assert (reminder["event"]["kind"], visit["event"]["kind"]) == ("reminder", "visit")
    assert reminder["understood"] is None


def test_a_ladder_that_climbs_names_who_is_told_and_by_what(house: House, ana: UUID, people: People) -> None:
    code = alarm(house)
    assert did(trace(house, ana)[0])["On-call paged"] == "Maria (nurse on call), by text"
    later(house, minutes=2)
    newest = trace(house, ana)[0]
    assert newest["event"]["title"] == "Nobody has acknowledged yet"
    assert did(newest)["On-call paged"] == "Joe (provider on call), by call and text"

    answer.take(house.rt, house.clinic, code, by="joe", via="call")
    work(house)
    assert did(trace(house, ana)[0])["Escalation taken"] == "Joe, by phone"
    answer.hand_over(house.rt, house.clinic, code, by="joe", via="link", to=whom("maria"))
    work(house)
    newest = trace(house, ana)[0]
    assert newest["event"]["title"] == "Staff handed it over"
    assert did(newest)["Escalation handed over"] == "Joe, on the on-call page: to Maria"
    answer.resolve(house.rt, house.clinic, code, by="maria", via="text", outcome="reached the patient")
    work(house)
    newest = trace(house, ana)[0]
    assert newest["event"]["title"] == "Staff ended it"
    assert did(newest)["Escalation ended"] == "Maria, by text: reached the patient"


def test_where_nobody_could_be_reached_the_trace_says_so(house: House, ana: UUID, people: People) -> None:
    house.twin.weather(undelivered={"code": 30006, "to": MARIA})
    alarm(house)
    assert "Nobody could be reached" in [event["event"]["title"] for event in trace(house, ana)]


@pytest.mark.parametrize(
    ("meant", "words"),
    [
        ("nurse on call", "Maria (nurse on call), by call and text"),
        ("everyone of nurse", "Everyone of nurse, by call and text"),
        ("everyone with role nurse", "Everyone with role nurse, by call and text"),
        ("maria", "Maria, by call and text"),
        ("the on-call phone", "The on-call phone, by call and text"),
    ],
)
def test_a_page_is_told_in_one_line(house: House, people: People, meant: str, words: str) -> None:
    found = show_trace._effect(people, paged(meant, BY_TEXT_AND_CALL), house.rt.now())
    assert (found["title"], found["tone"], found["detail"]) == ("On-call paged", "alarm", words)


def test_what_became_of_it_and_what_staff_are_told_too(house: House, people: People) -> None:
    now = house.rt.now()
    until = datetime(2026, 11, 30, 9, 40, tzinfo=ZoneInfo("America/New_York"))
    snoozed = NoteEscalation(code="1001", became="snoozed", by="", via="link", until=until)
    answered = TellStaff(conversation=uuid4(), wording="ack_taken", body="You have it.")
    assert show_trace._effect(people, snoozed, now)["detail"] == (
        "The on-call phone, on the on-call page: until Mon, Nov 30 at 9:40 AM"
    )
    assert show_trace._effect(people, answered, now)["detail"] == "You have it."


def test_who_was_on_call_then_is_named_and_not_who_is_now(house: House, people: People) -> None:
    rosters = {
        "nurse": {
            "layers": [
                {"people": ["maria", "joe"], "hand_over": "every day at 08:00", "starts": "2026-11-30"}
            ]
        }
    }
    plan(house.rt, step("nurse on call"), rosters=rosters)
    with house.rt.begin() as db:
        clinic = house.rt.clinic(db, house.clinic)
        tomorrow = show_staff.people(house.rt, db, clinic, house.rt.now() + timedelta(days=1))
    told = [
        show_trace._effect(tomorrow, paged("nurse on call"), house.rt.now() + timedelta(days=days))["detail"]
        for days in (0, 1)
    ]
    assert told == ["Maria (nurse on call), by text", "Joe (nurse on call), by text"]
