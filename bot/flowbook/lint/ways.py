"""Family `ways`: where the steps of a flow lead, and whether every one of them ends or waits for somebody."""

import difflib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.core.flow import CHOSEN, END, OUTCOMES, Do, Flow, Step
from bot.core.triggers import PatientSays
from bot.flowbook.draft import Draft
from bot.flowbook.faults import Fault
from bot.flowbook.lint import graph
from bot.flowbook.source import Source, Where
from nlp.reading import Intent

_TAKEN = {
    Intent.STOP: "it opts the phone out, whatever was asked",
    Intent.WRONG_NUMBER: "it ends all texts to the phone, whatever was asked",
}
"""Intents that `decide` deals with before any flow, and why."""


@dataclass(frozen=True, slots=True)
class _Place:
    source: Source
    where: Where


def check(draft: Draft) -> Iterator[Fault]:
    """All faults of this family."""
    for source, flow in draft.of(Flow):
        for rule in RULES:
            yield from rule(source, flow)
        for name, step in flow.steps.items():
            for step_rule in STEP_RULES:
                yield from step_rule(_Place(source, ("steps", name)), name, step)


# -- the flow as a whole ------------------------------------------------------------------------------


def targets_exist(source: Source, flow: Flow) -> Iterator[Fault]:
    """Every way leads to a step of this flow, or to the end."""
    named = [(edge.target, edge.where) for edge in graph.edges(flow)] + list(graph.entries(flow))
    for target, where in named:
        if target not in flow.steps and not (target == END and where[0] == "steps"):
            near = difflib.get_close_matches(target, [*flow.steps, END], n=1)
            meant = f"Did you mean '{near[0]}'? " if near else ""
            yield source.fault(
                where,
                "ways/no-such-step",
                f"There is no step '{target}'.",
                f"{meant}Write a step with this name, or name one that exists.",
                at="value",
            )
    if END in flow.steps:
        yield source.fault(
            ("steps", END),
            "ways/no-such-step",
            f"'{END}' is the name for the end of a flow, so no step can have it.",
            "Give this step another name.",
        )


def reached(source: Source, flow: Flow) -> Iterator[Fault]:
    """Every step is reached from some start."""
    for name in set(flow.steps) - graph.reachable(flow) - {END}:
        yield source.fault(
            ("steps", name),
            "ways/never-reached",
            f"No way leads to the step '{name}'.",
            "Lead a way to it, or take it out.",
        )


def ends(source: Source, flow: Flow) -> Iterator[Fault]:
    """From every step the flow can end."""
    for name in set(flow.steps) - graph.can_end(flow):
        yield source.fault(
            ("steps", name),
            "ways/never-ends",
            f"From the step '{name}' the flow never comes to its end.",
            f"Let some way after it lead to '{END}'.",
        )


def no_rush(source: Source, flow: Flow) -> Iterator[Fault]:
    """No loop goes round without asking somebody."""
    for name in graph.rushes(flow):
        yield source.fault(
            ("steps", name),
            "ways/loop",
            f"The step '{name}' comes back to itself without asking the patient anything.",
            "Put a step with 'ask' into this loop, or lead it to another step.",
        )


def times_at_hand(source: Source, flow: Flow) -> Iterator[Fault]:
    """Times can be chosen only where some were found, and booked only where one was chosen."""
    known, chosen = graph.knows_times(flow), graph.knows_choice(flow)
    for name, step in flow.steps.items():
        if CHOSEN in step.answers and name not in known:
            yield source.fault(
                ("steps", name, "answers", CHOSEN),
                "ways/no-times",
                f"The step '{name}' can be reached without any open times, so none can be chosen.",
                f"Let every way to it come from 'found' of a step with 'do: {Do.FIND_TIMES}'.",
            )
        if step.do is Do.BOOK_TIME and name not in chosen:
            yield source.fault(
                ("steps", name, "do"),
                "ways/no-choice",
                f"The step '{name}' can be reached without a chosen time, so there is nothing to book.",
                f"Let every way to it come from the answer '{CHOSEN}'.",
                at="value",
            )


def starts_heard(source: Source, flow: Flow) -> Iterator[Fault]:
    """Words that start a flow must be words that a flow gets to hear."""
    for number, start in enumerate(flow.starts):
        if isinstance(start.when, PatientSays) and start.when.intent in _TAKEN:
            yield source.fault(
                ("starts", number, "when"),
                "ways/never-heard",
                f"No flow hears '{start.when.intent}': {_TAKEN[start.when.intent]}.",
                "Take this start out.",
                at="value",
            )


RULES: tuple[Callable[[Source, Flow], Iterator[Fault]], ...] = (
    targets_exist,
    reached,
    ends,
    no_rush,
    times_at_hand,
    starts_heard,
)


# -- each step ----------------------------------------------------------------------------------------


def outcomes(place: _Place, name: str, step: Step) -> Iterator[Fault]:
    """The outcomes are exactly those of the act; nothing else stands beside them."""
    wanted = OUTCOMES.get(step.do, ()) if step.do else ()
    if set(wanted) != set(step.outcomes):
        yield place.source.fault(
            place.where,
            "ways/outcomes",
            f"The step '{name}' needs a way for each of its outcomes: {', '.join(wanted) or 'none'}."
            if wanted
            else f"The step '{name}' does nothing that could have outcomes.",
            f"Write under 'outcomes' exactly: {', '.join(wanted)}." if wanted else "Take 'outcomes' out.",
        )
    deaf = [part for part in ("say", "ask", "hand_over", "then") if getattr(step, part)] if wanted else []
    if deaf:
        yield place.source.fault(
            place.where,
            "ways/not-done",
            f"The step '{name}' goes on with its outcomes, so its {' and '.join(deaf)} would never be done.",
            "Move this to a step of its own.",
        )


def asking(place: _Place, name: str, step: Step) -> Iterator[Fault]:
    """A question has answers, and patience that ends somewhere; what belongs to one stands beside one."""
    needed = {"answers": step.answers, "wait": step.wait, "no_answer": step.no_answer}
    lacking = [part for part, value in needed.items() if not value]
    if step.ask and lacking:
        yield place.source.fault(
            place.where,
            "ways/question",
            f"The step '{name}' asks something but has no {' and no '.join(lacking)}.",
            "Say which answers lead where, how long to wait, and where to go when no answer comes.",
        )
    if step.ask and step.then:
        yield place.source.fault(
            place.where,
            "ways/question",
            f"The step '{name}' waits for an answer, so its 'then' would never be followed.",
            "Use 'otherwise' for any other answer, or 'no_answer' for none.",
        )
    extra = {**needed, "otherwise": step.otherwise, "again": step.again}
    idle = [part for part, value in extra.items() if value]
    if not step.ask and idle:
        yield place.source.fault(
            place.where,
            "ways/question",
            f"The step '{name}' has {' and '.join(idle)} but asks nothing.",
            "Add 'ask', or take this out.",
        )


def again(place: _Place, name: str, step: Step) -> Iterator[Fault]:
    """Asking again has words and a number of times, and is not ruled out by 'otherwise'."""
    if bool(step.again) != bool(step.tries):
        yield place.source.fault(
            place.where,
            "ways/again",
            f"The step '{name}' has only one of 'again' and 'tries'.",
            "Write both: the sentence that asks again, and how often (1 to 3).",
        )
    if step.again and step.otherwise:
        yield place.source.fault(
            place.where,
            "ways/again",
            f"The step '{name}' has 'otherwise' for any other answer, so it never asks again.",
            "Keep one of 'again' and 'otherwise'.",
        )


def goes_on(place: _Place, name: str, step: Step) -> Iterator[Fault]:
    """A step that waits for nothing says what comes next, even when that is the end."""
    if not step.ways() and not step.ask and step.do not in OUTCOMES:
        yield place.source.fault(
            place.where,
            "ways/dead-end",
            f"The step '{name}' does not say what comes next.",
            f"Add 'then: …' with the next step, or 'then: {END}'.",
        )


def answers(place: _Place, name: str, step: Step) -> Iterator[Fault]:
    """Every answer is one that can be heard."""
    for key in step.answers:
        at = (*place.where, "answers", key)
        if key != CHOSEN and key not in set(Intent):
            yield place.source.fault(
                at,
                "ways/unknown-answer",
                f"'{key}' is no answer that can be understood.",
                f"Known answers: '{CHOSEN}', {', '.join(sorted(Intent))}.",
            )
        elif key in _TAKEN:
            yield place.source.fault(
                at,
                "ways/never-heard",
                f"The step '{name}' never hears '{key}': {_TAKEN[Intent(key)]}.",
                "Take this answer out.",
            )


STEP_RULES: tuple[Callable[[_Place, str, Step], Iterator[Fault]], ...] = (
    outcomes,
    asking,
    again,
    goes_on,
    answers,
)
