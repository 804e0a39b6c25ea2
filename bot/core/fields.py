"""The fields of a form: how a question is put to a browser (`questions`), and what a browser sent for it (`read`).

Nothing that a browser sends is trusted: what is no answer is a `Fault`, never an exception, and what nobody asked for
is not looked at. Bounds are those of the question; a text is at most `MOST` characters.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from bot.core.dialog import LIMIT
from bot.core.forms import Item
from bot.core.questions import Medicine, OneOf
from bot.core.state import Plain
from bot.core.views import Control, Question
from nlp.reading import BloodPressure, Date, FreeText, Number, Photo, Scale, YesNo

MOST = LIMIT
"""Characters of a text: as many as a variable keeps."""

OTHER = "other"
"""The key, and the answer, of a medicine that is not in the chart."""

WIDEST_CHOICE = 11
"""A scale with up to this many numbers is shown as numbers to tap; a longer one is typed."""

_HIGHEST, _LOWEST = 300, 30
"""mmHg: what an upper and a lower number can be at all; as for a text (`nlp/measures.is_pressure`)."""

_DATE = ("year", "month", "day")
_WHOLE = re.compile(r"[-+]?[0-9]{1,9}")
_DECIMAL = re.compile(r"[-+]?[0-9]{1,9}(?:\.[0-9]{1,6}|,[0-9]{1,2})?")
"""A comma with three digits behind it would be a thousand to one reader and a fraction to another."""

_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
"""Controls but tab and line feed, halves of characters, and what Unicode keeps for nobody: a database or a screen
may stumble over them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a form needs beside itself.

    `choices` are the lists of the wording in the page's language; `medicines` those of the patient's chart as (key,
    label), `covered` the keys of those that the standing order covers; `today` is the date on the patient's clock.
    """

    choices: Mapping[str, Mapping[str, tuple[str, ...]]]
    today: date
    medicines: tuple[tuple[str, str], ...] = ()
    covered: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why an answer is none: a sentence of `pages:` and its values."""

    key: str
    values: Mapping[str, Plain] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Skipped:
    """The item was left empty, and may be."""


Answer = dict[str, Plain]
"""What an item's answer puts into which variables: one value for most, two for a blood pressure."""

Say = Callable[[str], str]
"""A sentence of `pages:` in the page's language."""


def read(item: Item, fields: Mapping[str, str], given: Given) -> Answer | Fault | Skipped:
    """What a browser sent for this item. A photo's field is its id, which the caller has put there."""
    names = field_names(item)
    sent = {name: _clean(fields.get(name, "")) for name in names}
    if not any(sent.values()):
        return Skipped() if item.may_skip == "yes" else Fault(key="fault_missing")
    return _READ[type(item.expect)](item, tuple(sent[name] for name in names), given)


def field_names(item: Item) -> tuple[str, ...]:
    """The fields in which a browser sends the answer."""
    if isinstance(item.expect, BloodPressure):
        return item.fills
    if isinstance(item.expect, Date):
        return tuple(f"{item.item}.{part}" for part in _DATE)
    return (item.item,)


def _clean(text: str) -> str:
    return _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _yes_no(item: Item, sent: tuple[str, ...], _given: Given) -> Answer | Fault:
    if sent[0] not in ("yes", "no"):
        return Fault(key="fault_choice")
    return {item.item: sent[0] == "yes"}


def _one_of(item: Item, sent: tuple[str, ...], given: Given) -> Answer | Fault:
    assert isinstance(item.expect, OneOf)
    if sent[0] not in given.choices.get(item.expect.choices, {}):
        return Fault(key="fault_choice")
    return {item.item: int(sent[0]) if sent[0].isdecimal() else sent[0]}


def _medicine(item: Item, sent: tuple[str, ...], given: Given) -> Answer | Fault:
    """Kept by its name: that is what the person reads who gets the task."""
    names = {**dict(given.medicines), OTHER: OTHER}
    if sent[0] not in names:
        return Fault(key="fault_choice")
    covered = {item.covered: sent[0] in given.covered} if item.covered else {}
    return {item.item: names[sent[0]][:MOST], **covered}


def _scale(item: Item, sent: tuple[str, ...], _given: Given) -> Answer | Fault:
    assert isinstance(item.expect, Scale)
    if not _WHOLE.fullmatch(sent[0]):
        return Fault(key="fault_number")
    low, high = item.expect.min, item.expect.max
    number = int(sent[0])
    return {item.item: number} if low <= number <= high else _out_of(low, high)


def _number(item: Item, sent: tuple[str, ...], _given: Given) -> Answer | Fault:
    assert isinstance(item.expect, Number)
    if not _DECIMAL.fullmatch(sent[0]):
        return Fault(key="fault_number")
    low, high = item.expect.min or 0.0, item.expect.max or 0.0
    number = float(sent[0].replace(",", "."))
    return {item.item: number} if low <= number <= high else _out_of(low, high)


def _out_of(low: float, high: float) -> Fault:
    return Fault(key="fault_range", values={"low": _short(low), "high": _short(high)})


def _pressure(item: Item, sent: tuple[str, ...], _given: Given) -> Answer | Fault:
    if not all(_WHOLE.fullmatch(part) for part in sent):
        return Fault(key="fault_pressure")
    upper, lower = (int(part) for part in sent)
    if not (_HIGHEST >= upper > lower >= _LOWEST):
        return Fault(key="fault_pressure")
    return dict(zip(item.fills, (upper, lower), strict=True))


def _date(item: Item, sent: tuple[str, ...], given: Given) -> Answer | Fault:
    assert isinstance(item.expect, Date)
    fault = Fault(key="fault_date")
    if not all(_WHOLE.fullmatch(part) for part in sent):
        return fault
    year, month, day = (int(part) for part in sent)
    if abs(year - given.today.year) > _YEARS:
        return fault
    try:
        found = date(year, month, day)
    except ValueError:
        return fault
    fits = found <= given.today if item.expect.past else found >= given.today
    return {item.item: found.isoformat()} if fits else fault


_YEARS = 130
"""Nobody means a year further away than a long life."""


def _text(item: Item, sent: tuple[str, ...], _given: Given) -> Answer | Fault:
    if len(sent[0]) > MOST:
        return Fault(key="fault_long", values={"most": MOST})
    return {item.item: sent[0]}


def _photo(item: Item, sent: tuple[str, ...], _given: Given) -> Answer | Fault:
    return {item.item: sent[0]} if len(sent[0]) <= MOST else Fault(key="fault_missing")


_READ: Mapping[type, Callable[[Item, tuple[str, ...], Given], Answer | Fault]] = {
    YesNo: _yes_no,
    OneOf: _one_of,
    Medicine: _medicine,
    Scale: _scale,
    Number: _number,
    BloodPressure: _pressure,
    Date: _date,
    FreeText: _text,
    Photo: _photo,
}

# -- how it is put --------------------------------------------------------------------------------------


def questions(
    items: Iterable[Item],
    say: Say,
    given: Given,
    *,
    values: Mapping[str, Plain],
    sent: Mapping[str, str] | None = None,
    faults: Mapping[str, str] | None = None,
) -> tuple[Question, ...]:
    """These items as a page puts them.

    `values` are the answers that were saved. After a fault, `sent` are the fields as the browser sent them, which stay
    in place, and `faults` the sentences by item.
    """
    return tuple(
        Question(
            item=item.item,
            control=_control(item),
            label=say(item.ask),
            hint=say(item.hint) if item.hint else "",
            options=_options(item, say, given),
            values=_shown(item, given, values, sent),
            fault=(faults or {}).get(item.item, ""),
            may_skip=item.may_skip == "yes",
            unit=item.expect.unit if isinstance(item.expect, Number) else "",
        )
        for item in items
    )


_CONTROLS: Mapping[type, Control] = {
    YesNo: Control.YES_NO,
    OneOf: Control.CHOICE,
    Medicine: Control.CHOICE,
    Scale: Control.NUMBER,
    Number: Control.NUMBER,
    BloodPressure: Control.PRESSURE,
    Date: Control.DATE,
    FreeText: Control.TEXT,
    Photo: Control.PHOTO,
}


def _control(item: Item) -> Control:
    return Control.CHOICE if _taps(item) else _CONTROLS[type(item.expect)]


def _taps(item: Item) -> bool:
    return isinstance(item.expect, Scale) and item.expect.max - item.expect.min < WIDEST_CHOICE


def _options(item: Item, say: Say, given: Given) -> tuple[tuple[str, str], ...]:
    expect = item.expect
    if isinstance(expect, OneOf):
        listed = given.choices.get(expect.choices, {})
        return tuple((key, wordings[0] if wordings else key) for key, wordings in listed.items())
    if isinstance(expect, Medicine):
        return (*given.medicines, (OTHER, say("medicine_other")))
    if isinstance(expect, Scale) and _taps(item):
        return tuple((str(number), str(number)) for number in range(expect.min, expect.max + 1))
    return ()


def _shown(
    item: Item, given: Given, values: Mapping[str, Plain], sent: Mapping[str, str] | None
) -> dict[str, str]:
    """What stands in the fields: what was sent just now, or else what was answered before."""
    names = field_names(item)
    if sent is not None:
        return {name: _clean(sent[name])[:MOST] for name in names if name in sent}
    if isinstance(item.expect, BloodPressure):
        return {name: str(values[name]) for name in names if name in values}
    value = values.get(item.item)
    if value is None:
        return {}
    if isinstance(item.expect, Date):
        return dict(zip(names, (part.lstrip("0") for part in str(value).split("-")), strict=False))
    if isinstance(item.expect, Medicine):
        keys = {label[:MOST]: key for key, label in given.medicines}
        return {item.item: keys.get(str(value), OTHER)}
    if isinstance(value, bool):
        return {item.item: "yes" if value else "no"}
    return {item.item: str(_short(value)) if isinstance(value, float) else str(value)}


def _short(number: float) -> int | float:
    """50 for 50.0: as people write it."""
    return int(number) if number == int(number) else number
