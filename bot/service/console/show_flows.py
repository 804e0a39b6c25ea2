"""Show flows: what the clinic's flows are, who is in them now, what `lint` says of them. Counts, no names.

What costs time (every open conversation is opened once, every rule looks at every file) is shown where it is asked for.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bot.core.book import Book
from bot.core.flow import Flow, Step
from bot.core.roles import May
from bot.core.segments import Segments
from bot.errors import NotFound
from bot.flowbook import diagram_words, sentence
from bot.flowbook.diagram import picture
from bot.flowbook.draft import model_of
from bot.flowbook.drawing import svg
from bot.flowbook.faults import Fault
from bot.flowbook.lint.rules import rules
from bot.runtime import Runtime
from bot.service import compare, publish
from bot.service.console import read_flows
from bot.service.desk import Desk
from bot.store import clinics, conversations
from bot.store.base import Db

MOST_OPENED = 5000
"""So many open conversations are looked into; with more, counts are 'at least'."""
_NAMED = re.compile(r"^(?:flow|questionnaire): *[\"']?([a-z][a-z0-9_]*)", re.MULTILINE)
_TITLE = re.compile(r"^title: *[\"']?(.+?)[\"']? *$", re.MULTILINE)
_HEADS = {"dialogs": "Dialogs", "questionnaires": "Questionnaires", "triage": "Triage"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Who is where: conversations by flow, and by 'flow:step'. `capped`: there are more than were looked into."""

    flows: Mapping[str, int]
    steps: Mapping[str, int]
    capped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A fault with its rule's sentence and reason (Markdown)."""

    fault: Fault
    title: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A flow in the list; `open` and `faults` are None where nobody asked."""

    name: str
    title: str
    folder: str
    purpose: str
    starts: tuple[str, ...]
    languages: tuple[str, ...]
    site: str | None
    open: int | None
    faults: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FormRow:
    """A form of secure pages, and the flows that send it."""

    name: str
    items: int
    senders: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class All:
    """The list: flows by folder, forms, what was published. `clinics` is how many the edition is for."""

    edition: str
    rows: Mapping[str, Sequence[Row]]
    forms: tuple[FormRow, ...]
    editions: tuple[publish.Listed, ...]
    capped: bool
    others: int | None
    clinics: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A sentence of a flow in one language, as the patient gets it, and its size at its longest."""

    language: str
    text: str
    size: Segments


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A sentence among all of them, and the flows that say it: none where the service itself does."""

    key: str
    text: str
    flows: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """A step: what it does, what it says, how many stand at it."""

    name: str
    does: tuple[str, ...]
    says: tuple[tuple[str, tuple[Said, ...]], ...]
    here: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class One:
    """A flow with everything about it. `faults` is None where nobody asked; `silent` steps only lead on."""

    row: Row
    about: str
    steps: tuple[StepRow, ...]
    silent: int
    faults: tuple[Told, ...] | None
    capped: bool
    file: str
    source: str
    transcripts: tuple[str, ...]


def every(rt: Runtime, desk: Desk, *, numbers: bool = False) -> All:
    """All flows of the present edition; with `numbers`, who is in them and what `lint` says."""
    desk.require(May.FLOWS)
    with rt.begin() as db:
        files = read_flows.files(rt, db)
        book = rt.book(db, files.edition)
        standing = standing_of(db, desk.clinic) if numbers else None
        houses = len(clinics.all_of_them(db))
    homes = _homes(files.base)
    faults = read_flows.faults_of(files.base, rt.now()) if numbers else None
    by_flow = Counter(name for fault in faults or () for name in _concerned(book, homes, files.base, fault))
    rows: dict[str, list[Row]] = {head: [] for head in _HEADS.values()}
    for flow in book.flows.values():
        row = _row(flow, homes.get(flow.name, ""), standing, by_flow if numbers else None)
        rows.setdefault(_HEADS.get(row.folder, row.folder), []).append(row)
    return All(
        edition=files.edition,
        rows={head: found for head, found in rows.items() if found},
        forms=tuple(_forms(book)),
        editions=tuple(publish.listed(rt)),
        capped=bool(standing and standing.capped),
        others=sum(1 for f in faults if not _concerned(book, homes, files.base, f))
        if faults is not None
        else None,
        clinics=houses,
    )


def one(rt: Runtime, desk: Desk, name: str, *, numbers: bool = False) -> One:
    """One flow of the present edition. Raises NotFound."""
    desk.require(May.FLOWS)
    with rt.begin() as db:
        files = read_flows.files(rt, db)
        book = rt.book(db, files.edition)
        standing = standing_of(db, desk.clinic) if numbers else None
    flow = book.flows.get(name)
    if flow is None:
        raise NotFound
    homes = _homes(files.base)
    file = homes.get(name, "")
    shown = {step: it for step, it in flow.steps.items() if _tells(it)}
    told = tuple(_told(book, homes, files.base, name, rt.now())) if numbers else None
    return One(
        row=_row(flow, file, standing, Counter({name: len(told)}) if told is not None else None),
        about=flow.about,
        steps=tuple(_step(book, flow, step, it, standing) for step, it in shown.items()),
        silent=len(flow.steps) - len(shown),
        faults=told,
        capped=bool(standing and standing.capped),
        file=file,
        source=files.base.get(file, ""),
        transcripts=_transcripts(rt, name),
    )


def wording(rt: Runtime, desk: Desk) -> Mapping[str, Sequence[Line]]:
    """Every sentence of the present edition in English, those of texts and those of secure pages."""
    desk.require(May.FLOWS)
    with rt.begin() as db:
        book = rt.book(db, rt.current_edition(db))
    users: dict[str, list[str]] = {}
    for flow in book.flows.values():
        for key in dict.fromkeys(key for step in flow.steps.values() for key in sentence.says(step)):
            users.setdefault(key, []).append(flow.name)
    english = book.wordings["en"]
    return {
        part: [Line(key=key, text=text, flows=tuple(users.get(key, ()))) for key, text in texts.items()]
        for part, texts in (("sentences", english.sentences), ("pages", english.pages))
    }


def drawn(rt: Runtime, desk: Desk, name: str, language: str) -> str:
    """The flow's picture, an SVG with texts in this language. Raises NotFound, BadFlow."""
    desk.require(May.FLOWS)
    with rt.begin() as db:
        book = rt.book(db, rt.current_edition(db))
    if name not in book.flows:
        raise NotFound
    return svg(picture(book, name, language))


def told(faults: Sequence[Fault]) -> list[Told]:
    """Faults with what their rules say of themselves."""
    known = {rule.name: rule for rule in rules()}
    return [
        Told(fault=f, title=known[f.rule].title, why=known[f.rule].why)
        if f.rule in known
        else Told(fault=f, title="", why="")
        for f in faults
    ]


def standing_of(db: Db, clinic: UUID) -> Standing:
    """Who of this clinic's patients is where now; whoever is in a flow that another has called is in both."""
    flows, steps, seen = Counter[str](), Counter[str](), 0
    for _, state in conversations.pinned_states(db, clinic, MOST_OPENED + 1):
        seen += 1
        if state is not None and seen <= MOST_OPENED:
            places = compare.places(state)
            steps.update(places)
            flows.update({place.partition(":")[0] for place in places})
    return Standing(flows=flows, steps=steps, capped=seen > MOST_OPENED)


# -- what is inside -----------------------------------------------------------------------------------


def _homes(files: Mapping[str, str]) -> dict[str, str]:
    """The file of each flow."""
    found = ((path, _NAMED.search(text)) for path, text in files.items() if path.partition("/")[0] in _HEADS)
    return {head[1]: path for path, head in found if head and model_of(path)}


def _row(flow: Flow, file: str, standing: Standing | None, faults: Mapping[str, int] | None) -> Row:
    starts = () if flow.extends else tuple(diagram_words.started(start.when) for start in flow.starts)
    return Row(
        name=flow.name,
        title=flow.title,
        folder=file.partition("/")[0],
        purpose=flow.purpose,
        starts=tuple(dict.fromkeys(starts)),
        languages=flow.languages,
        site=flow.site,
        open=standing.flows.get(flow.name, 0) if standing else None,
        faults=faults.get(flow.name, 0) if faults is not None else None,
    )


def _forms(book: Book) -> list[FormRow]:
    return [
        FormRow(
            name=form.name,
            items=len(form.items),
            senders=tuple(
                flow.name
                for flow in book.flows.values()
                if any(step.form == form.name for step in flow.steps.values())
            ),
        )
        for form in book.forms.values()
    ]


def _tells(step: Step) -> bool:
    """Whether a step does more than lead on."""
    return bool(sentence.says(step) or step.waits or step.hand_over or step.escalate or step.do or step.call)


def _step(book: Book, flow: Flow, name: str, step: Step, standing: Standing | None) -> StepRow:
    return StepRow(
        name=name,
        does=tuple(_does(book, step)),
        says=tuple((key, tuple(_said(book, key))) for key in sentence.says(step)),
        here=standing.steps.get(f"{flow.name}:{name}", 0) if standing else None,
    )


def _said(book: Book, key: str) -> list[Said]:
    return [
        Said(language=tag, text=text, size=sentence.filled(book, tag, key, text).size)
        for tag, wording in sorted(book.wordings.items())
        if (text := wording.sentences.get(key)) is not None
    ]


def _understood(book: Book, step: Step) -> str:
    """What counts as an answer: the ways that are named, else the kind."""
    named = [diagram_words.answer(book, step, key, "en") for key in step.answers]
    kind = diagram_words.expected(step)
    return f"; understands {'; '.join([*([kind] if kind else []), *named])}" if kind or named else ""


def _does(book: Book, step: Step) -> list[str]:
    waits = f"waits {diagram_words.until(step.wait).removeprefix('after ')}" if step.wait else ""
    parts = (
        diagram_words.act(step.do) if step.do else "",
        diagram_words.task(step.hand_over) if step.hand_over else "",
        diagram_words.escalation(step.escalate) if step.escalate else "",
        f"Sends a secure page: {diagram_words.spoken(step.form or step.send_page)}" if step.send_page else "",
        f"Asks{_understood(book, step)}" if step.ask else "",
        f"Lets time pass: {diagram_words.until(step.pause)}" if step.pause else "",
        f"Goes on with the flow {diagram_words.spoken(step.call)}, and comes back" if step.call else "",
        f"{waits[:1].upper()}{waits[1:]}",
    )
    return [part for part in parts if part]


def _told(
    book: Book, homes: Mapping[str, str], files: Mapping[str, str], name: str, now: datetime
) -> list[Told]:
    return told([f for f in read_flows.faults_of(files, now) if name in _concerned(book, homes, files, f)])


def _concerned(book: Book, homes: Mapping[str, str], files: Mapping[str, str], fault: Fault) -> list[str]:
    """The flows that a fault is about: the one of its file, or those that say the sentence where it stands."""
    if not fault.file.startswith("wording/"):
        return [name for name, file in homes.items() if file == fault.file]
    spots = sentence.written(fault.file, files[fault.file])
    here = [spot.key for spot in spots if spot.begin <= fault.line < spot.end]
    return [name for key in here for name in sentence.used_by(book, key)]


def _transcripts(rt: Runtime, name: str) -> tuple[str, ...]:
    """The titles of the flow's transcripts, where the service has the directory with them."""
    folder = rt.settings.flows_dir / "transcripts" / name
    found = (_TITLE.search(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.yaml")))
    return tuple(title[1] for title in found if title)
