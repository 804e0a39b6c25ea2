"""What a question expects, as a clinic says it: 'yes or no', 'a number from 0 to 10', 'one of how_often'."""

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


Question = YesNo | Scale | Number | BloodPressure | Date | When | FreeText | Photo | Anything | OneOf

_PLAIN: dict[str, Question] = {
    "yes or no": YesNo(digits=True),
    "a blood pressure": BloodPressure(),
    "a date in the past": Date(past=True),
    "a date to come": Date(past=False),
    "a wish for a time": When(),
    "text": FreeText(),
    "a photo": Photo(),
    "anything": Anything(),
}


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
        f"write what is expected as {', '.join(repr(words) for words in _PLAIN)}, 'one of CHOICES', "
        "'a number from 0 to 10' or 'a number in lb from 50 to 700' (the smaller number first)"
    )


Expected = Annotated[Question, BeforeValidator(_question), WithJsonSchema({"type": "string"})]
"""What a question expects, as a step writes it."""


def words(question: Question) -> str:
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
