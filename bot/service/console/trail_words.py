"""Trail words: how the audit trail's names of things are said to people."""

import re
from collections.abc import Mapping
from uuid import UUID

from bot.core.roles import May
from bot.service.desk import Desk
from bot.store.trail import Known

WHO = {
    "bot": "The bot",
    "patient": "A patient",
    "carrier": "The carrier",
    "clock": "The clock",
    "operator": "The operator",
    "staff": "Somebody of the staff",
    "stranger": "Somebody at the door",
    "staff:on-call phone": "Whoever holds the on-call phone",
}
"""Who can do things beside members of staff, who stand in the trail by their id."""

NOUNS = {
    "alert": "Alerts to staff",
    "appointments": "Exports of appointments",
    "audit": "The audit trail itself",
    "broadcast": "Broadcasts",
    "call": "Calls to patients",
    "calls": "Looks at the calls to make",
    "clinic": "The clinic",
    "consent": "Consents",
    "conversation": "Conversations",
    "day": "Looks at the day",
    "draft": "Drafts of the wording",
    "escalation": "Escalations",
    "flow": "Flows that began",
    "flows": "Flows and their editions",
    "glass": "Broken glass",
    "guardian": "Guardians",
    "inbox": "Looks at the inbox",
    "keys": "Keys",
    "login": "Log-ins",
    "note": "Secure messages",
    "oncall": "On call",
    "page": "Secure pages",
    "pages": "Secure pages taken back",
    "passkey": "Passkeys of patients",
    "patient": "Patients",
    "photo": "Photos",
    "pin": "PINs of patients",
    "results": "Results",
    "session": "Signing in and out",
    "slot": "Free times",
    "staff": "Staff",
    "talk": "Conversations that were looked at",
    "task": "Tasks",
    "tasks": "Lists of tasks",
    "text": "Texts",
    "visit": "Visits",
    "waitlist": "The waitlist",
}
"""The first words of actions, and what they are about."""

_DID = {
    "alert.failed": "could not reach somebody on call",
    "alert.sent": "alerted somebody on call",
    "appointments.exported": "exported the appointments",
    "audit.anchored": "downloaded the ends of the audit trail",
    "audit.exported": "exported the audit trail",
    "audit.read": "read the audit trail",
    "audit.verified": "checked the audit trail",
    "broadcast.approved": "approved a broadcast",
    "broadcast.changed": "changed a broadcast",
    "broadcast.made": "prepared a broadcast",
    "broadcast.previewed": "looked at whom a broadcast would reach",
    "broadcast.stopped": "stopped a broadcast",
    "call.reached": "reached a patient by phone",
    "call.unreached": "did not reach a patient by phone",
    "calls.viewed": "looked at the calls to make",
    "clinic.added": "added the clinic",
    "clinic.changed": "changed the clinic's settings",
    "consent.signed": "signed a consent",
    "conversation.given_back": "gave a conversation back to the bot",
    "conversation.no_answer": "noticed that a question had no answer",
    "conversation.reminder": "came to a reminder",
    "conversation.taken_over": "took a conversation over",
    "conversation.text": "worked through a patient's text",
    "conversation.visit": "took in that a visit changed",
    "conversation.wrong_number": "noted a wrong number",
    "day.viewed": "looked at the day",
    "draft.carried_over": "carried a draft over to a new edition",
    "draft.changed": "changed a draft of the wording",
    "draft.discarded": "threw a draft away",
    "escalation.acted": "acted on an escalation",
    "escalation.shown": "looked at an escalation",
    "flow.started": "began a flow with a patient",
    "flows.published": "published an edition of the flows",
    "glass.broken": "broke the glass",
    "glass.listed": "looked at who broke the glass",
    "glass.reviewed": "reviewed a broken glass",
    "guardian.added": "added a guardian",
    "guardian.removed": "took a guardian away",
    "inbox.listed": "looked at the inbox",
    "keys.rewrapped": "wrapped the data keys under the newest master key",
    "login.app_changed": "changed the app of their codes",
    "login.invite_made": "made an invitation to set up a log-in",
    "login.link_opened": "opened a log-in link",
    "login.password_changed": "changed their password",
    "login.password_reset": "chose a new password by a link",
    "login.reset_asked": "asked for a new password",
    "login.reset_made": "made a link for a new password",
    "login.set_up": "set up their log-in",
    "note.written": "wrote a secure message",
    "oncall.changed": "changed the on-call phone",
    "oncall.drilled": "began a drill",
    "oncall.swap_undone": "undid a swap of on-call duty",
    "oncall.swapped": "made a swap of on-call duty",
    "page.looked_at": "looked at a secure page",
    "page.opened": "opened a secure page",
    "page.refused": "was refused a secure page",
    "page.submitted": "sent in a secure page",
    "page.viewed": "looked at a secure page",
    "page.wrong_person": "said that a secure page was for somebody else",
    "pages.withdrawn": "took secure pages back",
    "passkey.dropped": "took a passkey away",
    "passkey.made": "made a passkey",
    "passkey.removed": "took a passkey away",
    "passkey.used": "came in with a passkey",
    "patient.changed": "changed contact data",
    "patient.contact_viewed": "looked at contact data",
    "patient.searched": "looked for a patient",
    "patient.viewed": "opened a patient",
    "photo.viewed": "looked at a photo",
    "results.released": "released results",
    "session.begun": "signed in",
    "session.ended": "signed out",
    "session.ended_by_admin": "signed somebody out everywhere",
    "session.ended_everywhere": "signed out everywhere",
    "session.proved": "showed once more who they are",
    "slot.offered": "offered a free time",
    "staff.added": "added somebody to the staff",
    "staff.changed": "changed somebody of the staff",
    "staff.left": "let somebody of the staff go",
    "staff.welcomed": "texted somebody their on-call page",
    "talk.viewed": "looked at a conversation",
    "task.assigned": "gave a task to somebody",
    "task.claimed": "took a task",
    "task.closed": "closed a task",
    "task.merged": "merged tasks",
    "task.noted": "wrote a note on a task",
    "task.opened": "opened a task for somebody",
    "task.released": "gave a task back",
    "task.reopened": "opened a task again",
    "task.shown": "looked at a task",
    "task.snoozed": "put a task off",
    "tasks.exported": "exported the tasks",
    "tasks.listed": "looked at the open tasks",
    "text.delivered": "reported a text as arrived",
    "text.dropped": "did not send a text",
    "text.failed": "could not send a text",
    "text.sent": "sent a text",
    "text.undelivered": "reported a text as not arrived",
    "visit.booked": "booked a visit",
    "visit.undone": "undid a change of a visit",
    "waitlist.left": "took a visit off the waitlist",
    "waitlist.viewed": "looked at the waitlist",
}
_WORD = re.compile(r"[._]+")
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def did(action: str) -> str:
    """'visit.booked' → 'booked a visit'; what is not in the table in its own words: 'draft: sent back'."""
    if action in _DID:
        return _DID[action]
    noun, _, verb = action.partition(".")
    return f"{_WORD.sub(' ', noun)}: {_WORD.sub(' ', verb)}"


def who(actor: str, known: Mapping[UUID, Known], by_handle: Mapping[str, Known] | None = None) -> str:
    """Who did something; members by their names, also when they have left."""
    if actor in WHO:
        return WHO[actor]
    kind, _, handle = actor.partition(":")
    if kind == "staff" and by_handle and handle in by_handle:
        return _name(by_handle[handle])
    try:
        found = known.get(UUID(actor))
    except ValueError:
        return actor
    return _name(found) if found else "Somebody who is not known here"


def _name(member: Known) -> str:
    return f"{member.name} (left)" if member.left else member.name


def whom(desk: Desk, patient: UUID, names: Mapping[UUID, tuple[str, str]]) -> str:
    """A patient: by name where the role opens patients, else by initials and the beginning of the id."""
    first, last = names.get(patient, ("", ""))
    if desk.may(May.PATIENTS) and first + last:
        return f"{first} {last}"
    initials = " ".join(f"{part[0]}." for part in (first, last) if part)
    return " ".join(part for part in (initials, short(patient)) if part)


def short(number: UUID) -> str:
    """The beginning of an id: enough to tell two apart, and to find it in full."""
    return str(number)[:8]


def subject(text: str, known: Mapping[UUID, Known]) -> str:
    """'visit:7c9e…' → 'visit 7c9e6679'; a member of staff by name."""
    kind, _, rest = text.partition(":")
    return f"{_WORD.sub(' ', kind)} {detail(rest, known)}".strip()


def detail(text: str, known: Mapping[UUID, Known]) -> str:
    """A detail, with the names of members where it holds their ids."""

    def name(found: re.Match[str]) -> str:
        member = known.get(UUID(found[0]))
        return _name(member) if member else found[0][:8]

    return _ID.sub(name, text)


def nouns() -> list[tuple[str, str]]:
    """What a reader can choose among: each noun and what it is about, in the order of the alphabet."""
    return sorted(NOUNS.items(), key=lambda pair: pair[1].casefold())
