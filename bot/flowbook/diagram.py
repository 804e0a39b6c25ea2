"""A flow as a picture: what starts it, every step with its texts in one language, where each answer leads.

`drawing.svg` draws what `picture` gives. Helper steps of questionnaires are folded away (`diagram_fold`).
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.core.book import Book
from bot.core.flow import DONE, END, OUTCOMES, Flow, Start, Step
from bot.core.questions import OneOf
from bot.errors import BadFlow
from bot.flowbook import diagram_form
from bot.flowbook import diagram_words as words
from bot.flowbook.diagram_fold import Folds, folds
from bot.flowbook.drawing_parts import Arrow, Line, Node, Picture

_MANY = 3
"""So many ways to a step that only leaves a task and ends: it is drawn as a pill at each of them."""


def picture(book: Book, flow_name: str, language: str) -> Picture:
    """The picture of this flow; raises BadFlow where the book lacks the flow or a sentence in the language."""
    flow = book.flows.get(flow_name)
    if flow is None:
        raise BadFlow(f"There is no flow '{flow_name}'. Flows: {', '.join(book.flows) or 'none'}.")
    if language not in book.wordings:
        raise BadFlow(f"There is no wording in '{language}'. Languages: {', '.join(book.wordings)}.")
    drawn = _Drawn(book, flow, language, folds(flow))
    drawn.draw()
    about = f"about {flow.about}" + (f" · only at {flow.site}" if flow.site else "")
    return Picture(
        title=flow.title,
        subtitle=f"Flow {flow.name} · {flow.purpose} · {about} · texts in '{language}'",
        nodes=tuple(drawn.nodes.values()),
        arrows=tuple(drawn.arrows),
    )


@dataclass(slots=True)
class _Drawn:
    book: Book
    flow: Flow
    language: str
    folds: Folds
    nodes: dict[str, Node] = field(default_factory=dict)
    arrows: list[Arrow] = field(default_factory=list)
    repeated: set[str] = field(default_factory=set)

    def draw(self) -> None:
        """Everything, in the order of the file."""
        shown = {name: step for name, step in self.flow.steps.items() if name not in self.folds.instead}
        self._starts()
        for name, step in shown.items():
            self._ways(name, step)
        coming = Counter(arrow.target for arrow in self.arrows)
        for name, step in shown.items():
            if ending := self._ending(name, step, coming[name]):
                self.nodes[name] = Node(id=name, kind="end", title=ending)
                self.arrows = [arrow for arrow in self.arrows if arrow.source != name]
            else:
                self._step(name, step)
        used = {end for arrow in self.arrows for end in (arrow.source, arrow.target)}
        self.nodes = {name: node for name, node in self.nodes.items() if name in used or node.kind != "end"}

    # -- starts -----------------------------------------------------------------------------------------

    def _starts(self) -> None:
        for number, start in enumerate(() if self.flow.extends else self.flow.starts):
            self._start(f"start {number}", start)
        callers = [
            flow.name
            for flow in self.book.flows.values()
            if any(self.flow.name in (step.call, step.start) for step in flow.steps.values())
        ]
        if callers:
            self._begin("start call", f"called by {words.spoken(', '.join(callers))}", self.flow.first)
        elif not self.flow.starts or self.flow.extends:
            base = self.flow.extends
            said = f"in place of {base} at {self.flow.site}" if base else "where somebody starts it"
            self._begin("start call", said, self.flow.first)

    def _start(self, node: str, start: Start) -> None:
        said = words.started(start.when)
        said += f", in the hours of '{start.only_in}'" if start.only_in else ""
        said += f"\n{words.condition(start.condition.text)}" if start.condition else ""
        self._begin(node, said, start.at or self.flow.first)
        if start.if_confirmed:
            self._arrow(node, start.if_confirmed, "if the visit is confirmed")

    def _begin(self, node: str, title: str, target: str) -> None:
        self.nodes[node] = Node(id=node, kind="start", title=title)
        self._arrow(node, target)

    # -- ways -------------------------------------------------------------------------------------------

    def _arrow(self, source: str, target: str, label: str = "", *, quiet: bool = False) -> None:
        target = END if target == END else self.folds.drawn(target)
        if target == END:
            self._end(END, "end")
        self.arrows.append(Arrow(source=source, target=target, label=label, quiet=quiet))

    def _end(self, node: str, title: str) -> None:
        self.nodes.setdefault(node, Node(id=node, kind="end", title=title))

    def _ways(self, name: str, step: Step) -> None:
        for key, target in step.answers.items():
            self._arrow(name, target, words.answer(self.book, step, key, self.language))
        self._onward(name, step)
        for label, quiet_target in (("skips", step.if_skipped), ("otherwise", step.otherwise)):
            if quiet_target:
                self._arrow(name, quiet_target, label)
        if step.give_up:
            self._arrow(name, step.give_up, "gives up", quiet=True)
        for alarm in self.folds.alarms.get(name, ()):
            if alarm.ends:
                self._arrow(name, END, words.condition(alarm.condition))
        if step.ask or step.awaits_page:
            wait = words.until(step.wait or self.book.house.question_wait)
            self._arrow(name, step.no_answer or END, f"no answer {wait}", quiet=True)

    def _onward(self, name: str, step: Step) -> None:
        """Where it goes without being answered, or with any other answer."""
        for outcome, target in step.outcomes.items():
            self._arrow(name, target, words.OUTCOMES.get(outcome, words.spoken(outcome)))
        for case in step.branch:
            self._arrow(name, case.target, words.condition(case.condition.text) if case.condition else "else")
        for result, target in step.results.items():
            self._arrow(name, target, words.spoken(result))
        then = self.folds.onward.get(name, step.then)
        missing = step.do in OUTCOMES and set(OUTCOMES[step.do]) - step.outcomes.keys() if step.do else False
        if step.result:
            done = step.result == DONE
            self._end(f"end {step.result}", "end" if done else f"end: {words.spoken(step.result)}")
            self._arrow(name, f"end {step.result}")
        elif step.start:
            self._end(f"end to {step.start}", self._on_with(step))
            self._arrow(name, f"end to {step.start}")
        elif then and step.pause:
            self._arrow(name, then, words.until(step.pause), quiet=True)
        elif then:
            self._arrow(name, then, _then(step, then))
        elif missing or not (step.branch or step.ask or step.awaits_page or step.outcomes):
            self._arrow(name, END, words.until(step.pause) if step.pause else "", quiet=bool(step.pause))

    # -- steps ------------------------------------------------------------------------------------------

    def _ending(self, name: str, step: Step, coming: int) -> str:
        """What to write where it is reached, if the step does nothing but end: then it needs no box."""
        parts = set(step.model_dump(exclude_defaults=True)) - {"then"}
        if step.then not in (None, END) or name == self.flow.first or not coming:
            return ""
        if parts == {"start"}:
            return self._on_with(step)
        if parts == {"result"}:
            return f"end: {words.spoken(step.result or '')}"
        if step.hand_over and parts <= {"hand_over", "result"} and coming >= _MANY:
            return f"{words.titled(name)}. {words.task(step.hand_over)}"
        return ""

    def _on_with(self, step: Step) -> str:
        following = self.book.flows.get(step.start or "")
        return f"on with: {following.title if following else step.start}"

    def _step(self, name: str, step: Step) -> None:
        row = self.folds.rows.get(name)
        title = f"{len(row)} questions: {words.spoken(row[0])} … {words.spoken(row[-1])}" if row else name
        if step.call in self.book.flows:
            title = self.book.flows[step.call].title
        lines = self._row(row) if row else self._lines(name, step)
        self.nodes[name] = Node(id=name, kind=_kind(step), title=words.titled(title), lines=tuple(lines))

    def _row(self, row: tuple[str, ...]) -> Iterator[Line]:
        """Questions of one kind: each sentence, and once what they have in common."""
        steps = [self.flow.steps[name] for name in row]
        first = steps[0]
        for step in steps:
            yield self._says(step.ask or "", step, listed="")
        if isinstance(first.expect, OneOf):
            yield Line(text=words.choices_of(self.book, first, self.language))
        yield from self._patience(first)

    def _lines(self, name: str, step: Step) -> Iterator[Line]:
        if name in self.folds.only_if:
            yield Line(text=f"only {words.condition(self.folds.only_if[name])}", look="note")
        for variable, value in step.set.items():
            yield Line(text=words.shortened(f"{variable} = {value.text}"), look="note")
        yield from self._acts(step)
        if step.ask:
            yield self._says(step.ask, step)
        if isinstance(step.expect, OneOf) and not words.shows_choices(self.book, step, self.language):
            yield Line(text=words.choices_of(self.book, step, self.language), look="note")
        if step.pause:
            yield Line(text=f"waits {words.until(step.pause).removeprefix('after ')}", look="note")
        if step.ask or step.awaits_page:
            yield from self._patience(step)
        for alarm in self.folds.alarms.get(name, ()):
            yield Line(text=f"At once, {words.condition(alarm.condition)}:", look="alarm")
            yield from self._acts(alarm.step)

    def _acts(self, step: Step) -> Iterator[Line]:
        if step.do:
            yield Line(text=words.act(step.do))
        if step.hand_over:
            yield Line(text=words.task(step.hand_over))
        if step.escalate:
            yield Line(text=words.escalation(step.escalate), look="alarm")
        if step.say:
            yield self._says(step.say, step)
        if step.send_page:
            form = f" '{words.spoken(step.form)}'" if step.form else ""
            yield Line(text=f"Secure page: {step.send_page}{form}")
            yield from diagram_form.lines(self.book, step.form, self.language)
        if step.call:
            yield Line(text=f"Another flow: {step.call}")

    def _says(
        self, key: str, step: Step | None = None, look: str = "says", *, listed: str | None = None
    ) -> Line:
        return Line(text=words.sentence(self.book, key, self.language, step, listed=listed), look=look)

    def _patience(self, step: Step) -> Iterator[Line]:
        """What kind of answer is waited for, and what is said until it comes."""
        if kind := words.expected(step):
            yield Line(text=f"understands {kind}", look="note")
        then = "" if step.otherwise or step.give_up else ", then a person reads it"
        if step.tries and not step.otherwise:
            own = step.again and step.again != step.ask and _told_apart(self.book, step, self.language)
            said = f"if not understood, {'says' if own else 'asks again'} {words.times(step.tries)}{then}"
            yield from self._once(said, step.again or "", step) if own else [Line(text=said, look="note")]
        for nudge in step.nudges:
            yield from self._once(f"after {words.span(nudge.after)} without an answer", nudge.say, step)

    def _once(self, said: str, key: str, step: Step) -> Iterator[Line]:
        """A sentence that many steps share is shown where it comes first."""
        again = key in self.repeated
        self.repeated.add(key)
        yield Line(text=f"{said}, as above" if again else f"{said}:", look="note")
        if not again:
            yield self._says(key, step, "again", listed="‹choices›")


def _then(step: Step, then: str) -> str:
    """What stands on the way of all that has no way of its own."""
    if step.answers:
        return "any other answer"
    if step.results or step.outcomes:
        return "otherwise"
    shared = then in (step.if_skipped, step.otherwise, step.give_up, step.no_answer)
    return "any answer" if step.ask and shared else ""


def _told_apart(book: Book, step: Step, language: str) -> bool:
    sentences = book.wordings[language].sentences
    return sentences.get(step.again or "") != sentences.get(step.ask or "")


def _kind(step: Step) -> str:
    """The kind of box; of several that would do, the one that matters most to who looks."""
    kinds = (
        ("alarm", step.escalate),
        ("ask", step.ask),
        ("page", step.send_page),
        ("call", step.call),
        ("wait", step.pause),
        ("act", step.do),
        ("say", step.say),
        ("task", step.hand_over),
        ("branch", step.branch),
    )
    return next((kind for kind, there in kinds if there), "act")
