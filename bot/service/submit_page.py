"""Submit a page: what a patient sends from it, in one transaction with all that follows at once."""

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from bot.core.flow import Page
from bot.core.views import View, is_refusal
from bot.gateways.doorbell import INBOUND
from bot.runtime import Runtime
from bot.service import check_in, choose_time, correspond, fill_in, open_page, sign, wish
from bot.service.open_page import Closed, Opened, Submission
from bot.store import audit
from bot.store.audit import Entry
from bot.store.base import Db

_TAKE: Mapping[Page, Callable[[Db, Opened, Submission, datetime], View | None]] = {
    Page.FORM: fill_in.take,
    Page.TIMES: choose_time.take,
    Page.OFFER: choose_time.take_offer,
    Page.MESSAGES: correspond.take,
    Page.CONSENT: sign.take,
    Page.PREFERENCES: wish.take,
    Page.CHECK_IN: check_in.take,
}
"""Pages that something can be sent from; the others are for reading."""


def submit(
    rt: Runtime, opening: UUID, browser: str, given: Submission
) -> tuple[Opened, View | None] | Closed:
    """Take it. A view is what is to be shown at once, such as faults; None: look at the page as it is now."""
    now = rt.now()
    with rt.begin() as db:
        opened = open_page.within(rt, db, opening, browser)
        if isinstance(opened, Closed):
            return opened
        take = _TAKE.get(opened.link.page)
        if take is None or not opened.unlocked or opened.wants_pin:
            return opened, None
        view = take(db, opened, given, now)
        entry = Entry(
            clinic=opened.clinic.id,
            actor="patient",
            action="page.refused_input" if view and is_refusal(view) else "page.submitted",
            subject=f"link:{opened.link.id}",
            patients=(opened.card.id,),
            detail=str(opened.link.page),
        )
        audit.write(db, [entry], now)
    rt.doorbell.ring(INBOUND)
    return opened, view
