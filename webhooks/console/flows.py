"""Flows: what the clinic's flows are, with their pictures and sentences, who is in them, and what they will send."""

from flask import abort, request
from markdown_it import MarkdownIt
from markupsafe import Markup
from werkzeug.wrappers import Response

from bot.core.roles import May
from bot.errors import BadFlow
from bot.service.console import draft, forecast, show_flows
from bot.service.desk import Desk
from webhooks.console.door import needs, new_section, page
from webhooks.security import runtime

section = new_section("flows", __name__)
_markdown = MarkdownIt("commonmark", {"html": False})
PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
"""A picture's style stands in it, and nothing else may be loaded."""


@section.get("/flows")
@needs(May.FLOWS)
def listed(desk: Desk) -> str:
    """Every flow, at once; with `numbers`, who is in them and what `lint` says, which takes a moment."""
    every = show_flows.every(runtime(), desk, numbers=_numbers())
    return page(desk, "flows.html", every=every, draft=draft.shown(runtime(), desk), numbers=_numbers())


@section.get("/flows/next-days")
@needs(May.FLOWS)
def next_days(desk: Desk) -> str:
    """What the flows will send by themselves."""
    return page(desk, "forecast.html", forecast=forecast.forecast(runtime(), desk))


@section.get("/flows/all-sentences")
@needs(May.FLOWS)
def wording(desk: Desk) -> str:
    """Every sentence there is: also those that no flow says."""
    return page(desk, "sentences.html", parts=show_flows.wording(runtime(), desk))


@section.get("/flows/<name>")
@needs(May.FLOWS)
def shown(desk: Desk, name: str) -> str:
    """One flow with everything about it."""
    found = show_flows.one(runtime(), desk, name, numbers=_numbers())
    return page(desk, "flow.html", flow=found, numbers=_numbers(), explained=explained)


@section.get("/flows/<name>/picture.svg")
@needs(May.FLOWS)
def picture(desk: Desk, name: str) -> Response:
    """The flow's picture, for an <img>."""
    try:
        drawn = show_flows.drawn(runtime(), desk, name, request.args.get("lang", "en"))
    except BadFlow:  # not every language has every sentence
        abort(404)
    answer = Response(drawn, mimetype="image/svg+xml")
    answer.headers["Content-Security-Policy"] = PICTURE_POLICY
    return answer


def explained(why: str) -> Markup:
    """The reason of a rule as HTML; the rulebook is our own, and its Markdown has no HTML."""
    return Markup(_markdown.render(why))  # noqa: S704  # from our own rulebook, rendered without HTML


def _numbers() -> bool:
    return "numbers" in request.args
