"""The second step: a code counts in its own thirty seconds and once; so does a recovery code, at any time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pyotp
import pytest

from bot.runtime import Runtime
from bot.service.entrance import recovery, second_factor, session, sign_in
from bot.service.entrance.sign_in import Refused
from bot.service.entrance.tries import FACTOR, Visitor
from bot.store import logins
from tests.bot.service.entrants import VISITOR, Entrant, entrant, to_next_code, trail


@pytest.fixture
def maria(rt: Runtime, clinic: UUID) -> Entrant:
    """A nurse who can sign in."""
    return entrant(rt, clinic)


def test_a_code_signs_in_once(rt: Runtime, maria: Entrant) -> None:
    code = maria.code()
    one, two = maria.first(), maria.first()
    made = second_factor.with_code(rt, one, f" {code[:3]} {code[3:]} ", VISITOR)
    assert isinstance(made, str)
    seat = session.seat(rt, made, by_hand=True)
    assert seat
    assert (seat.desk.member, seat.proven) == (maria.member.id, True)
    assert second_factor.with_code(rt, two, code, VISITOR) is Refused.WRONG  # replayed elsewhere
    assert second_factor.with_code(rt, one, code, VISITOR) is Refused.GONE
    assert second_factor.with_code(rt, made, code, VISITOR) is Refused.GONE  # a session is no doorstep
    to_next_code(rt)
    assert isinstance(second_factor.with_code(rt, two, maria.code(), VISITOR), str)


@pytest.mark.parametrize(("age", "right"), [(-1, False), (0, True), (29, True), (31, False)])
def test_a_code_counts_in_its_own_thirty_seconds(
    rt: Runtime, maria: Entrant, age: int, right: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    begins = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
    code = pyotp.TOTP(maria.app).at(begins)
    monkeypatch.setattr(Runtime, "now", lambda _self: begins + timedelta(seconds=age))
    assert isinstance(second_factor.with_code(rt, maria.first(), code, VISITOR), str) is right


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "12345\0", "-12345"])
def test_what_is_no_code_is_a_wrong_one(rt: Runtime, maria: Entrant, code: str) -> None:
    assert second_factor.with_code(rt, maria.first(), code, VISITOR) is Refused.WRONG


def test_ten_wrong_codes_stop_it_for_an_hour_in_every_browser_fifty_at_once_too(
    rt: Runtime, maria: Entrant
) -> None:
    here, there = maria.first(), maria.first()
    wrong = f"{(int(maria.code()) + 1) % 1_000_000:06}"

    def one(number: int) -> object:
        return second_factor.with_code(rt, here, wrong, Visitor(network=f"198.51.100.{number}", browser="x"))

    with ThreadPoolExecutor(12) as pool:
        assert set(pool.map(one, range(50))) == {Refused.WRONG}
    assert [line[0] for line in trail(rt)].count("sign_in.locked") == 1
    for secret in (here, there):
        assert second_factor.with_code(rt, secret, maria.code(), VISITOR) is Refused.WRONG
        assert second_factor.with_recovery(rt, secret, maria.codes[0], VISITOR) is Refused.WRONG
    rt.move_clock(FACTOR.span)
    assert isinstance(second_factor.with_code(rt, maria.first(), maria.code(), VISITOR), str)


def test_a_right_one_takes_away_what_was_wrong_before(rt: Runtime, maria: Entrant) -> None:
    for _ in range(3):
        secret = maria.first()
        for _ in range(FACTOR.most - 1):
            second_factor.with_code(rt, secret, "12345", VISITOR)
            sign_in.with_password(rt, maria.member.email, "wrong wrong", VISITOR)
        to_next_code(rt)
        assert isinstance(second_factor.with_code(rt, secret, maria.code(), VISITOR), str)


def test_a_recovery_code_works_once_however_it_is_typed(rt: Runtime, maria: Entrant) -> None:
    first, second = maria.codes[0], maria.codes[9]
    assert len({*maria.codes}) == 10
    typed = first.upper().replace("-", " ").replace("0", "O").replace("1", "l")
    assert isinstance(second_factor.with_recovery(rt, maria.first(), typed, VISITOR), str)
    assert second_factor.with_recovery(rt, maria.first(), first, VISITOR) is Refused.WRONG
    assert second_factor.with_recovery(rt, maria.first(), second[:-1] + "?", VISITOR) is Refused.WRONG
    for nothing in ("", "a", "?" * 12, first[:-1], second + "0", "x" * 1000):
        with rt.begin() as db:
            assert not recovery.use(db, maria.member.id, nothing)
    assert isinstance(second_factor.with_recovery(rt, maria.first(), second, VISITOR), str)
    with rt.begin() as db:
        assert logins.codes_left(db, maria.member.id) == 8
    assert [line[0] for line in trail(rt)].count("recovery.used") == 2
    assert ("session.begun", f"staff:{maria.member.id}", "password, recovery") in trail(rt)


def test_one_recovery_code_in_many_browsers_at_once_lets_one_in(rt: Runtime, maria: Entrant) -> None:
    browsers = [maria.first() for _ in range(8)]

    def one(secret: str) -> bool:
        return isinstance(second_factor.with_recovery(rt, secret, maria.codes[3], VISITOR), str)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, browsers)) == 1
