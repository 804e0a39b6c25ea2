"""Desk: who works at the console. Every verb of the console takes one, acts in its clinic, and asks it what it may."""

from dataclasses import dataclass
from uuid import UUID

from bot.core.roles import May, Role, Sees
from bot.errors import NotAllowed
from bot.store.audit import Entry

ORIGIN = "console"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A member of staff at the console, with the role that they have now."""

    member: UUID
    clinic: UUID
    handle: str
    name: str
    role_name: str
    role: Role

    def may(self, what: May) -> bool:
        """Whether their role lets them."""
        return what in self.role.may

    def require(self, *any_of: May) -> None:
        """Raise NotAllowed unless their role lets them do one of these."""
        if not any(map(self.may, any_of)):
            raise NotAllowed

    def sees(self, what: Sees) -> bool:
        """Whether their role sees this of a patient; else it is masked."""
        return what in self.role.sees

    def entry(self, action: str, subject: str, *, patients: tuple[UUID, ...] = (), detail: str = "") -> Entry:
        """A line of the audit trail about what they did or looked at."""
        return Entry(
            clinic=self.clinic,
            actor=str(self.member),
            action=action,
            subject=subject,
            patients=patients,
            origin=ORIGIN,
            detail=detail,
        )
