"""Retention: what is kept for how long, as this program really does it. Who adds a round that deletes says so here."""

from dataclasses import dataclass

from bot.core.roles import May
from bot.runtime import Runtime
from bot.service.desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Something that is kept: for how long ('' where nothing deletes it), and what is to be said of that."""

    what: str
    span: str
    note: str = ""


KEPT = (
    Kept(
        what="Where staff are signed in",
        span="15 minutes without a hand on it, 12 hours at most",
        note="Who came in when stays in the audit trail.",
    ),
    Kept(
        what="Links that set up a log-in or a password",
        span="3 days, 1 hour for a new password",
        note="Each works once.",
    ),
    Kept(
        what="Who has a secure page open",
        span="7 days after the last tap",
        note="A page closes after a quarter of an hour without one.",
    ),
    Kept(what="Wrong answers at secure pages, by patient and network", span="2 days"),
    Kept(what="Challenges of passkeys", span="some minutes"),
    Kept(what="Places on the waitlist", span="until the visit is over or off"),
    Kept(what="Reminders to come", span="until they have been sent, or the visit has changed"),
    Kept(what="Browsers of staff for web push", span="until they leave, or the browser is gone"),
    Kept(
        what="Patients' names as the search knows them",
        span="as long as the patient",
        note="As keyed hashes.",
    ),
    Kept(
        what="Patients, visits, charts",
        span="",
        note="An import changes what it brings again, and takes nothing away.",
    ),
    Kept(
        what="Texts, conversations, secure messages, photos, answers, consents",
        span="",
        note="Sealed with the clinic's own keys. The law of your state says how long you must keep records.",
    ),
    Kept(what="Tasks, escalations and what was done about them", span=""),
    Kept(
        what="The audit trail, and who broke the glass",
        span="",
        note="HIPAA asks for six years (45 CFR 164.316(b)(2)). The database refuses to change or delete it.",
    ),
    Kept(what="Editions of the flows", span="", note="A conversation finishes on the edition it began with."),
)
"""What this program keeps: what is deleted by itself first, then what is not yet."""


def kept(_rt: Runtime, desk: Desk) -> tuple[tuple[Kept, ...], tuple[Kept, ...]]:
    """What goes by itself, and what nothing deletes. Raises NotAllowed."""
    desk.require(May.CLINIC)
    return tuple(each for each in KEPT if each.span), tuple(each for each in KEPT if not each.span)
