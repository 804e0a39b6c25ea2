"""Section `admin`, the audit trail: read it, look for somebody's, check that it holds, take it out."""

import contextlib
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Response, request, url_for
from werkzeug.wrappers import Response as Answer

from bot.core.roles import May
from bot.service.console import glass, trail, trail_words
from bot.service.console.trail import Place, Wanted
from bot.service.desk import Desk
from webhooks.console.admin import section
from webhooks.console.admin_exports import LINES, as_file
from webhooks.console.door import BY_ITSELF, done, here, needs, page
from webhooks.security import runtime

_FILTERS = ("who", "noun", "action", "patient", "since", "until")


@section.get("/audit", endpoint="trail")
@needs(May.AUDIT)
def trail_page(desk: Desk) -> str:
    """The newest rows, or those that fit, or those after a row."""
    return _shown(desk)


@section.post("/audit/patient")
@needs(May.AUDIT)
def of_patient(desk: Desk) -> str | Answer:
    """Look for a patient, whose name or phone stands in no address."""
    found = trail.find(runtime(), desk, request.form.get("wanted", ""))
    if len(found) == 1:
        return done("admin.trail", **_given(request.args) | {"patient": str(found[0][0])})
    return _shown(desk, found=found)


@section.post("/audit/verify")
@needs(May.AUDIT)
def verify_trail(desk: Desk) -> str:
    """Whether the trail holds."""
    return _shown(desk, checked=trail.verify(runtime(), desk))


@section.post("/audit/anchors")
@needs(May.AUDIT)
def anchors(desk: Desk) -> Response:
    """The ends of the chains, to be kept elsewhere."""
    rt = runtime()
    return as_file(iter([trail.anchors(rt, desk)]), f"audit-anchors-{rt.now():%Y-%m-%d}.jsonl", LINES)


@section.post("/audit/export")
@needs(May.AUDIT, proof=True)
def export_trail(desk: Desk) -> Response:
    """The rows that fit, as a file."""
    rt = runtime()
    return as_file(trail.export(rt, desk, _wanted(_given(request.form))), f"audit-{rt.now():%Y-%m-%d}.csv")


def _shown(
    desk: Desk,
    *,
    found: tuple[tuple[UUID, str], ...] | None = None,
    checked: trail.Checked | None = None,
) -> str:
    rt = runtime()
    given = _given(request.args)
    audited = BY_ITSELF not in request.headers
    shown = trail.read(rt, desk, _wanted(given), _place(request.args.get("after", "")), audited=audited)
    older = url_for("admin.trail", **given, after=_token(shown.rows[-1].place)) if shown.more else None
    return page(
        desk,
        "admin_audit.html",
        shown=shown,
        older=older,
        further="after" in request.args,
        given=given,
        nouns=trail_words.nouns(),
        actors=[(who, words) for who, words in trail_words.WHO.items() if ":" not in who],
        found=found,
        checked=checked,
        waits=glass.waits(rt, desk),
    )


def _given(args: Mapping[str, str]) -> dict[str, Any]:
    """What is looked for, as it stands in the address: ids, names of things and days."""
    found = {name: args.get(name, "").replace("\x00", "") for name in _FILTERS}
    return {name: value for name, value in found.items() if value}


def _wanted(given: Mapping[str, str]) -> Wanted:
    patient = None
    with contextlib.suppress(ValueError):
        patient = UUID(given.get("patient", ""))
    return Wanted(
        actor=given.get("who") or None,
        noun=given.get("noun") or None,
        action=given.get("action") or None,
        patient=patient,
        since=_dawn(given.get("since", "")),
        until=_dawn(given.get("until", ""), days=1),
    )


def _dawn(text: str, *, days: int = 0) -> datetime | None:
    """The beginning of a day on the clinic's clock, so many days later; None for what is no day."""
    try:
        return datetime.combine(
            date.fromisoformat(text) + timedelta(days=days), time(), ZoneInfo(here().zone)
        )
    except (ValueError, OverflowError):
        return None


def _token(place: Place) -> str:
    at, lane, seq = place
    return f"{at.astimezone(UTC).isoformat()}_{lane}_{seq}"


def _place(text: str) -> Place | None:
    """Where the rows before this page end; None for what is no place."""
    at, _, rest = text.partition("_")
    lane, _, seq = rest.partition("_")
    try:
        moment = datetime.fromisoformat(at)
        return (moment, int(lane), int(seq)) if moment.tzinfo else None
    except ValueError:
        return None
