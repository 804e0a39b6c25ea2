"""What is stuck: each by what it says of work that is late, of such as is not, and of such as waits for its hour."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from bot.core.effects import NoteEscalation, PageStaff, Purpose, SendText, Urgency
from bot.core.events import NoAnswer
from bot.core.oncall import Channel
from bot.runtime import Runtime
from bot.store import alerts, conversations, deliveries, escalations, inbox, outbox, stuck, timers
from bot.store.base import Db
from bot.store.inbox import Mail
from bot.store.outbox import Status
from bot.store.timers import Timer
from tests.conftest import ANA_PHONE, START

NOW = START + timedelta(hours=1)
MINUTE = timedelta(minutes=1)
BEFORE = NOW - MINUTE
LATE, YOUNG = BEFORE - timedelta(seconds=1), BEFORE + timedelta(seconds=1)
Look = Callable[[Db, datetime], bool]


def finds(rt: Runtime, look: Look) -> bool:
    with rt.begin() as db:
        return look(db, BEFORE)


def talk(rt: Runtime, clinic: UUID) -> UUID:
    with rt.begin() as db:
        return conversations.with_phone(db, clinic, ANA_PHONE, START)


@pytest.mark.parametrize(
    "look",
    [
        stuck.timers_since,
        stuck.mail_since,
        stuck.texts_since,
        stuck.alerts_since,
        stuck.page_since,
        stuck.emergency_since,
    ],
)
def test_nothing_is_stuck_where_nothing_is(rt: Runtime, clinic: UUID, look: Look) -> None:
    assert not finds(rt, look)


@pytest.mark.parametrize(("due", "there"), [(LATE, True), (YOUNG, False), (NOW + MINUTE, False)])
def test_a_timer_that_did_not_ring(rt: Runtime, clinic: UUID, due: datetime, there: bool) -> None:
    where = talk(rt, clinic)
    with rt.begin() as db:
        what = NoAnswer(turn=1)
        timers.put(db, [Timer(clinic=clinic, conversation=where, key="wait:1", due=due, what=what)])
    assert finds(rt, stuck.timers_since) is there


# -- mailboxes ---------------------------------------------------------------------------------------


def mail(rt: Runtime, clinic: UUID, came: datetime) -> UUID:
    """A happening came then."""
    where = talk(rt, clinic)
    with rt.begin() as db:
        inbox.put(db, [Mail(clinic=clinic, conversation=where, dedupe="x", what=NoAnswer(turn=1))], came)
    return where


def rests(rt: Runtime, conversation: UUID, until: datetime) -> None:
    """Its mailbox rests until then."""
    table = conversations.conversations
    with rt.begin() as db:
        db.conn.execute(update(table).where(table.c.id == conversation).values(retry_at=until))


@pytest.mark.parametrize(("came", "there"), [(LATE, True), (YOUNG, False)])
def test_a_happening_that_waits(rt: Runtime, clinic: UUID, came: datetime, there: bool) -> None:
    mail(rt, clinic, came)
    assert finds(rt, stuck.mail_since) is there


@pytest.mark.parametrize(("until", "there"), [(NOW + MINUTE, False), (YOUNG, False), (LATE, True)])
def test_a_mailbox_that_rests_counts_only_from_the_end_of_its_rest(
    rt: Runtime, clinic: UUID, until: datetime, there: bool
) -> None:
    rests(rt, mail(rt, clinic, START), until)
    assert finds(rt, stuck.mail_since) is there


@pytest.mark.parametrize("column", ["done_at", "failed_at"])
def test_a_happening_that_was_dealt_with_waits_no_more(rt: Runtime, clinic: UUID, column: str) -> None:
    mail(rt, clinic, LATE)
    with rt.begin() as db:
        db.conn.execute(update(inbox.inbox).values({column: NOW}))
    assert not finds(rt, stuck.mail_since)


# -- texts -------------------------------------------------------------------------------------------


def text(rt: Runtime, clinic: UUID, *, purpose: Purpose = Purpose.PAGE, **columns: Any) -> UUID:
    """A text, made LATE unless `columns` say otherwise."""
    where = talk(rt, clinic)
    said = SendText(wording="x", language="en", body="x", purpose=purpose, zone="America/New_York")
    with rt.begin() as db:
        number = outbox.put(db, clinic=clinic, conversation=where, effect_key="x", text=said, now=LATE)
        if columns:
            db.conn.execute(update(outbox.outbox).values(columns))
    return number


@pytest.mark.parametrize("purpose", Purpose)
def test_only_pages_and_answers_to_emergencies_count(rt: Runtime, clinic: UUID, purpose: Purpose) -> None:
    text(rt, clinic, purpose=purpose, attempts=1)
    assert finds(rt, stuck.texts_since) is (purpose in (Purpose.SAFETY, Purpose.PAGE))


@pytest.mark.parametrize(
    ("columns", "there"),
    [
        ({}, True),  # nobody even tried
        ({"attempts": 1, "not_before": NOW + MINUTE}, True),
        ({"attempts": 1, "created_at": YOUNG}, False),
        ({"not_before": YOUNG}, False),  # it waited for its hour, which has just come
        ({"not_before": NOW + MINUTE}, False),
        ({"status": Status.SENDING, "claimed_at": LATE}, True),
        ({"status": Status.SENDING, "claimed_at": YOUNG}, False),
        *[
            ({"status": status, "attempts": 1, "claimed_at": LATE}, False)
            for status in Status
            if status not in (Status.READY, Status.SENDING)
        ],
    ],
)
def test_a_text_that_no_carrier_took(rt: Runtime, clinic: UUID, columns: dict[str, Any], there: bool) -> None:
    text(rt, clinic, **columns)
    assert finds(rt, stuck.texts_since) is there


def test_a_reminder_that_hangs_is_no_page(rt: Runtime, clinic: UUID) -> None:
    text(rt, clinic, purpose=Purpose.REMINDER, status=Status.SENDING, claimed_at=LATE)
    assert not finds(rt, stuck.texts_since)


def test_what_the_carrier_took_and_could_not_deliver_is_another_matter(rt: Runtime, clinic: UUID) -> None:
    number = text(rt, clinic, attempts=1, not_before=NOW + MINUTE)
    with rt.begin() as db:
        report = {"outbox_id": number, "sid": "SM1", "status": "undelivered", "at": LATE}
        db.conn.execute(deliveries.deliveries.insert().values(report))
    assert not finds(rt, stuck.texts_since)


# -- alerts and pages --------------------------------------------------------------------------------


def escalation(
    rt: Runtime, clinic: UUID, *, urgency: Urgency = Urgency.EMERGENCY, drill: bool = False
) -> UUID:
    """One that was opened LATE and climbs."""
    where = talk(rt, clinic)
    page = PageStaff(code="1234", rung=0, urgency=urgency, body="x", drill=drill)
    with rt.begin() as db:
        return escalations.paged(db, clinic=clinic, conversation=where, page=page, now=LATE).id


def alert(
    rt: Runtime,
    clinic: UUID,
    of: UUID,
    *,
    channel: Channel = Channel.CALL,
    made: datetime = LATE,
    **columns: Any,
) -> UUID:
    """An alert of this escalation."""
    with rt.begin() as db:
        new = alerts.make(
            db,
            clinic=clinic,
            escalation=of,
            conversation=None,
            code="1234",
            rung=0,
            member=None,
            channel=channel,
            effect_key=f"{channel} {made}",
            words="x",
            now=made,
        )
        assert new
        if columns:
            db.conn.execute(update(alerts.alerts).where(alerts.alerts.c.id == new.id).values(columns))
    return new.id


@pytest.mark.parametrize(
    ("columns", "there"),
    [
        ({}, True),
        ({"attempts": 1, "not_before": NOW + MINUTE}, True),
        ({"made": YOUNG, "attempts": 1}, False),
        ({"not_before": YOUNG}, False),
        ({"status": alerts.Status.SENDING, "claimed_at": LATE}, True),
        ({"status": alerts.Status.SENDING, "claimed_at": YOUNG}, False),
        *[
            ({"status": status, "attempts": 1, "claimed_at": LATE}, False)
            for status in alerts.Status
            if status not in (alerts.Status.READY, alerts.Status.SENDING)
        ],
    ],
)
def test_an_alert_that_nobody_took(rt: Runtime, clinic: UUID, columns: dict[str, Any], there: bool) -> None:
    alert(rt, clinic, escalation(rt, clinic), **columns)
    assert finds(rt, stuck.alerts_since) is there


def test_a_page_of_which_nothing_was_taken_however_young_the_last_try_is(rt: Runtime, clinic: UUID) -> None:
    mine = escalation(rt, clinic)
    alert(rt, clinic, mine, status=alerts.Status.DROPPED)
    alert(rt, clinic, mine, made=YOUNG)
    assert not finds(rt, stuck.alerts_since)
    assert finds(rt, stuck.page_since)


@pytest.mark.parametrize("channel", [Channel.CALL, Channel.EMAIL, Channel.PUSH])
def test_a_page_of_which_one_alert_was_taken(rt: Runtime, clinic: UUID, channel: Channel) -> None:
    mine = escalation(rt, clinic)
    alert(rt, clinic, mine, channel=channel, status=alerts.Status.SENT, sent_at=LATE)
    alert(rt, clinic, mine, made=YOUNG)
    assert not finds(rt, stuck.page_since)


@pytest.mark.parametrize(("sent", "there"), [(None, True), (LATE, False)])
def test_a_page_that_is_a_text(rt: Runtime, clinic: UUID, sent: datetime | None, there: bool) -> None:
    mine = escalation(rt, clinic)
    number = text(rt, clinic, sent_at=sent)
    alert(rt, clinic, mine, channel=Channel.TEXT, outbox_id=number)
    assert finds(rt, stuck.page_since) is there


def test_what_is_shown_on_the_on_call_page_reaches_nobody_by_itself(rt: Runtime, clinic: UUID) -> None:
    mine = escalation(rt, clinic)
    alert(rt, clinic, mine, channel=Channel.CONSOLE, sent_at=LATE)
    assert not finds(rt, stuck.page_since), "nothing was to be sent to anybody"
    alert(rt, clinic, mine)
    assert finds(rt, stuck.page_since)


def test_another_escalation_that_was_taken_says_nothing_of_this_one(rt: Runtime, clinic: UUID) -> None:
    alert(rt, clinic, escalation(rt, clinic))
    with rt.begin() as db:
        page = PageStaff(code="5678", rung=0, urgency=Urgency.URGENT, body="x")
        other = escalations.paged(
            db,
            clinic=clinic,
            conversation=conversations.with_phone(db, clinic, "+12025550177", START),
            page=page,
            now=LATE,
        ).id
    alert(rt, clinic, other, channel=Channel.EMAIL, sent_at=LATE)
    assert finds(rt, stuck.page_since)


# -- emergencies -------------------------------------------------------------------------------------


def note(rt: Runtime, clinic: UUID, became: Any, at: datetime) -> None:
    """Somebody does this with it."""
    with rt.begin() as db:
        where = conversations.with_phone(db, clinic, ANA_PHONE, START)
        assert escalations.note(db, where, NoteEscalation(code="1234", became=became, by="maria"), at)


@pytest.mark.parametrize("urgency", Urgency)
def test_an_emergency_that_nobody_takes(rt: Runtime, clinic: UUID, urgency: Urgency) -> None:
    escalation(rt, clinic, urgency=urgency)
    assert finds(rt, stuck.emergency_since) is (urgency is Urgency.EMERGENCY)
    with rt.begin() as db:
        assert not stuck.emergency_since(db, LATE), "it was opened then"


@pytest.mark.parametrize("became", ["taken", "snoozed", "resolved"])
def test_an_emergency_that_somebody_has(rt: Runtime, clinic: UUID, became: str) -> None:
    escalation(rt, clinic)
    note(rt, clinic, became, LATE)
    assert not finds(rt, stuck.emergency_since)


@pytest.mark.parametrize(("given_back", "there"), [(LATE, True), (YOUNG, False)])
@pytest.mark.parametrize("became", ["reopened", "handed over"])
def test_an_emergency_that_was_given_back_counts_from_then_on(
    rt: Runtime, clinic: UUID, became: str, given_back: datetime, there: bool
) -> None:
    escalation(rt, clinic)
    note(rt, clinic, "taken", LATE)
    note(rt, clinic, became, given_back)
    assert finds(rt, stuck.emergency_since) is there


def test_a_drill_is_no_trouble_of_the_operators(rt: Runtime, clinic: UUID) -> None:
    alert(rt, clinic, escalation(rt, clinic, drill=True))
    assert not finds(rt, stuck.emergency_since)
    assert not finds(rt, stuck.page_since)
