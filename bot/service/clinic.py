"""Clinics: add one, and find the one that a command is about."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from bot.errors import BadImport, UnknownClinic
from bot.runtime import Runtime
from bot.service import cells
from bot.service.cells import BadCell
from bot.store import audit, clinics
from bot.store.audit import Entry
from bot.store.base import Db
from bot.store.clinics import Clinic

LONGEST_NAME = 100


def add(
    rt: Runtime, *, name: str, phone: str, zone: str, oncall_phone: str | None = None, language: str = "en"
) -> UUID:
    """A new clinic that texts from `phone`; returns its id. Raises BadImport, naming what is wrong."""
    given = checked(name=name, phone=phone, zone=zone, language=language, oncall_phone=oncall_phone or "")
    now = rt.now()
    with rt.begin() as db:
        refuse_second(db, given.phone)
        clinic = clinics.add(
            db,
            name=given.name,
            phone=given.phone,
            zone=given.zone,
            language=given.language,
            oncall_phone=given.oncall_phone or None,
            now=now,
        )
        entry = Entry(
            clinic=clinic, actor="operator", action="clinic.added", subject=f"clinic:{clinic}", origin="cli"
        )
        audit.write(db, [entry], now)
    return clinic


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a clinic is called, where it texts from, its clock and language, and who is paged: '' for nobody."""

    name: str
    phone: str
    zone: str
    language: str
    oncall_phone: str


def checked(*, name: str, phone: str, zone: str, language: str, oncall_phone: str) -> Settings:
    """The same in their usual spelling. Raises BadImport, naming what is wrong."""
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise BadImport(f"name: must have 1 to {LONGEST_NAME} characters on one line.")
    phone = _checked("phone", cells.e164, phone)
    oncall_phone = oncall_phone.strip() and _checked("on-call phone", cells.e164, oncall_phone)
    zone, language = _checked("timezone", cells.zone, zone), _checked("language", cells.language, language)
    if phone == oncall_phone:
        raise BadImport("on-call phone: is the clinic's own number; nobody could be paged there.")
    return Settings(name=name, phone=phone, zone=zone, language=language, oncall_phone=oncall_phone)


def set_oncall_phone(rt: Runtime, clinic_id: UUID | None, phone: str) -> None:
    """Page this phone from now on. Raises BadImport, UnknownClinic."""
    clinic = the_one(rt, clinic_id)
    phone = _checked("on-call phone", cells.e164, phone)
    if phone == clinic.phone:
        raise BadImport("on-call phone: is the clinic's own number; nobody could be paged there.")
    with rt.begin() as db:
        clinics.set_oncall_phone(db, clinic.id, phone)
        entry = Entry(
            clinic=clinic.id,
            actor="operator",
            action="oncall.changed",
            subject=f"clinic:{clinic.id}",
            origin="cli",
        )
        audit.write(db, [entry], rt.now())


def exists(rt: Runtime) -> bool:
    """Whether there is any clinic."""
    with rt.begin() as db:
        return bool(clinics.all_of_them(db))


def the_one(rt: Runtime, clinic: UUID | None) -> Clinic:
    """The clinic with this id, or the only one there is. Raises UnknownClinic, listing those that there are."""
    with rt.begin() as db:
        there = clinics.all_of_them(db)
    if not there:
        raise UnknownClinic("There is no clinic yet: `bot clinic add`.")
    found = [each for each in there if clinic in (None, each.id)]
    if len(found) == 1:
        return found[0]
    trouble = "No clinic has this id." if clinic else "There are several clinics: say which."
    raise UnknownClinic("\n".join([trouble, *(f"  --clinic {each.id}  {each.name}" for each in there)]))


def _checked(name: str, read: Callable[[str], str], value: str) -> str:
    try:
        return read(value.strip())
    except BadCell as bad:
        raise BadImport(f"{name}: {bad}.") from None


def refuse_second(db: Db, phone: str, *, but: UUID | None = None) -> None:
    """Raises BadImport where another clinic texts from this number already."""
    for each in clinics.all_of_them(db):
        if each.phone == phone and each.id != but:
            raise BadImport(f"phone: the clinic {each.id} texts from this number already.")
