"""Members of staff at the console, for tests of what they do there."""

from uuid import UUID

from bot.core.roles import STANDARD
from bot.runtime import Runtime
from bot.service import enrol
from bot.service.desk import Desk


def desk(rt: Runtime, clinic: UUID, role: str = "nurse", handle: str = "maria") -> Desk:
    """Somebody of this role who works at the console; enrolled when first asked for."""
    member = enrol.add(rt, clinic, f"{handle}@clinic.example", role=role, handle=handle)
    return Desk(
        member=member.id,
        clinic=clinic,
        handle=member.handle,
        name=member.name,
        role_name=role,
        role=STANDARD[role],
    )
