"""What a picture leaves out so that a questionnaire looks like one: helper steps, and rows of like questions.

A questionnaire's item is up to four steps (`flowbook/questionnaire`): whether it is asked, the question, what is
looked at at once, and what is then done. A picture shows them as one box.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.core.flow import END, Case, Flow, Step

_ROW = 3
"""So many questions of one kind, one after the other, are drawn as one box."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """What is done at once on an answer for which `condition` holds; `ends` if nothing comes after it."""

    condition: str
    step: Step
    ends: bool


@dataclass(slots=True, kw_only=True)
class Folds:
    """`instead` names the step to draw for one that is not drawn; the rest is by step.

    onward   where the step goes on to, after its helpers
    only_if  the condition under which it is asked at all
    alarms   what is done at once on its answer
    rows     the questions that are drawn together with it, itself the first
    """

    instead: dict[str, str] = field(default_factory=dict)
    onward: dict[str, str] = field(default_factory=dict)
    only_if: dict[str, str] = field(default_factory=dict)
    alarms: dict[str, tuple[Alarm, ...]] = field(default_factory=dict)
    rows: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def drawn(self, name: str) -> str:
        """The step that stands for this one."""
        while name in self.instead:
            name = self.instead[name]
        return name


def folds(flow: Flow) -> Folds:
    """All that can be folded."""
    found = Folds()
    for name, step in flow.steps.items():
        _whether_asked(flow, found, name)
        _at_once(flow, found, name, step)
    _rows(flow, found)
    return found


def _whether_asked(flow: Flow, found: Folds, name: str) -> None:
    branch = _if_else(flow, f"{name}_or_not")
    if branch and branch[0].target == name and branch[0].condition:
        found.instead[f"{name}_or_not"] = name
        found.only_if[name] = branch[0].condition.text


def _at_once(flow: Flow, found: Folds, name: str, step: Step) -> None:
    here, helpers, alarms = step.then or "", [], []
    while here.startswith(f"{name}_at_once") and (branch := _if_else(flow, here)) and branch[0].condition:
        done = flow.steps.get(branch[0].target)
        if done is None or branch[0].target != here.replace("_at_once", "_alert"):
            return
        ends = done.then == END
        alarms.append(Alarm(condition=branch[0].condition.text, step=done, ends=ends))
        helpers += [here, branch[0].target]
        here = branch[1].target
    if alarms:
        found.alarms[name], found.onward[name] = tuple(alarms), here
        found.instead |= dict.fromkeys(helpers, name)


def _if_else(flow: Flow, name: str) -> tuple[Case, ...] | None:
    """The two lines of a step that only asks one condition."""
    step = flow.steps.get(name)
    if step is None or len(step.branch) != 2 or step.model_dump(exclude_defaults=True).keys() != {"branch"}:
        return None
    return step.branch


def _rows(flow: Flow, found: Folds) -> None:
    """Questions that differ in nothing but their sentence, each led to by the one before alone."""
    coming = Counter(_targets(flow))
    taken: set[str] = set()
    for name in flow.steps:
        row = [name]
        while (
            (following := _next_of_row(flow, found, row[-1]))
            and coming[following] == 1
            and following not in row
        ):
            row.append(following)
        if len(row) >= _ROW and name not in taken:
            found.rows[name] = tuple(row)
            found.onward[name] = found.drawn(flow.steps[row[-1]].then or END)
            found.instead |= dict.fromkeys(row[1:], name)
            taken.update(row)


def _next_of_row(flow: Flow, found: Folds, name: str) -> str | None:
    step = flow.steps[name]
    following = step.then or END
    other = flow.steps.get(following)
    if other is None or following == name or {name, following} & (found.only_if.keys() | found.alarms.keys()):
        return None
    own = [it.model_dump(exclude={"ask", "save", "code", "then", "again"}) for it in (step, other)]
    plain = step.ask and not step.answers and not step.set and not step.if_skipped
    same_again = step.again == other.again or (step.again == step.ask and other.again == other.ask)
    return following if plain and other.ask and same_again and own[0] == own[1] else None


def _targets(flow: Flow) -> Iterable[str]:
    for start in flow.starts:
        yield from (place for place in (start.at or flow.first, start.if_confirmed) if place)
    for name, step in flow.steps.items():
        ways: Mapping[str, str] = step.ways()
        yield from ways.values()
        if name == flow.first:
            yield name
