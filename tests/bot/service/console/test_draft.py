"""Draft: sentences are written at the console, kept together, carried over, and published only when reviewed."""

from uuid import UUID

import pytest
from sqlalchemy import select

from bot.errors import BadFlow, NotAllowed, NotFound
from bot.flowbook import loader
from bot.flowbook.source import parse
from bot.runtime import Runtime
from bot.service import clinic as clinics
from bot.service import publish
from bot.service.console import draft, publish_draft
from bot.service.desk import Desk
from bot.store import audit, drafts, editions
from tests.bot.service.desks import desk
from tests.conftest import EDITION

KEY = ("sentences", "confirmed")
NEW = "Thank you, {{first_name}}. Your visit on {{day}} at {{time}} is set."


@pytest.fixture
def maria(rt: Runtime, clinic: UUID) -> Desk:
    """A nurse: she may edit wording."""
    return desk(rt, clinic, "nurse", "maria")


@pytest.fixture
def riley(rt: Runtime, clinic: UUID) -> Desk:
    """An admin: they may publish as well."""
    return desk(rt, clinic, "admin", "riley")


def save(rt: Runtime, who: Desk, key: str = "confirmed", **texts: str) -> int:
    """Somebody opens the sentence, writes, and keeps it."""
    seen = {one.language: one.mark for one in draft.sentence_of(rt, who, "sentences", key).languages}
    return draft.save(rt, who, "sentences", key, texts, seen)


def version(rt: Runtime, who: Desk) -> int:
    found = draft.shown(rt, who)
    assert found
    return found.version


def current(rt: Runtime) -> str | None:
    with rt.begin() as db:
        return editions.current(db)


def trail(rt: Runtime) -> list[tuple[str, str, str, str]]:
    """What the audit trail has of flows and drafts."""
    a = audit.audit.c
    with rt.begin() as db:
        rows = db.conn.execute(select(a.action, a.actor, a.origin, a.detail).order_by(a.at, a.seq))
        return [tuple(row) for row in rows if row.action.startswith(("draft.", "flows."))]


def test_a_sentence_that_is_written_anew_waits_in_the_draft(rt: Runtime, maria: Desk, riley: Desk) -> None:
    before = current(rt)
    assert draft.shown(rt, maria) is None
    assert save(rt, maria, en=NEW) == 1
    found = draft.shown(rt, riley)
    assert found
    (change,) = found.changes
    assert (change.language, change.key, change.after) == ("en", "confirmed", NEW)
    assert "is confirmed" in change.before
    assert (found.begun_by, found.moved_on, found.languages) == (maria.name, False, ("en",))
    assert [line[0] for line in found.lines if "confirmed:" in line and line[0] in "+-"] == ["-", "+"]
    assert current(rt) == before  # nobody gets it yet
    assert trail(rt)[-1] == ("draft.changed", str(maria.member), "console", "en")
    looked = {one.language: one for one in draft.sentence_of(rt, riley, *KEY).languages}
    assert looked["en"].text == NEW
    assert looked["en"].published == change.before
    # As it was again: nothing is left of the draft.
    assert save(rt, riley, en=change.before) == 1
    assert draft.shown(rt, maria) is None


def test_what_is_typed_is_judged_and_nothing_is_kept(rt: Runtime, maria: Desk) -> None:
    looked = draft.look(rt, maria, *KEY, "en", "Thank you – {{diagnosis}}.")
    assert {fault.rule for fault in looked.faults or ()} >= {"cost/characters", "privacy/in-text"}
    assert looked.filled.size.culprits == ("–",)
    for language, text, fault in (
        ("fr", "Merci.", NotFound),
        ("en", " ", BadFlow),
        ("en", "x" * 1601, BadFlow),
    ):
        with pytest.raises(fault):
            draft.look(rt, maria, *KEY, language, text)
    assert draft.shown(rt, maria) is None


def test_two_who_write_at_the_same_time_lose_nothing_unseen(rt: Runtime, maria: Desk, riley: Desk) -> None:
    seen = {one.language: one.mark for one in draft.sentence_of(rt, riley, *KEY).languages}
    save(rt, maria, en=NEW)
    with pytest.raises(BadFlow, match="meanwhile"):
        draft.save(rt, riley, *KEY, {"en": "Thank you."}, seen)
    old = version(rt, riley)
    save(rt, maria, "cancelled", en="Your visit on {{day}} at {{time}} is off.")
    for act in (draft.discard, draft.carry_over):
        with pytest.raises(BadFlow, match="once more"):
            act(rt, riley, old)
    draft.discard(rt, riley, version(rt, riley))
    assert draft.shown(rt, maria) is None
    with pytest.raises(BadFlow, match="no draft"):
        draft.discard(rt, riley, old)


def test_a_draft_is_carried_over_to_an_edition_that_came_meanwhile(
    rt: Runtime, maria: Desk, riley: Desk
) -> None:
    save(rt, maria, en=NEW)
    save(rt, maria, "cancelled", en="Your visit on {{day}} at {{time}} is off.")
    files = loader.collect(EDITION)
    files["wording/en.yaml"] = files["wording/en.yaml"].replace("is confirmed.", "is noted.")
    publish.publish_files(rt, files)
    found = draft.shown(rt, maria)
    assert found
    assert found.moved_on
    both = {change.key: change.theirs for change in found.changes}
    assert "is noted." in str(both["confirmed"])
    assert both["cancelled"] is None
    with pytest.raises(BadFlow, match="Carry"):
        save(rt, maria, "cancelled", en="x")
    with pytest.raises(BadFlow, match="Carry"):
        publish_draft.publish_draft(rt, riley, found.version, {"en": "Maria"})
    assert publish_draft.ahead(rt, riley).meets is None
    (lost,) = draft.carry_over(rt, maria, found.version)
    assert lost.key == "confirmed"
    now = draft.shown(rt, maria)
    assert now
    assert (now.moved_on, [change.key for change in now.changes]) == (False, ["cancelled"])
    with rt.begin() as db:
        kept = drafts.find(db)
    assert kept
    assert "is noted." in kept.files["wording/en.yaml"]


def test_it_is_published_once_somebody_has_reviewed_it(rt: Runtime, maria: Desk, riley: Desk) -> None:
    before = current(rt)
    save(rt, maria, en=NEW, es="Gracias, {{first_name}}. Su cita del {{day}} a las {{time}} queda anotada.")
    number = version(rt, riley)
    ahead = publish_draft.ahead(rt, riley)
    assert (ahead.faults, ahead.changed, ahead.clinics) == ((), ("wording/en.yaml", "wording/es.yaml"), 1)
    assert ahead.meets
    with pytest.raises(NotAllowed):
        publish_draft.publish_draft(rt, maria, number, {"en": "Maria", "es": "Maria"})
    for reviewers in ({}, {"en": "Maria"}, {"en": "Maria", "es": "  "}):
        with pytest.raises(BadFlow, match="has read"):
            publish_draft.publish_draft(rt, riley, number, reviewers)
    with pytest.raises(BadFlow, match="once more"):
        publish_draft.publish_draft(rt, riley, number - 1, {"en": "Maria", "es": "Rosa"})
    assert current(rt) == before
    edition = publish_draft.publish_draft(rt, riley, number, {"en": "Maria Santos, RN", "es": "Rosa"})
    assert edition == current(rt) != before
    assert draft.shown(rt, maria) is None
    assert trail(rt)[-1] == ("flows.published", str(riley.member), "console", "")
    (newest, *_) = publish.listed(rt)
    assert (newest.by, newest.current) == ("riley", True)
    with rt.begin() as db:
        files, book = editions.files(db, edition), rt.book(db, edition)
    head = parse("f", files["wording/en.yaml"]).value
    assert isinstance(head, dict)
    assert (head["reviewed_by"], head["reviewed_on"]) == ("Maria Santos, RN", "2026-11-30")
    assert "# -- appointment" in files["wording/en.yaml"]
    assert book.wordings["en"].sentences["confirmed"] == NEW
    # And back again.
    assert before
    again = publish_draft.ahead(rt, riley, before)
    assert again.changed == ("wording/en.yaml", "wording/es.yaml")
    assert publish_draft.publish_again(rt, riley, before, move=True) == before == current(rt)
    assert trail(rt)[-1] == ("flows.published", str(riley.member), "console", "open conversations move")


def test_a_draft_with_an_error_is_shown_and_not_published(rt: Runtime, riley: Desk) -> None:
    save(rt, riley, en="Thank you, {{diagnosis}}.")
    ahead = publish_draft.ahead(rt, riley)
    assert "privacy/in-text" in {told.fault.rule for told in ahead.lint}
    assert all(told.why for told in ahead.lint)
    assert ahead.meets is None
    with pytest.raises(BadFlow, match="diagnosis"):
        publish_draft.publish_draft(rt, riley, version(rt, riley), {"en": "Riley"})
    assert draft.shown(rt, riley)


def test_another_clinic_sees_the_draft_of_the_house_but_not_who_works_elsewhere(
    rt: Runtime, maria: Desk
) -> None:
    other = clinics.add(rt, name="Hillside Clinic", phone="+12025550200", zone="America/Chicago")
    save(rt, maria, en=NEW)
    found = draft.shown(rt, desk(rt, other, "admin", "sam"))
    assert found
    assert (found.begun_by, found.changed_by) == (draft.ELSEWHERE, draft.ELSEWHERE)
    assert publish_draft.ahead(rt, desk(rt, other, "admin", "sam")).clinics == 2
