"""The timeline: everything that happened with a patient, in one order, page by page, masked by what the role sees."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import event

from bot.core.roles import STANDARD, Sees
from bot.errors import NotFound
from bot.service import clinic as clinics
from bot.service.console import patient_page, talk_by_hand, timeline
from bot.service.console.patient_page import Patient
from bot.service.console.timeline import Kind
from bot.service.desk import Desk
from bot.store import people
from bot.store.past import Mark
from tests.bot.service.desks import desk
from tests.bot.service.past_of_ana import SECRETS, Ana, ana, many_texts
from tests.conftest import House


@pytest.fixture
def past(house: House) -> Ana:
    """Something of every kind."""
    return ana(house)


def page(house: House, who: Desk, whose: Ana, **more: str) -> Patient:
    """Her page, as this desk sees it."""
    return patient_page.show(house.rt, who, whose.patient, audited=False, **more)


@contextmanager
def counted(house: House) -> Iterator[list[str]]:
    """The statements that go to the database."""
    sent: list[str] = []

    def keep(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(house.rt.engine, "before_cursor_execute", keep)
    try:
        yield sent
    finally:
        event.remove(house.rt.engine, "before_cursor_execute", keep)


def test_everything_stands_in_one_list_the_newest_first(house: House, past: Ana) -> None:
    its = page(house, past.maria, past).past
    moments = [entry.at for entry in its.entries]
    assert moments == sorted(moments, reverse=True)
    assert {entry.kind for entry in its.entries} == set(Kind) - {Kind.NOTE_OUT}
    assert len({entry.key for entry in its.entries}) == len(its.entries)
    titles = [entry.title for entry in its.entries if entry.title]
    for words in (
        "Visit: booked",
        "Task opened: call the patient",
        "Maria gave the conversation back to the bot",
        "Escalation: A patient’s own words sound like an emergency.",
        "Secure page · Consent: Solemn promise",
        "Consent signed: solemn promise",
        "Result · Serum",
        "Visit summary",
        "Some form",
    ):
        assert words in titles
    closed = [title for title in titles if title.startswith("Task closed")]
    assert len(closed) == 1


def test_what_was_read_in_a_text_and_done_about_it_stands_with_it(house: House, past: Ana) -> None:
    entries = {entry.body: entry for entry in page(house, past.maria, past).past.entries}
    read = entries["yes I'll be there"].understood
    assert read
    assert read.line == "Read as: says yes · sure · no alarm"
    assert read.why == ("intent, confirm: “yes”",)
    assert read.done == ("Visit updated: confirmed",)
    alarm = entries["I have chest pain and can't breathe"].understood
    assert alarm
    assert alarm.line.endswith("sounds like an emergency (cardiac)")
    assert "On-call paged" in alarm.done
    ours = entries["velvetcactus: see you"]
    assert (ours.kind, ours.by, ours.state) == (Kind.OUT, "Maria", "delivered")


def test_filters_show_their_kinds_and_pages_join_without_a_gap(
    house: House, past: Ana, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = [entry.key for entry in page(house, past.maria, past).past.entries]
    kinds = {
        "texts": {Kind.IN, Kind.OUT, Kind.NOTE_IN, Kind.STAFF},
        "pages": {Kind.PAGE, Kind.ANSWERS, Kind.CHART, Kind.EVENT, Kind.NOTE_IN},
        "visits": {Kind.VISIT},
        "nonsense": set(Kind) - {Kind.NOTE_OUT},
    }
    for name, wanted in kinds.items():
        assert {entry.kind for entry in page(house, past.maria, past, show=name).past.entries} == wanted
    monkeypatch.setattr(timeline, "A_PAGE", 3)
    monkeypatch.setattr(timeline, "_joined", list)
    found, before = [], ""
    while True:
        part = page(house, past.maria, past, before=before).past
        found += [entry.key for entry in part.entries]
        if part.older is None:
            break
        assert Mark.read(part.older)
        before = part.older
    assert list(dict.fromkeys(found)) == found
    assert set(whole) <= set(found)
    assert page(house, past.maria, past, before="rubbish").past.entries[0].key == whole[0]


def test_a_role_sees_of_a_patient_what_the_table_says_and_nothing_else(house: House, past: Ana) -> None:
    nurse = desk(house.rt, house.clinic)
    for sees in {role.sees for role in STANDARD.values()} | {(one,) for one in Sees}:
        who = replace(nurse, role=nurse.role.model_copy(update={"sees": sees}))
        talk = timeline.talk(house.rt, who, past.talk, audited=False)
        shown = repr(page(house, who, past)) + repr(talk)
        for secret, needs in SECRETS.items():
            assert (secret in shown) is (needs in sees), (sees, secret)
    assert set(SECRETS.values()) == set(Sees)


def test_however_much_there_is_it_takes_the_same_number_of_queries(house: House, past: Ana) -> None:
    page(house, past.maria, past)
    with counted(house) as few:
        page(house, past.maria, past)
    many_texts(house, past.talk, 120)
    with counted(house) as many:
        its = page(house, past.maria, past)
    assert its.past.older
    assert len(many) == len(few)
    with counted(house) as talk:
        timeline.talk(house.rt, past.maria, past.talk, audited=True)
    assert len(talk) <= 16


def test_a_talk_shows_what_was_said_last_and_who_has_it(house: House, past: Ana) -> None:
    talk = timeline.talk(house.rt, past.maria, past.talk, audited=True, at_most=4)
    assert [entry.kind for entry in talk.entries][-2:] == [Kind.IN, Kind.OUT]
    assert talk.people == ((past.patient, "Ana Morales"),)
    assert (talk.held_by, talk.opted_out, talk.phone) == (None, False, "(202) 555-0111")
    joe = desk(house.rt, house.clinic, "front_desk", "joe")
    talk_by_hand.take_over(house.rt, joe, past.talk)
    house.rt.live.writes(past.talk, "joe")
    house.rt.live.writes(past.talk, "maria")
    house.work()
    seen = timeline.talk(house.rt, past.maria, past.talk, audited=False)
    assert (seen.held_by, seen.mine, seen.writers) == ("Joe", False, ("Joe",))
    assert timeline.talk(house.rt, joe, past.talk, audited=False).mine
    house.text("STOP")
    house.work()
    assert timeline.talk(house.rt, past.maria, past.talk, audited=False).opted_out


def test_who_shares_the_phone_is_shown_and_has_a_past_of_their_own(house: House, past: Ana) -> None:
    ben = house.patient("Ben")
    his = patient_page.show(house.rt, past.maria, ben, audited=False)
    assert his.others == ((past.patient, "Ana Morales"),)
    told = repr(his.past)
    assert "purplehippo" in told  # the texts are the phone's
    assert "giggleserum" not in told
    assert "wobblyelbow" not in told


def test_another_clinics_patient_and_conversation_are_not_there(house: House, past: Ana) -> None:
    other = clinics.add(house.rt, name="Hillside", phone="+12025550200", zone="America/Chicago")
    theirs = desk(house.rt, other, handle="otto")
    with pytest.raises(NotFound):
        patient_page.show(house.rt, theirs, past.patient, audited=True)
    with pytest.raises(NotFound):
        patient_page.photo(house.rt, theirs, past.patient, past.photo)
    with pytest.raises(NotFound):
        timeline.talk(house.rt, theirs, past.talk, audited=True)
    with house.rt.begin() as db:
        assert people.of_ids(db, other, [past.patient]) == []
