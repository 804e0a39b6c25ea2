"""The rules of escalations, by examples: what people do with one, and what they and the patient hear of it."""

from datetime import timedelta

import pytest

from bot.core.effects import Acknowledge, CancelTimers, SendText, SetTimer, TellStaff
from bot.core.escalation import OUTCOMES, WORDS, staff_answer
from bot.core.events import Acknowledged, Drilled, NotAcknowledged, TextFailed, Unanswered
from nlp.reading import Level
from tests.bot.core.alarms import MINUTE, MONDAY, REPLY, Desk, became, told

EMERGENCY = Level.EMERGENCY
HOUR = timedelta(hours=1)
SAFETY_LOST = TextFailed(code=30003, purpose="SAFETY")


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def taken(desk: Desk) -> Desk:
    """An emergency that Maria has taken."""
    desk.texts(EMERGENCY)
    desk.takes("1001")
    return desk


# -- taking it ---------------------------------------------------------------------------------------


def test_who_takes_it_stops_the_ladder_and_the_patient_hears_of_it(desk: Desk) -> None:
    desk.texts(EMERGENCY)
    cancel, note, ring, patient, staff = desk.happen(Acknowledged(code="1001", by="joe", reply_to=REPLY))
    assert cancel == CancelTimers(prefix="ack:1001:")
    assert became((note,)) == ["taken"]
    assert isinstance(ring, SetTimer)
    assert ring.due == MONDAY + HOUR
    assert isinstance(patient, SendText)
    assert patient.wording == "staff_have_it"
    assert staff == TellStaff(
        conversation=REPLY, wording="ack_taken", body="Riverside Clinic 1001: you have it. Thank you."
    )
    assert desk.wait(HOUR - MINUTE) == []
    assert (desk.alarm().taken, desk.alarm().by) == (MONDAY, "joe")


def test_a_patient_who_has_opted_out_is_not_told(desk: Desk) -> None:
    desk.opted_out = True
    desk.texts(EMERGENCY)
    assert desk.takes("1001") == ["ack_taken"]


@pytest.mark.parametrize(
    "what", [SAFETY_LOST, Drilled(urgency="urgent"), Unanswered(task="question", urgency="urgent")]
)
def test_who_has_asked_for_nobody_is_not_told(desk: Desk, what: object) -> None:
    desk.happen(what)  # type: ignore[arg-type]
    assert desk.takes("1001") == ["ack_taken"]


def test_the_patient_is_told_once_until_there_is_something_new(taken: Desk) -> None:
    taken.does("1001", "handed over", to="joe")
    assert taken.takes("1001", by="joe") == ["ack_taken"]
    taken.wait(HOUR)
    assert taken.takes("1001", by="joe") == ["ack_taken"]
    taken.texts(EMERGENCY)
    assert taken.takes("1001", by="joe") == ["staff_have_it", "ack_taken"]


def test_who_comes_second_hears_who_was_quicker(taken: Desk) -> None:
    taken.wait(3 * MINUTE)
    (answer,) = taken.happen(Acknowledged(code="1001", by="joe", reply_to=REPLY))
    assert isinstance(answer, TellStaff)
    assert answer.body == "Riverside Clinic 1001: maria took it 3 min ago."
    assert taken.alarm().by == "maria"


def test_the_on_call_phone_has_no_name(desk: Desk) -> None:
    desk.texts(EMERGENCY)
    desk.takes("1001", by="")
    (answer,) = desk.happen(Acknowledged(code="1001", by="joe", reply_to=REPLY))
    assert isinstance(answer, TellStaff)
    assert "the on-call phone took it 0 min ago" in answer.body
    desk.wait(HOUR)
    assert str(desk.pages[-1].whom) == "the on-call phone"


def test_taking_it_twice_is_harmless(taken: Desk) -> None:
    before = taken.state
    assert taken.takes("1001") == ["ack_taken"]
    assert taken.state == before


@pytest.mark.parametrize("code", ["1008", "", "001"])
def test_a_wrong_code_takes_nothing(desk: Desk, code: str) -> None:
    desk.texts(EMERGENCY)
    assert desk.takes(code) == ["ack_closed"]
    assert told(desk.wait(2 * MINUTE)) == ["nurse on call"]


def test_who_takes_it_otherwise_than_by_text_gets_no_text(desk: Desk) -> None:
    desk.texts(EMERGENCY)
    assert desk.takes("1001", by_text=False) == ["staff_have_it"]


@pytest.mark.parametrize(
    ("what", "body"),
    [
        (NotAcknowledged(code=None, open=()), "Riverside Clinic: no page is open now."),
        (NotAcknowledged(code="4444", open=()), "Riverside Clinic: no page is open now."),
        (
            NotAcknowledged(code=None, open=("1001", "1002")),
            "Riverside Clinic: more than one page is open: 1001, 1002. Reply ACK and the code.",
        ),
        (
            NotAcknowledged(code="4444", open=("1001",)),
            "Riverside Clinic: no page 4444 is open. Open now: 1001.",
        ),
    ],
)
def test_who_did_not_say_which_is_asked(desk: Desk, what: NotAcknowledged, body: str) -> None:
    (text,) = desk.happen(what)
    assert isinstance(text, SendText)
    assert text.body == body


# -- what else is done with it -----------------------------------------------------------------------


def test_who_has_it_is_asked_how_it_stands_and_then_it_climbs(taken: Desk) -> None:
    (page,) = taken.wait(HOUR)
    assert (str(page.whom), page.rung) == ("maria", -1)
    assert "you took this and it is still open" in page.body
    assert told(taken.wait(4 * MINUTE)) == ["nurse on call"] * 2


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_resolved_it_is_over(taken: Desk, outcome: str) -> None:
    effects = taken.does("1001", "resolved", outcome=outcome)
    assert effects[0] == CancelTimers(prefix="ack:1001:")
    assert became(effects) == ["resolved"]
    assert (taken.state.alarms, taken.timers) == ((), {})
    assert taken.takes("1001", by="joe") == ["ack_closed"]
    for how in ("resolved", "snoozed", "handed over"):
        assert taken.does("1001", how, until=taken.now + HOUR, to="joe") == ()


def test_handed_over_it_goes_to_them_and_then_climbs(taken: Desk) -> None:
    assert became(taken.does("1001", "handed over", to="provider on call")) == ["handed over"]
    assert str(taken.pages[-1].whom) == "provider on call"
    assert told(taken.wait(4 * MINUTE)) == ["nurse on call"] * 2
    assert taken.alarm().taken is None


def test_it_sleeps_as_long_as_they_want(desk: Desk) -> None:
    desk.texts(EMERGENCY)
    assert became(desk.does("1001", "snoozed", until=desk.now + 3 * HOUR)) == ["snoozed"]
    assert desk.wait(3 * HOUR - MINUTE) == []
    assert told(desk.wait(MINUTE)) == ["maria"]


def test_open_again_it_climbs_from_the_first_step(taken: Desk) -> None:
    taken.does("1001", "resolved")
    taken.wait(HOUR)
    effects = taken.does("1001", "reopened", urgency="emergency", reason=WORDS)
    assert became(effects) == ["reopened"]
    page = taken.pages[-1]
    assert (page.code, page.rung, str(page.whom)) == ("1001", 0, "nurse on call")
    assert " 0 min old" in page.body
    assert taken.does("1001", "reopened", urgency="emergency", reason=WORDS) == ()


def test_who_has_it_can_give_it_back(taken: Desk) -> None:
    taken.does("1001", "reopened", urgency="emergency", reason=WORDS)
    assert taken.alarm().taken is None
    assert told(taken.pages[-1:]) == ["nurse on call"]


# -- the words of a text from a phone of the staff -----------------------------------------------------


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("ACK 4821", "4821"),
        ("ack 4821", "4821"),
        ("Ack  4821 ", "4821"),
        ("ACK #4821", "4821"),
        ("ACK 4821.", "4821"),
        ("Ack, 4821!", "4821"),
        ("ack 4821 on my way", "4821"),
        ("4821", "4821"),
        ("#4821", "4821"),
        ("4821.", "4821"),
        ("ack", None),
        ("ACK", None),
        ("Ack.", None),
        ("ack on my way", None),
    ],
)
def test_the_on_call_phone_acknowledges(body: str, code: str | None) -> None:
    assert staff_answer(body) == Acknowledge(code=code)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "   ",
        "hello",
        "who is this?",
        "I will ack 4821",
        "ack 4821 4822",
        "4821 4822",
        "4821 please",
        "acknowledge",
        "no ack",
        "٤٨٢١",
        "²",
    ],
)
def test_anything_else_from_the_on_call_phone_is_no_acknowledgement(body: str) -> None:
    assert staff_answer(body) is None
