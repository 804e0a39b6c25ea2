"""Family `ways`: where the steps of a flow lead, and whether every one of them ends or waits for somebody.

Here are the rules about a flow as a whole. Those about one step stand in `ways_steps`, about answers in
`ways_answers`, about flows that call each other in `ways_calls`, about what starts a flow in `ways_starts`, about forms
in `ways_forms`.
"""

from collections.abc import Iterator

from bot.core.book import LANGUAGE, House
from bot.core.expr import did_you_mean
from bot.core.flow import CHOSEN, END, Do
from bot.flowbook.draft import Draft
from bot.flowbook.faults import Fault
from bot.flowbook.lint import graph, ways_answers, ways_calls, ways_forms, ways_starts, ways_steps
from bot.flowbook.lint.scope import Look, Rule, of_flows, scope_of


def check(draft: Draft) -> Iterator[Fault]:
    """All faults of this family."""
    scope = scope_of(draft)
    yield from of_flows(
        scope,
        (
            *RULES,
            *ways_steps.RULES,
            *ways_answers.RULES,
            *ways_calls.RULES,
            *ways_starts.RULES,
            *ways_forms.RULES,
        ),
    )
    yield from ways_forms.check(scope)
    yield from ways_calls.loops(scope)
    yield from ways_starts.same_start(scope)
    yield from ways_starts.same_site(scope)
    yield from too_new(draft)


def targets_exist(look: Look) -> Iterator[Fault]:
    """Every way leads to a step of this flow, or to the end."""
    flow = look.flow
    named = [(edge.target, edge.where) for edge in graph.edges(flow)] + list(graph.entries(flow))
    for target, where in named:
        if target not in flow.steps and not (target == END and where[0] == "steps"):
            meant = did_you_mean(target, [*flow.steps, END]).strip()
            yield look.fault(
                where,
                "ways/no-such-step",
                f"There is no step '{target}'.",
                f"{meant} Write a step with this name, or name one that exists.".strip(),
                at="value",
            )
    if END in flow.steps:
        yield look.fault(
            ("steps", END),
            "ways/no-such-step",
            f"'{END}' is the name for the end of a flow, so no step can have it.",
            "Give this step another name.",
        )


def reached(look: Look) -> Iterator[Fault]:
    """Every step is reached from some start."""
    called = bool(ways_calls.callers(look.scope, look.flow.name))
    for name in set(look.flow.steps) - graph.reachable(look.flow, called=called) - {END}:
        yield look.fault(
            ("steps", name),
            "ways/never-reached",
            f"No way leads to the step '{name}'.",
            "Lead a way to it, or take it out.",
        )


def ends(look: Look) -> Iterator[Fault]:
    """From every step the flow can end."""
    for name in set(look.flow.steps) - graph.can_end(look.flow):
        yield look.fault(
            ("steps", name),
            "ways/never-ends",
            f"From the step '{name}' the flow never comes to its end.",
            f"Let some way after it lead to '{END}'.",
        )


def times_at_hand(look: Look) -> Iterator[Fault]:
    """Times can be chosen only where some were found, and booked only where one was chosen."""
    known, chosen = graph.knows_times(look.flow), graph.knows_choice(look.flow)
    for name, step in look.flow.steps.items():
        if CHOSEN in step.answers and name not in known:
            yield look.fault(
                ("steps", name, "answers", CHOSEN),
                "ways/no-times",
                f"The step '{name}' can be reached without any open times, so none can be chosen.",
                f"Let every way to it come from 'found' of a step with 'do: {Do.FIND_TIMES}'.",
            )
        if step.do in (Do.BOOK_TIME, Do.NEXT_IN_LINE) and name not in chosen:
            yield look.fault(
                ("steps", name, "do"),
                "ways/no-choice",
                f"The step '{name}' can be reached without a chosen time, so there is nothing to "
                f"{'book' if step.do is Do.BOOK_TIME else 'pass on'}.",
                f"Let every way to it come from the answer '{CHOSEN}', or from the start 'a time opens up'.",
                at="value",
            )


def too_new(draft: Draft) -> Iterator[Fault]:
    """The flows are written in a version of the language that this program knows."""
    for source, house in draft.of(House):
        if house.written_for > LANGUAGE:
            yield source.fault(
                ("written_for",),
                "ways/too-new",
                f"The flows are written for version {house.written_for} of the language; this program reads "
                f"version {LANGUAGE}.",
                "Update the program, or write the flows for its version.",
                at="value",
            )


RULES: tuple[Rule, ...] = (targets_exist, reached, ends, times_at_hand)
