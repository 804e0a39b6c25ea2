"""What Twilio calls: texts come in once, whatever is in them; a text's status only rises."""

import itertools
from uuid import UUID

import pytest
from sqlalchemy import text as sql

from bot.core.effects import Purpose, SendText
from bot.core.events import TextArrived
from bot.runtime import Runtime
from bot.store import conversations, outbox
from bot.store.inbox import WHAT, inbox
from bot.store.outbox import Status
from tests.conftest import ANA_PHONE, CLINIC_PHONE, House
from tests.webhooks.conftest import Twilio

TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
NOBODYS = "?o=00000000-0000-0000-0000-000000000001"


def mailbox(rt: Runtime) -> list[TextArrived]:
    """The texts that came in, in their order."""
    with rt.begin() as db:
        rows = db.conn.execute(inbox.select().order_by(inbox.c.seq)).all()
        return [
            WHAT.validate_json(db.open_bytes(inbox, "what", row.what, clinic=row.clinic_id, row=row.id))
            for row in rows
        ]


# -- calls -------------------------------------------------------------------------------------------

CALL = {"CallSid": "CA1", "From": ANA_PHONE, "To": CLINIC_PHONE, "CallStatus": "completed"}


@pytest.mark.parametrize(
    ("end", "missed"),
    [
        ({"DialCallStatus": "no-answer"}, True),
        ({"DialCallStatus": "busy"}, True),
        ({"DialCallStatus": "failed"}, True),
        ({"DialCallStatus": "canceled"}, True),
        ({"DialCallStatus": "completed", "DialCallDuration": "40"}, False),
        ({"DialCallStatus": "completed", "DialCallDuration": "0"}, True),
        ({"DialCallStatus": "answered"}, False),
        ({"CallStatus": "no-answer"}, True),
        ({"CallStatus": "completed", "CallDuration": "7"}, False),
        ({"CallStatus": "in-progress"}, False),
        ({}, False),
    ],
)
def test_a_call_that_nobody_took_is_told_and_answered_with_nothing_to_do(
    twilio: Twilio, monkeypatch: pytest.MonkeyPatch, end: dict[str, str], missed: bool
) -> None:
    told = []
    monkeypatch.setattr("webhooks.twilio.missed_call", lambda _rt, **call: told.append(call))
    answer = twilio.post("/twilio/voice/missed", CALL | end)
    assert (answer.status_code, answer.mimetype, answer.text) == (200, "text/xml", TWIML)
    assert told == [{"caller": ANA_PHONE, "to": CLINIC_PHONE}] * missed


@pytest.mark.parametrize("missing", ["From", "To"])
def test_a_call_without_what_is_needed_is_400(twilio: Twilio, missing: str) -> None:
    assert twilio.post("/twilio/voice/missed", CALL | {missing: ""}).status_code == 400


def test_a_missed_call_that_no_flow_begins_with_leaves_nothing(twilio: Twilio) -> None:
    before = twilio.rows()
    answer = twilio.post("/twilio/voice/missed", CALL | {"DialCallStatus": "no-answer"})
    assert answer.status_code == 200
    assert twilio.rows() == before


# -- texts -------------------------------------------------------------------------------------------


def test_a_text_is_in_its_mailbox_once_it_is_answered(twilio: Twilio) -> None:
    answer = twilio.text("yes please")
    assert (answer.status_code, answer.mimetype, answer.text) == (200, "text/xml", TWIML)
    assert mailbox(twilio.rt) == [TextArrived(sid="SM1", body="yes please")]


def test_the_same_text_again_has_the_same_answer_and_no_second_row(twilio: Twilio) -> None:
    first = twilio.text("yes")
    before = twilio.rows()
    again = twilio.text("yes")
    assert (again.status_code, again.data, again.mimetype) == (first.status_code, first.data, first.mimetype)
    assert twilio.rows() == before
    assert len(mailbox(twilio.rt)) == 1


def test_the_same_sid_with_other_words_changes_nothing(twilio: Twilio) -> None:
    twilio.text("yes")
    assert twilio.text("no").text == TWIML
    assert [text.body for text in mailbox(twilio.rt)] == ["yes"]


@pytest.mark.parametrize("missing", ["MessageSid", "From", "To"])
@pytest.mark.parametrize("how", ["left out", "blank"])
def test_without_what_is_needed_it_is_400_and_no_row(twilio: Twilio, missing: str, how: str) -> None:
    form = {"MessageSid": "SM1", "From": ANA_PHONE, "To": CLINIC_PHONE, "Body": "hi", missing: ""}
    if how == "left out":
        del form[missing]
    before = twilio.rows()
    assert twilio.post("/twilio/sms", form).status_code == 400
    assert twilio.rows() == before


def test_a_text_to_a_number_of_nobodys_is_404_and_no_row(twilio: Twilio) -> None:
    before = twilio.rows()
    answer = twilio.text("secret", To="+12025550000")
    assert (answer.status_code, answer.text) == (404, "404\n")
    assert twilio.rows() == before


@pytest.mark.parametrize(
    "body",
    [
        "x" * 1600,
        "😀" * 800,
        "",
        " ",
        "\x00",
        "a\x00b",
        "\x01\x02\x1b[31m\x7f",
        "line\r\nline",
        "\u202eright to left\u200b",
        "e\u0301 combined",
        "{{ 7*7 }} {% raw %} ${x} <script>alert(1)</script>",
        "'; DROP TABLE inbox; --",
        "\ufffd",
        "\U0010ffff",
    ],
    ids=lambda body: ascii(body)[:24],
)
def test_a_body_is_kept_as_it_came(twilio: Twilio, body: str) -> None:
    assert twilio.text(body).status_code == 200
    assert [text.body for text in mailbox(twilio.rt)] == [body]


def test_a_text_without_a_body_is_one(twilio: Twilio) -> None:
    form = {"MessageSid": "MM1", "From": ANA_PHONE, "To": CLINIC_PHONE, "NumMedia": "2"}
    assert twilio.post("/twilio/sms", form).status_code == 200
    assert mailbox(twilio.rt) == [TextArrived(sid="MM1", body="", media=2)]


@pytest.mark.parametrize(
    ("given", "kept"),
    [("0", 0), ("3", 3), ("", 0), ("-1", 0), ("x", 0), ("²", 0), ("1e3", 0), ("9" * 30, None)],
)
def test_a_strange_number_of_media_harms_nothing(twilio: Twilio, given: str, kept: int | None) -> None:
    assert twilio.text("hi", NumMedia=given).status_code == 200
    assert kept is None or mailbox(twilio.rt)[0].media == kept


@pytest.mark.parametrize("opt_out_type", ["STOP", "START", "HELP"])
def test_twilios_own_opt_out_verdict_is_kept(twilio: Twilio, opt_out_type: str) -> None:
    twilio.text("baja", OptOutType=opt_out_type)
    assert mailbox(twilio.rt)[0].opt_out_type == opt_out_type


@pytest.mark.parametrize("sender", ["12345", "BANK", "whatsapp:+12025550111", "+1" * 40, "a\x00b", "é😀"])
def test_a_strange_sender_has_a_conversation_of_its_own(twilio: Twilio, sender: str) -> None:
    assert twilio.text("hi", From=sender).status_code == 200
    assert len(mailbox(twilio.rt)) == 1


@pytest.mark.parametrize("field", ["MessageSid", "To"])
def test_a_nul_where_no_phone_could_put_it_is_refused_and_no_row(twilio: Twilio, field: str) -> None:
    before = twilio.rows()
    assert twilio.text("hi", **{field: "a\x00b"}).status_code in (400, 404)
    assert twilio.rows() == before


def test_texts_of_one_phone_keep_their_order(twilio: Twilio) -> None:
    for number in range(10):
        twilio.text(f"text {number}", sid=f"SM{number}")
    assert [text.body for text in mailbox(twilio.rt)] == [f"text {number}" for number in range(10)]
    assert twilio.rows()["conversations"] == 1


# -- status ------------------------------------------------------------------------------------------


@pytest.fixture
def sent(twilio: Twilio, clinic: UUID) -> UUID:
    """A text of ours that Twilio took as SM1."""
    with twilio.rt.begin() as db:
        now = twilio.rt.now()
        conversation = conversations.with_phone(db, clinic, ANA_PHONE, now)
        text = SendText(wording="x", language="en", body="x", purpose=Purpose.REPLY, zone="UTC")
        outbox.put(db, clinic=clinic, conversation=conversation, effect_key="x", text=text, now=now)
        (shown,) = outbox.history(db, conversation, 1)
        outbox.change(db, [{"id": shown.id, "status": Status.SENT, "sid": "SM1", "sent_at": now}])
    return shown.id


def report(twilio: Twilio, number: object, status: str, **more: str) -> int:
    """Twilio reports; the HTTP status of our answer."""
    form = {"MessageSid": "SM1", "MessageStatus": status, "To": ANA_PHONE, "From": CLINIC_PHONE}
    return twilio.post(f"/twilio/status?o={number}", form | more).status_code


def stands(twilio: Twilio, number: UUID) -> tuple[str, int | None]:
    """The text's status and error code."""
    with twilio.rt.begin() as db:
        query = sql("SELECT status, error_code FROM outbox WHERE id = :id")
        row = db.conn.execute(query, {"id": number}).one()
    return row.status, row.error_code


@pytest.mark.parametrize(
    "order", list(itertools.permutations(["queued", "sent", "delivered", "read"])), ids=" ".join
)
def test_in_whatever_order_reports_come_the_status_only_rises(
    twilio: Twilio, sent: UUID, order: tuple[str, ...]
) -> None:
    seen = []
    for status in order:
        assert report(twilio, sent, status) == 200
        seen.append(stands(twilio, sent)[0])
    arrived = min(order.index("delivered"), order.index("read"))
    assert seen == ["sent"] * arrived + ["delivered"] * (4 - arrived)
    assert twilio.rows()["deliveries"] == 4


@pytest.mark.parametrize("lost", ["undelivered", "failed"])
@pytest.mark.parametrize("later", ["queued", "sending", "sent", "delivered"])
def test_what_is_lost_stays_lost(twilio: Twilio, sent: UUID, lost: str, later: str) -> None:
    report(twilio, sent, lost, ErrorCode="30005")
    report(twilio, sent, later)
    assert stands(twilio, sent) == (lost, 30005)


def test_an_error_code_outlives_a_later_report_without_one(twilio: Twilio, sent: UUID) -> None:
    report(twilio, sent, "sent", ErrorCode="30008")
    report(twilio, sent, "delivered")
    assert stands(twilio, sent) == ("delivered", 30008)


def test_a_report_that_comes_twice_is_kept_once(twilio: Twilio, sent: UUID) -> None:
    report(twilio, sent, "delivered")
    before = twilio.rows()
    assert report(twilio, sent, "delivered") == 200
    assert twilio.rows() == before


def test_a_report_of_an_earlier_try_changes_nothing(twilio: Twilio, sent: UUID) -> None:
    report(twilio, sent, "failed", MessageSid="SMearlier", ErrorCode="30005")
    assert stands(twilio, sent) == ("sent", None)


def test_a_status_that_is_new_to_us_changes_nothing(twilio: Twilio, sent: UUID) -> None:
    assert report(twilio, sent, "teleported") == 200
    assert stands(twilio, sent) == ("sent", None)


@pytest.mark.parametrize(
    ("target", "more", "status"),
    [
        ("", {}, 400),
        ("?o=", {}, 400),
        ("?o=x", {}, 400),
        ("?o=00000000-0000-0000-0000-00000000000", {}, 400),
        (NOBODYS, {"MessageSid": ""}, 400),
        (NOBODYS, {"MessageStatus": ""}, 400),
        (NOBODYS, {}, 200),  # a text that we do not know: Twilio need not try again
    ],
)
def test_a_report_that_fits_no_text_leaves_no_row(
    twilio: Twilio, target: str, more: dict[str, str], status: int
) -> None:
    before = twilio.rows()
    form = {"MessageSid": "SM1", "MessageStatus": "sent"} | more
    assert twilio.post(f"/twilio/status{target}", form).status_code == status
    assert twilio.rows() == before


@pytest.mark.parametrize("code", ["", "x", "-1", "9" * 30, "2147483648"])
def test_a_strange_error_code_harms_nothing(twilio: Twilio, sent: UUID, code: str) -> None:
    assert report(twilio, sent, "delivered", ErrorCode=code) == 200
    assert stands(twilio, sent)[0] == "delivered"


@pytest.mark.parametrize("field", ["MessageSid", "MessageStatus"])
def test_a_nul_in_a_report_is_refused(twilio: Twilio, sent: UUID, field: str) -> None:
    assert report(twilio, sent, "sent", **{field: "a\x00b"}) == 400


def test_end_to_end_a_text_of_ours_is_delivered(house: House) -> None:
    house.patient()
    house.text("hello there")
    house.work()
    outbound = [seen for seen in house.thread() if seen.direction == "outbound-api"]
    assert [seen.status for seen in outbound] == ["delivered"]
    with house.rt.begin() as db:
        assert db.conn.execute(sql("SELECT DISTINCT status FROM outbox")).scalars().all() == ["delivered"]
