"""Inputs of transcripts about what staff do at the console: write, take over, give back, send a page, and so on."""

import re
from collections.abc import Callable, Mapping

from bot.core.by_hand import LATELY
from bot.core.events import GivenBack, StaffSentPage, StaffWrote, TakenOver, WrongNumber
from bot.core.flow import NAMED_BY_FORM, Page
from bot.errors import BadFlow
from bot.flowbook.inputs_said import More
from bot.flowbook.rows import person_id, visit_id
from bot.flowbook.world import World

_SOMEBODY, _ROLE = "maria", "nurse"
"""Who does it, if nobody is named."""


def desk(world: World, text: str, more: More) -> None:
    """'writes "We can see you at 3"', 'takes over', 'gives back', 'sends result', 'sends form phq9', 'wrong number'."""
    for pattern, act in _ACTS:
        if found := re.fullmatch(pattern, text, re.DOTALL):
            act(world, found, more)
            return
    raise BadFlow(
        "Write 'writes \"We can see you at 3\"', 'takes over', 'gives back', 'sends result', 'sends form phq9' or "
        "'wrong number'."
    )


def _writes(world: World, found: re.Match[str], more: More) -> None:
    world.happen(StaffWrote(by=_by(more), role=_role(more), body=found[1], answers=_answers(world)))


def _takes_over(world: World, _found: re.Match[str], more: More) -> None:
    world.happen(TakenOver(by=_by(more), role=_role(more)))


def _gives_back(world: World, _found: re.Match[str], more: More) -> None:
    world.happen(GivenBack(by=_by(more), answers=_answers(world)))


def _sends(world: World, found: re.Match[str], more: More) -> None:
    try:
        page = Page(found[1])
    except ValueError:
        raise BadFlow(f"'{found[1]}' is no page; there are: {', '.join(Page)}.") from None
    if (found[2] is not None) != (page in NAMED_BY_FORM):
        raise BadFlow("A form and a consent are named: 'sends form phq9'; other pages are not.")
    visit = _number(more, "visit")
    world.happen(
        StaffSentPage(
            by=_by(more),
            page=page,
            form=found[2],
            person_id=person_id(_number(more, "person") or 1),
            visit_id=visit_id(visit) if visit else None,
            answers=_answers(world),
        )
    )


def _wrong_number(world: World, _found: re.Match[str], more: More) -> None:
    world.happen(WrongNumber(by=_by(more)))


_ACTS: tuple[tuple[str, Callable[[World, re.Match[str], More], None]], ...] = (
    (r'writes "(.+)"', _writes),
    (r"takes over", _takes_over),
    (r"gives back", _gives_back),
    (r"sends ([a-z_]+)(?: ([a-z][a-z0-9_]*))?", _sends),
    (r"wrong number", _wrong_number),
)


def _by(more: More) -> str:
    return str(more.get("by", _SOMEBODY))


def _role(more: More) -> str:
    return str(more.get("role", _ROLE))


def _number(more: Mapping[str, object], name: str) -> int | None:
    said = str(more.get(name, ""))
    if said and not said.isdigit():
        raise BadFlow(f"'{name}' is a number, from 1.")
    return int(said) if said else None


def _answers(world: World) -> bool:
    """Whether the patient has written lately, as the console finds it out."""
    wrote = world.patient.wrote
    return wrote is not None and world.now - wrote <= LATELY
