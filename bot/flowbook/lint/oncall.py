"""Family `oncall`: rosters and ladders of `oncall.yaml` that would leave an alarm with nobody.

Here are the rules about names: who and what the file speaks of. Those about rosters stand in `oncall_rosters`, about
what the days bring in `oncall_dates`, about ladders in `oncall_ladders`.
"""

import difflib
from collections.abc import Callable, Iterator

from bot.core.expr import did_you_mean
from bot.core.oncall import Roster
from bot.flowbook.draft import HOUSE, Draft
from bot.flowbook.faults import Fault
from bot.flowbook.lint import oncall_ladders, oncall_rosters
from bot.flowbook.lint.oncall_scope import Look, looks
from bot.flowbook.source import Where

_CLOSE = 0.75
"""How alike two names are of which one is a slip: 'mria' and 'maria' are, 'sam' and 'pam' are two people."""


def check(draft: Draft) -> Iterator[Fault]:
    """All faults of this family but those that hang on the day."""
    for look in looks(draft):
        for rule in (*RULES, *oncall_rosters.RULES, *oncall_ladders.RULES):
            yield from rule(look)


# -- rosters that are named ---------------------------------------------------------------------------


def rosters(look: Look) -> Iterator[Fault]:
    """A roster that is named is there."""
    for where, name in _rosters_named(look):
        if name in look.oncall.rosters:
            continue
        yield look.fault(
            where,
            "oncall/no-roster",
            f"There is no roster '{name}'.{did_you_mean(name, look.oncall.rosters)}",
            _instead(look, where, name),
            span=look.source.span(where, name),
        )


def _rosters_named(look: Look) -> Iterator[tuple[Where, str]]:
    for where, step in look.steps():
        if step.tell.kind in ("on call", "everyone"):
            yield (*where, "tell"), step.tell.name
    for name, roster in look.oncall.rosters.items():
        if roster.otherwise is not None:
            yield ("rosters", name, "otherwise"), roster.otherwise


def _instead(look: Look, where: Where, name: str) -> str:
    told = where[-1] == "tell"
    if told and name in look.people:
        return f"'{name}' is a person: to tell just them, write 'tell: {name}'."
    there = f"Rosters here: {', '.join(look.oncall.rosters) or 'none yet'}."
    if told and name in look.roles:
        return f"To tell everybody who has this role, write 'everyone with role {name}'. {there}"
    return f"Write it under 'rosters', or name another. {there}"


def circles(look: Look) -> Iterator[Fault]:
    """Who stands in for whom comes to an end."""
    told: set[str] = set()
    for name in look.oncall.rosters:
        chain = look.chain(name)
        last = look.oncall.rosters[chain[-1]].otherwise
        if last != name or told & set(chain):
            continue
        told |= set(chain)
        way = " → ".join((*chain, name))
        yield look.fault(
            ("rosters", name, "otherwise"),
            "oncall/circle",
            f"'{name}' has itself as its stand-in: {way}. When nobody of these has duty, nobody is found.",
            "Let the last of them name no 'otherwise', or one that always has somebody.",
        )


# -- people and roles ---------------------------------------------------------------------------------


def persons(look: Look) -> Iterator[Fault]:
    """Where a person is named, no roster is."""
    for where, name in _persons_named(look):
        told = where[-1] == "tell"
        if name not in look.oncall.rosters or (told and name in look.people):
            continue
        yield look.fault(
            where,
            "oncall/roster-as-person",
            f"'{name}' is a roster, and stands here for a person.",
            f"Write '{name} on call' for whoever has duty then, or 'everyone of {name}'."
            if told
            else "Write the name that 'bot user add' gave the person, like 'maria'.",
        )


def roles_as_persons(look: Look) -> Iterator[Fault]:
    """Nor is a role."""
    for where, name in _persons_named(look):
        if name in look.roles and name not in look.oncall.rosters:
            yield look.fault(
                where,
                "oncall/role-as-person",
                f"'{name}' is a role, and stands here for a person who is called so.",
                f"Write 'everyone with role {name}', or name a person, like 'maria'."
                if where[-1] == "tell"
                else "Write the name that 'bot user add' gave the person, like 'maria'. A shared phone has a name "
                "too, like 'desk'.",
                severity="warning",
            )


def slips(look: Look) -> Iterator[Fault]:
    """Whoever stands in no roster is nobody's name with a slip in it."""
    for where, name in _persons_named(look):
        if name in look.people or name in look.oncall.rosters:
            continue
        close = difflib.get_close_matches(name, sorted(look.people), n=1, cutoff=_CLOSE)
        if close:
            yield look.fault(
                where,
                "oncall/near-name",
                f"Nobody in the rosters is called '{name}'. Did you mean '{close[0]}'?",
                "Write the name as it stands in the roster. If it is somebody else, all is well.",
                severity="warning",
            )


def _persons_named(look: Look) -> Iterator[tuple[Where, str]]:
    for where, step in look.steps():
        if step.tell.kind == "person":
            yield (*where, "tell"), step.tell.name
    for name, roster in look.oncall.rosters.items():
        yield from _in_roster(("rosters", name), roster)


def _in_roster(at: Where, roster: Roster) -> Iterator[tuple[Where, str]]:
    for number, layer in enumerate(roster.layers):
        for place, person in enumerate(layer.people):
            yield (*at, "layers", number, "people", place), person
    for number, override in enumerate(roster.overrides):
        yield (*at, "overrides", number, "person"), override.person


def roles(look: Look) -> Iterator[Fault]:
    """A role that is told is one that people can have."""
    for where, step in look.steps():
        if step.tell.kind == "role" and step.tell.name not in look.roles and look.all_roles:
            place = (*where, "tell")
            yield look.fault(
                place,
                "oncall/no-role",
                f"There is no role '{step.tell.name}'.{did_you_mean(step.tell.name, look.roles)}",
                f"Roles: {', '.join(look.roles)}.",
                span=look.source.span(place, step.tell.name),
            )


# -- calendars ----------------------------------------------------------------------------------------


def calendars(look: Look) -> Iterator[Fault]:
    """A calendar that is named is kept: one that nobody keeps counts as never open here."""
    if look.calendars is None:
        return
    for where, name, comes in _calendars_named(look):
        if name not in look.calendars:
            yield look.fault(
                where,
                "oncall/no-calendar",
                f"The clinic keeps no calendar '{name}', so {comes}.{did_you_mean(name, look.calendars)}",
                f"Write it under 'calendars' in {HOUSE}, or name one of: "
                f"{', '.join(look.calendars) or 'none yet'}.",
            )


def _calendars_named(look: Look) -> Iterator[tuple[Where, str, str]]:
    for name, roster in look.oncall.rosters.items():
        for number, layer in enumerate(roster.layers):
            at: Where = ("rosters", name, "layers", number, "only")
            only = layer.only
            for key, comes in _WITHOUT.items() if only else ():
                if calendar := getattr(only, key):
                    yield (*at, key), calendar, comes
    for name, ladder in look.oncall.ladders.items():
        if ladder.hours:
            yield ("ladders", name, "hours"), ladder.hours, "this ladder would page at any hour"


_WITHOUT = {
    "calendar": "this layer never counts",
    "closed": "this layer always counts",
    "holidays": "this layer never counts",
}
"""What comes of a part of `only` that names a calendar that nobody keeps."""

RULES: tuple[Callable[[Look], Iterator[Fault]], ...] = (
    rosters,
    circles,
    persons,
    roles_as_persons,
    slips,
    roles,
    calendars,
)
