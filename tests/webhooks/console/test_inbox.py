"""The inbox's pages: what a member of staff sees there, and what each form does."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask

from bot.core.effects import Urgency
from bot.gateways.live import INBOX
from bot.runtime import Runtime
from bot.service.console import work
from tests.bot.service.duty import plan, step
from tests.bot.service.inbox_tasks import ANA, NOBODY, climbing, opened, patient, row, trail
from tests.bot.store.test_queries import statements
from tests.conftest import House
from tests.webhooks.console.seats import Seat, plain, sit_down
from webhooks.app import create

LIVE = {"X-Live": "1"}


@pytest.fixture
def app(rt: Runtime) -> Flask:
    """The whole app."""
    return create(rt)


@pytest.fixture
def maria(rt: Runtime, app: Flask, clinic: UUID) -> Seat:
    """A nurse."""
    return sit_down(rt, app, clinic)


@pytest.fixture
def joe(rt: Runtime, app: Flask, clinic: UUID) -> Seat:
    """Another one."""
    return sit_down(rt, app, clinic, handle="joe")


def address(task: UUID) -> str:
    """The page of a task."""
    return f"/items/{task}"


def does(seat: Seat, task: UUID, act: str, **form: object) -> tuple[int, str]:
    """The answer to a form of a task's page: its status, and where it leads or what it says."""
    answer = seat.post(address(task), {"act": act, "queue": "all", **form})
    return answer.status_code, answer.headers.get("Location") or plain(answer.text)


# -- the list -------------------------------------------------------------------------------------------


def test_empty_queues_say_what_will_be_there(maria: Seat) -> None:
    assert "Nothing waits The bot hands you what it can’t decide" in maria.text("/inbox")
    for queue, words in (
        ("mine", "mention you in with @maria"),
        ("role", "Nothing for the nurse"),
        ("unclaimed", "Everything has somebody"),
        ("snoozed", "It wakes by itself"),
        ("no such queue", "Nothing waits"),
    ):
        assert words in maria.text(f"/inbox?queue={queue}"), queue


def test_a_row_says_who_why_since_when_who_has_it_and_what_happens_next(
    rt: Runtime, clinic: UUID, maria: Seat, joe: Seat
) -> None:
    patient(rt, clinic, "Ana Morales", ANA)
    rt.move_clock(timedelta(seconds=30))
    due = rt.now() + timedelta(minutes=4, seconds=45)
    task = opened(rt, clinic, urgency=Urgency.URGENT, due=due, detail="about Tuesday")
    assert (
        "Ana Morales answer in 4 min Urgent The patient asks something. about Tuesday "
        "Nobody has it · since 9:00 AM It climbs to the people on call at 9:05 AM" in maria.text("/inbox")
    )
    rt.move_clock(timedelta(minutes=14))
    work.claim(rt, joe.desk, task)
    words = maria.text("/inbox")
    assert "late since 9 min" in words
    assert "Joe has it" in words
    assert 'class="pick"' not in maria.get("/inbox").text  # what somebody has can't be closed in passing
    assert "You have it" in joe.text("/inbox?queue=mine")


def test_what_the_page_fetches_by_itself_is_no_look_of_anybodys(
    rt: Runtime, clinic: UUID, maria: Seat
) -> None:
    ana = patient(rt, clinic, "Ana Morales", ANA)
    task = opened(rt, clinic)
    for path in ("/inbox", address(task)):
        assert maria.get(path, headers=LIVE).status_code == 200
    assert trail(rt, "inbox.listed") == trail(rt, "task.shown") == []
    part = maria.get(address(task), headers={**LIVE, "HX-Target": "head"}).text
    assert ("Claim it" in part, "data-row" in part, 'class="talk"' in part) == (True, False, False)
    maria.get("/inbox?queue=mine")
    maria.get(address(task))
    assert trail(rt, "inbox.listed") == [
        (f"clinic:{clinic}", "", "mine"),
        (f"clinic:{clinic}", str(ana), "all"),
    ]
    assert trail(rt, "task.shown") == [(f"task:{task}", str(ana), "")]


def test_no_address_on_a_page_holds_a_name_or_a_phone(rt: Runtime, clinic: UUID, maria: Seat) -> None:
    patient(rt, clinic, "Zephyrine Morales", ANA)
    task = opened(rt, clinic)
    opened(rt, clinic, "unknown_sender", NOBODY)
    climbing(rt, clinic, "1001", NOBODY, reason="page_locked")
    for path in ("/inbox", address(task), "/escalations/1001"):
        for link in re.findall(r'(?:href|action|hx-get|hx-post|value)="([^"]*)"', maria.get(path).text):
            assert not re.search(r"zephyrine|morales|55501", link, re.IGNORECASE), (path, link)


def test_several_are_closed_at_once_and_the_page_says_how_many(
    rt: Runtime, clinic: UUID, maria: Seat
) -> None:
    first, second, third = (opened(rt, clinic, name) for name in ("question", "refill", "running_late"))
    picks = re.findall(r'class="pick"[^>]*value="([^"]+)"', maria.get("/inbox").text)
    assert {pick.split(".")[0] for pick in picks} == {str(first), str(second), str(third)}
    opened(rt, clinic, "refill")  # it comes up again meanwhile
    answer = maria.post("/inbox/close", {"queue": "role", "pick": picks})
    leads = answer.headers["Location"].removeprefix("/console")
    assert leads == "/inbox?queue=role&closed=2&left=1"
    assert "2 closed. 1 left as it is: changed meanwhile, or somebody’s." in maria.text(leads)
    assert [bool(row(rt, clinic, each).closed) for each in (first, second, third)] == [True, False, True]
    assert maria.post("/inbox/close", {"pick": "nonsense"}).status_code == 422


# -- a task ---------------------------------------------------------------------------------------------


def test_claiming_leads_to_the_reply_and_the_second_is_told_who_has_it(
    rt: Runtime, clinic: UUID, maria: Seat, joe: Seat
) -> None:
    patient(rt, clinic, "Ana Morales", ANA)
    task = opened(rt, clinic)
    assert "Claim it to answer" in maria.text(address(task))
    assert 'id="reply-' not in maria.get(address(task)).text
    with rt.live.ear(clinic) as ear:
        assert does(maria, task, "claim") == (303, f"/console/items/{task}?queue=all")
        assert INBOX in ear.wait(5) | ear.wait(1)
    assert 'id="reply-' in maria.get(address(task)).text
    status, words = does(joe, task, "claim")
    assert (status, "Maria was quicker and has it." in words) == (200, True)
    assert 'id="reply-' not in joe.get(address(task)).text
    assert "Take it over from Maria" in joe.text(address(task))
    assert does(joe, task, "take_over")[0] == 303
    assert row(rt, clinic, task).claimed_by == joe.desk.member


def test_each_form_does_its_act_and_leads_on(rt: Runtime, clinic: UUID, maria: Seat, joe: Seat) -> None:
    rt.move_clock(timedelta(seconds=30))
    task, other = opened(rt, clinic), opened(rt, clinic, "refill")
    here, back = f"/console/items/{task}?queue=all", "/console/inbox?queue=all"
    assert does(maria, task, "note", text="@joe?") == (303, here)
    assert "@you" in joe.text("/inbox?queue=mine")
    assert does(maria, task, "claim") == (303, here)
    assert does(maria, task, "release") == (303, f"{here}&said=released")
    assert does(maria, task, "merge", other=other) == (303, f"{here}&said=merged")
    assert does(maria, task, "assign", member=joe.desk.member) == (303, f"{here}&said=assigned")
    assert does(joe, task, "snooze", span="1h") == (303, f"{back}&said=snoozed")
    assert "asleep until 10:00 AM" in joe.text("/inbox?queue=snoozed")
    assert does(joe, task, "close", text="called") == (303, f"{back}&closed=1&undo={task}")
    assert "Closed. Undo" in joe.text(f"/inbox?queue=all&closed=1&undo={task}")
    words = maria.text(address(task))
    assert "by Joe" in words
    assert "called" in words
    assert does(joe, task, "reopen") == (303, here)


WRONG: tuple[tuple[str, dict[str, object], int, str], ...] = (
    ("note", {"text": " "}, 422, "Write the note first."),
    ("close", {"text": "x" * 2001}, 422, "A note has 2000 characters at most."),
    ("snooze", {"span": "for ever"}, 422, "Choose until when it sleeps."),
    ("assign", {"member": "x"}, 422, "Choose one from the list."),
    ("assign", {"member": "6a3f2d0e-58c1-4d6b-9a57-0c1d2e3f4a5b"}, 404, ""),
    ("merge", {"other": ""}, 422, "Choose one from the list."),
    ("reopen", {}, 200, "It can’t be opened again"),
    ("explode", {}, 422, ""),
)


def test_what_a_form_can_not_mean_is_said_on_the_page(rt: Runtime, clinic: UUID, maria: Seat) -> None:
    task = opened(rt, clinic)
    opened(rt, clinic, "refill")
    before = row(rt, clinic, task)
    for act, form, status, words in WRONG:
        got, said = does(maria, task, act, **form)
        assert (got, words in said) == (status, True), (act, form, said)
    assert row(rt, clinic, task) == before


def test_a_page_costs_the_same_however_much_waits(rt: Runtime, clinic: UUID, maria: Seat) -> None:
    task = opened(rt, clinic)
    maria.get("/inbox")
    few = {path: len(statements(rt, lambda path=path: maria.get(path))) for path in ("/inbox", address(task))}
    for number in range(30):
        patient(rt, clinic, f"P{number} X", phone := f"+1202555{2000 + number}")
        opened(rt, clinic, phone=phone)
        opened(rt, clinic, f"task{number}")
    assert few == {path: len(statements(rt, lambda path=path: maria.get(path))) for path in few}


# -- an escalation --------------------------------------------------------------------------------------


def test_an_escalation_is_taken_answered_and_ended_step_by_step(
    house: House, rt: Runtime, app: Flask, clinic: UUID, maria: Seat, joe: Seat
) -> None:
    plan(rt, step("nurse on call"), rosters={"nurse": {"layers": [{"people": ["joe"]}]}})
    house.patient("Ana")
    house.text("I have chest pain and can't breathe")
    house.work()
    (code,) = re.findall(r"/console/escalations/(\d+)", maria.get("/inbox").text)[:1]
    page, acts = f"/escalations/{code}", []

    def act(seat: Seat, **form: str) -> None:
        answer = seat.post(page, {"queue": "all", **form})
        acts.append(answer.headers.get("Location") or plain(answer.text))
        if len(acts) == 1:
            assert "You take it…" in maria.text(page)  # nobody has worked yet
        house.work()

    before = maria.get(page).text
    assert "Nobody yet" in plain(before)
    assert ">I take it<" in before
    assert 'id="reply-' not in before
    act(maria, act="take")
    taken = maria.get(page).text
    assert ">I take it<" not in taken
    assert 'id="reply-' in taken
    assert "How did it end?" in plain(taken)
    act(joe, act="take")
    act(maria, act="snooze", minutes="10")
    act(maria, act="hand_over", to="joe")
    act(joe, act="take")
    act(joe, act="resolve", outcome="reached the patient")
    act(maria, act="take")
    act(maria, act="reopen")
    assert "Maria was quicker and has it." in acts.pop(1)
    assert "Joe has ended it already." in acts.pop(-2)
    here = f"/console{page}?queue=all"
    assert acts == [here, f"{here}&said=asleep", f"{here}&said=handed_over", here, f"{here}&said=over", here]
    assert "in the console" in maria.text(page)
    done = [detail for _, _, detail in trail(rt, "escalation.acted")]
    assert done == ["take", "snooze", "hand_over", "take", "resolve", "reopen"]


def test_what_can_not_be_done_with_an_escalation_is_said(rt: Runtime, clinic: UUID, maria: Seat) -> None:
    climbing(rt, clinic, "1001")
    for form, words in (
        ({"act": "explode"}, "There is no such act."),
        ({"act": "resolve", "outcome": "fine"}, "An outcome is one of"),
        ({"act": "hand_over", "to": "nobody_here"}, "It can be handed over to"),
        ({"act": "snooze", "minutes": "11"}, "It can sleep for 10, 30 or 60 minutes."),
    ):
        answer = maria.post("/escalations/1001", form)
        assert (answer.status_code, words in plain(answer.text)) == (422, True), form


def test_who_may_not_take_escalations_sees_no_button(rt: Runtime, app: Flask, clinic: UUID) -> None:
    climbing(rt, clinic, "1001")
    billing = sit_down(rt, app, clinic, "billing", "bill")
    words = billing.text("/escalations/1001")
    assert "Nobody yet" in words
    assert "I take it" not in words
    assert billing.post("/escalations/1001", {"act": "take"}).status_code == 403
    assert billing.get("/escalations/9999").status_code == 404
