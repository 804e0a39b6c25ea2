"""A consent on a page: read, signed with one's name, refused; what was signed is kept as it was shown."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.store import links, signatures
from bot.store.audit import audit
from bot.store.signatures import Signature
from tests.webhooks.pages.conftest import Browser, Pages
from tests.webhooks.pages.kinds import follow, last_text, later, sends, tasks
from tests.webhooks.pages.practice import Made, at_once, crowd

TITLE, FIRST, LAST = (
    "Visits by video",
    "With Riverside Clinic you can have some visits by video.",
    "Call 911.",
)


@pytest.fixture
def consent(pages: Pages) -> Browser:
    """The consent to visits by video, which somebody of the clinic's has sent to Ana."""
    later(pages)
    pages.trigger("staff start it", flow="telehealth")
    assert "please read and sign" in last_text(pages)
    return follow(pages)


def signed(pages: Pages) -> list[Signature]:
    """All signatures."""
    with pages.rt.begin() as db:
        of = db.conn.execute(select(signatures.signatures.c.link_id)).scalars().all()
        found = [signatures.of_link(db, pages.house.clinic, one) for one in of]
    return [one for one in found if one]


def words(text: str) -> str:
    """Without the marks of Markdown or HTML."""
    return " ".join(re.sub(r"<[^>]+>|\*\*", "", text).replace("&#39;", "'").split())


def test_the_text_says_nothing_of_what_is_to_be_signed(pages: Pages, consent: Browser) -> None:
    assert "video" not in " ".join(pages.house.got())


def test_the_whole_text_is_there_to_read_and_the_box_is_not_ticked(consent: Browser) -> None:
    assert consent.seen is not None
    assert f"{TITLE} {FIRST}" in consent.text
    assert LAST in consent.text
    assert "<strong>What it is.</strong>" in consent.seen.text
    assert "checked" not in consent.seen.text


def test_what_is_signed_is_kept_as_it_was_shown(pages: Pages, consent: Browser) -> None:
    assert consent.seen is not None
    title, article = re.findall(r"<h1>(.*?)</h1>\s*<article[^>]*>(.*?)</article>", consent.seen.text, re.S)[0]
    sends(pages, consent, agree="yes", name="  Ana   Morales ")
    (kept,) = signed(pages)
    assert words(kept.text) == words(f"{title} {article}")
    assert (kept.consent, kept.language, kept.name) == ("telehealth", "en", "Ana Morales")
    assert abs(kept.at - pages.rt.now()) < timedelta(minutes=1)
    with pages.rt.begin() as db:
        row = db.conn.execute(select(signatures.signatures)).one()
        assert row.edition == pages.rt.current_edition(db)
        assert row.patient_id == pages.patient
    assert b"Morales" not in bytes(row.name) + bytes(row.text)
    assert last_text(pages) == "Thank you, Ana. We have your signature."
    assert tasks(pages) == {}


def test_the_page_shows_what_was_signed_and_when_and_asks_no_more(pages: Pages, consent: Browser) -> None:
    sends(pages, consent, agree="yes", name="Ana Morales")
    assert "You signed this on November 30, 2026." in consent.text
    assert FIRST in consent.text
    assert "I do not agree" not in consent.text
    pages.rt.move_clock(timedelta(minutes=20))
    again = follow(pages)
    assert "You signed this on November 30, 2026." in again.text


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"name": "Ana Morales"}, "Check the box if you agree."),
        ({"agree": "no", "name": "Ana Morales"}, "Check the box if you agree."),
        ({"agree": "yes", "name": ""}, "Type your full name."),
        ({"agree": "yes"}, "Type your full name."),
        ({"agree": "yes", "name": " A "}, "Type your full name."),
        ({}, "Check the box if you agree."),
    ],
)
def test_without_tick_and_name_nothing_is_signed(
    pages: Pages, consent: Browser, fields: dict[str, object], fault: str
) -> None:
    consent.seen = answer = consent.send(fields)
    assert answer.status_code == 422
    assert fault in consent.text
    assert "<title>Error:" in answer.text
    assert FIRST in consent.text
    assert signed(pages) == []
    sends(pages, consent, agree="yes", name="Ana Morales")
    assert len(signed(pages)) == 1


def test_a_text_that_changed_while_it_was_read_is_not_signed(pages: Pages, consent: Browser) -> None:
    with pages.rt.begin() as db:
        edition = pages.rt.current_edition(db)
    book = pages.rt.books[edition]
    english = book.wordings["en"]
    after = english.model_copy(
        update={"pages": english.pages | {"consent_telehealth_text": "Something else."}}
    )
    pages.rt.books[edition] = book.model_copy(update={"wordings": book.wordings | {"en": after}})
    refused = consent.send({"agree": "yes", "name": "Ana Morales"})
    assert refused.status_code == 422
    assert "Something else." in refused.text
    assert signed(pages) == []
    consent.seen = refused
    assert consent.send({"agree": "yes", "name": "Ana Morales"}).status_code == 303
    assert ["Something else." in one.text for one in signed(pages)] == [True]


def test_the_name_that_was_typed_comes_back_with_a_fault(consent: Browser) -> None:
    assert 'value="Ana &lt;Morales&gt;"' in consent.send({"name": "Ana <Morales>"}).text


def test_who_refuses_has_signed_nothing_and_a_person_calls(pages: Pages, consent: Browser) -> None:
    sends(pages, consent, choice="no", agree="yes", name="Ana Morales")
    assert signed(pages) == []
    assert tasks(pages)["consent_refused"].detail == "consent: telehealth"
    assert "You did not agree" in consent.text
    assert last_text(pages) == "Thank you, Ana. That is fine. A person will call you about it."


def test_what_was_refused_or_signed_stays_so(pages: Pages, consent: Browser) -> None:
    sends(pages, consent, choice="no")
    sends(pages, consent, agree="yes", name="Ana Morales")
    assert signed(pages) == []
    assert "You did not agree" in consent.text


def test_signed_twice_at_once_is_signed_once(pages: Pages, consent: Browser) -> None:
    with pages.rt.begin() as db:
        (its,) = db.conn.execute(select(links.links.c.id)).scalars()
    seats = crowd(pages, Made(its, pages.token()), 4, inside=True)
    assert consent.seen is not None
    (read,) = re.findall(r'name="read" value="(\w+)"', consent.seen.text)
    signature = {"agree": "yes", "name": "Ana Morales", "read": read}
    answers = at_once(lambda seat: seat.post(seat.here, signature), seats)
    assert {answer.status_code for answer in answers} == {303}
    pages.house.work()
    assert len(signed(pages)) == 1
    assert pages.house.got().count("Thank you, Ana. We have your signature.") == 1
    with pages.rt.begin() as db:
        written = select(func.count()).where(audit.c.action == "consent.signed")
        assert db.conn.execute(written).scalar_one() == 1


def test_nobody_who_signs_is_reminded_and_who_does_not_is(pages: Pages, consent: Browser) -> None:
    pages.house.wait_until(pages.rt.now() + timedelta(days=1))
    assert "your form still waits for you" in last_text(pages)
    later = follow(pages)
    sends(pages, later, agree="yes", name="Ana Morales")
    texts = len(pages.house.got())
    pages.house.wait_until(pages.rt.now() + timedelta(days=3))
    assert len(pages.house.got()) == texts
    assert "consent_not_signed" not in tasks(pages)


def test_a_consent_that_nobody_signs_is_a_persons_work(pages: Pages, consent: Browser) -> None:
    pages.house.wait_until(pages.rt.now() + timedelta(days=1))
    pages.house.wait_until(pages.rt.now() + timedelta(days=3))
    assert "consent_not_signed" in tasks(pages)
