"""A transcript: a conversation as it must go, in YAML.

    title: She confirms in her own words
    flow: appointment                 # plays with this flow alone; left out: with all of them
    clock: 2026-11-30 09:00           # every moment is on the clinic's clock
    given:
      people: [Ana]                   # or {name: Luis, language: es, zone: America/Chicago}
      visits: [2026-12-03 10:30]      # or {start: 2026-12-03 10:30, of: Luis, status: confirmed}
      slots: [2026-12-08 09:00]       # open times
      phone: opted out                # or: short code. Without people it is a stranger's
    play:
      - office: visit booked          # an input; `inputs` has all of them
      - SetTimer: {…}                 # then exactly the effects that follow from it, in their order

After an input come its effects with all their arguments; where none stands, nothing may happen.
`notation` says which arguments go without saying.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field

from bot.core.effects import Effect
from bot.core.facts import VisitStatus
from bot.core.shape import Shape
from bot.errors import BadFlow
from bot.flowbook import emit
from bot.flowbook.draft import fit
from bot.flowbook.faults import Fault, in_order
from bot.flowbook.inputs import INPUTS
from bot.flowbook.lint import shape
from bot.flowbook.notation import Entry
from bot.flowbook.rows import CLINIC
from bot.flowbook.source import Source, parse

_EFFECTS = {kind.__name__ for kind in get_args(get_args(Effect)[0])} - {"SendText"}
_TEXTS = ("clinic", "leaves")


def _clock(text: object) -> object:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        found = None
    if found is None or found.tzinfo:
        raise ValueError("write a moment on the clinic's clock as '2026-12-03 10:30'")
    return found


def _short(key: str) -> BeforeValidator:
    """'Ana' for {name: Ana}."""
    return BeforeValidator(lambda value: {key: value} if isinstance(value, str) else value)


Clock = Annotated[datetime, BeforeValidator(_clock)]


class Someone(Shape):
    """A patient who uses the phone. Zone: the clinic's, if none is named."""

    name: str
    language: str = "en"
    zone: str | None = None
    born: date | None = None
    missed: int = 0
    preferences: dict[str, str] = Field(default_factory=dict)


class Booked(Shape):
    """A visit. Of the first person, if nobody is named."""

    start: Clock
    of: str | None = None
    status: VisitStatus = VisitStatus.BOOKED
    minutes: int = 30
    kind: str = ""
    provider: str = ""
    location: str = ""


class Given(Shape):
    """The world before the play begins."""

    zone: str = CLINIC.zone
    people: tuple[Annotated[Someone, _short("name")], ...] = ()
    visits: tuple[Annotated[Booked, _short("start")], ...] = ()
    slots: tuple[Clock, ...] = ()
    phone: Literal["opted out", "short code"] | None = None


class Head(Shape):
    """A transcript file as it is written."""

    title: str
    flow: str | None = None
    clock: Clock
    given: Given = Given()
    play: tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One entry and the line at which it begins."""

    line: int
    entry: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """An input and the effects that it must have. `end` is the line after the last of them."""

    given: Line
    effects: tuple[Line, ...]
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """One file; `text` is all of it."""

    file: str
    text: str
    head: Head
    scenes: tuple[Scene, ...]


def read(file: str, text: str) -> Transcript:
    """Read a transcript; raises BadFlow with file, line and what is wrong."""
    source = parse(file, text)
    head, problems = fit(source, Head)
    faults = [*source.faults, *map(shape.describe, problems)] if source.faults or head is None else []
    if head is None or faults:
        raise BadFlow(_listed(source.faults or faults))
    lines = list(_entries(source, head))
    if not lines or not _is_input(lines[0].entry):
        raise BadFlow(_listed([_fault(file, source.line(("play",)), "A play begins with an input.")]))
    return Transcript(
        file=file, text=text, head=head, scenes=tuple(_scenes(lines, len(text.splitlines()) + 1))
    )


def rewritten(transcript: Transcript, effects: list[list[Entry]]) -> str:
    """The file with these effects after each input; what is right already stays as it is written."""
    lines = transcript.text.splitlines()
    for scene, wanted in reversed(list(zip(transcript.scenes, effects, strict=True))):
        if [line.entry for line in scene.effects] == wanted:
            continue
        end = scene.end
        while not lines[end - 2].strip() or lines[end - 2].lstrip().startswith("#"):
            end -= 1  # a remark before the next input stays
        begin = scene.effects[0].line if scene.effects else end
        indent = len(lines[scene.given.line - 1]) - len(lines[scene.given.line - 1].lstrip())
        lines[begin - 1 : end - 1] = [text for entry in wanted for text in emit.entry(entry, indent)]
    return "\n".join(lines) + "\n"


def printed(title: str, flow: str | None, clock: str, given: dict[str, Any], play: Iterable[Entry]) -> str:
    """A new transcript file."""
    lines = [f"title: {emit.scalar(title)}"]
    lines += [f"flow: {flow}"] if flow else []
    lines += [f"clock: {clock}", "given:"]
    lines += [f"  {key}: {emit.flowing(value)}" for key, value in given.items()]
    return "\n".join([*lines, "play:", *emit.entries(play)]) + "\n"


def _entries(source: Source, head: Head) -> Iterable[Line]:
    for place, item in enumerate(head.play):
        line = source.line(("play", place))
        entry: object = {item: None} if isinstance(item, str) else item
        if not isinstance(entry, dict) or not (_is_input(entry) or _is_effect(entry)):
            known = ", ".join([*INPUTS, *_TEXTS, *sorted(_EFFECTS)])
            raise BadFlow(_listed([_fault(source.file, line, f"An entry begins with one of: {known}.")]))
        yield Line(line=line, entry=entry)


def _scenes(lines: list[Line], end: int) -> Iterable[Scene]:
    begins = [place for place, line in enumerate(lines) if _is_input(line.entry)]
    for begin, after in zip(begins, [*begins[1:], len(lines)], strict=True):
        stop = lines[after].line if after < len(lines) else end
        yield Scene(given=lines[begin], effects=tuple(lines[begin + 1 : after]), end=stop)


def _is_input(entry: Entry) -> bool:
    return next(iter(entry), None) in INPUTS


def _is_effect(entry: Entry) -> bool:
    first = next(iter(entry), None)
    return first in _TEXTS or (len(entry) == 1 and first in _EFFECTS)


def _fault(file: str, line: int, message: str) -> Fault:
    mend = "The head of bot/flowbook/transcript.py shows the form."
    return Fault(file=file, line=line, rule="transcript", message=message, mend=mend)


def _listed(faults: Iterable[Fault]) -> str:
    return "\n".join(str(fault) for fault in in_order(list(faults)))
