"""What the inbox says of an escalation: whether it sleeps, and what happens next if nobody acts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.service.board import Board
from bot.store.escalations import Escalation


def sleeping(one: Escalation, now: datetime) -> bool:
    """Whether who has it wants to be asked again later."""
    return one.taken is not None and one.snoozed_until is not None and one.snoozed_until > now


def on_call_now(at: Board, handle: str) -> bool:
    """Whether somebody has duty now, in whatever roster."""
    return any(bool(spans) and spans[0].person == handle for spans in at.rotas.values())


def next_page(card: Mapping[str, Any]) -> tuple[str, datetime | None]:
    """What is next, by a card of the board, and when."""
    step = card["next"]
    if step is None:
        return (
            "Nobody is paged while somebody has it" if card["taken"] else "The next page leaves now"
        ), None
    names = ["you"] * bool(step["you"]) + list(step["who"])
    are = "is" if len(names) == 1 and not step["you"] else "are"
    at = datetime.fromisoformat(step["at"])
    if card["taken"]:
        return ("You are asked again" if step["you"] else f"{listed(names)} {are} asked again"), at
    if not step["how"]:
        return "It comes up on the on-call page again", at
    return f"{listed(names)} {are} {step['how']}", at


def listed(names: Sequence[str]) -> str:
    """'Maria and Joe'; of more than three the first two, and how many more. It begins a sentence."""
    few = [*names[:2], f"{len(names) - 2} more"] if len(names) > 3 else list(names)
    text = few[0] if len(few) == 1 else f"{', '.join(few[:-1])} and {few[-1]}" if few else "somebody"
    return text[:1].upper() + text[1:]
