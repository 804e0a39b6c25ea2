"""Roles: what a member of staff may do at the console, and what of a patient they see. A table; a clinic adds to it.

`STANDARD` are the roles that every clinic has; `roles.yaml` defines more, or one of these anew. What a role does not
see is masked, whatever page it stands on. No role can do and see everything: who gives out rights and who reads the
trail sees no health information by it (45 CFR 164.308(a)(4): access as the job needs it; ASVS 5.0 V8.2).
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from bot.core.shape import NAME, Shape


class May(StrEnum):
    """What can be done. The value is what `roles.yaml` calls it."""

    INBOX = "work the inbox"
    ESCALATIONS = "take escalations"
    PATIENTS = "open patients"
    REPLY = "write to patients"
    SEND = "send pages and flows"
    CONTACTS = "change contact data"
    DAY = "see the day"
    VISITS = "change visits"
    FLOWS = "read flows"
    WORDING = "edit wording"
    PUBLISH = "publish flows"
    BROADCAST = "prepare broadcasts"
    APPROVE = "approve broadcasts"
    CLINIC = "see the clinic's settings"
    SETTINGS = "change the clinic's settings"
    ROSTERS = "change rosters"
    STAFF = "manage staff"
    AUDIT = "read the audit trail"
    EXPORT = "export"
    BREAK_GLASS = "break the glass"


class Sees(StrEnum):
    """What of a patient is shown. The value is what `roles.yaml` calls it."""

    CONTACT = "contact data"  # phone, birth date, guardians
    VISITS = "visits"  # provider, place and kind of a visit
    MESSAGES = "messages"  # texts, secure messages, notes
    HEALTH = "health information"  # answers, scores, results, summaries, photos


RIGHTS = frozenset({May.STAFF, May.AUDIT})
"""Whoever has one of these could give themselves, or hide, a look at anything: they see no health information."""


class Role(Shape):
    """A role of the clinic's people.

    label  how people call it, as it stands beside a name
    may    what it may do; what is not listed it may not
    sees   what of a patient it is shown; the rest is masked
    """

    label: Annotated[str, Field(min_length=1, max_length=40)]
    may: tuple[May, ...] = ()
    sees: tuple[Sees, ...] = ()

    @model_validator(mode="after")
    def _not_everything(self) -> Self:
        rights = [right for right in self.may if right in RIGHTS]
        if rights and Sees.HEALTH in self.sees:
            raise ValueError(
                f"a role that may {rights[0]} must not see health information: nobody sees everything. "
                "Make two roles of it"
            )
        return self


_DESK = (May.INBOX, May.ESCALATIONS, May.PATIENTS, May.REPLY, May.SEND, May.CONTACTS, May.DAY, May.VISITS)
_CARE = tuple(Sees)

STANDARD: Mapping[str, Role] = {
    "admin": Role(
        label="Admin",
        may=(
            *(May.INBOX, May.PATIENTS, May.CONTACTS, May.DAY, May.FLOWS, May.WORDING, May.PUBLISH),
            *(May.BROADCAST, May.APPROVE, May.CLINIC, May.SETTINGS, May.ROSTERS, May.STAFF, May.EXPORT),
            May.BREAK_GLASS,
        ),
        sees=(Sees.CONTACT, Sees.VISITS),
    ),
    "front_desk": Role(
        label="Front desk",
        may=(*_DESK, May.BROADCAST, May.BREAK_GLASS),
        sees=(Sees.CONTACT, Sees.VISITS, Sees.MESSAGES),
    ),
    "ma": Role(label="Medical assistant", may=_DESK, sees=_CARE),
    "nurse": Role(label="Nurse", may=(*_DESK, May.FLOWS, May.WORDING, May.ROSTERS), sees=_CARE),
    "provider": Role(label="Provider", may=(*_DESK, May.FLOWS, May.APPROVE), sees=_CARE),
    "billing": Role(
        label="Billing",
        may=(May.INBOX, May.PATIENTS, May.DAY, May.EXPORT),
        sees=(Sees.CONTACT, Sees.VISITS),
    ),
    "compliance": Role(label="Compliance", may=(May.AUDIT, May.CLINIC, May.FLOWS, May.APPROVE), sees=()),
}


class Roles(Shape):
    """`roles.yaml`: roles of the clinic's own, and standard ones that it wants otherwise."""

    roles: dict[Annotated[str, Field(pattern=NAME)], Role] = {}

    @property
    def all(self) -> Mapping[str, Role]:
        """Every role of the clinic, by name."""
        return {**STANDARD, **self.roles}
