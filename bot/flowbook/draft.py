"""The files of an edition as models, together with whatever in them does not fit.

A draft is what the rules of `lint/` look at; a draft without faults of shape becomes a `Book` in `loader`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from bot.core.book import Book, House, Policy, Wording
from bot.core.flow import Flow
from bot.core.forms import Form
from bot.core.oncall import OnCall
from bot.core.roles import Roles
from bot.core.shape import Shape
from bot.flowbook.asking import as_flow
from bot.flowbook.by_page import as_form
from bot.flowbook.own_words import FILE as WORDS
from bot.flowbook.own_words import Words
from bot.flowbook.questionnaire import BY_PAGE, Questionnaire
from bot.flowbook.source import Source, Where, parse
from bot.flowbook.variants import with_base
from nlp.reading import OwnWords

HOUSE = "clinic.yaml"
ONCALL = "oncall.yaml"
ROLES = "roles.yaml"
MODELS: Mapping[str, type[Shape]] = {
    HOUSE: House,
    ONCALL: OnCall,
    ROLES: Roles,
    "dialogs/": Flow,
    "triage/": Flow,
    "questionnaires/": Questionnaire,
    "forms/": Form,
    "policies/": Policy,
    "wording/": Wording,
    WORDS: Words,
}
"""Which model a file has, by the beginning of its path. A questionnaire becomes a flow, and by page a form as well."""

Model = TypeVar("Model", bound=Shape)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that a model did not take. `kind` and `context` are pydantic's."""

    source: Source
    model: type[Shape]
    where: Where
    kind: str
    message: str
    context: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Files by path; `models` has those that fit, `forms` the forms that questionnaires make, with their sources."""

    sources: Mapping[str, Source]
    models: Mapping[str, Shape]
    problems: tuple[Problem, ...]
    strays: tuple[str, ...] = ()
    forms: tuple[tuple[Source, Form], ...] = ()

    def of(self, model: type[Model]) -> Iterator[tuple[Source, Model]]:
        """Every file of this model, with its source, in the order of their paths."""
        written = ((self.sources[path], value) for path, value in self.models.items())
        for source, value in chain(written, self.forms):
            if isinstance(value, model):
                yield source, value

    def book(self, edition: str) -> Book | None:
        """The book that the files make; None where they don't have the right shape."""
        policy, house = self.policy(), next((house for _, house in self.of(House)), None)
        if self.problems or policy is None or house is None:
            return None
        return Book(
            edition=edition,
            house=house,
            flows={flow.name: flow for _, flow in self.of(Flow)},
            policy=policy,
            wordings={language: wording for language, (_, wording) in self.wordings().items()},
            words=next((words.own() for _, words in self.of(Words)), OwnWords()),
            forms={form.name: form for _, form in self.of(Form)},
            oncall=next((oncall for _, oncall in self.of(OnCall)), OnCall()),
            roles=next((roles for _, roles in self.of(Roles)), Roles()),
        )

    def policy(self) -> Policy | None:
        """The policy that clinic.yaml names."""
        house = next((house for _, house in self.of(House)), None)
        return next((policy for _, policy in self.of(Policy) if house and policy.name == house.policy), None)

    def wordings(self) -> dict[str, tuple[Source, Wording]]:
        """The wording of each language, of all its files together, with the source of the first."""
        found: dict[str, tuple[Source, Wording]] = {}
        for source, wording in self.of(Wording):
            first, so_far = found.get(wording.language, (source, None))
            found[wording.language] = (first, _together(so_far, wording) if so_far else wording)
        return found


def _together(one: Wording, other: Wording) -> Wording:
    """Two files of a language as one, which is reviewed only if both are."""
    reviewed = one.reviewed_by and one.reviewed_on and other.reviewed_by and other.reviewed_on
    return Wording(
        language=one.language,
        reviewed_by=one.reviewed_by if reviewed else None,
        reviewed_on=max(one.reviewed_on, other.reviewed_on)
        if one.reviewed_on and other.reviewed_on
        else None,
        snippets=one.snippets | other.snippets,
        choices=one.choices | other.choices,
        sentences=one.sentences | other.sentences,
        pages=one.pages | other.pages,
    )


@dataclass(slots=True)
class _Fitting:
    models: dict[str, Shape] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    forms: list[tuple[Source, Form]] = field(default_factory=list)

    def take(self, path: str, source: Source, model: type[Shape]) -> Source:
        """The file as what it stands for; returns the source that its faults are told of."""
        value, problems = fit(source, model)
        if isinstance(value, Questionnaire):
            if value.by == BY_PAGE:
                self._form(as_form(source))
            source = as_flow(source)
            value, problems = fit(source, Flow)
        self.problems.extend(problems)
        if value is not None:
            self.models[path] = value
        return source

    def _form(self, source: Source) -> None:
        form, problems = fit(source, Form)
        self.problems.extend(problems)
        if form is not None:
            self.forms.append((source, form))


def draft(files: Mapping[str, str]) -> Draft:
    """Read every file; nothing is raised."""
    written = {path: parse(path, files[path]) for path in sorted(files)}
    fitting = _Fitting()
    named = _named(written)
    sources = {path: _whole(source, named) for path, source in written.items()}
    for path, source in sources.items():
        model = model_of(path)
        if model is None or source.faults:
            continue
        sources[path] = fitting.take(path, source, model)
    return Draft(
        sources=sources,
        models=fitting.models,
        problems=tuple(fitting.problems),
        strays=tuple(path for path in written if model_of(path) is None),
        forms=tuple(fitting.forms),
    )


def _named(sources: Mapping[str, Source]) -> dict[str, Source]:
    """The files of dialogs by the name of their flow."""
    flows = (source for path, source in sources.items() if model_of(path) is Flow)
    return {str(s.value["flow"]): s for s in flows if isinstance(s.value, dict) and "flow" in s.value}


def _whole(source: Source, named: Mapping[str, Source]) -> Source:
    return with_base(source, named) if model_of(source.file) is Flow and not source.faults else source


def model_of(path: str) -> type[Shape] | None:
    """The model of the file at this path, None where no file is expected."""
    if not path.endswith(".yaml"):
        return None
    found = (model for start, model in MODELS.items() if path == start or _is_in(path, start))
    return next(found, None)


def fit(source: Source, model: type[Model]) -> tuple[Model | None, list[Problem]]:
    """The source as a value of the model, or what does not fit; of several problems at a place, one."""
    try:
        return TypeAdapter(model).validate_python(source.value), []
    except ValidationError as error:
        found: dict[Where, Problem] = {}
        for detail in error.errors(include_url=False):
            where = _place(source, detail["loc"], detail["type"])
            problem = Problem(
                source=source,
                model=model,
                where=where,
                kind=detail["type"],
                message=detail["msg"],
                context=detail.get("ctx", {}),
            )
            # A value that several types were tried for has a problem with each: our own words say it best.
            if where not in found or problem.kind == "value_error":
                found[where] = problem
        return None, list(found.values())


def _place(source: Source, loc: Where, kind: str) -> Where:
    """pydantic's place without the names of types that it tried; a missing key stays in it."""
    known = source.known(loc)
    return (*known, loc[-1]) if kind == "missing" and known != loc else known


def _is_in(path: str, folder: str) -> bool:
    return folder.endswith("/") and path.startswith(folder) and "/" not in path[len(folder) :]
