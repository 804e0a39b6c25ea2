"""What a question expects, as a clinic says it: 'yes or no', 'a number from 0 to 10', 'one of how_often'.

A text and a secure page can't ask for the same things: the patient's medicines are named on a page only, and a page
has no use for an answer of any kind.
"""

import re
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

from bot.core.shape import Shape
from nlp.reading import Anything, BloodPressure, Date, FreeText, Number, Photo, Scale, When, YesNo

_CHOICE = re.compile(r"one of ([a-z][a-z0-9_]*)")
_SCALE = re.compile(r"a number from (-?\d+) to (-?\d+)")
_NUMBER = re.compile(r"a number in (\S+) from (-?\d+(?:\.\d+)?) to (-?\d+(?:\.\d+)?)")


class OneOf(Shape):
    """A list of choices of the wording. A key of digits is shown and kept as that number."""

    choices: str

    def __str__(self) -> str:
        return f"one of {self.choices}"


class Medicine(Shape):
    """One of the medicines in the patient's chart, or another one. Only a secure page can name them."""

    def __str__(self) -> str:
        return MEDICINE


MEDICINE = "one of the patient's medicines"

Question = YesNo | Scale | Number | BloodPressure | Date | When | FreeText | Photo | Anything | OneOf
"""What can be asked by text."""

PageQuestion = YesNo | Scale | Number | BloodPressure | Date | FreeText | Photo | OneOf | Medicine
"""What can be asked on a secure page."""

_PLAIN: dict[str, Question | Medicine] = {
    "yes or no": YesNo(digits=True),
    "a blood pressure": BloodPressure(),
    "a date in the past": Date(past=True),
    "a date to come": Date(past=False),
    "a wish for a time": When(),
    "text": FreeText(),
    "a photo": Photo(),
    "anything": Anything(),
    MEDICINE: Medicine(),
}


def _by_text(text: object) -> object:
    found = _question(text)
    if isinstance(found, Medicine):
        raise ValueError(
            "no text can name the patient's medicines: ask for one in a form in forms/, and send it with "
            "'send_page: form'"
        )
    return found


def _on_a_page(text: object) -> object:
    found = _question(text)
    if isinstance(found, When):
        raise ValueError("a form can't ask for a time: let the flow send 'send_page: times' instead")
    if isinstance(found, Anything):
        raise ValueError("write 'text': a form takes whatever is written")
    return found


def _question(text: object) -> object:
    if not isinstance(text, str):
        return text
    said = " ".join(text.split())
    if said in _PLAIN:
        return _PLAIN[said]
    if found := _CHOICE.fullmatch(said):
        return OneOf(choices=found[1])
    if (found := _SCALE.fullmatch(said)) and int(found[1]) < int(found[2]):
        return Scale(min=int(found[1]), max=int(found[2]))
    if (found := _NUMBER.fullmatch(said)) and float(found[2]) < float(found[3]):
        return Number(unit=found[1], min=float(found[2]), max=float(found[3]))
    raise ValueError(
        f"write what is expected as {', '.join(repr(said) for said in _PLAIN if said != MEDICINE)}, 'one of CHOICES', "
        "'a number from 0 to 10' or 'a number in lb from 50 to 700' (the smaller number first)"
    )


Expected = Annotated[Question, BeforeValidator(_by_text), WithJsonSchema({"type": "string"})]
"""What a question expects, as a step writes it."""

ExpectedOnPage = Annotated[PageQuestion, BeforeValidator(_on_a_page), WithJsonSchema({"type": "string"})]
"""What a question of a form expects."""

ExpectedAnywhere = Annotated[
    Question | Medicine, BeforeValidator(_question), WithJsonSchema({"type": "string"})
]
"""What an item of a questionnaire expects, which may be put by text or on a page."""


def words(question: Question | PageQuestion) -> str:
    """The words it was read from."""
    if isinstance(question, Scale):
        return f"a number from {question.min} to {question.max}"
    if isinstance(question, Number):
        return f"a number in {question.unit} from {_written(question.min)} to {_written(question.max)}"
    if isinstance(question, OneOf):
        return str(question)
    return next(said for said, plain in _PLAIN.items() if plain == question)


def _written(number: float | None) -> str:
    return f"{number or 0:f}".rstrip("0").rstrip(".")
