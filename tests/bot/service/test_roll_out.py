"""Roll out: open conversations move where they can, reminders follow the new edition, and a crash costs nothing."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, text, update

from bot.core.state import State
from bot.service import publish, roll_out
from bot.store import conversations, editions, inbox, timers, worklist
from tests.bot.service.book import make_current
from tests.bot.service.test_spine import at, say
from tests.conftest import ANA_PHONE, House

BEN_PHONE = "+12025550122"
INTAKE = """
flow: intake
title: Two questions
purpose: care
about: the patient
variables: {smokes: phi}
starts:
  - when: the patient texts intake
steps:
  smoke:
    ask: smoke
    expect: yes or no
    save: smokes
    answers: {"yes": thanks, "no": thanks}
    wait: 2 days
    no_answer: end
  thanks:
    say: thanks_for_that
    then: end
"""
SENTENCES = {
    "smoke": "{{clinic}}: Do you smoke?",
    "thanks_for_that": "Thank you.",
    "sorry": "We start again.",
}
REWORDED = SENTENCES | {"thanks_for_that": "Thank you very much."}
ANOTHER = INTAKE.replace("smoke:", "tobacco:", 1).replace(
    "title: Two questions", "title: Two questions\nfallback: again"
)
ANOTHER += """  again:
    say: sorry
    then: end
"""
FOLLOW_UP = """
flow: follow_up
title: Ask how it went
purpose: care
starts:
  - when: {when}
steps:
  hello:
    say: thanks_for_that
    then: end
"""


@pytest.fixture
def open_talk(house: House) -> str:
    """Ana has been asked whether she smokes; the edition of that."""
    edition = make_current(house.rt, {"intake": INTAKE}, SENTENCES)
    house.wait_until(at(1, 10))
    house.patient()
    say(house, "intake")
    assert house.got()[-1] == "Riverside Clinic: Do you smoke?"
    return edition


def go_on(house: House) -> int:
    """The clock rolls out, once everybody has forgotten the edition before."""
    house.rt.move_clock(roll_out.SETTLED + timedelta(seconds=1))
    house.rt.remembered.clear()
    new = roll_out.roll_out(house.rt)
    house.work()
    return new


def row(house: House, phone: str = ANA_PHONE) -> tuple[str | None, int, State]:
    with house.rt.begin() as db:
        c = conversations.conversations
        found = conversations.with_phone(db, house.clinic, phone, house.rt.now())
        one = db.conn.execute(select(c).where(c.c.id == found)).one()
        state = conversations.load_state(db, clinic=house.clinic, conversation=found, sealed=one.state)
    return one.edition, one.open_talks, state


def tasks(house: House) -> list[str]:
    with house.rt.begin() as db:
        return [task.task for task in worklist.open_tasks(db, house.clinic, 9)]


def timer_keys(house: House) -> list[str]:
    with house.rt.begin() as db:
        keys = db.conn.execute(select(timers.timers.c.key).order_by(timers.timers.c.due_at)).scalars()
        return [key.split(":", 3)[3] for key in keys if key.startswith("visit:")]


def test_an_open_conversation_goes_on_with_its_edition(house: House, open_talk: str) -> None:
    make_current(house.rt, {"intake": INTAKE}, REWORDED)
    assert go_on(house) == 0
    assert row(house)[:2] == (open_talk, 1)
    say(house, "yes")
    assert house.got()[-1] == "Thank you."
    assert row(house)[1] == 0


def test_it_is_moved_where_the_question_is_still_the_same(house: House, open_talk: str) -> None:
    new = make_current(house.rt, {"intake": INTAKE}, REWORDED, move=True)
    assert go_on(house) == 1
    assert row(house)[:2] == (new, 1)
    say(house, "yes")
    assert house.got()[-1] == "Thank you very much."
    assert tasks(house) == []


@pytest.mark.parametrize(
    "flow",
    [ANOTHER, INTAKE.replace('"no": thanks', '"no": end').replace("expect: yes or no", "expect: text")],
    ids=["the step is gone", "it asks for something else"],
)
def test_where_it_is_not_the_fallback_and_a_person_get_it(house: House, open_talk: str, flow: str) -> None:
    new = make_current(house.rt, {"intake": flow}, SENTENCES, move=True)
    go_on(house)
    assert row(house)[:2] == (new, 0)
    assert tasks(house) == ["flow_changed"]
    assert ("We start again." in house.got()) is (flow is ANOTHER)


def test_a_publication_is_rolled_out_once(house: House, open_talk: str) -> None:
    make_current(house.rt, {"intake": INTAKE}, REWORDED, move=True)
    assert go_on(house) == 1
    assert go_on(house) == 0


def test_one_that_is_on_the_new_edition_already_keeps_its_talk(house: House, open_talk: str) -> None:
    make_current(house.rt, {"intake": INTAKE}, REWORDED, move=True)
    with house.rt.begin() as db:  # told twice, by two publications
        db.conn.execute(
            text(
                "INSERT INTO publications (edition, at, by, move, phase) SELECT edition, at, by, move, phase "
                "FROM publications WHERE move"
            )
        )
    go_on(house)
    assert row(house)[1] == 1
    assert tasks(house) == []


def test_it_does_not_begin_before_everybody_has_forgotten_the_old_edition(
    house: House, open_talk: str
) -> None:
    make_current(house.rt, {"intake": INTAKE}, REWORDED, move=True)
    assert roll_out.roll_out(house.rt) == 0


def test_it_rests_while_the_mailboxes_are_full(
    house: House, open_talk: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_current(house.rt, {"intake": INTAKE}, REWORDED, move=True)
    monkeypatch.setattr(roll_out, "MOST_WAITING", -1)
    assert go_on(house) == 0
    monkeypatch.undo()
    assert go_on(house) == 1


def test_an_edition_that_can_not_be_read_any_more_loses_no_text(house: House, open_talk: str) -> None:
    make_current(house.rt, {"intake": ANOTHER}, SENTENCES)
    with house.rt.begin() as db:
        spoilt = update(editions.editions).where(editions.editions.c.id == open_talk)
        db.conn.execute(spoilt.values(files={"clinic.yaml": "]["}))
    house.rt.books.clear()
    say(house, "intake")
    assert {"We start again.", "Riverside Clinic: Do you smoke?"} == set(house.got()[-2:])
    assert tasks(house) == ["flow_changed"]
    assert row(house)[1] == 1


def test_an_edition_that_is_gone_loses_no_text_either(house: House, open_talk: str) -> None:
    make_current(house.rt, {"intake": ANOTHER}, SENTENCES)
    with house.rt.begin() as db:
        db.conn.execute(text("DELETE FROM editions WHERE id = :id"), {"id": open_talk})
    house.rt.books.clear()
    say(house, "yes")
    assert "flow_changed" in tasks(house)


# -- reminders ---------------------------------------------------------------------------------------


@pytest.fixture
def planned(house: House) -> UUID:
    """Ana's visit with its two reminders."""
    house.wait_until(at(1, 10))
    visit = house.visit(house.patient(), at(20, 10))
    house.work()
    assert timer_keys(house) == ["appointment:3 days before the visit", "appointment:1 day before the visit"]
    return visit


def test_a_flow_that_is_new_gets_its_timers_and_one_that_is_gone_loses_them(
    house: House, planned: UUID
) -> None:
    follow_up = {"follow_up": FOLLOW_UP.format(when="2 days after the visit")}
    make_current(house.rt, follow_up, SENTENCES)
    assert go_on(house) == 1
    assert timer_keys(house)[-1] == "follow_up:2 days after the visit"
    make_current(house.rt, follow_up, SENTENCES, without=("dialogs/appointment.yaml",))
    assert go_on(house) == 1
    assert timer_keys(house) == ["follow_up:2 days after the visit"]


def test_another_wording_plans_nothing_anew(house: House, planned: UUID) -> None:
    make_current(house.rt, {}, {"reminder": "{{clinic}}: see you {{day}}"})
    assert go_on(house) == 0


def test_visits_go_batch_by_batch_and_on_after_a_crash(
    house: House, planned: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        house.visit(house.patient(phone=f"+1202555020{number}"), at(20, 11))
    house.work()
    monkeypatch.setattr(roll_out, "BATCH", 2)
    make_current(house.rt, {"follow_up": FOLLOW_UP.format(when="2 days after the visit")}, SENTENCES)
    house.rt.move_clock(roll_out.SETTLED + timedelta(seconds=1))
    count, put = [], inbox.put

    def once(*given: object) -> int:
        if count:
            raise RuntimeError
        count.append(1)
        return put(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(roll_out.inbox, "put", once)
    with pytest.raises(RuntimeError):
        roll_out.roll_out(house.rt)
    monkeypatch.setattr(roll_out.inbox, "put", put)
    assert go_on(house) == 3
    assert timer_keys(house).count("follow_up:2 days after the visit") == 5


def test_an_open_conversation_keeps_its_reminders_until_its_last_talk_is_over(
    house: House, open_talk: str
) -> None:
    with house.rt.begin() as db:
        ana = db.conn.execute(text("SELECT id FROM patients")).scalar_one()
    house.visit(ana, at(20, 10))
    house.work()
    before = timer_keys(house)
    make_current(house.rt, {"follow_up": FOLLOW_UP.format(when="2 days after the visit")}, SENTENCES)
    assert go_on(house) == 0
    assert timer_keys(house) == before
    say(house, "yes")
    house.work()
    assert timer_keys(house) == [*before, "follow_up:2 days after the visit"]


def test_a_talk_about_a_visit_is_moved_and_its_visit_planned_anew(house: House, planned: UUID) -> None:
    house.wait_until(at(17, 11))
    assert len(house.got()) == 1
    new = make_current(
        house.rt, {"follow_up": FOLLOW_UP.format(when="2 days after the visit")}, SENTENCES, move=True
    )
    assert go_on(house) == 1
    assert row(house)[:2] == (new, 1)
    assert "follow_up:2 days after the visit" in timer_keys(house)
    say(house, "C")
    assert house.status(planned) == "confirmed"


def test_a_talk_about_a_visit_stays_open_when_only_reminders_change(house: House, planned: UUID) -> None:
    make_current(
        house.rt, {}, {"reminder": "{{clinic}}: {{first_name}}, see you {{day}} {{time}}? C, R or X"}
    )
    house.wait_until(at(17, 11))
    make_current(house.rt, {"follow_up": FOLLOW_UP.format(when="2 days after the visit")}, SENTENCES)
    house.rt.remembered.clear()
    go_on(house)
    assert row(house)[1] == 1


def test_who_published_what_and_when_is_listed(house: House, open_talk: str) -> None:
    new = make_current(house.rt, {"intake": INTAKE}, REWORDED, by="kim", move=True)
    newest, older, _ = publish.listed(house.rt)
    assert (newest.edition, newest.by, newest.current, newest.move, newest.open) == (
        new,
        "kim",
        True,
        True,
        0,
    )
    assert (older.edition, older.current, older.open) == (open_talk, False, 1)


def test_what_publishing_would_meet_is_known_before(house: House, open_talk: str) -> None:
    with house.rt.begin() as db:
        files = editions.files(db, open_talk)
    gone = files | {"dialogs/intake.yaml": ANOTHER, "wording/en.yaml": files["wording/en.yaml"]}
    for wanted, steps, lost in ((files, {}, 0), (gone, {"intake:smoke": 1}, 1)):
        found = publish.met_by(house.rt, publish.loader.read(wanted))
        assert (found.open, found.gone, found.lost) == ({open_talk: 1}, steps, lost)
    with house.rt.begin() as db:
        assert db.conn.execute(select(func.count()).select_from(editions.publications)).scalar_one() == 2
