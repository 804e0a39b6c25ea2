"""Swaps: what is refused, that what is over stays as it was, and that they can be undone."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from bot.errors import BadImport, NotFound
from bot.runtime import Runtime
from bot.service import duty, swap
from bot.store import audit
from tests.bot.service.oncall_edition import edition, staff
from tests.conftest import START, Servers


@pytest.fixture
def flows_dir(servers: Servers) -> Path:
    """Flows with rosters."""
    return edition(servers.directory)


@pytest.fixture
def people(rt: Runtime, clinic: UUID) -> None:
    """Maria, Sam and Joe."""
    staff(rt, clinic)


def nurse(rt: Runtime, at: str | None = None) -> str | None:
    person = next(one.person for one in duty.who(rt, None, at).duties if one.roster == "nurse")
    return person and person.handle


def test_a_swap_holds_for_its_time_and_the_later_one_lies_over(rt: Runtime, people: None) -> None:
    swap.make(rt, None, "nurse", "joe", "2026-12-01T18:00", "2026-12-02T06:00")
    swap.make(rt, None, "nurse", "maria", "2026-12-01T23:00Z", "2026-12-02T00:00Z")  # 18 to 19 at the clinic
    times = ("17:59", "18:00", "19:00")
    assert [nurse(rt, f"2026-12-01T{at}") for at in times] == ["sam", "maria", "joe"]
    assert [made.swap.person for made in swap.made(rt, None)] == ["joe", "maria"]


def test_what_lies_behind_stays_as_it_was(rt: Runtime, people: None) -> None:
    made = swap.make(rt, None, "nurse", "joe", "2026-11-29T09:00", "2026-11-30T17:00")
    assert START - timedelta(minutes=2) < made.swap.start <= rt.now()
    assert (nurse(rt, "2026-11-30T08:30"), nurse(rt)) == ("sam", "joe")


def test_a_swap_is_undone_once(rt: Runtime, clinic: UUID, people: None) -> None:
    made = swap.make(rt, clinic, "nurse", "joe", "2026-11-30T09:00", "2026-11-30T17:00")
    swap.undo(rt, clinic, made.id)
    assert (nurse(rt), swap.made(rt, clinic)) == ("sam", ())
    for unknown in (made.id, uuid4()):
        with pytest.raises(NotFound, match="There is no swap"):
            swap.undo(rt, clinic, unknown)
    with rt.begin() as db:
        rows = db.conn.execute(select(audit.audit).where(audit.audit.c.subject == f"swap:{made.id}"))
        found = sorted((row.action, row.detail) for row in rows)
    assert found == [("oncall.swap_undone", ""), ("oncall.swapped", "nurse joe")]


def test_a_swap_that_is_over_is_not_listed(rt: Runtime, people: None) -> None:
    made = swap.make(rt, None, "nurse", "joe", "2026-11-30T09:00", "2026-11-30T10:00")
    assert made.swap.end == datetime(2026, 11, 30, 15, 0, tzinfo=UTC)
    assert len(swap.made(rt, None)) == 1
    rt.move_clock(timedelta(hours=1, minutes=1))
    assert swap.made(rt, None) == ()


@pytest.mark.parametrize(
    ("roster", "handle", "start", "until", "message"),
    [
        ("nurse", "joe", "2026-12-02", "2026-12-01", "until: must be later than from."),
        ("nurse", "joe", "2026-12-02", "2026-12-02", "until: must be later than from."),
        ("nurse", "joe", "2026-11-28", "2026-11-29", "until: is over already."),
        ("nurse", "joe", "2026-12-02", "2027-12-24", "until: is more than 366 days after from"),
        ("nurse", "joe", "soon", "2026-12-02", "from: is not a moment"),
        ("nurse", "joe", "2026-12-02", "later", "until: is not a moment"),
        (
            "surgeon",
            "joe",
            "2026-12-01",
            "2026-12-02",
            "There is no roster surgeon (there are: front_desk, nurse,",
        ),
        (
            "nurse",
            "nobody",
            "2026-12-01",
            "2026-12-02",
            "Nobody here is called nobody (there are: joe, maria, sam)",
        ),
    ],
)
def test_a_swap_that_makes_no_sense_is_refused(
    rt: Runtime, people: None, roster: str, handle: str, start: str, until: str, message: str
) -> None:
    with pytest.raises((BadImport, NotFound)) as refusal:
        swap.make(rt, None, roster, handle, start, until)
    assert str(refusal.value).startswith(message)
    assert swap.made(rt, None) == ()
