"""The link in a page to staff: right for a day and for whoever was told; it stands nowhere but in what was sent."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from bot.runtime import Runtime
from bot.service import oncall_link
from bot.service.oncall_link import LIFE
from bot.signing import alert_token, form_token, link_token
from bot.store.alerts import Alert
from bot.store.base import metadata
from tests.bot.service import duty
from tests.bot.service.duty import MARIA, step
from tests.conftest import ONCALL_PHONE, House


@pytest.fixture
def maria(house: House) -> UUID:
    duty.plan(house.rt, step("nurse on call", "text", "console"))
    return duty.hire(house, "maria", MARIA)


@pytest.fixture
def code(house: House, maria: UUID) -> str:
    return duty.alarm(house)


def link(house: House, phone: str = MARIA) -> str:
    """The link in the newest text that this phone got."""
    return house.got(phone)[-1].split()[-1]


def token(house: House, phone: str = MARIA) -> str:
    return link(house, phone).partition("#")[2]


def read(rt: Runtime, given: str) -> Alert | None:
    with rt.begin() as db:
        return oncall_link.read(rt, db, given)


def made(house: House) -> tuple[bytes, datetime]:
    """Handle of the newest text's alert, and when it was made."""
    row = duty.alert_row(house, "text")
    return row.handle, row.created_at


def test_the_link_opens_the_page_as_whoever_was_told(house: House, maria: UUID, code: str) -> None:
    assert link(house).startswith(f"{house.rt.settings.public_url}/oncall#")
    found = read(house.rt, token(house))
    assert found
    assert (found.clinic, found.member, found.code) == (house.clinic, maria, code)


def test_the_on_call_phones_link_is_nobodys(house: House) -> None:
    duty.plan(house.rt, step("the on-call phone"))
    code = duty.alarm(house)
    found = read(house.rt, token(house, ONCALL_PHONE))
    assert found
    assert (found.member, found.code) == (None, code)


def test_every_page_has_a_link_of_its_own(house: House, code: str) -> None:
    first = token(house)
    duty.later(house, minutes=6)
    assert token(house) != first
    assert read(house.rt, first)


def test_it_holds_for_a_day_from_when_the_page_was_made(house: House, code: str) -> None:
    given, (_, created) = token(house), made(house)
    house.rt.move_clock(created + LIFE - house.rt.now() - timedelta(seconds=20))
    assert read(house.rt, given)
    house.rt.move_clock(timedelta(seconds=21))
    assert read(house.rt, given) is None


def test_what_we_have_not_signed_for_this_opens_nothing(house: House, code: str) -> None:
    handle, created = made(house)
    keys, expires = house.rt.settings.secrets, (created + LIFE).replace(microsecond=0)
    assert alert_token(keys, handle, expires) == token(house)
    for given in (
        link_token(keys, handle, expires),  # of a patient's page
        alert_token(("f" * 32,), handle, expires),
        alert_token(keys, bytes(10), expires),  # signed, but there is no such alert
        form_token(keys, UUID(int=1), "b"),
        token(house)[:-1],
        token(house) + "A",
        "",
        "A" * 40,
    ):
        assert read(house.rt, given) is None


def test_a_patients_link_does_not_open_with_it(house: House, code: str) -> None:
    from bot.signing import read_link

    assert read_link(house.rt.settings.secrets, token(house)) is None


def test_a_key_that_is_taken_out_ends_its_links(house: House, code: str) -> None:
    new = duty.with_settings(house, secret_keys="n" * 32)
    assert read(new.rt, token(house)) is None
    both = duty.with_settings(house, secret_keys=f"{'s' * 32},{'n' * 32}")
    assert read(both.rt, token(house))


def test_nothing_of_the_token_is_in_the_database_or_a_log(
    house: House, code: str, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    duty.later(house, minutes=6)
    given = token(house)
    with house.rt.begin() as db:
        for name in metadata.tables:
            rows = db.conn.execute(text(f'SELECT t::text FROM "{name}" t')).scalars().all()
            assert given not in "\n".join(rows), name
            assert given[-20:] not in "\n".join(rows), name
        bodies = db.conn.execute(text("SELECT id, clinic_id, body FROM outbox")).all()
        opened = [duty.outbox_body(db, row) for row in bodies]
    assert opened
    assert all(body.endswith("[link]") for body in opened)
    assert given not in "".join(capsys.readouterr()) + caplog.text
