"""Flows, publishing: what the draft would meet, and making it, or an earlier edition, the present one."""

from flask import request
from werkzeug.wrappers import Response

from bot.core.roles import May
from bot.errors import BadFlow, NotFound
from bot.service.console import publish_draft
from bot.service.desk import Desk
from webhooks.console.door import SAID, done, needs, new_section, page
from webhooks.console.flows import explained
from webhooks.console.flows_wording import version
from webhooks.security import runtime

section = new_section("editions", __name__)
SAID |= {"flows_published": "Published. New conversations use it from now on."}
_BY = "reviewed-"


@section.get("/flows/to-publish")
@needs(May.PUBLISH)
def ahead(desk: Desk) -> str | Response:
    """What publishing the draft would mean."""
    try:
        return _page(desk, None)
    except NotFound:  # somebody has published it, or thrown it away
        return done("wording.shown")


@section.post("/flows/to-publish")
@needs(May.PUBLISH, proof=True)
def publish(desk: Desk) -> Response | tuple[str, int]:
    """Make the draft the present edition."""
    reviewers = {
        name.removeprefix(_BY): request.form.get(f"name-{name.removeprefix(_BY)}", "")
        for name in request.form
        if name.startswith(_BY)
    }
    try:
        publish_draft.publish_draft(runtime(), desk, version(), reviewers, move=_move())
    except BadFlow as error:
        try:
            return _page(desk, None, str(error)), 422
        except NotFound:
            return done("wording.shown")
    return done("flows.listed", said="flows_published")


@section.get("/flows/to-publish/<edition>")
@needs(May.PUBLISH)
def ahead_again(desk: Desk, edition: str) -> str:
    """What going back to this edition would mean."""
    return _page(desk, edition)


@section.post("/flows/to-publish/<edition>")
@needs(May.PUBLISH, proof=True)
def publish_again(desk: Desk, edition: str) -> Response | tuple[str, int]:
    """Go back to this edition."""
    try:
        publish_draft.publish_again(runtime(), desk, edition, move=_move())
    except BadFlow as error:
        return _page(desk, edition, str(error)), 422
    return done("flows.listed", said="flows_published")


def _page(desk: Desk, edition: str | None, fault: str | None = None) -> str:
    ahead = publish_draft.ahead(runtime(), desk, edition)
    return page(desk, "publish.html", ahead=ahead, fault=fault, explained=explained, form=request.form)


def _move() -> bool:
    return "move" in request.form
