"""What happens on secure pages, in a transcript or a chat: a page is used, or somebody writes on it.

A page brings what the real one does and nothing else, so that no transcript shows what can't happen.
"""

from collections.abc import Mapping
from typing import Any, get_type_hints

from pydantic import TypeAdapter

from bot.core.effects import SendPage
from bot.core.events import PageUsed, WordsOnPage
from bot.core.expr import did_you_mean
from bot.core.expr_check import Choice
from bot.core.flow import BROUGHT, Page
from bot.core.known import PREFERENCES
from bot.core.pages import STOP, TEXTS
from bot.core.state import Plain as Value
from bot.errors import BadFlow
from bot.flowbook.inputs_said import More, moment_of, values_of
from bot.flowbook.lint.kinds import BROUGHT_KINDS
from bot.flowbook.world import World

_OUTCOME: TypeAdapter[Any] = TypeAdapter(get_type_hints(PageUsed)["outcome"])
_OUTCOMES = ("opened", "saved", "submitted", "locked", "wrong person", "asked again")

_BOOKS = ("booked", "take")
"""What `choice` says where a time was booked."""


def page(world: World, text: str, more: More) -> None:
    """The page that was sent last is used."""
    sent = [done.effect for done in world.record if isinstance(done.effect, SendPage)]
    if text not in _OUTCOMES or not sent:
        raise BadFlow(f"Write {', '.join(_OUTCOMES[:-1])} or {_OUTCOMES[-1]}, after a page was sent.")
    last = sent[-1]
    given = _given(world, last, more)
    before = _saved(world, last) if text in ("saved", "submitted") else {}
    values = None if given is None and not before else {**before, **(given or {})}
    _booked(world, last, text, values or {}, more)
    fresh = [name for name, value in (values or {}).items() if before.get(name) != value]
    world.happen(
        PageUsed(
            turn=last.turn,
            outcome=_OUTCOME.validate_python(text.replace(" ", "_")),
            values=values,
            fresh=tuple(fresh),
            page=last.page,
            form=last.form,
            person_id=last.person_id,
            visit_id=last.visit_id,
        )
    )


def words_on_page(world: World, text: str, more: More) -> None:
    """Somebody writes to the clinic there, or answers a question of a form in their own words."""
    where = str(more.get("where", "message"))
    if where not in ("message", "form") or not world.patient.people:
        raise BadFlow("Somebody writes a 'message', or in a 'form'.")
    who = world.patient.people[0].id
    world.happen(WordsOnPage(person_id=who, body=text, where="form" if where == "form" else "message"))


# -- what a page brings --------------------------------------------------------------------------------


def _given(world: World, last: SendPage, more: More) -> dict[str, Value] | None:
    given = values_of(more.get("values"))
    if last.page is Page.PREFERENCES and given is not None:
        return _wishes(given)
    if last.page is Page.FORM:
        _of_form(world, last.form, given or {})
    elif last.page in BROUGHT:
        _of_choice(last.page, given or {})
    return given


def _of_form(world: World, name: str | None, values: Mapping[str, Value]) -> None:
    """A form brings what it asks for and nothing else."""
    form = world.book.forms.get(name or "")
    strange = [key for key in values if form and key not in form.fills]
    if form and strange:
        raise BadFlow(
            f"The form '{form.name}' has no item '{strange[0]}'.{did_you_mean(strange[0], form.fills)} "
            f"It brings: {', '.join(form.fills)}."
        )


def _of_choice(kind: Page, values: Mapping[str, Value]) -> None:
    brought, sort = BROUGHT[kind], BROUGHT_KINDS[kind]
    can_be = sort.keys if isinstance(sort, Choice) else (True, False)
    said = " or ".join(sort.keys) if isinstance(sort, Choice) else "yes or no"
    if any(name != brought or value not in can_be for name, value in values.items()):
        raise BadFlow(f"The page '{kind}' brings '{brought}', which is {said}.")


def _wishes(values: Mapping[str, Value]) -> dict[str, Value]:
    """Wishes are kept as the words that they are chosen by."""
    allowed = (*PREFERENCES, TEXTS)
    strange = [name for name in values if name not in allowed]
    if strange or values.get(TEXTS, STOP) != STOP:
        raise BadFlow(f"The page 'preferences' brings: {', '.join(allowed)} ('{TEXTS}: {STOP}').")
    return {
        name: ("no", "yes")[value] if isinstance(value, bool) else value for name, value in values.items()
    }


def _booked(world: World, last: SendPage, text: str, values: Mapping[str, Value], more: More) -> None:
    """The page books the time before the conversation hears of it."""
    wanted = more.get("books")
    chosen = text == "submitted" and values.get("choice") in _BOOKS
    if chosen != (wanted is not None):
        raise BadFlow("Write 'books: 2026-12-03 10:30' where a time was booked on the page, and only there.")
    if wanted is not None and not world.book_on_page(
        moment_of(world, str(wanted)), last.person_id, last.visit_id
    ):
        raise BadFlow(f"The time {wanted} is not open, so the page would not book it.")


def _saved(world: World, last: SendPage) -> dict[str, Value]:
    """The answers that were kept on this page before."""
    used = (
        e for e in world.events if isinstance(e, PageUsed) and e.turn == last.turn and e.form == last.form
    )
    kept = [each.values for each in used if each.outcome == "saved" and each.values]
    return dict(kept[-1]) if kept else {}
