"""`bot understand`: JSON lines in, JSON lines out, in order."""

import json
import sys

import click


@click.command()
def understand() -> None:
    """Read texts as the bot would; the fields stand in nlp/README.md."""
    from nlp.lines import answer_line
    from nlp.reader import Reader

    reader = Reader()
    for line in sys.stdin:
        if line.strip():
            click.echo(json.dumps(answer_line(reader, line), ensure_ascii=False))
