"""What each secure page shows, as plain values: `service/show_page` makes them, `webhooks/pages` renders them.

Every moment is a label already, in the reader's language and on their clock. All of it may be PHI.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from bot.core.flow import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What stands around every opened page; `idle_seconds` of silence close it."""

    page: Page
    language: str
    clinic: str
    clinic_phone: str
    first_name: str
    idle_seconds: int


class Control(StrEnum):
    """How a question of a form is put."""

    YES_NO = "yes_no"
    CHOICE = "choice"
    NUMBER = "number"
    PRESSURE = "pressure"
    DATE = "date"
    TEXT = "text"
    PHOTO = "photo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question. `values` is what was answered before, by the field's name (`item`, or `item.year` …).

    Fields that a control sends: `item` for all, but PRESSURE `item.systolic`, `item.diastolic`; DATE `item.year`,
    `item.month`, `item.day`; PHOTO the file `item`. YES_NO sends `yes` or `no`, CHOICE a key of `options`.
    """

    item: str
    control: Control
    label: str
    hint: str = ""
    options: tuple[tuple[str, str], ...] = ()
    values: dict[str, str] = field(default_factory=dict)
    fault: str = ""
    may_skip: bool = False
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormView:
    """A form: one question a screen (`step` of `steps`, counted from 1) or all at once (`steps` is 1)."""

    title: str
    intro: str
    questions: tuple[Question, ...]
    step: int
    steps: int
    may_go_back: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One measured value of a result.

    `standing` is '', 'normal', 'low' or 'high'; `points` are the values that can be plotted with their dates,
    oldest first; `before` has earlier values in words, the newest first.
    """

    name: str
    value: str
    unit: str
    normal: str
    standing: str = ""
    points: tuple[tuple[date, float], ...] = ()
    low: float | None = None
    high: float | None = None
    before: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultView:
    """Results that were released together."""

    title: str
    taken: str
    provider: str
    note: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MedicineChange:
    """`change` is 'new', 'changed', 'stopped' or 'same'."""

    change: str
    name: str
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryView:
    """The summary of a visit. `next_visit` is '' where none is booked; then there is no calendar file."""

    visit: str
    provider: str
    diagnoses: tuple[str, ...]
    medicines: tuple[MedicineChange, ...]
    plan: tuple[str, ...]
    next_visit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimesView:
    """Open times by day: (day, ((slot id, time), …)). `visit` is the present one, '' for a new booking."""

    visit: str
    days: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferView:
    """A time that opened up, instead of the present one. `slot` is '' where the offer is over."""

    visit: str
    offered: str
    slot: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A secure message. `photos` are ids for /s/<opening>/photo/<id>."""

    mine: bool
    who: str
    when: str
    body: str
    photos: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadView:
    """The secure messages, oldest first."""

    notes: tuple[Note, ...]
    fault: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentView:
    """A consent to read and sign. `text` is HTML made from the clinic's Markdown; `signed` is when, or ''.

    `digest` stands for the text: it comes back with the signature, which is of this text and no other.
    """

    title: str
    text: str
    digest: str = ""
    signed: str = ""
    fault: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One preference: its name, what it is about, its options as (key, label), the key that is chosen now."""

    name: str
    label: str
    options: tuple[tuple[str, str], ...]
    chosen: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferencesView:
    """How the patient wants to hear from the clinic; `passkeys`: whether a finger or face opens their pages."""

    choices: tuple[Choice, ...]
    saved: bool = False
    stopped: bool = False
    passkeys: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckInView:
    """'I'm here'. `visit` is '' where there is none today."""

    visit: str
    place: str
    arrived: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A text or secure message, as the history shows it."""

    mine: bool
    when: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryView:
    """All messages of one's own, oldest first."""

    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What came in, and that all is well: 'later' for answers that were saved and not sent yet, else the page's kind.

    `words` fill in the sentence, such as `when` for a time.
    """

    what: str
    words: dict[str, str] = field(default_factory=dict)


View = (
    Sent
    | FormView
    | ResultView
    | SummaryView
    | TimesView
    | OfferView
    | ThreadView
    | ConsentView
    | PreferencesView
    | CheckInView
    | HistoryView
)


def is_refusal(view: View) -> bool:
    """Whether a view that answers what was sent says that it can't be taken like that."""
    return not (isinstance(view, Sent) or (isinstance(view, PreferencesView) and view.saved))
