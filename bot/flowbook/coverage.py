"""Which steps and ways of the flows the transcripts walk."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.core.book import Book
from bot.core.flow import Flow


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Of one flow: how many places it has, and those that no transcript walks ('flow<start', 'step', 'step>way')."""

    flow: str
    places: int
    missing: tuple[str, ...]

    @property
    def percent(self) -> float:
        """100 where everything is walked."""
        return 100 * (self.places - len(self.missing)) / self.places if self.places else 100.0


def covered(book: Book, walked: Iterable[str]) -> list[Coverage]:
    """The coverage of every flow of the book, by what was walked (`core.turn.Turn.path`)."""
    seen = set(walked)
    return [_of(flow, book.flows.get(flow.extends or ""), seen) for flow in book.flows.values()]


def places(flow: Flow, base: Flow | None = None) -> list[str]:
    """Every start, step and way out of a step, as the core names them; of a variant, what it has of its own."""
    found = [] if base else [f"{flow.name}<{start.when}" for start in flow.starts]
    for name, step in flow.steps.items():
        if base and base.steps.get(name) == step:
            continue
        found.append(f"{flow.name}:{name}")
        found += [f"{flow.name}:{name}>{label}" for label in step.ways()]
    return found


def _of(flow: Flow, base: Flow | None, seen: set[str]) -> Coverage:
    wanted = list(dict.fromkeys(places(flow, base)))
    missing = tuple(place.removeprefix(f"{flow.name}:") for place in wanted if place not in seen)
    return Coverage(flow=flow.name, places=len(wanted), missing=missing)
