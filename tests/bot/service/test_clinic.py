"""Clinics: what is checked when one is added, and which one a command is about."""

from uuid import UUID, uuid4

import pytest

from bot.errors import BadImport, UnknownClinic
from bot.runtime import Runtime
from bot.service import clinic as clinics
from bot.service import operate

NAME, PHONE, ZONE = "Riverside Clinic", "(202) 555-0100", "America/New_York"


def test_a_clinic_is_kept_with_its_numbers_in_e164_and_audited(rt: Runtime) -> None:
    assert not clinics.exists(rt)
    added = clinics.add(rt, name=f" {NAME} ", phone=PHONE, zone=ZONE, oncall_phone="202-555-0199")
    assert clinics.exists(rt)
    found = clinics.the_one(rt, None)
    assert (found.id, found.name, found.phone, found.oncall_phone) == (
        added,
        NAME,
        "+12025550100",
        "+12025550199",
    )
    assert (found.zone, found.language) == (ZONE, "en")
    operate.verify_audit(rt)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"name": " "}, "name: must have 1 to 100 characters on one line."),
        ({"name": "a\nb"}, "name: must have 1 to 100 characters on one line."),
        ({"phone": "555-0100"}, "phone: has too few or too many digits for a phone number."),
        ({"oncall_phone": "nobody"}, "on-call phone: is not a phone number."),
        ({"oncall_phone": PHONE}, "on-call phone: is the clinic's own number; nobody could be paged there."),
        ({"zone": "New York"}, "timezone: is not a time zone such as America/New_York."),
        ({"language": "klingon"}, "language: is not a language such as en, es or pt-BR."),
    ],
)
def test_a_clinic_that_makes_no_sense_is_refused(rt: Runtime, wrong: dict[str, str], message: str) -> None:
    with pytest.raises(BadImport) as refusal:
        clinics.add(rt, **({"name": NAME, "phone": PHONE, "zone": ZONE} | wrong))
    assert str(refusal.value) == message
    assert not clinics.exists(rt)


def test_two_clinics_do_not_share_a_number(rt: Runtime, clinic: UUID) -> None:
    with pytest.raises(BadImport, match=f"the clinic {clinic} texts from this number already"):
        clinics.add(rt, name=NAME, phone=PHONE, zone=ZONE)


def test_with_several_clinics_one_must_be_named(rt: Runtime, clinic: UUID) -> None:
    assert clinics.the_one(rt, None).id == clinic
    second = clinics.add(rt, name="Hillside Clinic", phone="202-555-0101", zone=ZONE)
    assert clinics.the_one(rt, second).name == "Hillside Clinic"
    for wrong in (None, uuid4()):
        with pytest.raises(UnknownClinic) as refusal:
            clinics.the_one(rt, wrong)
        assert f"--clinic {clinic}  Riverside Clinic\n  --clinic {second}  Hillside Clinic" in str(
            refusal.value
        )


def test_without_any_clinic_one_is_told_how_to_add_it(rt: Runtime) -> None:
    with pytest.raises(UnknownClinic, match="bot clinic add"):
        clinics.the_one(rt, None)
