"""Family `ways`, walked: what only shows when every way of a flow is gone, over the flows that it calls."""

from collections.abc import Iterator

from bot.core.flow import Flow
from bot.flowbook.draft import Draft
from bot.flowbook.explore import explore
from bot.flowbook.faults import Fault


def check(draft: Draft) -> Iterator[Fault]:
    """Whatever `explore` objects to. It needs an edition in which no rule finds an error."""
    book = draft.book("draft")
    if book is None:
        return
    for source, flow in draft.of(Flow):
        for problem in explore(book, flow).problems:
            if problem.flow == flow.name:  # what a called flow does wrong is told there
                yield source.fault(
                    ("steps", problem.step),
                    "ways/walk",
                    f"At the step '{problem.step}': {problem.says}.",
                    "Walk the flow with 'bot flow explore' and 'bot flow graph', and mend the way that leads there.",
                )
