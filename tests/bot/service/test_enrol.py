"""Enrol: what is checked when somebody is added, what stays when they are changed, and that leaving ends it all."""

from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from bot.errors import BadImport, NotFound
from bot.runtime import Runtime
from bot.service import deliver, enrol, oncall_link, operate
from bot.store import audit, devices, staff
from tests.bot.service.oncall_edition import MARIA_PHONE, edition
from tests.conftest import CLINIC_PHONE, House, Servers

EMAIL = "maria.diaz@riverside.example"


@pytest.fixture
def flows_dir(servers: Servers) -> Path:
    """Flows with the sentence that greets."""
    return edition(servers.directory)


def entries(rt: Runtime) -> list[tuple[str, str]]:
    """Action and subject of what was audited about staff."""
    with rt.begin() as db:
        rows = db.conn.execute(select(audit.audit).where(audit.audit.c.action.startswith("staff.")))
        return sorted((row.action, row.subject) for row in rows)


def test_what_is_left_out_is_made_of_the_address(rt: Runtime, clinic: UUID) -> None:
    made = enrol.add(rt, None, EMAIL, role="nurse", phone="(202) 555-0141")
    assert (made.handle, made.name, made.role) == ("maria_diaz", "Maria Diaz", "nurse")
    assert (made.email, made.phone, made.clinic) == (EMAIL, MARIA_PHONE, clinic)
    assert entries(rt) == [("staff.added", f"staff:{made.id}")]
    operate.verify_audit(rt)


@pytest.mark.parametrize(
    ("email", "handle"),
    [
        ("Maria.DÍAZ@x.example", "maria_diaz"),
        ("joe+oncall@x.example", "joe_oncall"),
        ("24-7.desk@x.example", "desk"),
        ("o'neil@x.example", "o_neil"),
        ("_a_@x.example", "a"),
        ("123@x.example", ""),
        ("李@x.example", ""),
        ("a" * 60 + "@x.example", "a" * 40),
    ],
)
def test_a_handle_is_made_fit(email: str, handle: str) -> None:
    assert enrol.handle_of(email) == handle


def test_a_change_keeps_what_is_not_given(rt: Runtime, clinic: UUID) -> None:
    first = enrol.add(rt, clinic, EMAIL, role="nurse", name="Maria D.", handle="maria", phone=MARIA_PHONE)
    second = enrol.add(rt, clinic, EMAIL.upper(), role="provider")
    assert second.id == first.id
    assert (second.handle, second.name, second.phone) == ("maria", "Maria D.", MARIA_PHONE)
    assert second.role == "provider"
    third = enrol.add(rt, clinic, EMAIL, role="provider", handle="diaz", phone="")
    assert (third.id, third.handle, third.phone) == (first.id, "diaz", None)
    assert [one.handle for one in enrol.everybody(rt, clinic)] == ["diaz"]
    assert [action for action, _ in entries(rt)] == ["staff.added", "staff.changed", "staff.changed"]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"email": "maria"}, "e-mail: is not an address such as maria@clinic.example."),
        ({"email": "maria@localhost"}, "e-mail: is not an address such as maria@clinic.example."),
        ({"email": "Maria <maria@x.example>"}, "e-mail: is not an address such as maria@clinic.example."),
        ({"email": "a@x.example,b@x.example"}, "e-mail: is not an address such as maria@clinic.example."),
        ({"email": f"a@{'x' * 250}.example"}, "e-mail: is not an address such as maria@clinic.example."),
        ({"email": "maria@x.exam\u200bple"}, "e-mail: is not an address such as maria@clinic.example."),
        ({"email": "maria@x..example"}, "e-mail: is not an address such as maria@clinic.example."),
        (
            {"role": "janitor"},
            "role: must be one of admin, front_desk, ma, nurse, provider, billing, compliance.",
        ),
        ({"phone": "nobody"}, "phone: is not a phone number."),
        ({"phone": CLINIC_PHONE}, "phone: is the clinic's own number; nobody could be paged there."),
        ({"name": "a\nb"}, "name: must have 1 to 100 characters on one line."),
        ({"handle": "joe"}, "handle: joe is somebody else already; give another with --handle."),
    ],
)
def test_who_makes_no_sense_is_refused(
    rt: Runtime, clinic: UUID, wrong: dict[str, str], message: str
) -> None:
    enrol.add(rt, clinic, "joe@riverside.example", role="nurse")
    given = {"email": EMAIL, "role": "nurse"} | wrong
    with pytest.raises(BadImport) as refusal:
        enrol.add(rt, clinic, given.pop("email"), **given)  # type: ignore[arg-type]  # as a command does
    assert str(refusal.value) == message
    assert [one.handle for one in enrol.everybody(rt, clinic)] == ["joe"]


@pytest.mark.parametrize("handle", ["Maria", "maria diaz", "1st", "the on-call phone", "m" * 41])
def test_a_handle_that_no_roster_could_name_is_refused(rt: Runtime, clinic: UUID, handle: str) -> None:
    with pytest.raises(BadImport, match=r"^handle: must be small letters"):
        enrol.add(rt, clinic, EMAIL, role="nurse", handle=handle)


def test_an_address_without_letters_needs_a_handle(rt: Runtime, clinic: UUID) -> None:
    with pytest.raises(BadImport, match=r"^handle: "):
        enrol.add(rt, clinic, "123@riverside.example", role="nurse")


def test_who_leaves_is_gone_with_their_browsers_and_their_handle_is_free(rt: Runtime, clinic: UUID) -> None:
    made = enrol.add(rt, clinic, EMAIL, role="nurse", handle="maria")
    with rt.begin() as db:
        devices.add(
            db,
            clinic=clinic,
            member=made.id,
            endpoint="https://push.example/1",
            p256dh="p",
            auth="a",
            now=rt.now(),
        )
    enrol.leave(rt, clinic, "maria")
    with rt.begin() as db:
        assert staff.get(db, made.id) is None
        assert devices.of(db, clinic, made.id) == []
    assert ("staff.left", f"staff:{made.id}") in entries(rt)
    with pytest.raises(NotFound, match=r"called maria \(there are: nobody yet\)"):
        enrol.leave(rt, clinic, "maria")
    again = enrol.add(rt, clinic, EMAIL, role="nurse", handle="maria")
    assert again.id != made.id


def test_hello_brings_a_link_that_is_theirs(house: House) -> None:
    made = enrol.add(house.rt, house.clinic, EMAIL, role="nurse", handle="maria", phone=MARIA_PHONE)
    enrol.hello(house.rt, house.clinic, "maria")
    deliver.drain(house.rt, 10)
    (text,) = house.got(MARIA_PHONE)
    start = f"Riverside Clinic: you are on the on-call list. See {house.url}/oncall#"
    assert text.startswith(start)
    with house.rt.begin() as db:
        alert = oncall_link.read(house.rt, db, text.removeprefix(start).split()[0])
    assert alert is not None
    assert (alert.member, alert.escalation, alert.code) == (made.id, None, None)
    assert ("staff.welcomed", f"staff:{made.id}") in entries(house.rt)


def test_hello_needs_a_phone(rt: Runtime, clinic: UUID) -> None:
    enrol.add(rt, clinic, EMAIL, role="nurse", handle="maria")
    with pytest.raises(BadImport, match="maria has no phone"):
        enrol.hello(rt, clinic, "maria")
