"""A fault of a file under flows/: where it is, which rule it breaks, and how to mend it."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """`file` is relative to the flows directory, `line` counts from 1; `rule` is `family/name`.

    `message` and `mend` are whole sentences for somebody who writes flows and no Python.
    """

    file: str
    line: int
    rule: str
    message: str
    mend: str
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.severity} {self.rule}: {self.message} {self.mend}"


def errors(faults: list[Fault]) -> list[Fault]:
    """Those that keep an edition from being used."""
    return [fault for fault in faults if fault.severity == "error"]


def in_order(faults: list[Fault]) -> list[Fault]:
    """By file and line, each once."""
    unique = dict.fromkeys(faults)
    return sorted(unique, key=lambda fault: (fault.file, fault.line, fault.rule, fault.message))
