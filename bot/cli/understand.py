"""`bot understand`: JSON lines in, JSON lines out, in order; or how well the reader reads labelled ones."""

import json
import sys
from typing import TYPE_CHECKING, TextIO

import click

if TYPE_CHECKING:
    from nlp.reader import Reader


@click.command()
@click.option(
    "--evaluate", "labelled", type=click.File(encoding="utf-8"), help="Measure on a file of labelled lines."
)
@click.option("--misses/--no-misses", default=True, help="With --evaluate: show what was read wrong.")
def understand(labelled: TextIO | None, misses: bool) -> None:
    """Read texts as the bot would; the fields stand in nlp/README.md."""
    from nlp.lines import answer_line
    from nlp.reader import Reader

    reader = Reader()
    if labelled is not None:
        _evaluate(reader, labelled, misses=misses)
        return
    for line in sys.stdin:
        if line.strip():
            click.echo(json.dumps(answer_line(reader, line), ensure_ascii=False))


def _evaluate(reader: "Reader", labelled: TextIO, *, misses: bool) -> None:
    from nlp.evaluate import evaluate, report

    try:
        result = evaluate(reader, labelled)
    except ValueError as fault:
        raise click.ClickException(f"{labelled.name}, {fault}") from fault
    for line in report(result, misses=misses):
        click.echo(line)
