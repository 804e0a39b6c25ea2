"""What only the demo can do at the console's door: give everybody a log-in, show the present code, sit down at once."""

from dataclasses import dataclass

from bot.core.roles import STANDARD
from bot.errors import NotFound
from bot.runtime import Runtime
from bot.service import demo
from bot.service.entrance import hash_password, sign_in, totp
from bot.service.entrance.tries import Visitor
from bot.store import clinics, logins, staff
from bot.store.doorsteps import Stage
from bot.store.staff import Member

PASSWORD = "riverside-demo"  # noqa: S105  # of everybody in the demo, which prints it
HOW = "demo"


def give_logins(rt: Runtime) -> None:
    """Everybody who has none gets the demo's password and an app of their own."""
    clinic = demo.the_clinic(rt).id
    hashed = hash_password.hashed_code(PASSWORD)
    with rt.begin() as db:
        for member in staff.all_of(db, clinic):
            if logins.get(db, member.id) is None:
                logins.set_up(
                    db,
                    clinic=clinic,
                    member=member.id,
                    password=hashed,
                    totp=totp.new_secret(),
                    now=rt.now(),
                )


def present_code(rt: Runtime, secret: str) -> str | None:
    """What the app of whoever stands at the door shows now; None where there is none, or no demo."""
    if not rt.settings.demo:
        return None
    with rt.begin() as db:
        found = sign_in.at_door(rt, db, secret, Stage.CODE, Stage.FACTOR)
        if found is None:
            return None
        at, member = found
        login = logins.get(db, member.id)
        app = at.totp or (login.totp if login else None)
    return totp.present(rt, app) if app else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chair:
    """Somebody whom one can sit down as."""

    handle: str
    name: str
    email: str
    role: str


def chairs(rt: Runtime) -> tuple[Chair, ...]:
    """Everybody whom one can sit down as; nobody outside of the demo."""
    roles = {name: role.label.lower() for name, role in STANDARD.items()}
    return tuple(
        Chair(handle=one.handle, name=one.name, email=one.email, role=roles.get(one.role, one.role))
        for one in _people(rt)
    )


def _people(rt: Runtime) -> tuple[Member, ...]:
    if not rt.settings.demo:
        return ()
    with rt.begin() as db:
        there = clinics.all_of_them(db)
        return staff.all_of(db, there[0].id) if there else ()


def sit_down(rt: Runtime, handle: str, visitor: Visitor) -> str:
    """Sign in as them, without any proof. Raises NotFound, always outside of the demo."""
    member = next((one for one in _people(rt) if one.handle == handle), None)
    if member is None:
        raise NotFound
    with rt.begin() as db:
        return sign_in.finish(rt, db, member, HOW, visitor)
