"""What the on-call page says of an escalation in plain words: why, who was told and how that went, what was done.

None of it knows the patient: reasons are names that code and flows give, and the rest are channels and statuses.
"""

from collections.abc import Iterable, Mapping

from bot.core.effects import Urgency
from bot.core.escalation import DRILL, NOT_DELIVERED, WORDS
from bot.core.oncall import THE_PHONE, Channel
from bot.store.alerts import Status
from bot.store.outbox import Status as TextStatus

_SOUNDS: Mapping[str, str] = {
    Urgency.EMERGENCY: "A patient’s own words sound like an emergency.",
    Urgency.URGENT: "A patient’s own words sound urgent.",
}
_REASONS: Mapping[str, str] = {
    NOT_DELIVERED: "An answer to an alarm did not reach the patient. Phone them.",
    DRILL: "A drill. No patient is waiting.",
    "unanswered": "A patient’s message has waited too long for an answer.",
    "page_locked": "Too many wrong tries on a secure page.",
    "other_language": "A text in a language that nobody here has read yet.",
    "wants_a_person": "A patient wants to talk to somebody.",
    "triage_red": "Triage answers: red. Somebody has to be seen now.",
    "triage_amber": "Triage answers: amber. Somebody has to be seen soon.",
    "pain_high": "A check-in tells of strong pain.",
    "warning_signs": "A check-in tells of warning signs.",
    "bleeding": "A check-in tells of bleeding.",
    "reading_very_high": "A reading from home is very high.",
    "last_item_answered_yes": "An answer on a questionnaire can’t wait: somebody may be in danger.",
}
_HOW: Mapping[str, tuple[str, bool | None]] = {
    Status.READY: ("waits to leave", None),
    Status.SENDING: ("on its way", None),
    Status.SENT: ("sent", None),
    Status.ANSWERED: ("picked up", True),
    Status.UNANSWERED: ("nobody picked up", False),
    Status.FAILED: ("did not get through", False),
    Status.DROPPED: ("not needed any more", None),
    Status.SHOWN: ("shown here", None),
    TextStatus.DELIVERED: ("arrived", True),
    TextStatus.UNDELIVERED: ("did not arrive", False),
    TextStatus.LOST: ("did not get through", False),
}
"""The words for a status, and whether it is good, bad or neither."""
_CALLS: Mapping[str, tuple[str, bool | None]] = {Status.SENT: ("rings", None)}

CHANNELS: Mapping[Channel, str] = {
    Channel.TEXT: "text",
    Channel.CALL: "call",
    Channel.EMAIL: "e-mail",
    Channel.CONSOLE: "on-call page",
    Channel.PUSH: "alert on the phone",
}
_DONE: Mapping[Channel, str] = {
    Channel.CALL: "called",
    Channel.TEXT: "texted",
    Channel.PUSH: "alerted",
    Channel.EMAIL: "e-mailed",
}
"""What is done to somebody by a channel, the loudest first. The on-call page does nothing to anybody."""
_ACTS: Mapping[str, str] = {
    "taken": "took it",
    "resolved": "ended it",
    "snoozed": "has it and is asked again",
    "handed over": "handed it over",
    "reopened": "opened it again",
}
_VIA: Mapping[str, str] = {
    "text": "by text",
    "call": "by phone",
    "link": "on this page",
    "console": "in the console",
    "command": "by command",
}


def reason(name: str, urgency: str) -> str:
    """Why somebody is wanted. A flow's own reason is its name, as a sentence."""
    if name == WORDS:
        return _SOUNDS.get(urgency, "A patient’s message needs somebody.")
    return _REASONS.get(name) or f"{plain(name).capitalize()}."


def how_it_went(channel: Channel, status: str) -> tuple[str, bool | None]:
    """What became of an alert, and whether that is good (True), bad (False) or neither."""
    special = _CALLS.get(status) if channel is Channel.CALL else None
    return special or _HOW.get(status, ("sent", None))


def done_to(channels: Iterable[Channel]) -> str:
    """'called and texted'; '' where nothing reaches anybody."""
    wanted = set(channels)
    words = [word for channel, word in _DONE.items() if channel in wanted]
    return " and ".join(words) if len(words) < 3 else f"{', '.join(words[:-1])} and {words[-1]}"


def act(name: str) -> str:
    """What somebody did, after their name."""
    return _ACTS.get(name, plain(name))


def via(name: str) -> str:
    """By what they did it."""
    return _VIA.get(name, "")


def plain(name: str) -> str:
    """A name as code has it, in words."""
    return name.replace("_", " ") if name else THE_PHONE
