"""What an opened page lets one take away: a visit for the calendar, one's messages, a photo that one has sent."""

from uuid import UUID

from flask import Blueprint, Response, abort, make_response

from bot.core.flow import Page
from bot.core.views import HistoryView
from bot.core.wording import page_words
from bot.service import correspond, open_page, show_page
from bot.service.open_page import Closed, Opened
from webhooks.pages import browser
from webhooks.pages.calendar import visit_file
from webhooks.security import runtime

downloads = Blueprint("downloads", __name__, url_prefix="/s/<uuid:opening>")


@downloads.get("/visit.ics")
def visit(opening: UUID) -> Response:
    """The visit that was chosen, or the next one, for the phone's calendar: when and where, and not why."""
    found = _opened(opening, Page.SUMMARY, Page.TIMES, Page.OFFER)
    ahead = show_page.visit_to_keep(runtime(), found)
    if ahead is None:
        abort(404)
    content = visit_file(
        uid=f"{ahead.id}@careline",
        start=ahead.start,
        minutes=ahead.minutes,
        title=page_words(found.book, "calendar_title", found.language, clinic=found.clinic.name),
        place=ahead.place,
        language=found.language,
        now=found.at,
    )
    return _file(content, "text/calendar; charset=utf-8", "visit.ics")


@downloads.get("/messages.txt")
def messages(opening: UUID) -> Response:
    """All messages, as plain text."""
    found = _opened(opening, Page.HISTORY)
    _, view = show_page.content(runtime(), found)
    assert isinstance(view, HistoryView)
    lines = (
        f"{line.when}, {found.card.first_name if line.mine else found.clinic.name}:\r\n{line.body}\r\n"
        for line in view.lines
    )
    return _file("\r\n".join(lines).encode(), "text/plain; charset=utf-8", "messages.txt")


@downloads.get("/photo/<uuid:photo>")
def photo(opening: UUID, photo: UUID) -> Response:
    """A photo of one's own; it was made anew here, so it is what it says."""
    found = _opened(opening, Page.MESSAGES)
    return _file(correspond.photo(runtime(), found, photo), "image/jpeg", None)


def _opened(opening: UUID, *pages: Page) -> Opened:
    found = open_page.resume(runtime(), opening, browser.cookie())
    if isinstance(found, Closed) or not found.unlocked or found.wants_pin or found.link.page not in pages:
        abort(404)
    return found


def _file(content: bytes, kind: str, name: str | None) -> Response:
    answer = make_response(content)
    answer.headers["Content-Type"] = kind
    if name:
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
