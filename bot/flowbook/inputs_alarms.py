"""Inputs of transcripts about escalations: what staff do with one, a task that lies too long, a drill."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from bot.core.events import Acknowledged, Drilled, Handled, Unanswered
from bot.core.oncall import whom
from bot.core.shape import duration
from bot.errors import BadFlow
from bot.flowbook.inputs_said import More, moment_of
from bot.flowbook.world import World

_ACT = re.compile(r"(\d{4}) (taken|resolved|reopened|handed over to (.+)|snoozed (?:for|until) (.+))")
_TAKEN: TypeAdapter[Acknowledged] = TypeAdapter(Acknowledged)


def escalation(world: World, text: str, more: More) -> None:
    """'1001 taken', '1001 resolved', '1001 handed over to provider on call', '1001 snoozed for 30 minutes'."""
    found = _ACT.fullmatch(text)
    if not found:
        raise BadFlow(
            "Write '1001 taken', '1001 resolved', '1001 reopened', '1001 handed over to maria' or "
            "'1001 snoozed for 30 minutes'."
        )
    code, act = found[1], found[2].split(" ")[0]
    said: dict[str, Any] = {key: str(value) for key, value in more.items()}
    if act == "taken":
        try:
            world.happen(_TAKEN.validate_python({"code": code, "via": "console", **said}))
        except ValidationError:
            raise BadFlow("'via' is text, call, link, console or command.") from None
        return
    world.happen(Handled(code=code, **{"via": "console", **said}, **_ACTS[act](world, code, found)))


def overdue(world: World, text: str, more: More) -> None:
    """A task of this name has lain for longer than the clinic wants anybody to wait."""
    urgency = str(more.get("urgency", "routine"))
    if urgency not in ("urgent", "routine"):
        raise BadFlow("'urgency' is urgent or routine.")
    world.happen(Unanswered(task=text, urgency=urgency))


def drill(world: World, text: str, _more: More) -> None:
    """Somebody tries the ladder of this urgency."""
    if text not in ("emergency", "urgent", "routine"):
        raise BadFlow("Write 'drill: emergency', 'urgent' or 'routine'.")
    world.happen(Drilled(urgency=text))


def _snoozed(world: World, _code: str, found: re.Match[str]) -> dict[str, Any]:
    span = duration(found[4])
    return {"how": "snoozed", "until": world.now + span if span else moment_of(world, found[4])}


def _handed_over(_world: World, _code: str, found: re.Match[str]) -> dict[str, Any]:
    try:
        return {"how": "handed over", "to": whom(found[3])}
    except ValueError as error:
        raise BadFlow(str(error)) from None


def _reopened(world: World, code: str, _found: re.Match[str]) -> dict[str, Any]:
    paged = world.paged.get(code)
    if paged is None:
        raise BadFlow(f"There was no escalation {code}.")
    return {"how": "reopened", "urgency": str(paged.urgency), "reason": paged.reason}


_ACTS: Mapping[str, Callable[[World, str, re.Match[str]], dict[str, Any]]] = {
    "resolved": lambda _world, _code, _found: {"how": "resolved"},
    "handed": _handed_over,
    "snoozed": _snoozed,
    "reopened": _reopened,
}
