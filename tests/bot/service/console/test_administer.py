"""Administer: nobody locks the clinic out, or gives themselves more; changes by hand wait for one another."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from bot.errors import BadImport, CarelineError, NotAllowed, NotFound
from bot.runtime import Runtime
from bot.service import clinic as clinics
from bot.service import enrol
from bot.service.console import administer, administer_clinic, retention
from bot.service.entrance import invite, session
from bot.store import sessions, staff
from tests.bot.service.desks import desk

JUST = {"name": "Somebody", "phone": ""}


def test_the_last_who_manages_staff_stays_that(rt: Runtime, clinic: UUID) -> None:
    ada, amy = desk(rt, clinic, "admin", "ada"), desk(rt, clinic, "admin", "amy")
    administer.change(rt, ada, amy.member, role="nurse", **JUST)
    with pytest.raises(NotAllowed):  # her desk of before; the next request has her new role
        administer.let_go(rt, desk(rt, clinic, "nurse", "amy"), ada.member)
    for act in (
        lambda: administer.change(rt, amy, ada.member, role="nurse", **JUST),
        lambda: administer.let_go(rt, amy, ada.member),
    ):
        with pytest.raises(BadImport, match="nobody else may manage staff"):
            act()
    administer.change(rt, ada, amy.member, role="admin", **JUST)
    administer.change(rt, amy, ada.member, role="nurse", **JUST)
    assert {one.handle: one.role for one in enrol.everybody(rt, clinic)} == {"ada": "nurse", "amy": "admin"}


def test_two_admins_cannot_let_each_other_go_at_once(rt: Runtime, clinic: UUID) -> None:
    ada, amy = desk(rt, clinic, "admin", "ada"), desk(rt, clinic, "admin", "amy")

    def tried(pair: tuple[object, UUID]) -> bool:
        try:
            administer.let_go(rt, *pair)  # type: ignore[arg-type]
        except CarelineError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(tried, [(ada, amy.member), (amy, ada.member)]))
    assert sorted(done) == [False, True]
    assert len(enrol.everybody(rt, clinic)) == 1


def test_nobody_changes_their_own_role_or_lets_themselves_go(rt: Runtime, clinic: UUID) -> None:
    ada = desk(rt, clinic, "admin", "ada")
    desk(rt, clinic, "admin", "amy")
    with pytest.raises(BadImport, match=r"^role: nobody changes their own"):
        administer.change(rt, ada, ada.member, role="provider", **JUST)
    with pytest.raises(BadImport, match=r"^person: nobody lets themselves go"):
        administer.let_go(rt, ada, ada.member)
    administer.change(rt, ada, ada.member, role="admin", name="Ada Lo", phone="202-555-0171")
    (me,) = [one for one in administer.people(rt, ada).people if one.me]
    assert (me.name, me.phone, me.lacks, me.manages) == ("Ada Lo", "(202) 555-0171", "a log-in", True)


def test_who_is_let_go_is_out_at_once(rt: Runtime, clinic: UUID) -> None:
    ada, nora = desk(rt, clinic, "admin", "ada"), desk(rt, clinic, "nurse", "nora")
    with rt.begin() as db:
        member = staff.get(db, nora.member)
        assert member
        secret = session.begin(rt, db, member, "Chrome on Windows")
    (row,) = [one for one in administer.people(rt, ada).people if one.handle == "nora"]
    assert row.sessions == 1
    administer.let_go(rt, ada, nora.member)
    assert session.seat(rt, secret, by_hand=True) is None
    with rt.begin() as db:
        assert sessions.of(db, nora.member) == []
    with pytest.raises(NotFound):
        administer.let_go(rt, ada, nora.member)


def test_only_those_who_manage_staff_and_only_in_their_own_clinic(rt: Runtime, clinic: UUID) -> None:
    elsewhere = clinics.add(rt, name="Lakeside", phone="+12025550777", zone="America/New_York")
    nora, lea = desk(rt, clinic, "nurse", "nora"), desk(rt, elsewhere, "admin", "lea")
    for who, error in ((lea, NotFound), (desk(rt, clinic, "compliance", "carla"), NotAllowed)):
        for act in (
            lambda: administer.person(rt, who, nora.member),  # noqa: B023
            lambda: administer.change(rt, who, nora.member, role="ma", **JUST),  # noqa: B023
            lambda: administer.let_go(rt, who, nora.member),  # noqa: B023
            lambda: invite.invite(rt, who, nora.member),  # noqa: B023
        ):
            with pytest.raises(error):
                act()
    assert [one.handle for one in administer.people(rt, lea).people] == ["lea"]
    carla = desk(rt, clinic, "compliance", "carla")
    with pytest.raises(NotAllowed):
        administer_clinic.change(rt, carla, administer_clinic.settings(rt, carla))
    taken = administer_clinic.Settings(
        name="Lakeside", phone="+12025550100", zone="UTC", language="en", oncall_phone=""
    )
    with pytest.raises(BadImport, match="texts from this number already"):
        administer_clinic.change(rt, lea, taken)


def test_every_right_stands_in_the_table_of_roles_once() -> None:
    from bot.core.roles import May

    listed = [right for _, rights in administer_clinic.RIGHTS_BY_WORK for right in rights]
    assert sorted(listed) == sorted(May)


def test_what_is_kept_says_of_every_round_that_deletes_what_goes(rt: Runtime, clinic: UUID) -> None:
    goes, stays = retention.kept(rt, desk(rt, clinic, "compliance", "carla"))
    assert len(goes) > 5
    assert all(one.span for one in goes)
    assert not any(one.span for one in stays)
