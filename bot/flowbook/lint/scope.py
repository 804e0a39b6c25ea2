"""What the rules look things up in: flows and forms by name, the sentences of each language, and where they stand."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

from bot.core.book import House, Policy, Wording
from bot.core.flow import BROUGHT, Flow, Page, Step
from bot.core.forms import Form
from bot.flowbook.draft import Draft
from bot.flowbook.faults import Fault, Severity
from bot.flowbook.lint import templates
from bot.flowbook.source import Source, Span, Where

_FLOWS = ("dialogs/", "triage/", "questionnaires/")
_FORMS = ("forms/", "questionnaires/")


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """A sentence in one language, with its snippets in it. `pieces` are the language's snippets and their files.

    `part` is where it stands: 'sentences', which are for texts, or 'pages'.
    """

    key: str
    source: Source
    text: str
    pieces: Mapping[str, tuple[Source, str]]
    part: str = "sentences"

    @cached_property
    def template(self) -> templates.Template:
        """The sentence taken apart."""
        return templates.read(self.text)

    def fault(
        self, rule: str, message: str, mend: str, *, part: str | None = None, severity: Severity = "error"
    ) -> Fault:
        """A fault of the sentence, or of a part of it, wherever that is written."""
        source, where = self.source, (self.part, self.key)
        span = source.span(where, part) if part else None
        if part and span is None:
            for name, (other, text) in self.pieces.items():
                if part in text and f"{{{{{name}}}}}" in self._written.replace(" ", ""):
                    source, where = other, ("snippets", name)
                    span = source.span(where, part)
                    break
        return source.fault(where, rule, message, mend, at="value", span=span, severity=severity)

    @property
    def _written(self) -> str:
        node = self.source.values.get((self.part, self.key))
        return str(node.value) if node else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """All that is written in one language, and the first of its files."""

    tag: str
    source: Source
    sentences: Mapping[str, Sentence]
    pages: Mapping[str, Sentence]
    choices: Mapping[str, tuple[Source, Mapping[str, tuple[str, ...]]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """`whole` is whether the name of every flow is known: only then is it known what there is not.

    `forms_read` is whether every file that makes a form could be read.
    """

    flows: Mapping[str, tuple[Source, Flow]]
    languages: Mapping[str, Language]
    house: House | None
    policy: Policy | None
    names: frozenset[str]
    whole: bool
    forms: Mapping[str, tuple[Source, Form]]
    forms_read: bool

    @property
    def all_read(self) -> bool:
        """Whether every flow could be read: only then is it known what nothing uses."""
        return self.whole and self.names == frozenset(self.flows)

    def flow(self, name: str | None) -> Flow | None:
        """The flow of this name, if there is one that can be read."""
        found = self.flows.get(name or "")
        return found[1] if found else None

    def form(self, name: str | None) -> Form | None:
        """The form of this name, if there is one that can be read."""
        found = self.forms.get(name or "")
        return found[1] if found else None

    def sentence(self, language: str, key: str) -> Sentence | None:
        """The sentence in this language, if it is written."""
        found = self.languages.get(language)
        return found.sentences.get(key) if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One flow, and everything around it."""

    scope: Scope
    source: Source
    flow: Flow

    def fault(
        self,
        where: Where,
        rule: str,
        message: str,
        mend: str,
        *,
        at: Literal["key", "value"] = "key",
        span: Span | None = None,
        severity: Severity = "error",
    ) -> Fault:
        """A fault of the flow's file."""
        return self.source.fault(where, rule, message, mend, at=at, span=span, severity=severity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A place of a flow that says a sentence. `part` is say, ask, again or nudges."""

    look: Look
    name: str
    step: Step
    part: str
    where: Where
    key: str


Rule: TypeAlias = Callable[[Look], Iterable[Fault]]


def scope_of(draft: Draft) -> Scope:
    """Everything of the draft that could be read."""
    flows: dict[str, tuple[Source, Flow]] = {}
    for source, flow in draft.of(Flow):
        flows.setdefault(flow.name, (source, flow))
    unread = [s for path, s in draft.sources.items() if path.startswith(_FLOWS) and path not in draft.models]
    named = {name for source in unread if (name := _name(source))}
    forms: dict[str, tuple[Source, Form]] = {}
    for source, form in draft.of(Form):
        forms.setdefault(form.name, (source, form))
    return Scope(
        flows=flows,
        languages={tag: _language(draft, tag, *found) for tag, found in draft.wordings().items()},
        house=next((house for _, house in draft.of(House)), None),
        policy=draft.policy(),
        names=frozenset({*flows, *named}),
        whole=len(named) == len(unread),
        forms=forms,
        forms_read=not any(path.startswith(_FORMS) and path not in draft.models for path in draft.sources)
        and not any(problem.model is Form for problem in draft.problems),
    )


def looks(scope: Scope) -> Iterator[Look]:
    """Every flow, those that others extend first."""
    for source, flow in sorted(scope.flows.values(), key=lambda each: each[1].extends is not None):
        yield Look(scope=scope, source=source, flow=flow)


def of_flows(scope: Scope, rules: Iterable[Rule]) -> Iterator[Fault]:
    """What the rules say of each flow; what a variant has from its base is told there."""
    told: dict[str, set[tuple[str, str]]] = {}
    for look in looks(scope):
        faults = [fault for rule in rules for fault in rule(look)]
        told[look.flow.name] = {_of_any(look.flow, fault) for fault in faults}
        base = told.get(look.flow.extends or "", set())
        yield from (fault for fault in faults if _of_any(look.flow, fault) not in base)


def _of_any(flow: Flow, fault: Fault) -> tuple[str, str]:
    """A fault without the flow's own name, so that it can be compared with that of another flow."""
    return fault.rule, fault.message.replace(f"'{flow.name}'", "")


def uses(look: Look) -> Iterator[Use]:
    """Every sentence that a step of the flow says."""
    for name, step in look.flow.steps.items():
        at: Where = ("steps", name)
        for part in ("say", "ask", "again"):
            if key := getattr(step, part):
                yield Use(look=look, name=name, step=step, part=part, where=(*at, part), key=key)
        for number, nudge in enumerate(step.nudges):
            where = (*at, "nudges", number, "say")
            yield Use(look=look, name=name, step=step, part="nudges", where=where, key=nudge.say)


def form_steps(flow: Flow) -> Iterator[tuple[str, Step, str]]:
    """Every step that sends a form: its name, the step, the form's name."""
    for name, step in flow.steps.items():
        if step.send_page is Page.FORM and step.form:
            yield name, step, step.form


def page_brings(step: Step) -> str | None:
    """The variable that the step's page brings when it is submitted, where the step waits for that."""
    return BROUGHT.get(step.send_page) if step.send_page and "submitted" in step.outcomes else None


def senders(scope: Scope, form: str) -> list[Flow]:
    """The flows that send this form."""
    every = (flow for _, flow in scope.flows.values())
    return [flow for flow in every if any(wanted == form for _, _, wanted in form_steps(flow))]


def said(use: Use) -> Iterator[tuple[str, Sentence]]:
    """The sentence of a use in every language that it is written in: a patient's own may be none of the flow's."""
    for tag in use.look.scope.languages:
        if sentence := use.look.scope.sentence(tag, use.key):
            yield tag, sentence


def _name(source: Source) -> str | None:
    value = source.value
    found = value.get("flow") or value.get("questionnaire") if isinstance(value, dict) else None
    return found if isinstance(found, str) else None


def _language(draft: Draft, tag: str, first: Source, whole: Wording) -> Language:
    files = [(source, wording) for source, wording in draft.of(Wording) if wording.language == tag]
    pieces = {name: (source, text) for source, each in files for name, text in each.snippets.items()}
    home = {key: source for source, each in reversed(files) for key in each.sentences}
    shown = {key: source for source, each in reversed(files) for key in each.pages}
    lists = {
        name: (source, given) for source, each in reversed(files) for name, given in each.choices.items()
    }
    return Language(
        tag=tag,
        source=next((source for source, _ in files if source.file == f"wording/{tag}.yaml"), first),
        sentences={
            key: Sentence(key=key, source=home[key], text=text, pieces=pieces)
            for key, text in whole.sentences.items()
        },
        pages={
            key: Sentence(key=key, source=shown[key], text=text, pieces={}, part="pages")
            for key, text in whole.pages.items()
        },
        choices=lists,
    )
