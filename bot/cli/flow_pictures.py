"""Look at flows as a whole: `bot flow graph` draws them, `bot flow explore` walks through every state of them."""

import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from os.path import relpath
from pathlib import Path

import click

from bot import settings
from bot.core.book import Book
from bot.core.flow import Flow
from bot.errors import BadFlow
from bot.flowbook import around, loader
from bot.flowbook.diagram import picture
from bot.flowbook.diagram_words import started, titled
from bot.flowbook.draft import draft
from bot.flowbook.drawing import svg
from bot.flowbook.explore import Walk
from bot.flowbook.explore import explore as walk_through

_EXISTING = click.Path(exists=True, path_type=Path)
_PATH = click.Path(path_type=Path)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A flow that was asked for, the book that it stands in, and the folder of its file there."""

    book: Book
    flow: Flow
    folder: str


def _asked(path: Path) -> list[_Asked]:
    """The flows of a file or a directory; raises BadFlow, also where it has none."""
    found = []
    for edition in around.editions([path], settings.load().flows_dir):
        book = loader.read(edition.files)
        for file, model in draft(edition.files).models.items():
            if file in edition.asked and isinstance(model, Flow):
                found.append(_Asked(book=book, flow=book.flows[model.name], folder=file.split("/")[0]))
    if not found:
        raise BadFlow(f"There is no flow in {path}.")
    return found


# -- graph --------------------------------------------------------------------------------------------


@click.command()
@click.argument("path", type=_EXISTING)
@click.option("--out", type=_PATH, required=True, help="The picture's file; of a directory, a directory.")
@click.option("--lang", default="en", show_default=True, help="The language of the texts on it.")
@click.option("--index", type=_PATH, help="Of a directory: also write a page that lists the pictures.")
def graph(path: Path, out: Path, lang: str, index: Path | None) -> None:
    """Draw a flow as an SVG: what starts it, what it says, where each answer leads; or each flow of a directory."""
    asked = _asked(path)
    folder = out if path.is_dir() else out.parent
    if path.is_dir() and (out.suffix or out.is_file()):
        raise click.UsageError(f"{path} is a directory, so --out must be one: each flow gets a file in it.")
    if path.is_file() and (not folder.is_dir() or out.is_dir()):
        raise click.UsageError(f"--out must be a file, like {path.stem}.svg, in a directory that exists.")
    drawn = [
        svg(picture(each.book, each.flow.name, lang)) for each in asked
    ]  # all of them, or none is written
    folder.mkdir(parents=True, exist_ok=True)
    for each, text in zip(asked, drawn, strict=True):
        file = folder / f"{each.flow.name}.svg" if path.is_dir() else out
        file.write_text(text, encoding="utf-8")
        click.echo(f"{each.flow.name}: {file}")
    if index:
        index.write_text(_page(asked, Path(relpath(folder, index.parent)).as_posix()), encoding="utf-8")
        click.echo(f"All of them: {index}")


def _page(asked: list[_Asked], folder: str) -> str:
    """The flows with their pictures, as Markdown."""
    parts = ["# The flows that ship", _EXPLAINED]
    for place in dict.fromkeys(each.folder for each in asked):
        own = [each.flow for each in asked if each.folder == place]
        rows = [f"| [{it.name}](#{it.name}) | {it.title} | {it.purpose} | {_begins(it)} |" for it in own]
        parts += [f"## {titled(place)}", "\n".join([*_HEAD, *rows])]
        for it in own:
            parts += [f"### {it.name}", f"{it.title}.", _linked(it.title, f"{folder}/{it.name}.svg")]
    return "\n\n".join(parts) + "\n"


_EXPLAINED = """\
Each with its picture: green pills start it, bubbles are what the patient reads, small labels say which answer leads
where, dashed lines are what happens when nobody answers. ‹Names› are filled in when a text is sent. On any picture,
and not drawn: STOP ends everything, an emergency pages the person on call, and a person can be asked for.

Written by `bot flow graph flows --out docs/flows --index docs/flows.md`."""
_HEAD = ("| flow | what it is for | purpose | begins |", "|---|---|---|---|")


def _begins(flow: Flow) -> str:
    return "; ".join(dict.fromkeys(started(start.when) for start in flow.starts)) or "another flow calls it"


# -- explore ------------------------------------------------------------------------------------------


@click.command()
@click.argument("flows", nargs=-1, metavar="[FLOW|PATH]...")
def explore(flows: tuple[str, ...]) -> None:
    """Walk through every state of these flows (names or files), of all if none is named; exit 1 on a problem."""
    begin = time.perf_counter()
    asked = list(_wanted(flows))
    walks = [walk_through(each.book, each.flow) for each in asked]
    click.echo("\n".join(_table([_HEADINGS, *map(_row, walks)])))
    for each, walk in zip(asked, walks, strict=True):
        for line in _remarks(each.book, walk):
            click.echo(line)
    problems = [problem for walk in walks for problem in walk.problems]
    for problem in problems:
        click.echo(f"{problem.kind}: {problem}")
    took = time.perf_counter() - begin
    states = sum(walk.states for walk in walks)
    counts = (_counted(len(walks), "flow"), _counted(states, "state"), _counted(len(problems), "problem"))
    click.echo(f"{', '.join(counts)} in {took:.2f}s")
    sys.exit(1 if problems else 0)


def _counted(count: int, noun: str) -> str:
    return f"{count or 'no'} {noun}{'' if count == 1 else 's'}"


def _wanted(names: Iterable[str]) -> Iterator[_Asked]:
    """The flows by their name or file; raises UsageError for a name that no flow has."""
    home = settings.load().flows_dir
    shipped = (
        {each.flow.name: each for each in _asked(home)} if not all(map(_is_path, names)) or not names else {}
    )
    for name in names or shipped:
        if name in shipped:
            yield shipped[name]
        elif _is_path(name):
            yield from _asked(Path(name))
        else:
            raise click.UsageError(f"There is no flow and no file '{name}'. Flows: {', '.join(shipped)}.")


def _is_path(name: str) -> bool:
    return Path(name).exists()


_HEADINGS = ("flow", "states", "most texts", "unasked a day", "answers")


def _row(walk: Walk) -> tuple[str, ...]:
    answers = str(walk.most) if walk.fewest == walk.most else f"{walk.fewest} to {walk.most}"
    return walk.flow, str(walk.states), str(walk.longest), str(walk.unasked_a_day), answers


def _table(rows: list[tuple[str, ...]]) -> Iterator[str]:
    """Names to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *others in rows:
        cells = (cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))
        yield "  ".join([first.ljust(widths[0]), *cells]).rstrip()


def _remarks(book: Book, walk: Walk) -> Iterator[str]:
    """What is worth a look and no problem."""
    budget = book.policy.unasked_per_day
    if walk.unasked_a_day > budget:
        yield f"{walk.flow}: {walk.unasked_a_day} texts in a day that nobody asked for; the policy has {budget}."
    for step in walk.left_by_stop:
        yield f"{walk.flow}: after a STOP at '{step}' nobody else is offered the time that is kept."


def _linked(title: str, picture: str) -> str:
    """The picture, which opens in full size."""
    return f"[![{title}]({picture})]({picture})"


COMMANDS = (graph, explore)
