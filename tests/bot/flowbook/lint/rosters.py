"""An `oncall.yaml` for the tests of its rules: the rulebook's edition with other rosters, ladders or calendars."""

from datetime import datetime

from bot.flowbook.lint import lint
from tests.bot.flowbook.lint.bent import NOW, Told, bent

FILE = "oncall.yaml"
OFFICE = """\
calendars:
  office:
    open:
      monday: {from: "08:00", until: "17:00"}
      tuesday: {from: "08:00", until: "17:00"}
    closed_on: [2026-12-07]
"""


def oncall(lines: str, house: str = "", now: datetime = NOW) -> list[Told]:
    """What the family says of the edition with these lines laid over its file."""
    files = bent(more={FILE: lines} | ({"clinic.yaml": house} if house else {}))
    return [
        (fault.rule, fault.excerpt.strip(), f"{fault.message} {fault.mend}")
        for fault in lint(files, now)
        if fault.rule.startswith("oncall")
    ]


def told_of(lines: str, house: str = "", now: datetime = NOW) -> list[str]:
    """The names of the rules that are broken."""
    return [rule for rule, _, _ in oncall(lines, house, now)]


def provider(lines: str) -> str:
    """The roster `provider`, with these lines."""
    return "rosters:\n  provider:\n" + "".join(f"    {line}\n" for line in lines.splitlines())


def ladder(urgency: str, *steps: str, more: str = "") -> str:
    """A ladder of these steps."""
    written = "".join(f"      - {{{step}}}\n" for step in steps)
    return f"ladders:\n  {urgency}:\n{more}    steps:\n{written}"
