"""Call out, by e-mail: the same message however often it is sent, and no call that waits for a mail server."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from threading import Event
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from bot.service import call_out, oncall_link
from bot.store.audit import audit
from tests.bot.service import duty
from tests.bot.service.duty import JOE, MARIA
from tests.bot.service.receivers import MailServer, Post
from tests.conftest import House

HALF_A_MINUTE = {"seconds": 31}
ADDRESS = "maria@clinic.example"


@pytest.fixture
def maria(house: House) -> UUID:
    return duty.hire(house, "maria", MARIA)


@pytest.fixture(autouse=True)
def _joe(house: House, maria: UUID) -> None:
    duty.hire(house, "joe", JOE, role="provider")


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def mailing(house: House, post: Post) -> Iterator[House]:
    """The house with a mail server."""
    server = MailServer(post)
    server.start()
    url = f"smtp://127.0.0.1:{server.port}"
    yield duty.with_settings(house, smtp_url=url, mail_from="careline@clinic.example")
    server.stop()


def test_an_e_mail_leaves_with_a_link_that_opens_the_page_as_its_reader(
    mailing: House, post: Post, maria: UUID
) -> None:
    code = duty.alarmed(mailing, "email")
    assert duty.batch(mailing)
    (message,) = post.taken
    assert (message["To"], message["Subject"]) == (ADDRESS, f"Riverside Clinic EMERGENCY {code}")
    link = message.get_content().split()[-1]
    at, _, token = link.partition("#")
    assert at == f"{mailing.rt.settings.public_url}/oncall"
    with mailing.rt.begin() as db:
        found = oncall_link.read(mailing.rt, db, token)
    assert found
    assert (found.member, found.code, found.id) == (maria, code, duty.alert_row(mailing, "email").id)
    assert str(found.id) in message["Message-ID"]
    assert duty.alert_row(mailing, "email").status == "sent"


@pytest.mark.parametrize("hook", ["RCPT", "DATA"])
def test_an_e_mail_that_is_refused_brings_the_next_step_at_once(
    mailing: House, post: Post, hook: str
) -> None:
    post.answers[hook] = f"550 {ADDRESS} is nobody"
    duty.alarmed(mailing, "email")
    duty.work(mailing)
    assert (duty.alert_row(mailing, "email").status, duty.climbs(mailing), duty.rung(mailing)) == (
        "failed",
        [0],
        1,
    )


def test_an_e_mail_that_may_be_taken_later_is_the_same_message_then(mailing: House, post: Post) -> None:
    post.answers["DATA"] = "451 later"
    duty.alarmed(mailing, "email")
    duty.batch(mailing)
    assert (duty.alert_row(mailing, "email").status, duty.climbs(mailing)) == ("ready", [])
    del post.answers["DATA"]
    duty.later(mailing, seconds=5)
    (message,) = post.taken
    assert str(duty.alert_row(mailing, "email").id) in message["Message-ID"]
    assert (duty.alert_row(mailing, "email").status, duty.rung(mailing)) == ("sent", 0)


def test_the_mail_server_is_gone_and_comes_back(mailing: House, post: Post) -> None:
    gone = duty.with_settings(mailing, smtp_url="smtp://127.0.0.1:1", mail_from="careline@clinic.example")
    duty.alarmed(mailing, "email")
    assert duty.batch(gone)
    assert duty.alert_row(mailing, "email").status == "ready"
    duty.later(mailing, seconds=5)
    assert len(post.taken) == 1


def test_without_a_mail_server_the_on_call_phone_is_texted_instead(house: House) -> None:
    duty.alarmed(house, "email")
    duty.work(house)
    assert duty.whom(house) == [(0, "phone", "text")]


def test_a_crash_after_an_e_mail_was_taken_sends_the_same_message_again(mailing: House, post: Post) -> None:
    """Mailboxes show one of them."""
    duty.alarmed(mailing, "email")
    duty.batch(mailing)
    duty.change(mailing, duty.alert_row(mailing, "email").id, status="sending")
    mailing.rt.move_clock(timedelta(**HALF_A_MINUTE))
    assert call_out.settle(mailing.rt) == 1
    duty.batch(mailing)
    assert len(post.taken) == 2
    assert len({message["Message-ID"] for message in post.taken}) == 1


def test_a_slow_mail_server_holds_up_no_call(mailing: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mail is not through before the call is written down as made."""
    duty.alarmed(mailing, "email", "call")
    made, send = Event(), mailing.rt.mailer.send  # type: ignore[union-attr]

    def slow(**message: str) -> None:
        assert made.wait(20)
        send(**message)

    def keep(rt: Any, db: Any, alert: Any, values: Mapping[str, object]) -> bool:
        kept = as_ever(rt, db, alert, values)
        if alert.channel == "call":
            made.set()
        return kept

    as_ever = call_out._keep
    monkeypatch.setattr(mailing.rt.mailer, "send", slow)
    monkeypatch.setattr(call_out, "_keep", keep)
    assert duty.batch(mailing)
    assert (duty.alert_row(mailing, "email").status, duty.alert_row(mailing, "call").status) == (
        "sent",
        "sent",
    )


def test_what_was_sent_is_in_the_record_without_an_address(mailing: House) -> None:
    duty.alarmed(mailing, "email", "call")
    duty.batch(mailing)
    with mailing.rt.begin() as db:
        found = db.conn.execute(select(audit).where(audit.c.action.startswith("alert."))).all()
    assert {(one.action, one.detail) for one in found} == {("alert.sent", "email"), ("alert.sent", "call")}
    assert {one.subject.removeprefix("alert:") for one in found} == {
        str(duty.alert_row(mailing, channel).id) for channel in ("email", "call")
    }
