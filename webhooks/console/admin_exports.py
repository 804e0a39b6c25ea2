"""Section `admin`: what the clinic takes out as files."""

from collections.abc import Iterator

from flask import Response

from bot.core.roles import May
from bot.service.console import export
from bot.service.desk import Desk
from webhooks.console.admin import admin_page, section
from webhooks.console.door import needs
from webhooks.security import runtime

CSV, LINES = "text/csv; charset=utf-8", "application/x-ndjson"


def as_file(lines: Iterator[str], name: str, kind: str = CSV) -> Response:
    """These lines as a file of this name, a portion at a time."""
    answer = Response((line.encode() for line in lines), mimetype=None, content_type=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@section.get("/admin/exports")
@needs(May.EXPORT)
def exports(desk: Desk) -> str:
    """What can be taken out."""
    return admin_page(desk, "admin_exports.html")


@section.post("/admin/exports/appointments")
@needs(May.EXPORT, proof=True)
def export_appointments(desk: Desk) -> Response:
    """All appointments."""
    rt = runtime()
    return as_file(export.appointments(rt, desk), f"appointments-{rt.now():%Y-%m-%d}.csv")


@section.post("/admin/exports/tasks")
@needs(May.EXPORT, proof=True)
def export_tasks(desk: Desk) -> Response:
    """All tasks."""
    rt = runtime()
    return as_file(export.tasks(rt, desk), f"tasks-{rt.now():%Y-%m-%d}.csv")
