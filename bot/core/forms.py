"""Forms on secure pages: what a clinic writes in `forms/`, which of its questions are asked, and what follows at once.

An answer is kept as a text's answer is, so that the conditions of a flow work the same: yes or no as such, a choice's
key of digits as that number, a blood pressure as `item.systolic` and `item.diastolic`. How a question is put and how
a browser's fields are read stands in `core/fields`.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Literal

from pydantic import Field, field_validator, model_validator

from bot.core.expr import Expr
from bot.core.flow import Escalate, Expression, Task
from bot.core.questions import ExpectedOnPage, Medicine
from bot.core.shape import NAME, Shape
from bot.core.state import Plain
from nlp.reading import BloodPressure

PRESSURES = ("systolic", "diastolic")

Holds = Callable[[Expr, Mapping[str, Plain]], bool]
"""Whether a condition holds, with these values of items beside what is known of the patient and the visit."""


class Alert(Shape):
    """What happens at once on an answer, when it is saved and before the form is sent.

    if         the condition
    escalate   pages the person on call
    hand_over  a task for the staff
    say        a sentence for texts, which is sent
    """

    condition: Expression = Field(alias="if")
    escalate: Escalate | None = None
    hand_over: Task | None = None
    say: str | None = None


class Item(Shape):
    """One question of a form. The flow that sends the form keeps the answer in the variable of the item's name.

    code      its code, LOINC where there is one
    ask, hint sentences of `pages:`
    expect    what kind of answer
    ask_if    asked only where this holds of earlier items
    may_skip  whether it can be left empty
    at_once   what happens as soon as it is answered, whatever else is
    covered   the variable that says whether the standing order covers the chosen medicine
    """

    item: str = Field(pattern=NAME)
    code: str | None = None
    ask: str
    hint: str | None = None
    expect: ExpectedOnPage
    ask_if: Expression | None = None
    may_skip: Literal["yes", "no"] = "no"
    at_once: tuple[Alert, ...] = ()
    covered: str | None = Field(None, pattern=NAME)

    @model_validator(mode="after")
    def _covers(self) -> "Item":
        if self.covered and not isinstance(self.expect, Medicine):
            raise ValueError(
                f"only a medicine can be covered by a standing order: '{self.item}' needs "
                "\"expect: one of the patient's medicines\", or take 'covered' out"
            )
        return self

    @property
    def fills(self) -> tuple[str, ...]:
        """The variables that its answer goes into."""
        if isinstance(self.expect, BloodPressure):
            return tuple(f"{self.item}.{part}" for part in PRESSURES)
        return (self.item, *((self.covered,) if self.covered else ()))


class Form(Shape):
    """A form on a secure page. Every sentence stands under `pages:` of the wording.

    title   what stands at the top
    intro   said before the first question
    shows   'one question a screen', or 'all at once'
    items   the questions, in their order
    thanks  said when it was sent
    """

    name: str = Field(alias="form", pattern=NAME)
    title: str
    intro: str | None = None
    shows: Literal["one question a screen", "all at once"] = "one question a screen"
    items: tuple[Item, ...] = Field(min_length=1)
    thanks: str | None = None

    @field_validator("items")
    @classmethod
    def _names(cls, items: tuple[Item, ...]) -> tuple[Item, ...]:
        names = [name for item in items for name in (item.item, item.covered) if name]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice:
            raise ValueError(f"two items are called '{twice}', or fill it")
        return items

    def item(self, name: str) -> Item | None:
        """The item of this name."""
        return next((item for item in self.items if item.item == name), None)

    @property
    def fills(self) -> tuple[str, ...]:
        """Every variable that it can fill."""
        return tuple(name for item in self.items for name in item.fills)


# -- which questions are asked --------------------------------------------------------------------------


def asked(form: Form, values: Mapping[str, Plain], holds: Holds) -> tuple[Item, ...]:
    """The items that are asked, given these answers. An answer to what is not asked any more counts for nothing."""
    found: list[Item] = []
    seen: dict[str, Plain] = {}
    for item in form.items:
        if item.ask_if is None or holds(item.ask_if, seen):
            found.append(item)
            seen |= _of(item, values)
    return tuple(found)


def kept(form: Form, values: Mapping[str, Plain], holds: Holds) -> dict[str, Plain]:
    """The answers that count: those to items that are asked. This is what the form hands in."""
    return {name: value for item in asked(form, values, holds) for name, value in _of(item, values).items()}


def lacking(form: Form, values: Mapping[str, Plain], holds: Holds) -> tuple[Item, ...]:
    """The items that must be answered before the form can be sent, and are not."""
    items = asked(form, values, holds)
    return tuple(item for item in items if item.may_skip == "no" and not _of(item, values))


def alerts(
    form: Form, before: Mapping[str, Plain], after: Mapping[str, Plain], holds: Holds
) -> tuple[Alert, ...]:
    """What must happen at once, now that the answers are `after` and no longer `before`.

    Those of items that are newly answered, or answered otherwise: saving the same once more raises nothing again.
    """
    known = kept(form, after, holds)
    fresh = (item for item in asked(form, after, holds) if _fresh(item, before, after))
    return tuple(alert for item in fresh for alert in item.at_once if holds(alert.condition, known))


def _fresh(item: Item, before: Mapping[str, Plain], after: Mapping[str, Plain]) -> bool:
    return bool(_of(item, after)) and _of(item, before) != _of(item, after)


def _of(item: Item, values: Mapping[str, Plain]) -> dict[str, Plain]:
    return {name: values[name] for name in item.fills if name in values}


def without(values: Mapping[str, Plain], items: Iterable[Item]) -> dict[str, Plain]:
    """The answers without those to these items: what was answered and is now left empty."""
    gone = {name for item in items for name in item.fills}
    return {name: value for name, value in values.items() if name not in gone}
