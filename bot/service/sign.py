"""Sign a consent: read, agreed to and signed with one's name on a page. The text that was shown is kept with it."""

import hashlib
from datetime import datetime
from zoneinfo import ZoneInfo

from markdown_it import MarkdownIt

from bot.core.views import ConsentView, Sent, View
from bot.core.wording import long_day, page_words
from bot.errors import NotFound
from bot.service.open_page import Opened, Submission
from bot.service.tell import tell
from bot.store import audit, links, signatures
from bot.store.audit import Entry
from bot.store.base import Db
from bot.store.signatures import Signature

LONGEST_NAME = 100


def show(db: Db, opened: Opened, _now: datetime) -> View:
    """The consent to read; once it is signed, what was signed and when."""
    if opened.link.outcome == "no":
        return Sent(what="consent", words={"outcome": "no"})
    signed = signatures.of_link(db, opened.clinic.id, opened.link.id)
    if signed is None:
        return _view(opened)
    title, _, text = signed.text.partition("\n\n")
    day = signed.at.astimezone(ZoneInfo(opened.card.zone)).date()
    return ConsentView(title=title, text=_html(text), signed=long_day(day, opened.language), name=signed.name)


def take(db: Db, opened: Opened, given: Submission, now: datetime) -> View | None:
    """Signed, or refused. A signature takes the tick and a name."""
    if opened.link.submitted:
        return None
    agrees = given.fields.get("agree") == "yes"
    name = " ".join(given.fields.get("name", "").split())[:LONGEST_NAME]
    if given.fields.get("choice") == "no":
        agrees = False
    elif not agrees:
        return _view(opened, fault="fault_agree", name=name)
    elif len(name) < len("Li"):
        return _view(opened, fault="fault_name", name=name)
    elif given.fields.get("read") != _digest(opened):  # another edition came out while it was being read
        return _view(opened, fault="fault_consent_changed", name=name)
    if links.submit(db, opened.link, now, "yes" if agrees else "no"):
        if agrees:
            _keep(db, opened, name, now)
        tell(
            db, opened.link, "submitted", key=f"submitted:{opened.link.id}", now=now, values={"agree": agrees}
        )
    return None


def _keep(db: Db, opened: Opened, name: str, now: datetime) -> None:
    title, text = _words(opened)
    signature = Signature(
        consent=_named(opened), language=opened.language, text=f"{title}\n\n{text}", name=name, at=now
    )
    signatures.sign(
        db,
        clinic=opened.clinic.id,
        patient=opened.card.id,
        link=opened.link.id,
        edition=opened.book.edition,
        signature=signature,
    )
    entry = Entry(
        clinic=opened.clinic.id,
        actor="patient",
        action="consent.signed",
        subject=f"link:{opened.link.id}",
        patients=(opened.card.id,),
    )
    audit.write(db, [entry], now)


def _view(opened: Opened, *, fault: str = "", name: str = "") -> ConsentView:
    title, text = _words(opened)
    said = page_words(opened.book, fault, opened.language) if fault else ""
    return ConsentView(title=title, text=_html(text), digest=_digest(opened), fault=said, name=name)


def _digest(opened: Opened) -> str:
    return hashlib.sha256("\n\n".join(_words(opened)).encode()).hexdigest()


def _words(opened: Opened) -> tuple[str, str]:
    named = f"consent_{_named(opened)}"
    title, text = (
        page_words(opened.book, f"{named}_{part}", opened.language, clinic=opened.clinic.name)
        for part in ("title", "text")
    )
    return title, text


def _named(opened: Opened) -> str:
    if opened.link.form is None:
        raise NotFound
    return opened.link.form


def _html(text: str) -> str:
    """The clinic's Markdown; HTML in it stays text."""
    return str(MarkdownIt("commonmark", {"html": False}).render(text))
