"""The command `bot`. A command's module is imported when it is called, so that `bot --help` is quick."""

import importlib
import sys

import click

from bot.errors import CarelineError

COMMANDS = {
    "demo": ("bot.cli.demo", "Try it: everything on this machine, with made-up patients."),
    "up": ("bot.cli.run", "Migrate, then run the Procfile's processes."),
    "web": ("bot.cli.run", "The HTTP edge."),
    "worker": ("bot.cli.run", "RQ workers, one per queue."),
    "clock": ("bot.cli.keep", "Timers and sweeps."),
    "watch": ("bot.cli.keep", "Word to the operator when clock, workers or carrier stop."),
    "migrate": ("bot.cli.operate", "Bring the database to the newest schema."),
    "check": ("bot.cli.check", "Preflight: settings, keys, database, Redis, Twilio."),
    "settings": ("bot.cli.operate", "Every setting and what it means."),
    "clinic": ("bot.cli.records", "Clinics."),
    "import": ("bot.cli.records", "Patients, appointments and slots from CSV."),
    "export": ("bot.cli.records", "Appointments as CSV."),
    "tasks": ("bot.cli.tasks", "What waits for a person."),
    "pages": ("bot.cli.pages", "Secure pages: PINs, messages, links that end."),
    "oncall": ("bot.cli.oncall", "Who is on call, swaps, open escalations, drills."),
    "user": ("bot.cli.user", "The people who work at the clinic."),
    "flow": ("bot.cli.flow", "Lint, test, chat with and publish flows."),
    "understand": ("bot.cli.understand", "Read texts from JSON lines."),
    "audit": ("bot.cli.operate", "The audit trail."),
    "keys": ("bot.cli.operate", "The data keys."),
}


class Commands(click.Group):
    """Finds a command's module in `COMMANDS`: attribute `name`, or `name_` where Python keeps the word."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands, in the order in which one meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import the command."""
        if name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[name][0])
        command: click.Command = getattr(module, name, None) or getattr(module, f"{name}_")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=Commands)
def commands() -> None:
    """careline: an SMS-first conversational bot service for clinics."""


def main() -> None:
    """Run the command; an error of ours is one clear line, not a traceback."""
    try:
        commands()
    except CarelineError as error:
        click.echo(f"bot: {error}", err=True)
        sys.exit(2)
