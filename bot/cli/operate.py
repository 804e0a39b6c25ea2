"""What operators run by hand: `bot migrate`, `bot settings`, `bot audit`, `bot keys`."""

import json
import sys
from pathlib import Path

import click

from bot.cli.wiring import runtime
from bot.errors import AuditBroken
from bot.service import operate
from bot.settings import Settings


@click.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    with runtime() as rt:
        operate.migrate(rt)
    click.echo("The database has the newest schema.")


@click.command()
def settings() -> None:
    """Every setting, its default and what it means."""
    for name, field in Settings.model_fields.items():
        default = "" if field.default in ("", None) else f" [{field.default}]"
        click.echo(f"{name.upper()}{default}\n    {field.description}")


@click.group()
def audit() -> None:
    """The audit trail."""


@audit.command()
@click.option(
    "--anchor",
    type=click.Path(exists=True, path_type=Path),
    help="Lines of `bot audit anchor`, kept elsewhere.",
)
def verify(anchor: Path | None) -> None:
    """Recompute the chain; exit 1 and the first bad row if anything was altered."""
    anchors = [operate.anchor(json.loads(line)) for line in anchor.read_text().splitlines()] if anchor else []
    with runtime() as rt:
        try:
            rows = operate.verify_audit(rt, anchors)
        except AuditBroken as broken:
            click.echo(str(broken), err=True)
            sys.exit(1)
    click.echo(f"{rows} rows, none altered.")


@audit.command("anchor")
def anchor_() -> None:
    """Print the ends of the chains as lines to keep where this service can't write."""
    with runtime() as rt:
        lines = operate.audit_anchor(rt)
    for line in lines:
        click.echo(json.dumps(line))


@click.group()
def keys() -> None:
    """The data keys."""


@keys.command()
def rotate() -> None:
    """Wrap every clinic's data keys under the newest of MASTER_KEYS."""
    with runtime() as rt:
        changed = operate.rotate_keys(rt)
    click.echo(
        f"{changed} data keys wrapped anew. The old master key can go once every process has restarted."
    )
