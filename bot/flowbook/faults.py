"""A fault of a file under flows/: where it is, which rule it breaks, and how to mend it."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Severity: TypeAlias = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """`file` is relative to the flows directory, `line` and `column` count from 1; `rule` is `family/name`.

    `excerpt` is the whole line as it is written, of which `length` characters from `column` on are meant; both
    are empty where the fault is of a file and not of a place in it. `message` and `mend` are whole sentences
    for somebody who writes flows and no Python.
    """

    file: str
    line: int
    column: int = 1
    length: int = 0
    excerpt: str = ""
    rule: str
    message: str
    mend: str
    severity: Severity = "error"

    def __str__(self) -> str:
        return f"{self.head}: {self.message} {self.mend}"

    @property
    def head(self) -> str:
        """Where, how bad and which rule, in the form that editors make a link of."""
        return f"{self.file}:{self.line}:{self.column}: {self.severity} {self.rule}"


def errors(faults: list[Fault]) -> list[Fault]:
    """Those that keep an edition from being used."""
    return [fault for fault in faults if fault.severity == "error"]


def in_order(faults: list[Fault]) -> list[Fault]:
    """By file and place, each once."""
    unique = dict.fromkeys(faults)
    return sorted(unique, key=lambda fault: (fault.file, fault.line, fault.column, fault.rule, fault.message))
