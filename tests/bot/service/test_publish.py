"""Publish: an edition goes out whole or not at all."""

import shutil
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select

from bot.errors import BadFlow
from bot.runtime import Runtime
from bot.service.publish import publish, publish_files
from bot.store import audit, editions
from tests.conftest import EDITION


@pytest.fixture
def flows(tmp_path: Path) -> Path:
    """A clinic's own copy of the shipped flows."""
    shutil.copytree(EDITION, tmp_path / "flows")
    return tmp_path / "flows"


def edit(flows: Path, file: str, old: str, new: str) -> None:
    path = flows / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def current(rt: Runtime) -> str | None:
    with rt.begin() as db:
        return editions.current(db)


def count(rt: Runtime) -> int:
    with rt.begin() as db:
        return db.conn.execute(select(func.count()).select_from(editions.editions)).scalar_one()


def published(rt: Runtime) -> int:
    """How many publications stand in the audit trail."""
    with rt.begin() as db:
        wanted = select(func.count(audit.audit.c.seq)).where(audit.audit.c.action == "flows.published")
        return db.conn.execute(wanted).scalar_one()


def test_a_changed_sentence_makes_a_new_edition_that_is_current_at_once(rt: Runtime, flows: Path) -> None:
    before = current(rt)
    edit(flows, "wording/en.yaml", "is confirmed.", "is set.")
    edition = publish(rt, flows)
    assert edition == current(rt) != before
    with rt.begin() as db:
        assert "is set." in rt.book(db, edition).wordings["en"].sentences["confirmed"]


def test_the_same_files_again_are_the_same_edition(rt: Runtime, flows: Path) -> None:
    before = (current(rt), count(rt), published(rt))
    publish(rt, flows)
    assert (current(rt), count(rt), published(rt)) == before


def test_an_earlier_edition_can_be_published_again(rt: Runtime, flows: Path) -> None:
    before = current(rt)
    edit(flows, "wording/en.yaml", "is confirmed.", "is set.")
    publish(rt, flows)
    assert publish(rt, EDITION) == before == current(rt)
    assert count(rt) == 2


def test_one_flows_path_publishes_all_around_it(rt: Runtime, flows: Path) -> None:
    edit(flows, "wording/en.yaml", "is confirmed.", "is set.")
    edition = publish(rt, flows / "dialogs" / "appointment.yaml")
    with rt.begin() as db:
        assert set(editions.files(db, edition)) >= {
            "dialogs/appointment.yaml",
            "wording/es.yaml",
            "clinic.yaml",
        }


@pytest.mark.parametrize(
    ("file", "old", "new", "named"),
    [
        ("dialogs/appointment.yaml", "then: end", "then: nowhere", "nowhere"),
        ("dialogs/appointment.yaml", "say: rescheduled", "say: no_such_sentence", "no_such_sentence"),
        ("dialogs/appointment.yaml", "flow: appointment", "flow: [", "appointment.yaml"),
        ("wording/es.yaml", "language: es", "language: xx", "xx"),
        ("policies/2026-11-us-sms.yaml", 'from: "09:00"', 'from: "25:00"', "time of day"),
        ("clinic.yaml", "policy: 2026-11-us-sms", "policy: other", "other"),
    ],
)
def test_files_with_a_fault_are_refused_and_the_old_edition_stays(
    rt: Runtime, flows: Path, file: str, old: str, new: str, named: str
) -> None:
    before = (current(rt), count(rt), published(rt))
    edit(flows, file, old, new)
    with pytest.raises(BadFlow, match=named.replace("[", r"\[")):
        publish(rt, flows)
    assert (current(rt), count(rt), published(rt)) == before


def test_a_fault_in_one_file_keeps_back_all_the_others(rt: Runtime, flows: Path) -> None:
    edit(flows, "wording/en.yaml", "is confirmed.", "is set.")
    edit(flows, "dialogs/appointment.yaml", "then: end", "then: nowhere")
    with pytest.raises(BadFlow):
        publish(rt, flows / "wording" / "en.yaml")
    assert count(rt) == 1


def test_every_fault_is_named(rt: Runtime, flows: Path) -> None:
    edit(flows, "dialogs/appointment.yaml", "say: rescheduled", "say: no_such_sentence")
    edit(flows, "dialogs/appointment.yaml", "say: no_times", "say: nor_this_one")
    with pytest.raises(BadFlow) as refused:
        publish(rt, flows)
    assert "no_such_sentence" in str(refused.value)
    assert "nor_this_one" in str(refused.value)


def test_a_folder_without_flows_is_refused(rt: Runtime, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(BadFlow):
        publish(rt, empty)


def test_no_files_at_all_are_refused(rt: Runtime) -> None:
    with pytest.raises(BadFlow):
        publish_files(rt, {})


def test_publishing_is_audited(rt: Runtime, clinic: UUID, flows: Path) -> None:
    before = published(rt)
    edit(flows, "wording/en.yaml", "is confirmed.", "is set.")
    publish(rt, flows)
    assert published(rt) == before + 1
