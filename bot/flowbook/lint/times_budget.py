"""Family `times`, the rule about how many texts a patient gets who doesn't answer.

The moments of the texts are worked out from the start on: what is said at once, nudges, and what comes after a wait
or a pause. Where a moment isn't known, the counting ends. 47 CFR 64.1200(a)(9)(iv)(D): without the patient's
consent a clinic may send one text a day and three a week.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import time, timedelta

from bot.core.book import Policy
from bot.core.flow import END, Flow, Start, Step
from bot.core.moments import AroundVisit, AtClock, AtVisit, BusinessDays, Moment
from bot.core.triggers import Happens, PatientSays, PatientTexts
from bot.flowbook.faults import Fault
from bot.flowbook.lint import graph
from bot.flowbook.lint.scope import Look, Rule, Scope

_WEEK = 7 * 24.0
_HORIZON = 8 * 24.0
_MOST_STEPS = 200
_HOURS = {"hour": 1, "day": 24, "business day": 24, "week": 168}


@dataclass(frozen=True, slots=True)
class _Text:
    hour: float
    nudge: bool = False


def budget(look: Look) -> Iterator[Fault]:
    """A flow alone keeps within what the policy allows for all of them."""
    if look.scope.policy is None or look.flow.extends:
        return
    strict = look.flow.purpose in ("survey", "bulk")
    for number, texts in _lines(look):
        found = _over(look.scope.policy, texts, nudges_count=strict)
        if not found:
            continue
        count, span, most = found
        message = (
            f"Who doesn't answer can get {count} texts from this flow in one {span} without having asked for them; "
            f"the policy allows {most}."
        )
        mend = "Take a nudge or a start out, or let more time pass between them."
        where = ("starts", number, "when")
        if strict:
            yield look.fault(where, "times/too-many", message, mend, at="value")
        else:
            yield look.fault(where, "times/many", message, mend, at="value", severity="warning")


def _over(policy: Policy, texts: Sequence[_Text], *, nudges_count: bool) -> tuple[int, str, int] | None:
    """How many texts in which span are too many. In care, a nudge is a part of the question that it reminds of."""
    counted = [text.hour for text in texts if nudges_count or not text.nudge]
    in_a_day = _within(counted, _hour(policy.send_hours.until) - _hour(policy.send_hours.opens))
    if in_a_day > policy.unasked_per_day:
        return in_a_day, "day", policy.unasked_per_day
    in_a_week = _within(counted, _WEEK)
    return (in_a_week, "week", policy.unasked_per_week) if in_a_week > policy.unasked_per_week else None


def _hour(clock: time) -> float:
    return clock.hour + clock.minute / 60


def _lines(look: Look) -> Iterator[tuple[int, list[_Text]]]:
    """For each start the hours at which texts leave: of those around the visit, all together at the last of them."""
    around: list[tuple[float, int, list[_Text]]] = []
    for number, start in enumerate(look.flow.starts):
        begun = _offset(start.when) if isinstance(start.when, AroundVisit) else None
        lines = [_line(look, start, name, begun) for name in _begins(look.flow, start)]
        worst = max(lines, key=len)
        if begun is None:
            yield number, worst
        else:
            around.append((begun, number, [replace(text, hour=begun + text.hour) for text in worst]))
    if not around:
        return
    around.sort(key=lambda each: each[0])
    ends = [begun for begun, _, _ in around[1:]] + [float("inf")]
    # The next start takes the place of what is still open.
    kept = [
        [text for text in line if text.hour < end] for (_, _, line), end in zip(around, ends, strict=True)
    ]
    yield around[-1][1], [text for line in kept for text in line]


def _begins(flow: Flow, start: Start) -> list[str]:
    return [start.at or flow.first, *([start.if_confirmed] if start.if_confirmed else [])]


def _within(hours: Sequence[float], length: float) -> int:
    """The most texts in a span of so many hours."""
    return max((sum(begin <= hour < begin + length for hour in hours) for begin in hours), default=0)


def _line(look: Look, start: Start, name: str, begun: float | None) -> list[_Text]:
    """The hours after the start at which a patient who is silent gets texts, on the way with most of them."""
    asked = isinstance(start.when, PatientSays | PatientTexts) or start.when is Happens.ANY_TEXT
    best: list[_Text] = []
    left: list[tuple[str, float, bool, tuple[_Text, ...]]] = [(name, 0.0, not asked, ())]
    for _ in range(_MOST_STEPS):
        if not left:
            break
        at, hour, unasked, texts = left.pop()
        best = max(best, list(texts), key=len)
        step = look.flow.steps.get(at)
        if step is None or hour > _HORIZON:
            continue
        texts += (_Text(hour),) * (_spoken(step) if unasked else 0)
        if not graph.rests(step):
            left += [(target, hour, unasked, texts) for target in (*graph.onward(step), END)]
            continue
        texts += tuple(_Text(hour + nudge.after.total_seconds() / 3600, nudge=True) for nudge in step.nudges)
        wait = _wait(look.scope, step, hour, begun)
        onward = (step.then if step.pause and not step.ask else step.no_answer) or END
        left.append((onward if wait is not None else END, hour + (wait or 0), True, texts))
    return best


def _spoken(step: Step) -> int:
    safety = step.escalate is not None and step.escalate.urgency == "emergency"
    return bool(step.say and not safety) + bool(step.ask)


def _wait(scope: Scope, step: Step, hour: float, begun: float | None) -> float | None:
    """For how many hours the step waits at least; None where that isn't known."""
    house = scope.house
    moment: Moment | None = step.pause if step.pause and not step.ask else step.wait
    if moment is None:
        moment = house.question_wait if house else None
    if isinstance(moment, timedelta):
        return moment.total_seconds() / 3600
    if isinstance(moment, BusinessDays):
        return max(0.0, moment.count * 24.0 - 12)
    if isinstance(moment, AtClock):
        return 12.0 if moment.tomorrow else None
    if begun is None or moment is None:
        return None
    until = 0.0 if isinstance(moment, AtVisit) else _offset(moment)
    return max(0.0, until - begun - hour)


def _offset(moment: AroundVisit) -> float:
    """Hours after the visit, negative before it; where a clock time is set, as if the visit were at noon."""
    hours = float(moment.count * _HOURS[moment.unit]) * (-1 if moment.side == "before" else 1)
    return hours + (_hour(moment.at) - 12 if moment.at else 0)


RULES: tuple[Rule, ...] = (budget,)
