"""Flows, their wording: a sentence is written anew in every language, and the draft that it goes into."""

from flask import render_template, request
from werkzeug.wrappers import Response

from bot.core.roles import May
from bot.errors import BadFlow, NotFound
from bot.flowbook.sentence import PARTS
from bot.service.console import draft
from bot.service.desk import Desk
from webhooks.console.door import SAID, done, needs, new_section, page
from webhooks.security import runtime

section = new_section("wording", __name__)
SAID |= {
    "sentence_kept": "Kept in the draft. It is sent once the draft is published.",
    "sentence_same": "Nothing was changed.",
    "draft_discarded": "The draft is thrown away.",
    "draft_carried": "The draft stands on the present edition now.",
    "draft_carried_less": "The draft stands on the present edition now. What both had changed is as it was published.",
}
_TEXT, _SEEN = "text-", "seen-"


@section.get("/flows/wording-of/<part>/<key>")
@needs(May.WORDING)
def sentence(desk: Desk, part: str, key: str) -> str:
    """The sentence in every language, to be written in."""
    return _sentence(desk, part, key)


@section.post("/flows/wording-of/<part>/<key>")
@needs(May.WORDING)
def save(desk: Desk, part: str, key: str) -> Response | tuple[str, int]:
    """Keep it in the draft."""
    _known(part)
    try:
        changed = draft.save(runtime(), desk, part, key, _given(_TEXT), _given(_SEEN))
    except BadFlow as error:
        return _sentence(desk, part, key, typed=_given(_TEXT), fault=str(error)), 422
    return done("wording.shown", said="sentence_kept" if changed else "sentence_same")


@section.post("/flows/wording-of/<part>/<key>/look")
@needs(May.WORDING)
def look(desk: Desk, part: str, key: str) -> str:
    """What is being typed: how long it gets, and what is wrong with it. Nothing is kept."""
    _known(part)
    language = request.form.get("language", "")
    try:
        looked = draft.look(runtime(), desk, part, key, language, request.form.get(_TEXT + language, ""))
    except BadFlow as error:
        return render_template("console/sentence_look.html", language=language, part=part, wrong=str(error))
    return render_template("console/sentence_look.html", language=language, part=part, one=looked)


@section.get("/flows/the-draft")
@needs(May.FLOWS)
def shown(desk: Desk) -> str:
    """What the draft changes."""
    return page(desk, "draft.html", draft=draft.shown(runtime(), desk))


@section.post("/flows/the-draft/discard")
@needs(May.WORDING)
def discard(desk: Desk) -> Response | tuple[str, int]:
    """Throw it away."""
    try:
        draft.discard(runtime(), desk, version())
    except BadFlow as error:
        return page(desk, "draft.html", draft=draft.shown(runtime(), desk), fault=str(error)), 422
    return done("flows.listed", said="draft_discarded")


@section.post("/flows/the-draft/carry-over")
@needs(May.WORDING)
def carry_over(desk: Desk) -> Response | tuple[str, int]:
    """Take it to the present edition."""
    try:
        lost = draft.carry_over(runtime(), desk, version())
    except BadFlow as error:
        return page(desk, "draft.html", draft=draft.shown(runtime(), desk), fault=str(error)), 422
    return done("wording.shown", said="draft_carried_less" if lost else "draft_carried")


def version() -> int:
    """The version of the draft that the form was made from."""
    given = request.form.get("version", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else -1


def _sentence(
    desk: Desk, part: str, key: str, *, typed: dict[str, str] | None = None, fault: str | None = None
) -> str:
    _known(part)
    found = draft.sentence_of(runtime(), desk, part, key)
    return page(desk, "sentence.html", sentence=found, typed=typed or {}, fault=fault)


def _given(prefix: str) -> dict[str, str]:
    return {
        name.removeprefix(prefix): value for name, value in request.form.items() if name.startswith(prefix)
    }


def _known(part: str) -> None:
    if part not in PARTS:
        raise NotFound
