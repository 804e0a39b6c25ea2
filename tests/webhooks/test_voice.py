"""What Twilio calls during a page by phone: whoever picked up hears a sentence, whatever goes wrong."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit
from uuid import UUID
from xml.etree import ElementTree

import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from bot.core.oncall import Channel
from bot.service import answer_call
from bot.store import alerts, conversations, escalations, staff
from tests.conftest import ANA_PHONE
from tests.webhooks.conftest import PUBLIC, Twilio
from webhooks.voice import GONE, TROUBLE

Make = Callable[..., Twilio]
WORDS = "This is Riverside Clinic with a page for you. Press 1."
TAKEN = "You have it. Thank you."
NOBODY = "00000000-0000-0000-0000-000000000001"
CALL = {"CallSid": "CA1", "CallStatus": "in-progress", "From": "+12025550100", "To": "+12025550171"}
SPEAKS = ("", "/press")
ALL = (*SPEAKS, "/status")


@pytest.fixture
def alert(twilio: Twilio, clinic: UUID) -> UUID:
    """A call to Maria, which Twilio took as CA1, of an escalation that climbs."""
    now = twilio.rt.now()
    with twilio.rt.begin() as db:
        maria = staff.save(
            db,
            clinic=clinic,
            handle="maria",
            role="nurse",
            name="Maria",
            email="maria@clinic.example",
            phone="+12025550171",
            now=now,
        )
        where = conversations.with_phone(db, clinic, ANA_PHONE, now)
        db.conn.execute(
            escalations.escalations.insert().values(
                id=(number := UUID(int=7)),
                clinic_id=clinic,
                conversation_id=where,
                code="1001",
                urgency="emergency",
                rung=0,
                opened_at=now,
                paged_at=now,
            )
        )
        alerts.make(
            db,
            clinic=clinic,
            escalation=number,
            conversation=where,
            code="1001",
            rung=0,
            member=maria,
            channel=Channel.CALL,
            effect_key="x",
            words=WORDS,
            now=now,
        )
        (claimed,) = alerts.claim(db, now, 1)
        alerts.change(db, claimed.id, status=alerts.Status.SENT, sid="CA1", sent_at=now)
    return claimed.id


def post(twilio: Twilio, path: str, number: object, **more: str) -> TestResponse:
    return twilio.post(f"/twilio/voice/alert{path}?a={number}", CALL | more)


def heard(answer: TestResponse) -> list[str]:
    """What the phone hears, in its order."""
    assert (answer.status_code, answer.mimetype) == (200, "text/xml")
    return [say.text or "" for say in ElementTree.fromstring(answer.data).iter("Say")]


def action(answer: TestResponse) -> str | None:
    """Where a key goes; None where none is waited for."""
    gather = ElementTree.fromstring(answer.data).find("Gather")
    return None if gather is None else gather.get("action")


def stands(twilio: Twilio, number: UUID) -> tuple[str, str | None]:
    with twilio.rt.begin() as db:
        found = alerts.get(db, number)
    assert found
    return found.status, found.sid


def test_who_picks_up_hears_the_page_twice_and_is_asked_for_a_key(twilio: Twilio, alert: UUID) -> None:
    answer = post(twilio, "", alert)
    assert heard(answer)[:2] == [WORDS, WORDS]
    assert action(answer) == f"{PUBLIC}/twilio/voice/alert/press?a={alert}"


def test_picking_up_changes_nothing(twilio: Twilio, alert: UUID) -> None:
    before = twilio.rows()
    post(twilio, "", alert)
    assert (twilio.rows(), stands(twilio, alert)) == (before, ("sent", "CA1"))


def test_the_key_goes_to_an_address_that_is_ours(twilio: Twilio, alert: UUID) -> None:
    parts = urlsplit(action(post(twilio, "", alert)) or "")
    answer = twilio.post(f"{parts.path}?{parts.query}", CALL | {"Digits": "1"})
    assert heard(answer) == [TAKEN]


def test_1_takes_it_and_the_call_is_over(twilio: Twilio, alert: UUID) -> None:
    before = twilio.rows()
    answer = post(twilio, "/press", alert, Digits="1")
    assert (heard(answer), action(answer)) == ([TAKEN], None)
    assert ElementTree.fromstring(answer.data).find("Hangup") is not None
    assert twilio.rows()["inbox"] == before["inbox"] + 1


@pytest.mark.parametrize("digits", ["2", "", "11", "*", "\x00", "1; DROP TABLE alerts"])
def test_at_anything_else_it_is_said_once_more(twilio: Twilio, alert: UUID, digits: str) -> None:
    before = twilio.rows()
    answer = post(twilio, "/press", alert, Digits=digits)
    assert heard(answer)[:2] == [WORDS, WORDS]
    assert action(answer)
    assert twilio.rows() == before


def test_words_that_xml_can_not_hold_spoil_nothing(twilio: Twilio, alert: UUID) -> None:
    with twilio.rt.begin() as db:
        db.conn.execute(text("UPDATE alerts SET words = :words"), {"words": "Ben & Co <press>\x01 1"})
    assert heard(post(twilio, "", alert))[0] == "Ben & Co <press> 1"


@pytest.mark.parametrize(
    ("status", "kept"),
    [
        ("completed", "answered"),
        ("busy", "unanswered"),
        ("no-answer", "unanswered"),
        ("canceled", "unanswered"),
        ("failed", "failed"),
        ("ringing", "sent"),
    ],
)
def test_how_it_ended_is_kept(twilio: Twilio, alert: UUID, status: str, kept: str) -> None:
    answer = post(twilio, "/status", alert, CallStatus=status)
    assert (answer.status_code, heard(answer)) == (200, [])
    assert stands(twilio, alert) == (kept, "CA1")


@pytest.mark.parametrize("field", ["CallSid", "CallStatus"])
@pytest.mark.parametrize("value", ["", "a\x00b"])
def test_an_end_without_what_is_needed_is_400_or_nothing(
    twilio: Twilio, alert: UUID, field: str, value: str
) -> None:
    before = twilio.rows()
    answer = post(twilio, "/status", alert, **{"CallStatus": "busy", field: value})
    expected = 200 if (field, value) == ("CallStatus", "a\x00b") else 400
    assert answer.status_code == expected
    assert (twilio.rows(), stands(twilio, alert)) == (before, ("sent", "CA1"))


# -- what goes wrong ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ALL)
@pytest.mark.parametrize("query", ["", "?a=", "?a=x", "?a=1", f"?a={NOBODY}0", "?o=" + NOBODY, "?a=%00"])
def test_what_is_no_id_is_400(twilio: Twilio, alert: UUID, path: str, query: str) -> None:
    before = twilio.rows()
    answer = twilio.post(f"/twilio/voice/alert{path}{query}", CALL | {"Digits": "1"})
    assert (answer.status_code, answer.mimetype) == (400, "text/plain")
    assert twilio.rows() == before


@pytest.mark.parametrize("path", SPEAKS)
def test_a_page_that_never_was_is_said_to_be_gone(twilio: Twilio, path: str) -> None:
    """Any other status, and Twilio would tell whoever picked up that an application error has occurred."""
    before = twilio.rows()
    answer = post(twilio, path, NOBODY, Digits="1")
    assert (heard(answer), action(answer)) == ([GONE], None)
    assert twilio.rows() == before


def test_the_end_of_a_call_that_never_was_is_taken_note_of(twilio: Twilio) -> None:
    before = twilio.rows()
    assert heard(post(twilio, "/status", NOBODY, CallStatus="busy")) == []
    assert twilio.rows() == before


@pytest.mark.parametrize("path", SPEAKS)
def test_while_the_database_is_away_it_is_said_where_else_to_look(
    with_settings: Make, alert: UUID, path: str
) -> None:
    away = with_settings(database_url="postgresql://postgres@127.0.0.1:1/careline")
    del away.rt.__dict__["engine"]
    answer = post(away, path, alert, Digits="1")
    assert (heard(answer), action(answer)) == ([TROUBLE], None)
    away.rt.engine.dispose()


def test_while_the_database_is_away_an_end_is_not_taken_note_of(with_settings: Make, alert: UUID) -> None:
    away = with_settings(database_url="postgresql://postgres@127.0.0.1:1/careline")
    del away.rt.__dict__["engine"]
    answer = post(away, "/status", alert, CallStatus="busy")
    assert (answer.status_code, answer.text) == (503, "503\n")
    away.rt.engine.dispose()


def test_an_error_of_ours_is_no_page_of_html(
    twilio: Twilio, alert: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError(WORDS)

    monkeypatch.setattr(answer_call, "picked_up", fails)
    answer = post(twilio, "", alert)
    assert (answer.status_code, answer.text) == (500, "500\n")


@pytest.mark.parametrize("path", ALL)
@pytest.mark.parametrize("token", ["x" * 32, ""])
def test_only_twilio_may_call(twilio: Twilio, alert: UUID, path: str, token: str) -> None:
    before = twilio.rows()
    form = CALL | {"Digits": "1", "CallStatus": "busy"}
    answer = twilio.post(f"/twilio/voice/alert{path}?a={alert}", form, token=token)
    assert (answer.status_code, answer.text) == (403, "403\n")
    assert (twilio.rows(), stands(twilio, alert)) == (before, ("sent", "CA1"))


@pytest.mark.parametrize("path", ALL)
def test_a_signature_is_of_one_alert(twilio: Twilio, alert: UUID, path: str) -> None:
    form = CALL | {"Digits": "1", "CallStatus": "busy"}
    signed = twilio.post(f"/twilio/voice/alert{path}?a={NOBODY}", form)
    assert signed.status_code == 200
    made = signed.request.headers["X-Twilio-Signature"]
    answer = twilio.post(f"/twilio/voice/alert{path}?a={alert}", form, signature=made)
    assert answer.status_code == 403
    assert stands(twilio, alert) == ("sent", "CA1")


def test_no_address_and_no_word_names_anybody(twilio: Twilio, alert: UUID) -> None:
    said = post(twilio, "", alert).text + post(twilio, "/press", alert, Digits="1").text
    assert not re.search(r"maria|\+?1?202555|chest", said, re.IGNORECASE)
