"""Invite: the links by which staff set up their login, or choose another password when they have forgotten theirs.

An invite sets up everything anew: password, second factor, recovery codes. That is also the way back for who has lost
their phone and the codes, and it is an admin's to open. A reset changes the password and leaves the second factor.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from bot import log
from bot.core.roles import May
from bot.errors import CarelineError, MailRefused, NotFound
from bot.runtime import Runtime
from bot.service import enrol
from bot.service.desk import Desk
from bot.service.entrance import tries
from bot.service.entrance.tries import ASKED, ASKED_NETWORK, Visitor
from bot.signing import staff_token
from bot.store import audit, doorsteps, logins, sessions, staff, staff_links
from bot.store.audit import Entry
from bot.store.base import Db
from bot.store.staff import Member
from bot.store.staff_links import Kind, StaffLink

__all__ = ["Kind", "by_operator", "end_sessions", "forgotten", "invite", "mail_links", "reset"]

PATH = "/console/sign-in/link"
LIFE = {Kind.INVITE: timedelta(days=3), Kind.RESET: timedelta(hours=1)}
_AT_ONCE = 20
_logger = log.get(__name__)
_SUBJECT = {Kind.INVITE: "Set up your careline log-in", Kind.RESET: "Choose a new careline password"}
_BODY = {
    Kind.INVITE: "Hello {name},\n\nyou work with careline at {clinic} from now on. This link sets up your log-in. It "
    "works once, for three days:\n\n{link}\n\nIf you did not expect this, tell your admin.\n",
    Kind.RESET: "Hello {name},\n\nthis link lets you choose a new password for careline. It works once, for an "
    "hour:\n\n{link}\n\nIf you did not ask for it, nothing has changed, and you need do nothing.\n",
}


def invite(rt: Runtime, desk: Desk, member: UUID) -> str:
    """An admin invites somebody of their clinic: the link that sets up their login. Raises NotFound, NotAllowed."""
    return _by_desk(rt, desk, member, Kind.INVITE)


def reset(rt: Runtime, desk: Desk, member: UUID) -> str:
    """An admin lets somebody choose another password: the link. Raises NotFound, also before they have any."""
    return _by_desk(rt, desk, member, Kind.RESET)


def end_sessions(rt: Runtime, desk: Desk, member: UUID) -> int:
    """An admin signs somebody out everywhere; returns how many sessions ended. Raises NotFound, NotAllowed."""
    desk.require(May.STAFF)
    with rt.begin() as db:
        about = _of_clinic(db, desk.clinic, member)
        ended = sessions.end_all(db, about.id)
        doorsteps.leave_all(db, about.id)
        line = desk.entry("session.ended_by_admin", f"staff:{about.id}", detail=f"{ended} sessions")
        audit.write(db, [line], rt.now())
    return ended


def by_operator(rt: Runtime, clinic: UUID | None, email: str, kind: Kind) -> str:
    """The same from the command line, for the member with this address. Raises NotFound, UnknownClinic."""
    there = enrol.everybody(rt, clinic)
    found = next((one for one in there if one.email.casefold() == email.strip().casefold()), None)
    if found is None:
        raise NotFound("Nobody here has this address: `bot user list`, `bot user add`.")
    return _made(rt, lambda db: _of_clinic(db, found.clinic, found.id), kind, _operator)


def forgotten(rt: Runtime, email: str, visitor: Visitor) -> None:
    """Somebody says that they have forgotten their password: who has this address, and a login, gets a link by mail.

    Nothing is said of whether anybody has it. The mail leaves from elsewhere, so that no time tells either.
    """
    with rt.begin() as db:
        so_far = tries.begin(rt, db, (ASKED, tries.address(email)), (ASKED_NETWORK, visitor.network))
        allowed = not so_far.over() and rt.mailer is not None
        so_far.count(db)
        known = [one for one in staff.with_email(db, email.strip()) if logins.get(db, one.id)]
        for one in known if allowed else ():
            _link(rt, db, one, Kind.RESET)
        audit.write(db, [_asked(one) for one in known] or [_asked(None)], rt.now())


def mail_links(rt: Runtime) -> None:
    """Send the links that are to go by mail; what the server does not take now is tried again."""
    if rt.mailer is None:
        return
    with rt.begin() as db:
        for link in staff_links.take_to_mail(db, rt.now(), _AT_ONCE):
            member = staff.get(db, link.member)
            if member is None or _send(rt, member, link, rt.clinic(db, link.clinic).name):
                staff_links.mailed(db, link.handle)


def address(rt: Runtime, link: StaffLink) -> str:
    """Where the link leads. The token stands in the fragment, which no server and no log sees."""
    token = staff_token(rt.settings.secrets, link.kind, link.handle, link.expires)
    return f"{rt.settings.public_url}{PATH}#{token}"


def _by_desk(rt: Runtime, desk: Desk, member: UUID, kind: Kind) -> str:
    desk.require(May.STAFF)
    return _made(
        rt,
        lambda db: _of_clinic(db, desk.clinic, member),
        kind,
        lambda about, action: desk.entry(action, f"staff:{about.id}"),
    )


def _made(rt: Runtime, find: Callable[[Db], Member], kind: Kind, line: Callable[[Member, str], Entry]) -> str:
    with rt.begin() as db:
        about = find(db)
        if kind is Kind.RESET and logins.get(db, about.id) is None:
            raise NotFound("They have not set up a log-in yet: invite them.")
        link = _link(rt, db, about, kind)
        audit.write(db, [line(about, f"login.{kind}_made")], rt.now())
    return address(rt, link)


def _link(rt: Runtime, db: Db, about: Member, kind: Kind) -> StaffLink:
    now = rt.now()
    return staff_links.make(
        db,
        clinic=about.clinic,
        member=about.id,
        kind=kind,
        now=now,
        expires=_whole_second(now + LIFE[kind]),
        to_mail=rt.mailer is not None,
    )


def _send(rt: Runtime, to: Member, link: StaffLink, clinic: str) -> bool:
    """Whether it needs no more looking after: it has left, or never will."""
    assert rt.mailer
    try:
        rt.mailer.send(
            to=to.email,
            subject=_SUBJECT[link.kind],
            body=_BODY[link.kind].format(name=to.name, clinic=clinic, link=address(rt, link)),
            message_id=uuid4().hex,
        )
    except CarelineError as error:
        _logger.warning("staff_link_not_mailed", **log.error_fields(error))
        return isinstance(error, MailRefused)
    return True


def _of_clinic(db: Db, clinic: UUID, member: UUID) -> Member:
    found = staff.get(db, member)
    if found is None or found.clinic != clinic:
        raise NotFound
    return found


def _operator(about: Member, action: str) -> Entry:
    return Entry(
        clinic=about.clinic, actor="operator", action=action, subject=f"staff:{about.id}", origin="cli"
    )


def _asked(about: Member | None) -> Entry:
    return Entry(
        clinic=about.clinic if about else None,
        actor="stranger",
        action="login.reset_asked",
        subject=f"staff:{about.id}" if about else "staff:unknown",
        origin="console",
    )


def _whole_second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
