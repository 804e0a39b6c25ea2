"""Fill in a form: questions one by one or all at once, saved on the way, handed in at the end.

What was saved is kept sealed with the link until the form comes in. An answer that must not wait (the last item of a
PHQ-9, chest pain in a free text) is told to the conversation as soon as it is saved.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from bot.core import fields, forms, known, questions
from bot.core.chart import Medicine
from bot.core.events import WordsOnPage
from bot.core.expr import Expr, names, truth
from bot.core.fields import Fault, Given, Skipped
from bot.core.forms import Form, Item
from bot.core.state import Plain
from bot.core.views import FormView, Sent, View
from bot.core.wording import page_words
from bot.errors import BadPhoto, NotFound
from bot.service import take_photo
from bot.service.open_page import Opened, Submission
from bot.service.tell import tell
from bot.store import chart, inbox, links, notes
from bot.store.base import Db
from bot.store.inbox import Mail
from nlp.reading import FreeText, Photo

NEXT, BACK, LATER = "next", "back", "later"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """`passed` are the items that were answered or left empty; `at` is the one that was gone back to."""

    values: dict[str, Plain]
    passed: tuple[str, ...] = ()
    at: str | None = None


_DRAFT: TypeAdapter[Draft] = TypeAdapter(Draft)


def show(db: Db, opened: Opened, now: datetime) -> View:
    """The form as it stands."""
    form = _form(opened)
    if opened.link.submitted:
        return Sent(what="form", words={"thanks": _say(opened, form.thanks) if form.thanks else ""})
    return _view(db, opened, form, _draft(db, opened), now)


def take(db: Db, opened: Opened, given: Submission, now: datetime) -> View | None:
    """Answers come in. What is none comes back as a view with its faults."""
    form = _form(opened)
    if opened.link.submitted:
        return None
    draft = _draft(db, opened)
    go = given.fields.get("go", NEXT)
    items = _screen(opened, form, draft)
    if go == BACK:
        _save(db, opened, _back(opened, form, draft, items))
        return None
    wanted = _given(db, opened, items, now)
    answers, faults, sent = _read(db, opened, items, given, wanted, now, patient=go == LATER)
    if faults:
        return _view(db, opened, form, draft, now, sent=sent, faults=faults)
    after = _with(draft, items, answers, leave_out=go == LATER)
    fresh = tuple(name for name, value in answers.items() if draft.values.get(name) != value)
    _words(db, opened, [item for item in items if item.item in fresh], answers, now)
    if go == LATER:
        _keep(db, opened, after, fresh, now)
        return Sent(what=LATER)
    if _here(opened, form, after):
        _keep(db, opened, after, fresh, now)
        return None
    values = forms.kept(form, after.values, _holds(opened))
    if links.submit(db, opened.link, now):
        tell(
            db,
            opened.link,
            "submitted",
            key=f"submitted:{opened.link.id}",
            now=now,
            values=values,
            fresh=fresh,
        )
    return None


def _read(
    db: Db,
    opened: Opened,
    items: tuple[Item, ...],
    given: Submission,
    wanted: Given,
    now: datetime,
    *,
    patient: bool,
) -> tuple[dict[str, Plain], dict[str, str], dict[str, str]]:
    """Answers, faults and what was sent. Who stops here (`patient`) need not have answered everything."""
    answers: dict[str, Plain] = {}
    faults: dict[str, str] = {}
    sent = dict(given.fields)
    for item in items:
        if isinstance(item.expect, Photo):
            sent.pop(item.item, None)
            try:
                photo = _photo(db, opened, given.photos.get(item.item, ()), now)
            except BadPhoto as error:
                faults[item.item] = _say(opened, error.fault)
                continue
            if photo:
                sent[item.item] = photo
        answer = fields.read(item, sent, wanted)
        if isinstance(answer, Fault):
            if not (patient and answer.key == "fault_missing"):
                faults[item.item] = _say(opened, answer.key, **answer.values)
        elif not isinstance(answer, Skipped):
            answers |= answer
    return answers, faults, sent


def _photo(db: Db, opened: Opened, files: tuple[bytes, ...], now: datetime) -> str | None:
    if not files:
        return None
    content = take_photo.take(files[0]).content
    return str(
        notes.keep_photo(db, clinic=opened.clinic.id, patient=opened.card.id, content=content, now=now)
    )


def _with(draft: Draft, items: tuple[Item, ...], answers: Mapping[str, Plain], *, leave_out: bool) -> Draft:
    """The draft with what these items got; `leave_out`: what has no answer is asked again another time."""
    done = tuple(item for item in items if not leave_out or any(name in answers for name in item.fills))
    values = forms.without(draft.values, done) | dict(answers)
    passed = tuple(dict.fromkeys((*draft.passed, *(item.item for item in done))))
    return Draft(values=values, passed=passed)


def _keep(db: Db, opened: Opened, after: Draft, fresh: tuple[str, ...], now: datetime) -> None:
    _save(db, opened, after)
    if fresh:
        key = f"saved:{opened.link.id}:{now.timestamp()}"
        tell(db, opened.link, "saved", key=key, now=now, values=after.values, fresh=fresh)


def _words(db: Db, opened: Opened, items: list[Item], answers: Mapping[str, Plain], now: datetime) -> None:
    """Free text is read like a text."""
    mail = [
        Mail(
            clinic=opened.clinic.id,
            conversation=opened.link.conversation,
            dedupe=f"words:{opened.link.id}:{item.item}:{now.timestamp()}",
            what=WordsOnPage(person_id=opened.card.id, body=str(answers[item.item]), where="form"),
        )
        for item in items
        if isinstance(item.expect, FreeText)
    ]
    inbox.put(db, mail, now)


def _view(
    db: Db,
    opened: Opened,
    form: Form,
    draft: Draft,
    now: datetime,
    *,
    sent: Mapping[str, str] | None = None,
    faults: Mapping[str, str] | None = None,
) -> FormView:
    items = _screen(opened, form, draft)
    asked = forms.asked(form, draft.values, _holds(opened))
    one_by_one = form.shows == "one question a screen"
    step = asked.index(items[0]) + 1 if one_by_one and items else 1
    return FormView(
        title=_say(opened, form.title),
        intro=_say(opened, form.intro) if form.intro and step == 1 else "",
        questions=fields.questions(
            items,
            lambda key: _say(opened, key),
            _given(db, opened, items, now),
            values=draft.values,
            sent=sent,
            faults=faults,
        ),
        step=step,
        steps=len(asked) if one_by_one else 1,
        may_go_back=step > 1,
    )


def _screen(opened: Opened, form: Form, draft: Draft) -> tuple[Item, ...]:
    """What is shown: the screen that is due, or the last one where all was answered and is not handed in yet."""
    asked = forms.asked(form, draft.values, _holds(opened))
    return _here(opened, form, draft) or (asked if form.shows == "all at once" else asked[-1:])


def _here(opened: Opened, form: Form, draft: Draft) -> tuple[Item, ...]:
    """The items of the screen that is due: all, or the one gone back to, or the first that was not passed."""
    asked = forms.asked(form, draft.values, _holds(opened))
    left = tuple(item for item in asked if item.item not in draft.passed)
    if form.shows == "all at once":
        return asked if left or not draft.passed else ()
    back = next((item for item in asked if item.item == draft.at), None)
    return (back,) if back else left[:1]


def _back(opened: Opened, form: Form, draft: Draft, items: tuple[Item, ...]) -> Draft:
    asked = forms.asked(form, draft.values, _holds(opened))
    here = asked.index(items[0]) if items and items[0] in asked else len(asked)
    return Draft(values=draft.values, passed=draft.passed, at=asked[max(0, here - 1)].item)


def _given(db: Db, opened: Opened, items: Sequence[Item], now: datetime) -> Given:
    """What these items need; the chart is opened only where one of them asks for a medicine in it."""
    asked = any(isinstance(item.expect, questions.Medicine) for item in items)
    medicines = chart.medicines_of(db, opened.clinic.id, opened.card.id) if asked else []
    named = [(_key(medicine), medicine) for medicine in medicines]
    return Given(
        choices=opened.book.wordings[opened.language].choices,
        today=now.astimezone(ZoneInfo(opened.card.zone)).date(),
        medicines=tuple((key, f"{each.name}, {each.how}" if each.how else each.name) for key, each in named),
        covered=frozenset(key for key, each in named if each.covered),
    )


def _key(medicine: Medicine) -> str:
    """The same for the same medicine, whatever is added to the chart while the page is open."""
    return hashlib.sha256(f"{medicine.name}\0{medicine.how}".encode()).hexdigest()[:16]


def _holds(opened: Opened) -> forms.Holds:
    """Conditions of a form look at its own answers, and at what is known of the clinic and the patient."""
    view = known.View(
        now=opened.at,
        zone=opened.card.zone,
        language=opened.language,
        clinic=opened.clinic.facts,
        office=opened.book.calendar(),
        person=opened.card.person,
    )

    def holds(condition: Expr, values: Mapping[str, Plain]) -> bool:
        wanted = tuple(named.name for named in names(condition))
        return truth(condition, {**known.values(view, wanted), **values})

    return holds


def _form(opened: Opened) -> Form:
    form = opened.book.forms.get(opened.link.form or "")
    if form is None:
        raise NotFound
    return form


def _draft(db: Db, opened: Opened) -> Draft:
    saved = links.draft(db, opened.link)
    return _DRAFT.validate_json(saved) if saved else Draft(values={})


def _save(db: Db, opened: Opened, draft: Draft) -> None:
    links.save(db, opened.link, _DRAFT.dump_json(draft))


def _say(opened: Opened, key: str, **values: object) -> str:
    return page_words(opened.book, key, opened.language, **values)
