"""What the rules about `oncall.yaml` look things up in, and what of it has a name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from bot.core.book import House
from bot.core.moments import Calendar
from bot.core.oncall import Ladder, OnCall, Rung, Whom
from bot.core.roles import STANDARD, Roles
from bot.core.roster import members
from bot.flowbook.draft import ROLES, Draft
from bot.flowbook.faults import Fault, Severity
from bot.flowbook.source import Source, Span, Where

ACK_WITHIN = timedelta(minutes=5)
"""How long a step waits that does not say so, where there is no policy to ask."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The file, and what is around it. `calendars` is None where clinic.yaml can't be read; `roles` are those that
    people can have, `all_roles` that none is missing because roles.yaml can't be read."""

    source: Source
    oncall: OnCall
    calendars: Mapping[str, Calendar] | None
    ack_within: timedelta
    roles: tuple[str, ...]
    all_roles: bool

    def fault(
        self,
        where: Where,
        rule: str,
        message: str,
        mend: str,
        *,
        at: Literal["key", "value"] = "value",
        span: Span | None = None,
        severity: Severity = "error",
    ) -> Fault:
        """A fault of the file."""
        return self.source.fault(where, rule, message, mend, at=at, span=span, severity=severity)

    def ladder(self, urgency: str) -> Ladder | None:
        """The ladder of this urgency, if it is written."""
        return next((found for name, found in self.oncall.ladders.items() if name == urgency), None)

    def steps(self, *ladders: str) -> Iterator[tuple[Where, Rung]]:
        """Every step with its place; of these ladders, or of all."""
        for name, ladder in self.oncall.ladders.items():
            for number, step in enumerate(ladder.steps) if not ladders or name in ladders else ():
                yield ("ladders", name, "steps", number), step

    def wait(self, step: Rung) -> timedelta:
        """How long the step waits for an answer."""
        return step.wait or self.ack_within

    def few(self, whom: Whom) -> bool:
        """Whether this can only ever mean one person, as far as the file says."""
        if whom.kind == "everyone":
            return len(members(self.oncall, whom.name)) == 1
        return whom.kind in ("person", "phone") or (
            whom.kind == "on call" and len(self.with_stand_ins(whom.name)) == 1
        )

    def with_stand_ins(self, roster: str) -> frozenset[str]:
        """Everybody who can have a roster's duty, by the names of all rosters that stand in for it."""
        return frozenset(person for name in self.chain(roster) for person in members(self.oncall, name))

    def chain(self, roster: str) -> tuple[str, ...]:
        """The roster, and those that stand in for it one after another, each once."""
        found: list[str] = []
        name: str | None = roster
        while name is not None and name in self.oncall.rosters and name not in found:
            found.append(name)
            name = self.oncall.rosters[name].otherwise
        return tuple(found)

    @property
    def people(self) -> frozenset[str]:
        """Everybody who takes turns in a roster."""
        rosters = self.oncall.rosters.values()
        return frozenset(person for roster in rosters for layer in roster.layers for person in layer.people)


def looks(draft: Draft) -> Iterator[Look]:
    """The file, where there is one that can be read."""
    house, policy = next((house for _, house in draft.of(House)), None), draft.policy()
    own = next((roles for _, roles in draft.of(Roles)), None)
    for source, oncall in draft.of(OnCall):
        yield Look(
            source=source,
            oncall=oncall,
            calendars=house.calendars if house else None,
            ack_within=policy.ack_within if policy else ACK_WITHIN,
            roles=tuple(own.all if own else STANDARD),
            all_roles=own is not None or ROLES not in draft.sources,
        )
