"""Family `ways`, the rules about questions: every answer has a way, and so has no answer at all."""

from collections.abc import Iterator, Sequence

from bot.core.expr import did_you_mean
from bot.core.flow import CHOSEN, Step
from bot.core.questions import OneOf, Question, words
from bot.flowbook.faults import Fault
from bot.flowbook.lint import graph
from bot.flowbook.lint.scope import Look, Rule
from nlp.reading import Anything, Intent, Scale, YesNo

TAKEN = {
    Intent.STOP: "it opts the phone out, whatever was asked",
    Intent.WRONG_NUMBER: "it ends all texts to the phone, whatever was asked",
    Intent.OTHER: "it is no wish, but what all other texts are, and 'otherwise' is for those",
}
"""Intents that no flow gets to hear, and why."""

_MOST_SHOWN = 6


def complete(look: Look) -> Iterator[Fault]:
    """A question has answers, and patience that ends somewhere; so has a page that is waited for."""
    for name, step in look.flow.steps.items():
        if (step.ask or step.awaits_page) and not step.no_answer:
            yield look.fault(
                ("steps", name),
                "ways/no-answer",
                f"The step '{name}' waits, and doesn't say where to go when nothing comes.",
                "Add 'no_answer: …'. How long to wait says 'wait', or the clinic's question_wait.",
            )
        if step.ask and not step.answers and not step.expect:
            yield look.fault(
                ("steps", name),
                "ways/question",
                f"The step '{name}' asks something but understands no answer.",
                "Say with 'expect' what is answered, or list 'answers' with their ways.",
            )
        if step.ask and step.then and not step.expect:
            yield look.fault(
                ("steps", name, "then"),
                "ways/question",
                f"The step '{name}' waits for its answers and expects no other, so its 'then' is never followed.",
                "Add 'expect', or use 'otherwise' for any other text and 'no_answer' for none.",
            )
        if step.ask and step.expect and CHOSEN in step.answers:
            yield look.fault(
                ("steps", name, "expect"),
                "ways/question",
                f"The step '{name}' offers times, so one of them is heard as an answer and not {words(step.expect)}.",
                "Take 'expect' out, or ask in a step of its own.",
            )


def known(look: Look) -> Iterator[Fault]:
    """Every answer is one that can be heard."""
    for name, step in look.flow.steps.items():
        keys = _keys(look, step.expect)
        possible = [*(keys or ()), CHOSEN, *Intent]
        for key in step.answers if keys is not None else ():
            where = ("steps", name, "answers", key)
            if key not in possible:
                yield look.fault(
                    where,
                    "ways/unknown-answer",
                    f"'{key}' is no answer that can be understood here.{_hint(step, key, possible)}",
                    f"Known answers: {', '.join(possible)}.",
                )
            elif key in TAKEN and key not in (keys or ()):
                yield look.fault(
                    where,
                    "ways/never-heard",
                    f"The step '{name}' never hears '{key}': {TAKEN[Intent(key)]}.",
                    "Take this answer out.",
                )


def _hint(step: Step, key: str, possible: list[str]) -> str:
    if key in ("yes", "no") and not isinstance(step.expect, YesNo):
        return " Add 'expect: yes or no' to the step."
    return did_you_mean(key, possible)


def covered(look: Look) -> Iterator[Fault]:
    """Every answer of the expected kind has a way."""
    for name, step in look.flow.steps.items():
        if not step.ask or step.expect is None or step.then:
            continue
        keys = _keys(look, step.expect)
        missing = [key for key in keys or () if key not in step.answers]
        if keys == ():
            yield look.fault(
                ("steps", name),
                "ways/not-covered",
                f"The step '{name}' expects {words(step.expect)} and doesn't say where to go with it.",
                "Add 'then: …'.",
            )
        elif missing:
            more = ", …" if len(missing) > _MOST_SHOWN else ""
            yield look.fault(
                ("steps", name, "answers") if step.answers else ("steps", name),
                "ways/not-covered",
                f"The step '{name}' has no way for the answer {', '.join(missing[:_MOST_SHOWN])}{more}.",
                "Add it under 'answers', or 'then: …' for all that are not listed.",
            )


def _keys(look: Look, expected: Question | None) -> Sequence[str] | None:
    """The answers that can be listed one by one, () where they can't; None where the choices are not written."""
    if isinstance(expected, YesNo):
        return "yes", "no"
    if isinstance(expected, Scale):
        return [str(number) for number in range(expected.min, expected.max + 1)]
    if not isinstance(expected, OneOf):
        return ()
    lists = [language.choices.get(expected.choices) for language in look.scope.languages.values()]
    keys = dict.fromkeys(key for found in lists if found for key in found[1])
    return list(keys) or None  # a fault of `words`


def retries(look: Look) -> Iterator[Fault]:
    """Asking again has words and a number of times, and is not ruled out by 'otherwise'."""
    for name, step in look.flow.steps.items():
        if step.ask and step.again and not step.tries:
            yield look.fault(
                ("steps", name, "again"),
                "ways/again",
                f"The step '{name}' has words to ask again, but no 'tries', so they are never said.",
                "Add 'tries' with how often to ask again, 1 to 3.",
            )
        never = [part for part in ("again", "tries", "give_up") if getattr(step, part) and step.otherwise]
        if step.ask and never:
            yield look.fault(
                ("steps", name, never[0]),
                "ways/again",
                f"The step '{name}' has 'otherwise' for any text that is no answer, so it never asks again.",
                f"Keep 'otherwise', or {' and '.join(never)}.",
            )


def same_words(look: Look) -> Iterator[Fault]:
    """Who didn't understand a question doesn't understand it the second time either."""
    for name, step in look.flow.steps.items():
        if step.ask and step.tries and not step.again and not step.otherwise:
            yield look.fault(
                ("steps", name, "tries"),
                "ways/same-words",
                f"The step '{name}' asks again in the same words.",
                "Add 'again' with a sentence that says what an answer looks like.",
                severity="warning",
            )


def person(look: Look) -> Iterator[Fault]:
    """Whoever asks for a person is heard."""
    for name, step in look.flow.steps.items():
        if step.ask and isinstance(step.expect, Anything):
            yield look.fault(
                ("steps", name, "expect"),
                "ways/no-person",
                f"The step '{name}' takes anything for an answer, even 'I want to talk to somebody', so the patient "
                "never gets a person here.",
                "Write 'expect: text': it takes every text but a question and the wish for help or for a person.",
                at="value",
            )


_UNHEARD = (
    (("otherwise", "give_up"), "after texts that are no answer"),
    (("no_answer",), "after no answer came"),
)


def asks_forever(look: Look) -> Iterator[Fault]:
    """A question is not put again and again to somebody who doesn't answer it."""
    ending = graph.can_end(look.flow)
    for unheard, what in _UNHEARD:
        pairs = [pair for name, step in look.flow.steps.items() for pair in _after(name, step, unheard)]
        for name in sorted(graph.in_circles(pairs) & ending):
            step = look.flow.steps[name]
            part = next((key for key in unheard if getattr(step, key)), None)
            if part and graph.rests(step) and not step.pause:
                yield look.fault(
                    ("steps", name, part),
                    "ways/asks-forever",
                    f"From the step '{name}' the flow comes back to it {what}, and nothing counts how often.",
                    "Use 'again' with 'tries' and 'give_up', or count with 'set' and go another way with 'branch'.",
                )


def _after(name: str, step: Step, unheard: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Where it goes from here without an answer. A branch is taken for one that counts."""
    if step.ask or step.awaits_page:
        for part in unheard:
            if target := getattr(step, part):
                yield name, target
    elif step.pause and step.then:
        yield name, step.then
    elif not step.branch:
        yield from ((name, target) for target in graph.onward(step))


RULES: tuple[Rule, ...] = (complete, known, covered, retries, same_words, person, asks_forever)
