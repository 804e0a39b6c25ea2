"""The form that a questionnaire `by: page` makes; the flow that sends and scores it is made in `asking`."""

from collections.abc import Mapping
from typing import Any

from bot.flowbook.source import Plain, Source, Where

_HEAD: Mapping[str, str] = {
    "form": "questionnaire",
    "title": "page_title",
    "intro": "intro",
    "shows": "shows",
    "thanks": "page_thanks",
}
"""The keys of the form, and what they are called in the questionnaire."""

_OF_SCORES = ("points",)


def as_form(source: Source) -> Source:
    """The source of the form; its parts have the places of the questionnaire's."""
    given = source.value
    assert isinstance(given, dict)
    form: dict[str, Plain] = {key: given[theirs] for key, theirs in _HEAD.items() if theirs in given}
    items = given["items"]
    form["items"] = [_item(item) for item in items] if isinstance(items, list) else None
    return Source(
        file=source.file,
        value=form,
        lines=source.lines,
        keys=_moved(source.keys),
        values=_moved(source.values),
        faults=source.faults,
    )


def _item(item: Any) -> Plain:
    kept = {key: value for key, value in item.items() if key not in _OF_SCORES}
    if "at_once" in kept:
        kept["at_once"] = [_alert(alert) for alert in kept["at_once"]]
    return kept


def _alert(alert: Mapping[str, Any]) -> Plain:
    """On a page 'go on' goes without saying."""
    return {key: value for key, value in alert.items() if key != "then"}


def _moved(places: Mapping[Where, Any]) -> dict[Where, Any]:
    """The head's parts stand where the questionnaire has them; items keep their places."""
    found = {where: node for where, node in places.items() if not where or where[0] == "items"}
    for key, theirs in _HEAD.items():
        if (theirs,) in places:
            found[(key,)] = places[(theirs,)]
    return found
