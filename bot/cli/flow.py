"""Lint, test and try the clinic's flows: `bot flow`. No database is needed, but for what `flow_live` adds."""

import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape

from bot import settings
from bot.cli import flow_live, flow_pictures
from bot.core.book import Book
from bot.core.effects import SendText
from bot.core.events import TextArrived
from bot.core.limits import Send
from bot.errors import BadFlow
from bot.flowbook import around, chat, emit, loader, transcript
from bot.flowbook.chat import explained
from bot.flowbook.coverage import covered
from bot.flowbook.faults import errors
from bot.flowbook.lint import report, rules
from bot.flowbook.notation import moment, written
from bot.flowbook.player import Run, only, play
from bot.flowbook.rows import Done
from bot.flowbook.schema import schema as json_schema
from bot.flowbook.world import Reads, World


def _flows() -> Path:
    """The clinic's flows directory: FLOWS_DIR, else the shipped one."""
    return settings.load().flows_dir


_FORMS = {"json": report.as_json, "sarif": report.as_sarif}
_EXISTING = click.Path(exists=True, path_type=Path)


@click.group()
def flow() -> None:
    """Lint, test and try the clinic's flows."""


def _reader() -> Reads:
    """Loading it takes about a second, so only commands that need it do."""
    from nlp.reader import Reader

    return Reader()


# -- lint ---------------------------------------------------------------------------------------------


@flow.command()
@click.argument("paths", nargs=-1, required=True, type=_EXISTING)
@click.option("--format", "form", type=click.Choice(["text", *_FORMS]), default="text", show_default=True)
def lint(paths: tuple[Path, ...], form: str) -> None:
    """Show every fault of these flow files, or of whole flows directories."""
    faults, files = around.faults_of(paths, _flows())
    click.echo(_FORMS[form](faults) if form in _FORMS else report.as_text(faults, files))
    sys.exit(1 if errors(faults) else 0)


@flow.command(name="rules")
def rules_() -> None:
    """Every rule of lint, with its reason and examples: the text of docs/rules.md."""
    click.echo(rules.page(), nl=False)


@flow.command()
def schema() -> None:
    """The JSON Schema that editors complete these files with: the text of flows/schema.json."""
    click.echo(json_schema())


# -- test ---------------------------------------------------------------------------------------------


@flow.command()
@click.argument("flows", nargs=-1)
@click.option("--update", is_flag=True, help="Write what happens into the transcripts, for you to read.")
@click.option("--cover", is_flag=True, help="Show which steps and ways of the flows no transcript walks.")
@click.option("--at-least", type=float, default=0.0, help="With --cover: fail under so many per cent.")
@click.option("--flows-dir", type=_EXISTING, default=_flows, help="The flows directory.")
def test(flows: tuple[str, ...], update: bool, cover: bool, at_least: float, flows_dir: Path) -> None:
    """Play the transcripts of these flows (folders under transcripts/, or files); of all, if none is named."""
    begin = time.perf_counter()
    book, reader = loader.load(flows_dir), _reader()
    failed: list[Run] = []
    bad: list[str] = []
    walked: set[str] = set()
    count = Counter[str]()
    for folder, files in _transcripts(flows_dir, flows):
        click.echo(f"{folder} ", nl=False)
        for file in files:
            mark = _test_one(file, book, reader, failed, bad, walked, update=update)
            count[mark] += 1
            click.echo(mark, nl=False)
        click.echo()
    _report(failed, bad)
    parts = [f"{count[mark]} {name}" for mark, name in _MARKS.items() if count[mark]]
    thin = _show_cover(book, walked, at_least, set(flows) & set(book.flows)) if cover else False
    click.echo(f"{', '.join(parts)} in {time.perf_counter() - begin:.2f}s")
    sys.exit(2 if bad else 1 if count["F"] or thin else 0)


def _show_cover(book: Book, walked: set[str], at_least: float, wanted: set[str]) -> bool:
    """Say what is walked of the flows that were named, or of all; whether some flow has less than it must."""
    found = [each for each in covered(book, walked) if not wanted or each.flow in wanted]
    for each in found:
        click.echo(f"{each.flow:<24}{each.percent:5.0f}%  of {each.places} places")
        for missing in each.missing:
            click.echo(f"    not walked: {missing}")
    return any(each.percent < at_least for each in found)


_MARKS = {"F": "failed", ".": "passed", "E": "not readable", "u": "updated"}


def _test_one(
    file: Path,
    book: Book,
    reader: Reads,
    failed: list[Run],
    bad: list[str],
    walked: set[str],
    *,
    update: bool,
) -> str:
    try:
        script = transcript.read(_shown(file), file.read_text(encoding="utf-8"))
        run = play(script, book, reader)
    except BadFlow as error:
        bad.append(str(error))
        return "E"
    walked |= set(run.world.path)
    if not run.mismatches:
        return "."
    if update:
        file.write_text(transcript.rewritten(script, run.happened), encoding="utf-8")
        return "u"
    failed.append(run)
    return "F"


def _report(failed: list[Run], bad: list[str]) -> None:
    for run in failed:
        script = run.transcript
        for mismatch in run.mismatches:
            click.echo(f"\n{script.file}:{mismatch.line}: {script.head.title}")
            click.echo("\n".join(f"    {line}" for line in mismatch.diff.splitlines()))
    if failed:
        click.echo("\n- must happen, + happened. If what happened is right, --update writes it down.")
    for message in bad:
        click.echo(f"\n{message}")


def _transcripts(flows_dir: Path, names: Iterable[str]) -> Iterator[tuple[str, list[Path]]]:
    """Folder by folder; raises BadFlow for a name that has none."""
    home = flows_dir / "transcripts"
    for name in list(names) or sorted(path.name for path in home.glob("*") if path.is_dir()):
        place = home / name
        if place.is_dir():
            yield name, sorted(place.rglob("*.yaml"))
        elif Path(name).is_file():
            yield name, [Path(name)]
        else:
            known = ", ".join(sorted(path.name for path in home.glob("*")))
            raise click.UsageError(f"There are no transcripts for '{name}'. There are: {known}.")


def _shown(file: Path) -> str:
    here = Path.cwd()
    return str(file.absolute().relative_to(here)) if file.absolute().is_relative_to(here) else str(file)


# -- chat ---------------------------------------------------------------------------------------------


@flow.command(name="chat")
@click.argument("path", type=_EXISTING)
@click.option(
    "--save", type=click.Path(path_type=Path, dir_okay=False), help="Keep the chat as a transcript."
)
@click.option("--explain", is_flag=True, help="Show what each text was read as.")
@click.option("--language", default="en", show_default=True, help="The language that the clinic has on file.")
@click.option("--clock", help="The moment at which the chat begins, like '2026-11-30 09:00'; else now.")
def chat_(path: Path, save: Path | None, explain: bool, language: str, clock: str | None) -> None:
    """Talk to a flow: you are Ana, who has a visit in four days. /help lists what else can happen."""
    try:
        edition, name = around.flow_of(path, _flows())
        now = datetime.fromisoformat(clock) if clock else datetime.now(UTC)
    except (BadFlow, ValueError) as error:
        raise click.ClickException(str(error)) from None
    book = only(loader.read(edition.files), name)
    talk = chat.begin(book, name, _reader(), now=chat.on_clock(now), language=language)
    screen = Console(highlight=False, soft_wrap=True)
    screen.print("[dim]You are Ana. Type a text, or /help. The office has just booked your visit.[/dim]")
    _do(screen, talk, "/booked", explain=False)
    for line in _typed(screen):
        if line == "/quit":
            break
        _do(screen, talk, line, explain=explain)
    if save:
        save.write_text(talk.saved(f"A chat of {talk.clock}"), encoding="utf-8")
        screen.print(f"[dim]Saved as {escape(str(save))}.[/dim]")


def _typed(screen: Console) -> Iterator[str]:
    """Lines from the terminal, or from a pipe, where each is shown as if it were typed."""
    while True:
        try:
            line = screen.input("[bold]you>[/bold] ") if sys.stdin.isatty() else next(sys.stdin).rstrip("\n")
        except (EOFError, KeyboardInterrupt, StopIteration):
            return
        if line and not sys.stdin.isatty():
            screen.print(f"[bold]you>[/bold] {escape(line)}")
        if line:
            yield line


def _do(screen: Console, talk: chat.Chat, line: str, *, explain: bool) -> None:
    if line in ("/help", "/state"):
        shown = talk.state() if line == "/state" else chat.help_text()
        screen.print("\n".join(f"[dim]  {escape(text)}[/dim]" for text in shown))
        return
    before, steps = len(talk.world.events), len(talk.world.path)
    try:
        done = talk.type(line)
    except BadFlow as error:
        screen.print(f"[yellow]  {escape(str(error))}[/yellow]")
        return
    for event in talk.world.events[before:]:
        if explain and isinstance(event, TextArrived) and event.reading:
            how = talk.world.reader.explain(event.body, own=talk.world.book.words)
            for said in explained(event.body, event.reading, how):
                screen.print(f"[cyan]  {escape(said)}[/cyan]")
    if explain:
        walked = talk.world.path[steps:]
        screen.print(f"[cyan]  went: {escape(', '.join(walked) or 'nowhere')}[/cyan]")
    _show_done(screen, talk.world, done)


def _show_done(screen: Console, world: World, done: list[Done]) -> None:
    for each in done:
        if isinstance(each.effect, SendText) and isinstance(each.fate, Send) and not each.to_staff:
            stamp = moment(world, each.at)
            screen.print(f"[dim]{stamp}[/dim] [green]{escape(each.effect.body)}[/green]")
        else:
            screen.print(f"[dim]  {escape(emit.flowing(written(world, each)))}[/dim]")
    screen.print(f"[dim]{'-' * 3} {moment(world, world.now)}[/dim]")


# -- pictures, and what acts on the running service ---------------------------------------------------

for _command in (*flow_pictures.COMMANDS, *flow_live.COMMANDS):
    flow.add_command(_command)
