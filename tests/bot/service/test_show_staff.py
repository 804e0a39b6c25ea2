"""Show the staff: who is on call, what each phone got, which page can be acknowledged, and what comes next."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from bot.service import answer, demo, show
from bot.service.show_staff import LATELY, MOST_OPEN, MOST_SHOWN
from tests.bot.service.duty import JOE, MARIA, alarm, hire, later, plan, step, work
from tests.conftest import CLINIC_PHONE, ONCALL_PHONE, House

TURNS = {"people": ["maria", "joe"], "hand_over": "every day at 00:00", "starts": "2026-01-01"}


@pytest.fixture
def ana(house: House) -> UUID:
    """Maria is the nurse on call and is texted, then called; then it is all of them."""
    plan(
        house.rt,
        step("nurse on call", "text", "console", "push", wait="2 minutes"),
        step("nurse on call", "call", "text", wait="3 minutes"),
        step("everyone of both", "text", "email"),
        rosters={
            "nurse": {"layers": [{"people": ["maria"]}]},
            "night_nurse": {"layers": [{"people": ["nobody_here"]}]},
            "empty": {"layers": [{"people": ["joe"], "only": {"calendar": "never"}}]},
            "both": {"layers": [TURNS]},
        },
    )
    hire(house, "joe", JOE, role="front_desk")
    hire(house, "maria", MARIA)
    hire(house, "zoe")
    return house.patient()


def state(house: House, patient: UUID) -> Any:
    return show.phone_state(house.rt, patient)


def of(house: House, patient: UUID, handle: str) -> Any:
    """What is shown of one member."""
    return next(one for one in state(house, patient)["staff"] if one["handle"] == handle)


def test_everybody_is_there_with_their_duty_and_last_the_on_call_phone(house: House, ana: UUID) -> None:
    shown = state(house, ana)["staff"]
    assert [one["handle"] for one in shown] == ["joe", "maria", "zoe", ""]
    assert shown[0]["role"] == "front desk"
    assert (shown[1]["name"], shown[1]["phone"], shown[1]["on_call_for"][0]) == ("Maria", MARIA, "nurse")
    assert shown[2] | {"id": ""} == {
        "id": "",
        "handle": "zoe",
        "name": "Zoe",
        "role": "nurse",
        "phone": None,
        "on_call_for": [],
        "pages": [],
        "calls": [],
    }
    assert (shown[3]["name"], shown[3]["phone"]) == ("The on-call phone", ONCALL_PHONE)


def test_each_rosters_duty_is_named_also_where_nobody_has_it_or_the_name(house: House, ana: UUID) -> None:
    duty = {one["roster"]: one["name"] for one in state(house, ana)["on_call"]}
    assert (duty["nurse"], duty["night nurse"], duty["empty"]) == ("Maria", "nobody here", None)


def test_the_newest_page_of_an_escalation_can_be_acknowledged_until_somebody_has(
    house: House, ana: UUID
) -> None:
    code = alarm(house)
    later(house, minutes=2)
    assert [page["code"] for page in of(house, ana, "maria")["pages"]] == [code, None]
    demo.acknowledge(house.rt, code, "maria")
    work(house)
    pages = of(house, ana, "maria")["pages"]
    assert [(page["from"], page["code"]) for page in pages] == [
        ("clinic", None),
        ("staff", None),
        ("clinic", None),
        ("clinic", None),
    ]
    assert pages[1]["body"] == f"ACK {code}"


def test_a_call_is_shown_with_what_is_heard_each_sentence_once(house: House, ana: UUID) -> None:
    alarm(house)
    later(house, minutes=2)
    (call,) = of(house, ana, "maria")["calls"]
    assert (call["status"], call["said"], call["waits"]) == ("ringing", [], False)
    demo.use_phone(house.rt, call["id"], "answer")
    (call,) = of(house, ana, "maria")["calls"]
    assert (call["status"], len(call["said"]), call["waits"]) == ("in-progress", 1, True)
    assert of(house, ana, "joe")["calls"] == []


def test_an_escalation_says_who_is_told_next_and_who_has_it(house: House, ana: UUID) -> None:
    code = alarm(house)
    (one,) = state(house, ana)["escalations"]
    assert (one["code"], one["urgency"], one["taken"], one["by"]) == (code, "emergency", None, None)
    assert (one["next"]["who"], one["next"]["how"]) == (["Maria"], "called and texted")
    due = datetime.fromisoformat(one["next"]["at"]) - house.rt.now()
    assert timedelta(minutes=1) < due <= timedelta(minutes=2)

    later(house, minutes=2)
    (one,) = state(house, ana)["escalations"]
    assert (one["next"]["who"], one["next"]["how"]) == (["Maria", "Joe"], "texted")
    answer.take(house.rt, house.clinic, code, by="joe", via="call")
    work(house)
    (one,) = state(house, ana)["escalations"]
    assert (one["by"], one["next"]) == ("Joe", None)
    assert datetime.fromisoformat(one["taken"]) <= house.rt.now()


def test_a_person_without_rosters_is_the_on_call_phone(house: House) -> None:
    patient = house.patient()
    plan(house.rt, rosters={})
    alarm(house)
    shown = state(house, patient)
    assert shown["on_call"] == []
    assert (shown["escalations"][0]["next"]["who"], shown["escalations"][0]["next"]["how"]) == (
        ["the on-call phone"],
        "texted",
    )
    (phone,) = shown["staff"]
    assert (phone["handle"], len(phone["pages"])) == ("", 1)
    assert phone["pages"][0]["code"] == shown["unacknowledged"][0]


def test_those_that_nobody_has_come_first_and_not_all_of_many(house: House, ana: UUID) -> None:
    codes = [alarm(house, f"+120255502{number:02}") for number in range(MOST_OPEN + 1)]
    answer.take(house.rt, house.clinic, codes[-1], by="maria", via="link")
    work(house)
    assert [one["code"] for one in state(house, ana)["escalations"]] == codes[-2::-1]


def test_of_one_phone_only_the_newest_is_shown_and_nothing_old(house: House, ana: UUID) -> None:
    for number in range(MOST_SHOWN + 1):
        house.twin.text(sender=JOE, to=CLINIC_PHONE, body=f"hello {number}")
    assert [page["body"] for page in of(house, ana, "joe")["pages"]] == [
        f"hello {number}" for number in range(MOST_SHOWN, 0, -1)
    ]
    house.rt.move_clock(LATELY)
    assert of(house, ana, "joe")["pages"] == []
