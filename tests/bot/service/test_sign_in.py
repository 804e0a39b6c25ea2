"""The first step at the door: what a stranger can learn there, and when nothing is looked at any more."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import pytest
from argon2 import PasswordHasher

from bot.runtime import Runtime
from bot.service import clinic as clinics
from bot.service import enrol
from bot.service.entrance import session, sign_in
from bot.service.entrance.sign_in import Refused
from bot.service.entrance.tries import ADDRESS, NETWORK, Visitor
from bot.store import logins
from tests.bot.service.entrants import PASSWORD, VISITOR, Entrant, entrant, trail

ELSEWHERE = Visitor(network="198.51.100.9", browser="x")
NOBODY = "nobody@clinic.example"


@pytest.fixture
def maria(rt: Runtime, clinic: UUID) -> Entrant:
    """A nurse who can sign in."""
    return entrant(rt, clinic)


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The hashes that are worked out meanwhile."""
    done: list[str] = []
    real = PasswordHasher.verify

    def verify(self: PasswordHasher, kept: str | bytes, given: str | bytes) -> bool:
        done.append(str(kept)[:30])
        return real(self, kept, given)

    with monkeypatch.context() as patch:
        patch.setattr(PasswordHasher, "verify", verify)
        yield done


def test_for_whoever_it_is_the_same_work_is_done_and_the_same_answered(
    rt: Runtime, clinic: UUID, maria: Entrant, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrol.add(rt, clinic, "new@clinic.example", role="nurse")  # enrolled, and without a login yet
    cases = (
        (maria.member.email, "wrong wrong", False),
        (maria.member.email, "x" * 5000, False),
        (NOBODY, PASSWORD, False),
        ("", "", False),
        ("new@clinic.example", PASSWORD, False),
        (f" {maria.member.email.upper()} ", PASSWORD, True),
    )
    for email, password, right in cases:
        with counted(monkeypatch) as done:
            found = sign_in.with_password(rt, email, password, VISITOR)
        assert len(done) == 1, email
        assert done[0].startswith("$argon2id$v=19$m=19456,t=2,p=1"), email
        assert isinstance(found, str) if right else found is Refused.WRONG, email


def test_a_password_alone_is_no_session(rt: Runtime, maria: Entrant) -> None:
    secret = maria.first()
    assert session.seat(rt, secret, by_hand=True) is None
    assert sign_in.ways(rt, secret) == {"totp", "recovery"}
    rt.move_clock(timedelta(minutes=10))
    assert sign_in.ways(rt, secret) is None


@pytest.mark.parametrize("known", [True, False])
def test_after_ten_wrong_ones_an_address_waits_an_hour_whether_anybody_has_it_or_not(
    rt: Runtime, maria: Entrant, known: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    email = maria.member.email if known else NOBODY
    for _ in range(ADDRESS.most):
        assert sign_in.with_password(rt, email, "wrong wrong", VISITOR) is Refused.WRONG
    with counted(monkeypatch) as done:
        assert sign_in.with_password(rt, email, PASSWORD, ELSEWHERE) is Refused.WRONG
    assert len(done) == 1
    about = f"staff:{maria.member.id}" if known else "staff:unknown"
    lines = [line for line in trail(rt) if line[0].startswith("sign_in.")]
    assert lines.count(("sign_in.refused", about, "password")) == ADDRESS.most + 1
    assert lines.count(("sign_in.locked", about, "password")) == 1
    assert all(NOBODY not in "".join(line) for line in trail(rt))
    rt.move_clock(ADDRESS.span)
    right = sign_in.with_password(rt, email, PASSWORD, VISITOR)
    assert isinstance(right, str) is known


def test_fifty_at_once_are_looked_at_ten_times(rt: Runtime, maria: Entrant) -> None:
    def one(number: int) -> object:
        visitor = Visitor(network=f"198.51.100.{number}", browser="x")
        return sign_in.with_password(rt, maria.member.email, f"wrong number {number}", visitor)

    with ThreadPoolExecutor(12) as pool:
        assert set(pool.map(one, range(50))) == {Refused.WRONG}
    assert [line[0] for line in trail(rt)].count("sign_in.locked") == 1
    assert sign_in.with_password(rt, maria.member.email, PASSWORD, ELSEWHERE) is Refused.WRONG


def test_one_network_may_be_wrong_a_hundred_times_an_hour_and_others_go_on(
    rt: Runtime, maria: Entrant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        PasswordHasher, "verify", lambda *_: (_ for _ in ()).throw(ValueError)
    )  # not in question
    monkeypatch.setattr(
        "bot.service.entrance.hash_password.fits", lambda kept, given: kept is not None and given == PASSWORD
    )
    for number in range(NETWORK.most):
        sign_in.with_password(rt, f"{number}@x.example", PASSWORD, VISITOR)
    assert sign_in.with_password(rt, maria.member.email, PASSWORD, VISITOR) is Refused.NETWORK
    assert isinstance(sign_in.with_password(rt, maria.member.email, PASSWORD, ELSEWHERE), str)


def test_a_hash_of_older_parameters_is_made_anew_when_the_password_is_there(
    rt: Runtime, maria: Entrant
) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    with rt.begin() as db:
        login = logins.get(db, maria.member.id)
        assert login
        logins.set_password(db, login, old)
    assert maria.first()
    with rt.begin() as db:
        login = logins.get(db, maria.member.id)
    assert login
    assert "m=19456" in login.password
    assert maria.first()


def test_who_has_left_is_nobody_any_more_and_a_second_clinic_knows_its_own(
    rt: Runtime, clinic: UUID, maria: Entrant
) -> None:
    waiting = maria.first()
    elsewhere = clinics.add(rt, name="Hillside Clinic", phone="+12025550200", zone="America/Chicago")
    enrol.add(
        rt, elsewhere, maria.member.email, role="nurse", handle="maria"
    )  # the same person, no login there
    assert maria.first()
    enrol.leave(rt, clinic, "maria")
    assert sign_in.ways(rt, waiting) is None
    assert sign_in.with_password(rt, maria.member.email, PASSWORD, VISITOR) is Refused.WRONG
