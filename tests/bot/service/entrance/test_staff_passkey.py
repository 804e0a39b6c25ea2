"""Passkeys of staff: one is enough to sign in, and whatever is wrong with an answer, nobody comes in by it."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from bot.runtime import Runtime
from bot.service import enrol
from bot.service.entrance import invite, session, set_up, sign_in_passkey, staff_passkey
from bot.service.entrance.set_up import Done
from bot.service.entrance.sign_in import Refused
from bot.store import doorsteps, logins
from bot.store.doorsteps import Stage
from bot.store.staff_links import Kind
from tests.bot.service.authenticator import PRESENT, Authenticator
from tests.bot.service.entrants import (
    HOST,
    ORIGIN,
    PASSWORD,
    VISITOR,
    Entrant,
    entrant,
    keys,
    opened,
    trail,
    with_key,
)


@pytest.fixture
def maria(rt: Runtime, clinic: UUID) -> Entrant:
    """A nurse who can sign in."""
    return entrant(rt, clinic)


def asked(rt: Runtime, secret: str = "") -> tuple[dict[str, Any], str]:
    """What the browser is asked at the door, and its secret."""
    found = sign_in_passkey.options(rt, secret)
    assert found
    return json.loads(found[0]), found[1]


def test_one_signs_in_by_a_passkey_alone_and_each_challenge_is_answered_once(
    rt: Runtime, maria: Entrant
) -> None:
    device = with_key(rt, maria.member)
    options, secret = asked(rt)
    assert (options["userVerification"], options.get("allowCredentials", [])) == ("required", [])
    answer = device.use(options)
    made = sign_in_passkey.with_passkey(rt, secret, answer, VISITOR)
    assert isinstance(made, str)
    seat = session.seat(rt, made, by_hand=True)
    assert seat
    assert seat.desk.member == maria.member.id
    assert sign_in_passkey.with_passkey(rt, secret, answer, VISITOR) is Refused.GONE
    _, again = asked(rt)
    assert sign_in_passkey.with_passkey(rt, again, answer, VISITOR) is Refused.WRONG  # an old challenge
    assert ("session.begun", f"staff:{maria.member.id}", "passkey") in trail(rt)


def not_verified(device: Authenticator) -> None:
    device.flags = PRESENT


def other_site(device: Authenticator) -> None:
    device.origin = "https://evil.example"


def other_host(device: Authenticator) -> None:
    device.host = "evil.example"


def within_another(device: Authenticator) -> None:
    device.more = {"crossOrigin": True}


def other_purpose(device: Authenticator) -> None:
    device.kind = "webauthn.create"


def other_person(device: Authenticator) -> None:
    device.user_handle = b"x" * 16


def unknown(device: Authenticator) -> None:
    device.credential = b"x" * 32


def other_key(device: Authenticator) -> None:
    device.key = Authenticator(ORIGIN, HOST).key


SPOILS = (
    not_verified,
    other_site,
    other_host,
    within_another,
    other_purpose,
    other_person,
    unknown,
    other_key,
)


def test_whatever_is_wrong_with_an_answer_it_opens_nothing(rt: Runtime, maria: Entrant) -> None:
    device = with_key(rt, maria.member)
    spoils: tuple[Callable[[Authenticator], None], ...] = SPOILS
    for spoil in spoils:
        worse = Authenticator(ORIGIN, HOST, device.key, device.credential, user_handle=device.user_handle)
        worse.counter = device.counter = device.counter + 1
        spoil(worse)
        options, secret = asked(rt)
        found = sign_in_passkey.with_passkey(rt, secret, worse.use(options), VISITOR)
        assert found is Refused.WRONG, spoil.__name__
    for nothing in ({}, {"rawId": 7}, {"rawId": "AAAA", "response": []}):
        _, secret = asked(rt)
        assert sign_in_passkey.with_passkey(rt, secret, nothing, VISITOR) is Refused.WRONG
    device.counter += 1
    options, secret = asked(rt)
    assert isinstance(sign_in_passkey.with_passkey(rt, secret, device.use(options), VISITOR), str)


def test_one_that_was_copied_signs_in_neither(rt: Runtime, maria: Entrant) -> None:
    device = with_key(rt, maria.member)
    options, secret = asked(rt)
    assert isinstance(sign_in_passkey.with_passkey(rt, secret, device.use(options), VISITOR), str)
    device.counter -= 1
    options, secret = asked(rt)
    assert sign_in_passkey.with_passkey(rt, secret, device.use(options), VISITOR) is Refused.WRONG
    assert keys(rt, maria.member) == 0
    assert "passkey.copied" in [line[0] for line in trail(rt)]


def test_as_a_second_factor_only_ones_own_counts_and_in_time(
    rt: Runtime, clinic: UUID, maria: Entrant
) -> None:
    mine = with_key(rt, maria.member)
    other = with_key(rt, entrant(rt, clinic, "joe").member)
    secret = maria.first()
    options, same = asked(rt, secret)
    assert same == secret
    assert len(options["allowCredentials"]) == 1
    assert sign_in_passkey.with_passkey(rt, secret, other.use(options), VISITOR) is Refused.WRONG
    options, _ = asked(rt, secret)
    rt.move_clock(timedelta(minutes=5))
    assert sign_in_passkey.with_passkey(rt, secret, mine.use(options), VISITOR) is Refused.WRONG
    options, _ = asked(rt, secret)
    assert isinstance(sign_in_passkey.with_passkey(rt, secret, mine.use(options), VISITOR), str)
    assert ("session.begun", f"staff:{maria.member.id}", "password, passkey") in trail(rt)


def test_who_has_left_does_not_come_in_by_it(rt: Runtime, clinic: UUID, maria: Entrant) -> None:
    device = with_key(rt, maria.member)
    enrol.leave(rt, clinic, "maria")
    options, secret = asked(rt)
    assert sign_in_passkey.with_passkey(rt, secret, device.use(options), VISITOR) is Refused.WRONG


def test_an_invite_can_be_set_up_with_a_passkey_instead_of_an_app(rt: Runtime, clinic: UUID) -> None:
    new = enrol.add(rt, clinic, "joe@clinic.example", role="nurse")
    secret = opened(rt, invite.by_operator(rt, clinic, new.email, Kind.INVITE))
    assert set_up.passkey_options(rt, secret) is None  # the password comes first
    assert set_up.choose_password(rt, secret, PASSWORD) is Stage.FACTOR
    device = Authenticator(ORIGIN, HOST, user_handle=new.id.bytes)
    for flags, right in ((PRESENT, False), (device.flags, True)):
        options = json.loads(set_up.passkey_options(rt, secret) or "")
        assert options["authenticatorSelection"]["userVerification"] == "required"
        device.flags = flags
        done = set_up.confirm_passkey(rt, secret, device.make(options), VISITOR)
        assert isinstance(done, Done) is right
    with rt.begin() as db:
        login = logins.get(db, new.id)
        assert login
        assert login.totp is None
    options, secret = asked(rt)
    assert isinstance(sign_in_passkey.with_passkey(rt, secret, device.use(options), VISITOR), str)


def test_a_console_without_a_name_has_none(rt: Runtime) -> None:
    bare = Runtime(rt.settings.model_copy(update={"public_url": "http://127.0.0.1:8000"}))
    bare.__dict__["engine"] = rt.engine
    assert not staff_passkey.can_be(bare)
    assert sign_in_passkey.options(bare, "") is None
    with rt.begin() as db:
        assert doorsteps.find(db, "", rt.now()) is None
