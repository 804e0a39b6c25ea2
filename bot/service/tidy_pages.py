"""Tidy up behind secure pages: counts of wrong answers, challenges and openings that nothing looks at any more."""

from datetime import timedelta

from bot.runtime import Runtime
from bot.store import guards, openings, passkeys

_COUNTED = timedelta(days=2)
"""The longest span that a limit looks at is a day."""
_OPENED = timedelta(days=7)
"""An opening is over after a quarter of an hour without a tap; links live three days at most."""


def tidy(rt: Runtime) -> None:
    """Forget what is over. Who opened what stays in the audit trail."""
    now = rt.now()
    with rt.begin() as db:
        guards.forget(db, now - _COUNTED)
        passkeys.forget_challenges(db, now)
        openings.forget(db, now - _OPENED)
