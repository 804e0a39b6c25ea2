"""Ladder words: how an alarm climbs, in sentences."""

from datetime import timedelta

from bot.core.book import Book
from bot.core.oncall import Channel, Ladder, Rung, Whom

_BY = {
    Channel.TEXT: "text",
    Channel.CALL: "a call",
    Channel.EMAIL: "e-mail",
    Channel.PUSH: "a push message",
    Channel.CONSOLE: "the on-call page",
}
_URGENCIES = {"emergency": "Emergency", "urgent": "Urgent", "routine": "Routine"}


def ladders(book: Book) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Each urgency with its ladder, a sentence for each step; what the on-call phone does where none is written."""
    found = ((name, book.oncall.ladder(name, book.policy.ack_within)) for name in _URGENCIES)
    return tuple(
        (_URGENCIES[name], _steps(ladder) if ladder else ("Waits in the inbox; nobody is told of it.",))
        for name, ladder in found
    )


def _steps(ladder: Ladder) -> tuple[str, ...]:
    lines = [_step(step, last=step is ladder.steps[-1]) for step in ladder.steps]
    if ladder.hours:
        lines.insert(0, f"Only in the hours of the calendar '{ladder.hours}'; until then it waits.")
    if ladder.tell_patient:
        lines.append("The patient hears of it as soon as somebody has it.")
    if ladder.again_after:
        lines.append(f"Who has it and has not ended it is asked again after {span(ladder.again_after)}.")
    return tuple(lines)


def _step(step: Rung, *, last: bool) -> str:
    by = [_BY[channel] for channel in step.by]
    ways = by[0] if len(by) == 1 else f"{', '.join(by[:-1])} and {by[-1]}"
    times = f", {step.times} times" if step.times > 1 else ""
    wait = f" every {span(step.wait)}" if step.wait and (last or times) else ""
    after = f", then waits {span(step.wait)}" if step.wait and not wait else ""
    until = ", until somebody has it" if last else ""
    return f"Tells {_whom(step.tell)} by {ways}{times}{wait}{after}{until}."


def _whom(whom: Whom) -> str:
    name = whom.name.replace("_", " ")
    return {
        "on call": f"the {name} on call",
        "everyone": f"everyone of the roster {name}",
        "role": f"everyone with the role {name}",
        "person": name,
        "phone": "the clinic's on-call phone",
    }[whom.kind]


def span(length: timedelta) -> str:
    """'2 minutes', '1 hour', '3 days'."""
    seconds = int(length.total_seconds())
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds % size == 0 and seconds >= size:
            return f"{seconds // size} {unit}{'s' if seconds != size else ''}"
    return f"{seconds} seconds"
