"""Show: the phone page's data has the shape that the page draws, and a title for everything that can happen."""

import json
import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from bot.errors import NotFound
from bot.service import show, words_of_tasks
from bot.settings import HOME
from tests.bot.service.test_spine import at, say
from tests.conftest import ANA_PHONE, CLINIC_PHONE, ONCALL_PHONE, House

ANA_IS_REMINDED = at(4, 10, 30)


@pytest.fixture
def ana(house: House) -> UUID:
    """Ana's visit is ahead, and the office knows of it."""
    patient = house.patient()
    house.visit(patient, at(7, 10, 30))
    house.work()
    return patient


def test_the_page_gets_these_fields_and_no_others(house: House, ana: UUID) -> None:
    house.wait_until(ANA_IS_REMINDED)
    say(house, "I have crushing chest pain and can't breathe")
    state = show.phone_state(house.rt, ana)
    assert {name: fields(value) for name, value in state.items()} == {
        "clock": {"now", "label", "zone"},
        "clinic": {"name", "phone"},
        "patients": {"id", "name", "phone", "language", "next_visit", "open_tasks"},
        "patient": str(ana),
        "happenings": {"id", "title"},
        "visits": {"id", "when", "provider", "location", "kind", "status"},
        "tasks": {"id", "kind", "urgency", "opened", "why"},
        "next_reminder": {"at", "label"},
        "unacknowledged": state["unacknowledged"],
        "escalations": {"id", "code", "urgency", "reason", "taken", "by", "next"},
        "on_call": [],
        "staff": {"handle", "name", "role", "phone", "on_call_for", "pages", "calls"},
        "trace": {"id", "at", "event", "understood", "before", "after", "effects"},
        "thread": {"id", "from", "body", "at", "status", "error_code"},
        "pages": {"id", "from", "body", "at", "status", "error_code"},
    }


def fields(value: object) -> object:
    """The names in an object, or in the first of a list of them."""
    first = value[0] if isinstance(value, list) and value and isinstance(value[0], dict) else value
    return set(first) if isinstance(first, dict) else value


def test_it_can_be_sent_as_json(house: House, ana: UUID) -> None:
    say(house, "C")
    assert json.loads(json.dumps(show.phone_state(house.rt, ana)))["patient"] == str(ana)


def test_the_page_reads_no_field_that_is_not_there(house: House, ana: UUID) -> None:
    scripts = [(HOME / "webhooks" / "static" / f"phone-{name}.js").read_text() for name in ("view", "oncall")]
    state = show.phone_state(house.rt, ana)
    found = [re.findall(r"export function draw\w+\(\{ ([^}]*) \}", script) for script in scripts]
    assert all(found)
    for wanted in (*found[0], *found[1]):
        names = {name.split(":")[0].strip() for name in wanted.split(",")}
        assert names <= set(state)


def test_both_sides_of_a_thread_are_shown_in_order(house: House, ana: UUID) -> None:
    house.wait_until(ANA_IS_REMINDED)
    say(house, "C")
    thread = show.phone_state(house.rt, ana)["thread"]
    assert [bubble["from"] for bubble in thread] == ["clinic", "patient", "clinic"]
    assert (thread[1]["body"], thread[0]["status"]) == ("C", "delivered")


def test_a_text_that_did_not_arrive_shows_its_code(house: House, ana: UUID) -> None:
    house.twin.weather(undelivered={"code": 30006})
    say(house, "HELP ME CHOOSE A DOCTOR")
    bubble = show.phone_state(house.rt, ana)["thread"][-1]
    assert (bubble["from"], bubble["status"], bubble["error_code"]) == ("clinic", "undelivered", 30006)


def test_pages_and_open_escalations_are_shown_until_acknowledged(house: House, ana: UUID) -> None:
    say(house, "I have crushing chest pain and can't breathe")
    state = show.phone_state(house.rt, ana)
    (code,) = state["unacknowledged"]
    assert code in state["pages"][0]["body"]
    assert [task["kind"] for task in state["tasks"]] == ["emergency"]
    assert state["tasks"][0]["why"] == "The text sounds like an emergency."

    say(house, f"ACK {code}", ONCALL_PHONE)
    assert show.phone_state(house.rt, ana)["unacknowledged"] == []


def test_the_newest_page_is_on_top(house: House, ana: UUID) -> None:
    say(house, "I have crushing chest pain and can't breathe")
    house.wait_until(house.rt.now() + timedelta(minutes=5))
    assert ["5 min old" in page["body"] for page in show.phone_state(house.rt, ana)["pages"]] == [True, False]


def test_another_patients_visits_tasks_and_texts_are_not_mixed_in(house: House, ana: UUID) -> None:
    ben = house.patient("Ben", "+12025550122")
    house.visit(ben, at(8, 9))
    say(house, "I want to talk to a person", "+12025550122")
    state = show.phone_state(house.rt, ana)
    assert ([visit["when"] for visit in state["visits"]], state["tasks"], state["thread"]) == (
        ["Mon, Dec 7 at 10:30 AM"],
        [],
        [],
    )
    assert [task["kind"] for task in show.phone_state(house.rt, ben)["tasks"]] == ["wants a person"]


def test_without_a_patient_the_first_one_is_shown(house: House, ana: UUID) -> None:
    state = show.phone_state(house.rt, None)
    assert (state["patient"], state["patients"][0]["name"]) == (str(ana), "Ana Morales")
    assert state["clinic"] == {"name": "Riverside Clinic", "phone": CLINIC_PHONE}


def test_a_patient_that_there_is_not_is_refused(house: House, ana: UUID) -> None:
    with pytest.raises(NotFound):
        show.phone_state(house.rt, uuid4())


def test_the_next_reminder_and_the_next_visit_are_those_of_the_patient(house: House, ana: UUID) -> None:
    state = show.phone_state(house.rt, ana)
    assert state["next_reminder"]["at"].startswith("2026-12-04T15:30")
    assert state["patients"][0]["next_visit"] == "Mon, Dec 7 at 10:30 AM"


def test_the_clock_is_the_clinics(house: House, ana: UUID) -> None:
    house.rt.move_clock(ANA_IS_REMINDED - house.rt.now())
    clock = show.phone_state(house.rt, ana)["clock"]
    assert clock["zone"] == "America/New_York"
    assert re.fullmatch(r"Friday, December 4, 10:(29|30) AM", clock["label"])


def test_every_task_says_why_it_is_there() -> None:
    core = "".join(path.read_text() for path in (HOME / "bot" / "core").glob("*.py"))
    named = set(re.findall(r'(?:turn\.task\(|task=)"(\w+)"', core))
    assert named
    assert named <= set(words_of_tasks.WHY)


def test_looking_changes_nothing(house: House, ana: UUID) -> None:
    states = [show.phone_state(house.rt, ana) | {"clock": None} for _ in range(2)]
    assert states[0] == states[1]
    assert house.got(ANA_PHONE) == []
