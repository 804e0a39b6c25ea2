"""A clinic with a ladder and two people on call, for tests of the on-call page: Maria the nurse, Joe the provider."""

from datetime import datetime
from itertools import count
from typing import Any
from uuid import UUID

from bot.core.oncall import Channel
from bot.service import board, oncall_link
from bot.store import alerts
from tests.bot.service.duty import JOE, MARIA, hire, plan, step
from tests.conftest import House

_numbers = count()


def opened(house: House) -> dict[str, UUID]:
    """The clinic has its ladder and its people; their ids by handle."""
    plan(
        house.rt,
        step("nurse on call", "text", "console", wait="2 minutes"),
        step("nurse on call", "call", "text", wait="3 minutes"),
        step("provider on call", "text", "call"),
    )
    return {"maria": hire(house, "maria", MARIA), "joe": hire(house, "joe", JOE, role="provider")}


def token(
    house: House, member: UUID | None = None, *, code: str | None = None, made: datetime | None = None
) -> str:
    """The token of a link to this member, or to the clinic's on-call phone."""
    made = made or house.rt.now()
    with house.rt.begin() as db:
        alert = alerts.make(
            db,
            clinic=house.clinic,
            escalation=None,
            conversation=None,
            code=code,
            rung=0,
            member=member,
            channel=Channel.TEXT,
            effect_key=f"ward:{next(_numbers)}",
            words="",
            now=made,
        )
    assert alert
    return oncall_link.address(house.rt, alert.handle, made).partition("#")[2]


def shown(house: House, link: str) -> dict[str, Any]:
    """What the page of this link shows."""
    found = board.state(house.rt, link)
    assert found
    state: dict[str, Any] = found["state"]
    return state


def the_one(house: House, link: str) -> dict[str, Any]:
    """The only open escalation, as this link's page shows it."""
    (one,) = shown(house, link)["open"]
    found: dict[str, Any] = one
    return found
