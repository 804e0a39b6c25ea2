"""Work: what people do with the tasks of the inbox, who wins, and what the trail says of it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from uuid import UUID, uuid4

import pytest

from bot.core.effects import Urgency
from bot.errors import NotFound
from bot.runtime import Runtime
from bot.service import clinic as clinic_service
from bot.service import overdue
from bot.service.console import work, work_item
from bot.service.console.work import Came
from bot.service.desk import Desk
from tests.bot.service.desks import desk
from tests.bot.service.inbox_tasks import ANA, BEN, climbing, opened, patient, row, trail

DONE = Came()


@pytest.fixture
def maria(rt: Runtime, clinic: UUID) -> Desk:
    """A nurse."""
    return desk(rt, clinic)


@pytest.fixture
def joe(rt: Runtime, clinic: UUID) -> Desk:
    """Another one."""
    return desk(rt, clinic, handle="joe")


# -- having it ------------------------------------------------------------------------------------------


def test_of_two_who_claim_at_the_same_moment_one_wins_and_the_other_is_told_who(
    rt: Runtime, clinic: UUID, maria: Desk, joe: Desk
) -> None:
    ana = patient(rt, clinic, "Ana Morales", ANA)
    task = opened(rt, clinic)
    together = Barrier(2)

    def claim(who: Desk) -> Came:
        together.wait(10)
        return work.claim(rt, who, task)

    with ThreadPoolExecutor(2) as pool:
        came = dict(zip((maria, joe), pool.map(claim, (maria, joe)), strict=True))
    (winner,) = [who for who, each in came.items() if each.done]
    (loser,) = [who for who in came if who != winner]
    assert came[loser] == Came(how="taken", by=winner.name)
    assert row(rt, clinic, task).claimed_by == winner.member
    assert trail(rt, "task.claimed") == [(f"task:{task}", str(ana), "")]


def test_what_one_has_can_be_given_back_given_away_and_taken_over(
    rt: Runtime, clinic: UUID, maria: Desk, joe: Desk
) -> None:
    task = opened(rt, clinic)
    assert work.claim(rt, maria, task) == work.claim(rt, maria, task) == DONE
    assert work.release(rt, joe, task) == Came(how="taken", by="Maria")
    assert work.release(rt, maria, task) == DONE
    assert row(rt, clinic, task).claimed_by is None
    assert work.assign(rt, maria, task, joe.member) == DONE
    assert row(rt, clinic, task).claimed_by == joe.member
    assert work.assign(rt, maria, task, maria.member) == DONE
    assert row(rt, clinic, task).claimed_by == maria.member
    assert [detail for _, _, detail in trail(rt, "task.assigned")] == ["to joe", "to maria"]
    with pytest.raises(NotFound):
        work.assign(rt, maria, task, uuid4())


VERBS: dict[str, Callable[[Runtime, Desk, UUID], object]] = {
    "claim": work.claim,
    "release": work.release,
    "assign": lambda rt, who, task: work.assign(rt, who, task, who.member),
    "snooze": lambda rt, who, task: work.snooze(rt, who, task, "10m"),
    "note": lambda rt, who, task: work.note(rt, who, task, "x"),
    "close": work.close,
    "merge": lambda rt, who, task: work.merge(rt, who, task, task_of_nobody),
    "reopen": work.reopen,
    "item": lambda rt, who, task: work_item.item(rt, who, task, audited=True),
}
task_of_nobody = uuid4()


def test_a_task_of_another_clinic_is_not_found_by_any_verb(rt: Runtime, clinic: UUID, maria: Desk) -> None:
    elsewhere = clinic_service.add(rt, name="Hillside", phone="+12025550200", zone="America/Chicago")
    task = opened(rt, elsewhere)
    before = row(rt, elsewhere, task)
    for name, verb in VERBS.items():
        with pytest.raises(NotFound):
            verb(rt, maria, task)
        assert row(rt, elsewhere, task) == before, name
    assert work.close_many(rt, maria, [f"{task}.1"]) == 0
    with pytest.raises(NotFound):
        work.add_task(rt, maria, before.conversation, "call_the_patient")


# -- sleeping -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "local"),
    [("10m", "09:10"), ("30m", "09:30"), ("1h", "10:00"), ("4h", "13:00"), ("1d", "09:00")],
)
def test_a_preset_is_counted_from_now(name: str, local: str) -> None:
    nine = datetime.fromisoformat("2026-11-30T09:00-05:00")
    assert f"{work_item.SLEEPS[name][1](nine, 'America/New_York'):%H:%M}" == local


def test_tomorrow_is_nine_on_the_clinics_clock_also_when_that_changes() -> None:
    eve = datetime.fromisoformat("2026-10-31T23:30-04:00")
    assert work_item.SLEEPS["tomorrow"][1](eve, "America/New_York").isoformat() == "2026-11-01T14:00:00+00:00"


def test_what_sleeps_is_ones_own_and_wakes_when_it_is_claimed_or_comes_up_again(
    rt: Runtime, clinic: UUID, maria: Desk, joe: Desk
) -> None:
    task = opened(rt, clinic, detail="form: intake")
    assert work.snooze(rt, maria, task, "1h") == DONE
    assert (row(rt, clinic, task).claimed_by, row(rt, clinic, task).sleeps(rt.now())) == (maria.member, True)
    assert work.snooze(rt, joe, task, "1h") == Came(how="taken", by="Maria")
    opened(rt, clinic)
    assert not row(rt, clinic, task).sleeps(rt.now())
    work.snooze(rt, maria, task, "1h")
    opened(rt, clinic, detail="form: consent")
    assert not row(rt, clinic, task).sleeps(rt.now())
    work.snooze(rt, maria, task, "1h")
    assert work.claim(rt, maria, task) == DONE
    assert not row(rt, clinic, task).sleeps(rt.now())
    with pytest.raises(ValueError, match="until when"):
        work.snooze(rt, maria, task, "for ever")


def test_a_snooze_does_not_outlive_the_moment_it_climbs(rt: Runtime, clinic: UUID, maria: Desk) -> None:
    due = rt.now() + timedelta(minutes=42)
    task = opened(rt, clinic, urgency=Urgency.URGENT, due=due)
    offered = {sleep.name: sleep.beyond for sleep in work_item.item(rt, maria, task, audited=False).sleeps}
    assert offered == {
        "10m": False,
        "30m": False,
        "1h": True,
        "4h": True,
        "tomorrow": True,
        "1d": True,
    }
    work.snooze(rt, maria, task, "4h")
    rt.move_clock(timedelta(minutes=43))
    assert overdue.overdue(rt) == 1
    assert not row(rt, clinic, task).sleeps(rt.now())
    assert work.snooze(rt, maria, task, "10m") == Came(how="climbed")


# -- notes ----------------------------------------------------------------------------------------------


def test_a_note_mentions_those_whom_it_names_and_an_answer_settles_that(
    rt: Runtime, clinic: UUID, maria: Desk, joe: Desk
) -> None:
    task = opened(rt, clinic)
    desk(rt, clinic, handle="sam")
    words = "  @joe can you call? (write to maria@sam.example, not to @nobody)  "
    assert work.note(rt, maria, task, words) == DONE
    (note,) = work_item.item(rt, joe, task, audited=False).notes
    assert (note.by, note.text) == ("Maria", words.strip())
    assert [detail for _, _, detail in trail(rt, "task.noted")] == ["1 mentioned"]
    for bad in ("", "  \n", "x" * (work.LONGEST_NOTE + 1)):
        with pytest.raises(ValueError, match="note"):
            work.note(rt, maria, task, bad)


def test_a_role_that_sees_no_messages_sees_no_note_and_no_detail(
    rt: Runtime, clinic: UUID, maria: Desk
) -> None:
    task = opened(rt, clinic, detail="wants to talk about Tuesday")
    work.note(rt, maria, task, "called, no answer")
    seen = work_item.item(rt, maria, task, audited=False)
    assert (seen.detail, seen.notes[0].text) == (("wants to talk about Tuesday",), "called, no answer")
    masked = work_item.item(rt, desk(rt, clinic, "billing", "bill"), task, audited=False)
    assert (masked.detail, masked.hidden, masked.notes[0].text) == ((), True, "•••")


# -- closing --------------------------------------------------------------------------------------------


def test_what_is_closed_can_be_opened_again_for_a_while(
    rt: Runtime, clinic: UUID, maria: Desk, joe: Desk
) -> None:
    task = opened(rt, clinic)
    assert work.close(rt, maria, task, "called her") == DONE
    seen = work_item.item(rt, joe, task, audited=False)
    assert (seen.closed_by, seen.notes[0].text, seen.reopens) == ("Maria", "called her", True)
    assert work.close(rt, joe, task) == work.claim(rt, joe, task) == Came(how="closed", by="Maria")
    assert work.reopen(rt, maria, task) == DONE
    assert row(rt, clinic, task).closed is None
    work.close(rt, maria, task)
    again = opened(rt, clinic)
    assert work.reopen(rt, maria, task) == Came(how="anew")
    work.close(rt, maria, again)
    rt.move_clock(work_item.UNDO + timedelta(seconds=1))
    assert work.reopen(rt, maria, again) == Came(how="anew")


def test_what_somebody_else_has_is_not_closed_under_their_hands(
    rt: Runtime, clinic: UUID, maria: Desk, joe: Desk
) -> None:
    task = opened(rt, clinic)
    work.claim(rt, joe, task)
    assert work.close(rt, maria, task) == Came(how="taken", by="Joe")
    assert work.close(rt, joe, task) == DONE


def test_closing_many_leaves_what_has_changed_since_it_was_seen(
    rt: Runtime, clinic: UUID, maria: Desk, joe: Desk
) -> None:
    ana = patient(rt, clinic, "Ana Morales", ANA)
    plain, again, taken, closed = (
        opened(rt, clinic, name) for name in ("question", "refill", "running_late", "wrong_number")
    )
    opened(rt, clinic, "refill")
    work.claim(rt, joe, taken)
    work.close(rt, joe, closed)
    assert work.close_many(rt, maria, [f"{each}.1" for each in (plain, again, taken, closed)]) == 1
    assert [bool(row(rt, clinic, each).closed) for each in (plain, again, taken)] == [True, False, False]
    assert trail(rt, "task.closed")[-1] == (f"task:{plain}", str(ana), "")
    assert work.close_many(rt, maria, []) == 0
    for bad in (["x"], [f"{plain}"], [f"{plain}.1"] * (work.MOST_AT_ONCE + 1)):
        with pytest.raises(ValueError):  # noqa: PT011  # whatever it says, nobody sees it
            work.close_many(rt, maria, bad)


# -- merging --------------------------------------------------------------------------------------------


def test_two_tasks_of_a_conversation_become_one_that_keeps_everything(
    rt: Runtime, clinic: UUID, maria: Desk, joe: Desk
) -> None:
    early, due = rt.now() - timedelta(hours=2), rt.now() + timedelta(minutes=30)
    kept = opened(rt, clinic, "question", detail="a")
    gone = opened(rt, clinic, "refill", detail="a\nb", urgency=Urgency.URGENT, due=due, at=early)
    work.note(rt, maria, gone, "ask @joe")
    assert [each for each, *_ in work_item.item(rt, maria, kept, audited=False).others] == [gone]
    assert work.merge(rt, maria, kept, gone) == DONE
    one, other = row(rt, clinic, kept), row(rt, clinic, gone)
    assert (one.detail, one.times, one.urgency, one.due, one.opened) == ("a\nb", 2, "urgent", due, early)
    assert (other.closed is not None, other.merged_into) == (True, kept)
    assert [note.text for note in work_item.item(rt, joe, kept, audited=False).notes] == ["ask @joe"]
    assert not work_item.item(rt, maria, gone, audited=False).reopens
    assert work.reopen(rt, maria, gone) == Came(how="anew")
    assert work.merge(rt, maria, kept, gone) == Came(how="closed", by="Maria")


def test_tasks_of_others_and_of_other_patients_are_not_merged(
    rt: Runtime, clinic: UUID, maria: Desk, joe: Desk
) -> None:
    anas, bens, joes = opened(rt, clinic), opened(rt, clinic, phone=BEN), opened(rt, clinic, "refill")
    with pytest.raises(ValueError, match="same patient"):
        work.merge(rt, maria, anas, bens)
    with pytest.raises(ValueError, match="another"):
        work.merge(rt, maria, anas, anas)
    work.claim(rt, joe, joes)
    assert work.merge(rt, maria, anas, joes) == Came(how="taken", by="Joe")


# -- by hand --------------------------------------------------------------------------------------------


def test_a_task_by_hand_is_like_any_other(rt: Runtime, clinic: UUID, maria: Desk) -> None:
    where = row(rt, clinic, opened(rt, clinic)).conversation
    made = work.add_task(rt, maria, where, "call_the_patient", detail="about Tuesday")
    one = row(rt, clinic, made)
    assert (one.task, one.detail, one.role, one.urgency) == (
        "call_the_patient",
        "about Tuesday",
        "nurse",
        "routine",
    )
    assert work.add_task(rt, maria, where, "call_the_patient", role="front_desk") == made
    assert row(rt, clinic, made).times == 2
    assert [detail for _, _, detail in trail(rt, "task.opened")] == ["call_the_patient", "call_the_patient"]
    with pytest.raises(ValueError, match="role"):
        work.add_task(rt, maria, where, "call_the_patient", role="astronaut")


def test_a_task_says_which_escalation_stands_for_it(rt: Runtime, clinic: UUID, maria: Desk) -> None:
    task, other = opened(rt, clinic, "emergency"), opened(rt, clinic, "question")
    climbing(rt, clinic, "1234")
    assert work_item.item(rt, maria, task, audited=False).alarm == "1234"
    assert work_item.item(rt, maria, other, audited=False).alarm is None
    assert [line for line, *_ in trail(rt, "task.shown")] == []
    work_item.item(rt, maria, task, audited=True)
    assert [line for line, *_ in trail(rt, "task.shown")] == [f"task:{task}"]
