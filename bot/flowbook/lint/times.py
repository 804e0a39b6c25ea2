"""Family `times`: moments that can't be kept, and more texts than the clinic allows itself."""

from collections.abc import Iterator
from datetime import date, time

from bot.core.book import OFFICE, House, Policy
from bot.core.flow import Flow, Start
from bot.core.moments import AroundVisit, AtClock, BusinessDays, Moment
from bot.core.shape import Hours
from bot.flowbook.draft import Draft
from bot.flowbook.faults import Fault
from bot.flowbook.lint import graph, times_budget
from bot.flowbook.lint.kinds import expressions
from bot.flowbook.lint.scope import Look, Rule, of_flows, scope_of
from bot.flowbook.source import Source, Where


def check(draft: Draft) -> Iterator[Fault]:
    """All faults of this family."""
    yield from of_flows(scope_of(draft), (*RULES, *times_budget.RULES))
    yield from hours_in_order(draft)
    yield from real_days(draft)


def hours_in_order(draft: Draft) -> Iterator[Fault]:
    """Hours open before they close."""
    spans: list[tuple[Source, Where, Hours]] = []
    for source, policy in draft.of(Policy):
        spans.append((source, ("send_hours",), policy.send_hours))
    for source, house in draft.of(House):
        for name, calendar in house.calendars.items():
            spans += [
                (source, ("calendars", name, "open", day), hours) for day, hours in calendar.open.items()
            ]
    for source, where, hours in spans:
        if hours.opens >= hours.until:
            yield source.fault(
                where,
                "times/no-hours",
                f"From {hours.opens:%H:%M} until {hours.until:%H:%M} is no time at all.",
                'Write the earlier time first, on a clock of 24 hours, like {from: "08:00", until: "17:00"}.',
                at="value",
            )


def real_days(draft: Draft) -> Iterator[Fault]:
    """A day on which the clinic is closed is a day of the calendar."""
    for source, house in draft.of(House):
        for name, calendar in house.calendars.items():
            for number, day in enumerate(calendar.closed_on):
                if not _is_day(day):
                    yield source.fault(
                        ("calendars", name, "closed_on", number),
                        "times/no-day",
                        f"'{day}' is no date, so the clinic would count as open on it.",
                        "Write year, month and day, like 2026-12-25.",
                        at="value",
                    )


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def calendars(look: Look) -> Iterator[Fault]:
    """The calendars that a flow goes by are kept."""
    kept = look.scope.house.calendars if look.scope.house else {}
    for number, start in enumerate(look.flow.starts):
        if start.only_in and start.only_in not in kept and look.scope.house:
            yield look.fault(
                ("starts", number, "only_in"),
                "times/no-calendar",
                f"The clinic keeps no calendar '{start.only_in}'.",
                f"Write it under 'calendars' in clinic.yaml, or name one of: {', '.join(kept) or 'none yet'}.",
                at="value",
            )
    if OFFICE in kept or not look.scope.house:
        return
    for where, what in _by_the_office(look.flow):
        yield look.fault(
            where,
            "times/no-office",
            f"{what}, but the clinic keeps no calendar '{OFFICE}'.",
            f"Write '{OFFICE}' under 'calendars' in clinic.yaml: without it the clinic counts as always open.",
            at="value",
        )


def _by_the_office(flow: Flow) -> Iterator[tuple[Where, str]]:
    for where, moment in _moments(flow):
        if isinstance(moment, BusinessDays) or (
            isinstance(moment, AroundVisit) and moment.unit == "business day"
        ):
            yield where, f"'{moment}' counts the days on which the clinic is open"
    for _, where, expr, _ in expressions(flow):
        if any(named.name == "clinic.open" for named in expr.names):
            yield where, "'clinic.open' asks whether the clinic is open"


def _moments(flow: Flow) -> Iterator[tuple[Where, Moment]]:
    for number, start in enumerate(flow.starts):
        if isinstance(start.when, AroundVisit):
            yield ("starts", number, "when"), start.when
    for name, step in flow.steps.items():
        for key, moment in (("wait", step.wait), ("pause", step.pause)):
            if moment is not None:
                yield ("steps", name, key), moment


def quiet_hours(look: Look) -> Iterator[Fault]:
    """No moment is set in hours in which texts may not leave."""
    policy = look.scope.policy
    if policy is None:
        return
    hours = f"from {policy.send_hours.opens:%H:%M} until {policy.send_hours.until:%H:%M}"
    for where, moment in _moments(look.flow):
        at = moment.at if isinstance(moment, AroundVisit | AtClock | BusinessDays) else None
        if at is None or _may_send(policy, at):
            continue
        if where[0] == "starts":
            yield look.fault(
                where,
                "times/quiet-hours",
                f"Nothing leaves at {at:%H:%M}: the policy sends {hours}, and this text would leave at another time.",
                "Choose a time within these hours.",
                span=_clock(look, where, at),
            )
        else:
            yield look.fault(
                where,
                "times/quiet-wait",
                f"The step goes on at {at:%H:%M}, and what it says then waits for the hours of the policy, {hours}.",
                "Choose a time within these hours.",
                span=_clock(look, where, at),
                severity="warning",
            )


def _may_send(policy: Policy, at: time) -> bool:
    return policy.send_hours.opens <= at < policy.send_hours.until


def _clock(look: Look, where: Where, at: time) -> tuple[int, int] | None:
    return look.source.span(where, f"{at:%H:%M}") or look.source.span(where, f"{at:%H:%M}".lstrip("0"))


def wrong_side(look: Look) -> Iterator[Fault]:
    """What comes before a visit comes before it, whenever that day the visit is."""
    for number, start in enumerate(look.flow.starts):
        when = start.when
        if isinstance(when, AroundVisit) and when.count == 0:
            late = "after" if when.side == "before" else "before"
            yield look.fault(
                ("starts", number, "when"),
                "times/wrong-side",
                f"'{when}' can come {late} the visit, or at its very moment, and then it never happens.",
                f"Count in hours, like '2 hours {when.side} the visit', or take another day.",
                at="value",
                severity="warning",
            )


def over_at_once(look: Look) -> Iterator[Fault]:
    """What a step waits for lies ahead when it begins to wait."""
    begun = _begun_by(look.flow)
    for where, moment in _moments(look.flow):
        if where[0] == "starts" or not isinstance(moment, AroundVisit):
            continue
        starts = begun.get(str(where[1]), [])
        if starts and all(start and _over(start, moment) for start in starts):
            last = next(str(start) for start in starts if start)
            yield look.fault(
                where,
                "times/over",
                f"The step '{where[1]}' waits until {moment}, but it begins {last} at the earliest: that is over.",
                "Start earlier, or wait for a later moment.",
                at="value",
            )


def _begun_by(flow: Flow) -> dict[str, list[AroundVisit | None]]:
    """For each step the starts that can lead to it; None for one that says nothing of the visit's time."""
    pairs = [(edge.step, edge.target) for edge in graph.edges(flow)]
    found: dict[str, list[AroundVisit | None]] = {}
    begins = [
        (begin, start.when if isinstance(start.when, AroundVisit) else None)
        for start in flow.starts
        for begin in _at(flow, start)
    ]
    begins += [(flow.fallback, None)] if flow.fallback else []
    for begin, around in begins:
        for name in graph.spread({begin}, pairs):
            found.setdefault(name, []).append(around)
    return found


def _at(flow: Flow, start: Start) -> list[str]:
    return [start.at or flow.first, *([start.if_confirmed] if start.if_confirmed else [])]


_HOURS = {"hour": 1, "day": 24, "week": 168}
_DAYS = {"day": 1, "week": 7}


def _over(start: AroundVisit, until: AroundVisit) -> bool:
    """Whether `until` surely lies before `start`; what hangs on the visit's hour or on holidays isn't sure."""
    if until.side == "after":
        return False
    if start.side == "after":
        return True
    if start.unit in _DAYS and until.unit in _DAYS:
        begins, ends = start.count * _DAYS[start.unit], until.count * _DAYS[until.unit]
        if begins != ends:
            return begins < ends
        if start.at is None or until.at is None:
            return start.at is until.at
        return start.at >= until.at
    if start.unit not in _HOURS or until.unit not in _HOURS:
        return False
    earliest = start.count * _HOURS[start.unit] + (24 if start.at else 0)
    latest = until.count * _HOURS[until.unit] - (24 if until.at else 0)
    return earliest <= latest


RULES: tuple[Rule, ...] = (calendars, quiet_hours, wrong_side, over_at_once)
