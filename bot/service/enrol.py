"""Enrol: the people who work at a clinic: add and change them, let them go, text them that they are on call."""

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from uuid import UUID, uuid4

from bot.core.effects import LINK
from bot.core.roles import Role
from bot.core.shape import NAME
from bot.core.wording import sentence
from bot.errors import BadImport, NotFound
from bot.gateways.doorbell import OUTBOUND
from bot.runtime import Runtime
from bot.service import cells
from bot.service.cells import BadCell
from bot.service.clinic import the_one
from bot.service.desk import Desk
from bot.service.text_staff import text_staff
from bot.store import alerts, audit, devices, staff
from bot.store.audit import Entry
from bot.store.base import Db
from bot.store.clinics import Clinic
from bot.store.staff import Member

WELCOME = "oncall_welcome"
LONGEST_NAME = 100
LONGEST_HANDLE = 40
_LONGEST_EMAIL = 254  # RFC 5321: a path of 256 octets with its brackets
_EMAIL = re.compile(r"[^\s@,;:<>()[\]\\\"]{1,64}@[^\s@,;:<>()[\]\\\"]+\.[^\s@,;:<>()[\]\\\".]{2,}")
_UNFIT = re.compile(r"[^a-z0-9]+")


def add(
    rt: Runtime,
    clinic_id: UUID | None,
    email: str,
    *,
    role: str,
    name: str | None = None,
    handle: str | None = None,
    phone: str | None = None,
) -> Member:
    """Add a member, or change the one with this e-mail address: what is not given stays as it is.

    An empty phone takes it away. Raises BadImport, naming what is wrong, and UnknownClinic.
    """
    clinic = the_one(rt, clinic_id)
    with rt.begin() as db:
        return put(rt, db, clinic, email, role=role, name=name, handle=handle, phone=phone)


def put(
    rt: Runtime,
    db: Db,
    clinic: Clinic,
    email: str,
    *,
    role: str,
    name: str | None = None,
    handle: str | None = None,
    phone: str | None = None,
    desk: Desk | None = None,
) -> Member:
    """The same in the caller's transaction, as its last act; `desk`: who does it, where it is not the operator."""
    email = _checked("e-mail", _email, email)
    number = _phone(clinic, phone) if phone else None
    known_role("role: must be", roles(rt, db), role)
    there = staff.all_of(db, clinic.id)
    known = next((member for member in there if member.email.casefold() == email.casefold()), None)
    handle = _checked("handle", _handle, handle or (known.handle if known else handle_of(email)))
    _refuse_second(there, handle, known)
    called = name or (known.name if known else handle.replace("_", " ").title())
    row = staff.save(
        db,
        clinic=clinic.id,
        handle=handle,
        role=role,
        name=_checked("name", _name, called),
        email=email,
        phone=known.phone if known and phone is None else number,
        now=rt.now(),
    )
    made = staff.get(db, row)
    assert made
    _note(rt, db, made, "staff.changed" if known else "staff.added", role, desk)
    return made


def everybody(rt: Runtime, clinic_id: UUID | None) -> tuple[Member, ...]:
    """All who work there, by handle. Raises UnknownClinic."""
    clinic = the_one(rt, clinic_id)
    with rt.begin() as db:
        return staff.all_of(db, clinic.id)


def member(rt: Runtime, clinic_id: UUID | None, handle: str) -> Member:
    """The one with this handle. Raises NotFound, naming those that there are, and UnknownClinic."""
    there = everybody(rt, clinic_id)
    found = next((one for one in there if one.handle == handle), None)
    if found is None:
        known = ", ".join(one.handle for one in there) or "nobody yet"
        raise NotFound(f"Nobody here is called {handle} (there are: {known}): `bot user add`.")
    return found


def leave(rt: Runtime, clinic_id: UUID | None, handle: str) -> None:
    """They work here no more: no page, no link, no feed of theirs works from now on. Raises as `member`."""
    gone = member(rt, clinic_id, handle)
    with rt.begin() as db:
        let_go(rt, db, gone)


def let_go(rt: Runtime, db: Db, gone: Member, desk: Desk | None = None) -> None:
    """The same in the caller's transaction, as its last act. Raises NotFound where they have left already."""
    for device in devices.of(db, gone.clinic, gone.id):
        devices.forget(db, device.id)
    if not staff.leave(db, gone.clinic, gone.handle, rt.now()):
        raise NotFound(f"Nobody here is called {gone.handle}.")
    _note(rt, db, gone, "staff.left", "", desk)


def hello(rt: Runtime, clinic_id: UUID | None, handle: str) -> None:
    """Text them a link to their on-call page: whether the phone is right shows before the first page does.

    Raises as `member`, and BadImport where they have no phone.
    """
    greeted = member(rt, clinic_id, handle)
    if not greeted.phone:
        raise BadImport(f"{handle} has no phone: `bot user add … --phone`.")
    with rt.begin() as db:
        clinic, book = rt.clinic(db, greeted.clinic), rt.book(db, rt.current_edition(db))
        if WELCOME not in book.wordings["en"].sentences:
            raise NotFound(f"The published wording has no sentence `{WELCOME}`: `bot flow publish flows`.")
        body = sentence(book, WELCOME, "en", {"clinic": clinic.name, "link": LINK})
        key, link = f"hello:{uuid4()}", alerts.new_handle()
        text_staff(db, clinic, greeted, wording=WELCOME, words=body, key=key, now=rt.now(), handle=link)
        _note(rt, db, greeted, "staff.welcomed")
    rt.doorbell.ring(OUTBOUND)


def roles(rt: Runtime, db: Db) -> Mapping[str, Role]:
    """The roles that people can have, by name: those of the present edition."""
    return rt.book(db, rt.current_edition(db)).roles.all


def known_role(must: str, there: Collection[str], role: str) -> None:
    """Raises BadImport, naming the roles that there are, where this is none."""
    if role not in there:
        raise BadImport(f"{must} one of {', '.join(there)}.")


def handle_of(email: str) -> str:
    """A handle made of an address: 'Maria.Díaz@…' → 'maria_diaz'. Empty where nothing of it can be used."""
    plain = unicodedata.normalize("NFKD", email.partition("@")[0].casefold())
    ascii_only = plain.encode("ascii", "ignore").decode()
    return _UNFIT.sub("_", ascii_only).lstrip("_0123456789").rstrip("_")[:LONGEST_HANDLE]


def _note(
    rt: Runtime, db: Db, about: Member, action: str, detail: str = "", desk: Desk | None = None
) -> None:
    subject = f"staff:{about.id}"
    by_operator = Entry(
        clinic=about.clinic, actor="operator", action=action, subject=subject, origin="cli", detail=detail
    )
    entry = desk.entry(action, subject, detail=detail) if desk else by_operator
    audit.write(db, [entry], rt.now())


def _refuse_second(there: tuple[Member, ...], handle: str, known: Member | None) -> None:
    for other in there:
        if other.handle == handle and (known is None or other.id != known.id):
            raise BadImport(f"handle: {handle} is somebody else already; give another with --handle.")


def _phone(clinic: Clinic, given: str) -> str:
    number = _checked("phone", cells.e164, given)
    if number == clinic.phone:
        raise BadImport("phone: is the clinic's own number; nobody could be paged there.")
    return number


def _checked(name: str, read: Callable[[str], str], value: str) -> str:
    try:
        return read(value.strip())
    except BadCell as bad:
        raise BadImport(f"{name}: {bad}.") from None


def _email(text: str) -> str:
    if len(text) > _LONGEST_EMAIL or not text.isprintable() or not _EMAIL.fullmatch(text) or ".." in text:
        raise BadCell("is not an address such as maria@clinic.example")
    return text


def _handle(text: str) -> str:
    if not re.fullmatch(NAME, text) or len(text) > LONGEST_HANDLE:
        raise BadCell(
            f"must be small letters, digits and _, begin with a letter, and have at most {LONGEST_HANDLE} "
            "characters, such as maria"
        )
    return text


def _name(text: str) -> str:
    if not text or len(text) > LONGEST_NAME or not text.isprintable():
        raise BadCell(f"must have 1 to {LONGEST_NAME} characters on one line")
    return text
