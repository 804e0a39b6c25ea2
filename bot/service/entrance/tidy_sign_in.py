"""Tidy up behind the console's door: sessions, links, challenges and sign-ins that are over."""

from bot.runtime import Runtime
from bot.service.entrance import session
from bot.store import doorsteps, staff_links, staff_passkeys


def tidy(rt: Runtime) -> None:
    """Forget what is over. Who signed in and when stays in the audit trail."""
    now = rt.now()
    session.forget_old(rt)
    with rt.begin() as db:
        doorsteps.forget(db, now)
        staff_links.forget(db, now)
        staff_passkeys.forget_challenges(db, now)
