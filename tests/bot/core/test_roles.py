"""Roles: every clinic has the standard ones; its own lie over them; nobody may do and see everything."""

import pytest
from pydantic import ValidationError

from bot.core.roles import RIGHTS, STANDARD, May, Role, Roles, Sees


def test_no_standard_role_can_give_out_rights_or_read_the_trail_and_see_health_information() -> None:
    for name, role in STANDARD.items():
        assert not (RIGHTS & set(role.may) and Sees.HEALTH in role.sees), name


@pytest.mark.parametrize("right", sorted(RIGHTS))
def test_nor_can_one_of_a_clinics_own(right: May) -> None:
    with pytest.raises(ValidationError, match="Make two roles of it"):
        Role(label="x", may=(right,), sees=(Sees.HEALTH,))
    assert Role(label="x", may=(right,), sees=(Sees.CONTACT, Sees.VISITS, Sees.MESSAGES))
    assert Role(label="x", may=tuple(set(May) - RIGHTS), sees=tuple(Sees))


def test_whoever_writes_to_patients_sees_what_they_wrote() -> None:
    for name, role in STANDARD.items():
        assert May.REPLY not in role.may or Sees.MESSAGES in role.sees, name


def test_some_standard_role_has_each_right_and_nobody_all_of_them() -> None:
    assert {right for role in STANDARD.values() for right in role.may} == set(May)
    assert all(set(role.may) < set(May) for role in STANDARD.values())


def test_every_role_says_a_thing_once_and_is_called_otherwise() -> None:
    for name, role in STANDARD.items():
        assert len(set(role.may)) == len(role.may), name
        assert len(set(role.sees)) == len(role.sees), name
    assert len({role.label for role in STANDARD.values()}) == len(STANDARD)


def test_roles_of_a_clinics_own_lie_over_the_standard_ones() -> None:
    own = {"scribe": Role(label="Scribe"), "nurse": Role(label="RN", may=(May.DAY,))}
    there = Roles(roles=own).all
    assert (there["nurse"].label, there["scribe"].label) == ("RN", "Scribe")
    assert set(there) == {*STANDARD, "scribe"}
    assert there["admin"] is STANDARD["admin"]
    with pytest.raises(ValidationError):
        Roles.model_validate({"roles": {"Not A Name": {"label": "x"}}})
