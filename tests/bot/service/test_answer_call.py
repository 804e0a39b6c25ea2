"""Answer a call: what a phone hears, what a key does, and how a call that reached nobody lets the ladder go on."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from bot.core.oncall import whom
from bot.errors import NotFound
from bot.gateways.doorbell import INBOUND
from bot.service import answer, answer_call
from bot.store import staff
from bot.store.audit import audit
from tests.bot.service import duty
from tests.bot.service.duty import JOE, MARIA, step
from tests.conftest import CLINIC_PHONE, ONCALL_PHONE, House

CLOSING = "No key was pressed. Goodbye."
NOBODY = UUID("00000000-0000-0000-0000-000000000001")


@pytest.fixture
def code(house: House) -> str:
    """An emergency of which Maria's phone rings."""
    duty.plan(house.rt, step("nurse on call", "call", wait="5 minutes"), step("provider on call"))
    duty.hire(house, "maria", MARIA)
    duty.hire(house, "joe", JOE, role="provider")
    return duty.alarm(house)


def spoken(code: str) -> str:
    return f"This is Riverside Clinic with a page for you. The code is {' '.join(code)}. To take it, press 1."


def has(house: House) -> str | None:
    """Who has it."""
    return duty.escalation(house).by


# -- a whole call -------------------------------------------------------------------------------------------


def test_who_picks_up_hears_the_page_and_takes_it_with_1(house: House, code: str) -> None:
    maria = duty.phone(house)
    assert maria.answer() == (spoken(code), spoken(code))
    assert maria.press("1") == (f"Riverside Clinic {' '.join(code)}: you have it. Thank you.",)
    duty.work(house)
    assert has(house) == "maria"
    row = duty.alert_row(house, "call")
    assert (row.status, row.sid, row.ended_at is None) == ("answered", duty.calls(house)[0].sid, False)
    duty.later(house, hours=5)
    assert duty.whom(house) == [(0, "maria", "call")]


@pytest.mark.parametrize("key", ["2", "0", "*", "#", "9"])
def test_at_any_other_key_the_page_is_said_once_more(house: House, code: str, key: str) -> None:
    maria = duty.phone(house)
    maria.answer()
    assert maria.press(key) == (spoken(code), spoken(code))
    duty.quiet(house)
    assert has(house) is None
    maria.press("1")
    duty.work(house)
    assert has(house) == "maria"


def test_a_voicemail_takes_nothing_and_the_ladder_goes_on_after_its_wait(house: House, code: str) -> None:
    voicemail = duty.phone(house)
    voicemail.answer()
    assert voicemail.press("") == (CLOSING,)
    duty.work(house)
    assert (has(house), duty.alert_row(house, "call").status) == (None, "answered")
    assert (duty.climbs(house), duty.rung(house)) == ([], 0)
    duty.later(house, minutes=6)
    assert duty.whom(house) == [(0, "maria", "call"), (1, "joe", "text")]


def test_who_hangs_up_without_a_key_takes_nothing(house: House, code: str) -> None:
    maria = duty.phone(house)
    maria.answer()
    maria.hang_up()
    duty.later(house, minutes=6)
    assert (has(house), duty.rung(house)) == (None, 1)


def test_whoever_holds_the_on_call_phone_takes_it_without_a_name(house: House) -> None:
    duty.plan(house.rt, step("the on-call phone", "call"))
    duty.alarm(house)
    phone = duty.phone(house, ONCALL_PHONE)
    phone.answer()
    phone.press("1")
    duty.work(house)
    assert has(house) == ""


# -- others were quicker -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("by", "who"), [("joe", "joe"), ("", "the on-call phone"), ("dr_lee", "dr lee")])
def test_who_comes_second_hears_who_was_quicker_and_when(house: House, code: str, by: str, who: str) -> None:
    maria = duty.phone(house)
    maria.answer()
    answer.take(house.rt, house.clinic, code, by=by, via="console")
    house.work()
    duty.later(house, minutes=3)
    assert maria.press("1") == (f"Riverside Clinic {' '.join(code)}: {who} took it 3 min ago.",)
    duty.work(house)
    assert has(house) == by


def test_what_is_over_is_closed(house: House, code: str) -> None:
    maria = duty.phone(house)
    maria.answer()
    given = {"by": "joe", "via": "console", "outcome": "false alarm"}
    answer.resolve(house.rt, house.clinic, code, **given)  # type: ignore[arg-type]
    house.work()
    assert maria.press("1") == (f"Riverside Clinic {' '.join(code)}: this is closed already.",)


def test_who_presses_1_twice_has_it_once(house: House, code: str) -> None:
    number = duty.alert_row(house, "call").id
    for _ in range(2):
        assert "you have it" in answer_call.pressed(house.rt, number, "1").words
        house.work()
    assert has(house) == "maria"


@pytest.mark.parametrize("digits", ["", "11", " 1", "1 ", "١", "one", "\x00"])
def test_only_a_1_is_a_1(house: House, code: str, digits: str) -> None:
    said = answer_call.pressed(house.rt, duty.alert_row(house, "call").id, digits)
    assert (said.words, said.asks) == (spoken(code), True)
    house.work()
    assert has(house) is None


def test_who_has_left_takes_it_without_a_name(house: House, code: str) -> None:
    with house.rt.begin() as db:
        staff.leave(db, house.clinic, "maria", house.rt.now())
    answer_call.pressed(house.rt, duty.alert_row(house, "call").id, "1")
    house.work()
    assert has(house) == ""


def test_an_edition_of_before_there_were_these_sentences_answers_all_the_same(
    house: House, code: str
) -> None:
    number = duty.alert_row(house, "call").id
    duty.plan(house.rt, step("nurse on call", "call"), sentences=False)
    said = [answer_call.pressed(house.rt, number, "1").words]
    house.work()
    answer.hand_over(house.rt, house.clinic, code, by="maria", via="link", to=whom("joe"))
    house.work()
    answer.take(house.rt, house.clinic, code, by="joe", via="link")
    house.work()
    said.append(answer_call.pressed(house.rt, number, "1").words)
    assert said == ["You have it. Thank you.", "Somebody else took it."]


# -- how it ended -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "ours", "climbs"),
    [
        ("completed", "answered", False),
        ("busy", "unanswered", True),
        ("no-answer", "unanswered", True),
        ("canceled", "unanswered", True),
        ("failed", "failed", True),
        ("ringing", "sent", False),
        ("in-progress", "sent", False),
        ("teleported", "sent", False),
    ],
)
def test_what_the_end_of_a_call_means(house: House, code: str, status: str, ours: str, climbs: bool) -> None:
    row = duty.alert_row(house, "call")
    answer_call.ended(house.rt, row.id, sid=row.sid, status=status)
    assert duty.alert_row(house, "call").status == ours
    assert duty.climbs(house) == [0] * climbs
    house.work()
    assert duty.rung(house) == climbs


def test_an_end_that_is_told_twice_counts_once(house: House, code: str) -> None:
    row = duty.alert_row(house, "call")
    for status in ("completed", "busy", "completed"):
        answer_call.ended(house.rt, row.id, sid=row.sid, status=status)
    assert (duty.alert_row(house, "call").status, duty.climbs(house)) == ("answered", [])
    with house.rt.begin() as db:
        wanted = select(audit).where(audit.c.actor == "carrier", audit.c.subject == f"alert:{row.id}")
        assert [one.action for one in db.conn.execute(wanted)] == ["alert.answered"]


def test_a_report_of_another_call_changes_nothing(house: House, code: str) -> None:
    """The carrier made two of one, as it said nothing to the first: the other is the one that we know."""
    row = duty.alert_row(house, "call")
    answer_call.ended(house.rt, row.id, sid="CAother", status="busy")
    assert (duty.alert_row(house, "call").status, duty.climbs(house)) == ("sent", [])


def test_a_report_that_comes_before_the_carriers_answer_is_kept(house: House, code: str) -> None:
    row = duty.alert_row(house, "call")
    duty.change(house, row.id, status="sending", sid=None)
    answer_call.ended(house.rt, row.id, sid=row.sid, status="busy")
    assert (duty.alert_row(house, "call").status, duty.alert_row(house, "call").sid) == (
        "unanswered",
        row.sid,
    )


def test_a_report_of_what_is_no_call_changes_nothing(house: House) -> None:
    duty.plan(house.rt, step("the on-call phone", "text"))
    duty.alarm(house)
    answer_call.ended(house.rt, duty.alert_row(house, "text").id, sid="CA1", status="busy")
    answer_call.ended(house.rt, uuid4(), sid="CA1", status="busy")
    assert (duty.alert_row(house, "text").status, duty.climbs(house)) == ("text", [])


def test_the_next_page_is_rung_for_at_once(house: House, code: str) -> None:
    """Nobody has to look: those who decide have a job."""
    row, bell = duty.alert_row(house, "call"), house.rt.doorbell
    bell.heard(INBOUND)
    before = bell._queues[INBOUND].count
    answer_call.ended(house.rt, row.id, sid=row.sid, status="busy")
    assert bell._queues[INBOUND].count == before + 1


# -- none such ----------------------------------------------------------------------------------------------


def test_a_page_that_never_was_is_not_found(house: House, code: str) -> None:
    with pytest.raises(NotFound):
        answer_call.picked_up(house.rt, NOBODY)
    with pytest.raises(NotFound):
        answer_call.pressed(house.rt, NOBODY, "1")


def test_no_word_of_a_call_is_the_patients(house: House) -> None:
    duty.plan(house.rt, step("nurse on call", "call"))
    duty.hire(house, "maria", MARIA)
    house.patient("Anastasia")
    house.text("I have crushing chest pain and can't breathe")
    duty.work(house)
    maria = duty.phone(house)
    maria.answer()
    maria.press("1")
    (call,) = maria.calls(CLINIC_PHONE)
    assert len(call.said) == 3
    for phi in ("Anastasia", "Morales", "chest", "breathe", "2025550111"):
        assert phi not in "\n".join(call.said)
