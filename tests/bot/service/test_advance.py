"""Advance: one happening, one transaction; what raises is tried again and then handed to a person."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from bot.errors import DatabaseAway
from bot.flowbook import loader
from bot.gateways.doorbell import OUTBOUND
from bot.runtime import Runtime
from bot.service import advance
from bot.service.publish import publish_files
from bot.service.receive import Text, receive
from bot.store import audit, conversations, happenings, inbox, outbox, timers, worklist
from tests.conftest import ANA_PHONE, CLINIC_PHONE, EDITION

BEN_PHONE = "+12025550122"
PAUSES = [2, 4, 8, 16]  # seconds


def text(rt: Runtime, sid: str, phone: str = ANA_PHONE, body: str = "hello there") -> UUID:
    """A text came in; its conversation."""
    receive(rt, Text(sid=sid, sender=phone, to=CLINIC_PHONE, body=body))
    with rt.begin() as db:
        wanted = select(inbox.inbox.c.conversation_id).where(inbox.inbox.c.dedupe == f"sms:{sid}")
        return db.conn.execute(wanted).scalar_one()


def spoil(rt: Runtime, table: str, column: str, where: str) -> None:
    """Alter a sealed value behind the service's back: it can't be opened any more."""
    with rt.begin() as db:
        statement = (
            f"UPDATE {table} SET {column} = set_byte({column}, 20, get_byte({column}, 20) # 1) WHERE {where}"
        )
        assert db.conn.exec_driver_sql(statement).rowcount == 1


def done(rt: Runtime) -> dict[str, bool]:
    with rt.begin() as db:
        rows = db.conn.execute(select(inbox.inbox))
        return {row.dedupe: row.done_at is not None for row in rows}


def retry_at(rt: Runtime, conversation: UUID) -> datetime | None:
    with rt.begin() as db:
        column = conversations.conversations.c.retry_at
        return db.conn.execute(
            select(column).where(conversations.conversations.c.id == conversation)
        ).scalar_one()


def fail_until_given_up(rt: Runtime, conversation: UUID) -> list[int]:
    """Try until the happening is given up; the pauses between the tries, in seconds."""
    pauses = []
    for _ in range(10):
        before = rt.now()
        assert advance.advance(rt, conversation) is False
        again = retry_at(rt, conversation)
        if again is None:
            return pauses
        pauses.append(round((again - before).total_seconds()))
        assert advance.advance(rt, conversation) is None  # it rests
        rt.move_clock(again - rt.now() + timedelta(seconds=1))
    raise AssertionError("never given up")


def tasks(rt: Runtime, clinic: UUID) -> list[tuple[str, str]]:
    with rt.begin() as db:
        return [(task.task, task.urgency) for task in worklist.open_tasks(db, clinic, 50)]


def test_an_empty_mailbox_is_nothing_to_do(rt: Runtime, clinic: UUID) -> None:
    conversation = text(rt, "SM1")
    assert advance.advance(rt, conversation) is True
    assert advance.advance(rt, conversation) is None


def test_state_effects_record_and_audit_stand_after_one_transaction(rt: Runtime, clinic: UUID) -> None:
    conversation = text(rt, "SM1")
    advance.advance(rt, conversation)
    with rt.begin() as db:
        (mail,) = db.conn.execute(select(inbox.inbox)).all()
        (talk,) = db.conn.execute(select(conversations.conversations)).all()
        (letter,) = db.conn.execute(select(outbox.outbox)).all()
        (entry,) = db.conn.execute(
            select(audit.audit).where(audit.audit.c.action.like("conversation.%"))
        ).all()
    assert None not in (mail.done_at, mail.record, talk.state, talk.edition)
    assert (letter.wording, letter.effect_key) == ("stranger_reply", f"{mail.id}:0")
    assert (entry.actor, entry.action, entry.detail) == ("patient", "conversation.text", "SendText,OpenTask")


@pytest.mark.parametrize(
    ("table", "column", "where"),
    [
        ("inbox", "what", "dedupe = 'sms:SM2'"),
        ("conversations", "phone", "true"),
        ("conversations", "state", "true"),
    ],
    ids=["text", "phone", "state"],
)
def test_what_cannot_be_opened_is_tried_again_with_growing_pauses_and_becomes_a_task(
    rt: Runtime, clinic: UUID, table: str, column: str, where: str
) -> None:
    conversation = text(rt, "SM1")
    advance.advance(rt, conversation)
    text(rt, "SM2")
    spoil(rt, table, column, where)

    assert fail_until_given_up(rt, conversation) == PAUSES
    assert ("bot_could_not_read_this", "urgent") in tasks(rt, clinic)
    assert advance.advance(rt, conversation) is None


def test_the_mailbox_goes_on_behind_what_was_given_up(rt: Runtime, clinic: UUID) -> None:
    conversation = text(rt, "SM1")
    text(rt, "SM2")
    spoil(rt, "inbox", "what", "dedupe = 'sms:SM1'")
    fail_until_given_up(rt, conversation)
    assert advance.advance(rt, conversation) is True
    assert done(rt) == {"sms:SM1": False, "sms:SM2": True}


def test_the_next_text_waits_while_the_first_is_tried_again(rt: Runtime, clinic: UUID) -> None:
    conversation = text(rt, "SM1")
    spoil(rt, "inbox", "what", "dedupe = 'sms:SM1'")
    advance.advance(rt, conversation)
    text(rt, "SM2")
    assert advance.drain(rt, 5) is False
    assert done(rt) == {"sms:SM1": False, "sms:SM2": False}


def test_other_conversations_are_not_held_up(rt: Runtime, clinic: UUID) -> None:
    text(rt, "SM1")
    spoil(rt, "inbox", "what", "dedupe = 'sms:SM1'")
    for number in range(20):
        text(rt, f"B{number}", f"+1202555{2000 + number}")
    advance.drain(rt, 20)
    assert [key for key, over in done(rt).items() if not over] == ["sms:SM1"]


def test_a_try_that_succeeds_leaves_no_trace_of_those_that_failed(rt: Runtime, clinic: UUID) -> None:
    conversation = text(rt, "SM1")
    with refusing(rt, "outbox"):
        advance.advance(rt, conversation)
    rt.move_clock(timedelta(seconds=3))
    assert advance.advance(rt, conversation) is True
    assert (retry_at(rt, conversation), tasks(rt, clinic)) == (None, [("unknown_sender", "routine")])


@pytest.mark.parametrize("table", ["outbox", "tasks", "audit"])
def test_nothing_is_half_done_after_an_exception(rt: Runtime, clinic: UUID, table: str) -> None:
    conversation = text(rt, "SM1")
    with refusing(rt, table):
        assert advance.advance(rt, conversation) is False
    with rt.begin() as db:
        for empty in (outbox.outbox, worklist.tasks, timers.timers):
            assert db.conn.execute(select(empty)).all() == []
        (talk,) = db.conn.execute(select(conversations.conversations)).all()
        (mail,) = db.conn.execute(select(inbox.inbox)).all()
    assert (talk.state, talk.edition, mail.done_at, mail.attempts) == (None, None, None, 1)


def test_a_database_that_is_away_is_no_failed_try(rt: Runtime, clinic: UUID) -> None:
    conversation = text(rt, "SM1")
    away = Runtime(rt.settings.model_copy(update={"database_url": "postgresql://nobody@127.0.0.1:1/nothing"}))
    with pytest.raises(DatabaseAway):
        advance.advance(away, conversation)
    with rt.begin() as db:
        assert db.conn.execute(select(inbox.inbox.c.attempts)).scalar_one() == 0


def test_a_happening_that_another_worker_holds_is_left_to_it(rt: Runtime, clinic: UUID) -> None:
    conversation = text(rt, "SM1")
    with rt.begin() as db:
        assert happenings.take(db, conversation, rt.now())
        assert advance.advance(rt, conversation) is None
    assert advance.advance(rt, conversation) is True


def test_a_happening_that_another_worker_has_dealt_with_is_not_done_again(rt: Runtime, clinic: UUID) -> None:
    """As between reading the head of the mailbox and getting the lock."""
    conversation = text(rt, "SM1")
    with rt.begin() as db:
        taken = happenings.opened(db, happenings.take(db, conversation, rt.now()))  # type: ignore[arg-type]
        db.conn.execute(update(inbox.inbox).values(done_at=rt.now()))
        assert not happenings.finish(db, taken, state=b"{}", edition="x", record=b"{}", now=rt.now())


def test_draining_works_on_everything_and_rings_for_the_texts(rt: Runtime, clinic: UUID) -> None:
    rt.doorbell.heard(OUTBOUND)
    for number in range(3):
        text(rt, f"SM{number}", f"+1202555{3000 + number}")
        text(rt, f"again{number}", f"+1202555{3000 + number}")
    assert advance.drain(rt, 30) is False
    assert all(done(rt).values())
    assert rt.doorbell._redis.exists(f"careline:rung:{OUTBOUND}")


def test_draining_that_runs_out_of_time_says_that_there_is_more(rt: Runtime, clinic: UUID) -> None:
    text(rt, "SM1")
    assert advance.drain(rt, 0) is True


class refusing:  # noqa: N801  # reads as a statement
    """While this holds, the database refuses new rows in a table."""

    def __init__(self, rt: Runtime, table: str) -> None:
        self.rt, self.table = rt, table

    def __enter__(self) -> None:
        self._run(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$;"
            f"CREATE TRIGGER refuse BEFORE INSERT ON {self.table} EXECUTE FUNCTION refuse()"
        )

    def __exit__(self, *_: object) -> None:
        self._run(f"DROP TRIGGER refuse ON {self.table}; DROP FUNCTION refuse()")

    def _run(self, sql: str) -> None:
        with self.rt.begin() as db:
            db.conn.exec_driver_sql(sql)


def test_a_text_is_read_with_the_words_of_its_edition(rt: Runtime, clinic: UUID) -> None:
    words = "add:\n  - {concept: pump alarm, level: emergency, category: glucose, en: pump stopped}\n"
    publish_files(rt, {**loader.collect(EDITION), "words.yaml": words})
    advance.advance(rt, text(rt, "SM1", body="my pump stopped"))
    assert ("emergency", "emergency") in tasks(rt, clinic)
