"""The audit's pages, and the glass: what is asked for stands in the address as ids only; it works without a script."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask

from bot.runtime import Runtime
from bot.service.console import glass
from bot.store import audit
from tests.bot.service.desks import desk
from tests.bot.service.week import Week
from tests.webhooks.console.seats import Seat, sit_down
from webhooks.app import create


@pytest.fixture
def app(rt: Runtime) -> Flask:
    """The whole app."""
    return create(rt)


@pytest.fixture
def carla(rt: Runtime, app: Flask, clinic: UUID) -> Seat:
    """Somebody who reads the trail."""
    return sit_down(rt, app, clinic, "compliance", "carla")


def lines(words: str) -> int:
    """How many rows a page shows."""
    return words.count('<time datetime="')


def test_the_trail_is_read_found_and_walked(rt: Runtime, clinic: UUID, carla: Seat) -> None:
    dana, ana = desk(rt, clinic, "front_desk", "dana"), Week(rt, clinic).patient()
    with rt.begin() as db:
        rows = [
            dana.entry("patient.viewed", f"patient:{ana}", patients=(ana,), detail=f"no {n}")
            for n in range(60)
        ]
        audit.write(db, [*rows, dana.entry("x.<b>", "x:<b>")], rt.now())
    first = carla.get("/audit").text
    assert lines(first) == 50
    assert "<b>" not in first
    older = re.search(r'href="/console(/audit\?after=[^"]*)"', first)
    assert older
    assert (
        lines(carla.get(older[1].replace("&amp;", "&")).text) == 13 + 1
    )  # two who were added, one odd row, the look
    found = carla.post("/audit/patient", {"wanted": "P1"})
    assert found.headers["Location"] == f"/console/audit?patient={ana}"
    assert lines(carla.get(f"/audit?patient={ana}&noun=patient").text) == 50
    assert "No patient of this clinic" in carla.post("/audit/patient", {"wanted": "Morales"}).text
    for odd in ("after=x", "after=2026-01-01_1_2", "patient=x", "since=x", "until=9999-12-31", "who=%00"):
        assert carla.get(f"/audit?{odd}").status_code == 200, odd
    assert lines(carla.get(f"/audit?who={dana.member}&noun=x&since=2026-11-30&until=2026-11-30").text) == 1
    assert lines(carla.get("/audit?until=2026-11-29").text) == 0


def test_the_trail_is_checked_and_taken_out(carla: Seat) -> None:
    assert "The trail holds" in carla.post("/audit/verify").text
    anchors = carla.post("/audit/anchors")
    assert re.fullmatch(r'(\{"lane": \d, "seq": \d+, "hash": "[0-9a-f]{64}"\}\n)+', anchors.text)
    taken = carla.post("/audit/export", {"noun": "audit"})
    assert "audit.verified" in taken.text
    assert "staff.added" not in taken.text


def test_the_glass_is_broken_by_a_form_and_reviewed(
    rt: Runtime, app: Flask, clinic: UUID, carla: Seat
) -> None:
    dana, ana = sit_down(rt, app, clinic, "front_desk", "dana"), Week(rt, clinic).patient()
    path, form = f"/patients/{ana}/glass", {"reason": "She faints at the desk", "minutes": "60"}
    assert "1 person who looks after this is told at once" in dana.text(path)
    wrong = dana.post(path, {**form, "reason": "  "})
    assert (wrong.status_code, "Say in a few words why" in wrong.text) == (422, True)
    assert dana.post(path, {**form, "minutes": "6000"}).status_code == 422
    done = dana.post(path, form)
    assert done.headers["Location"] == f"/console/patients/{ana}?said=glass-broken"
    assert "You see everything of Ana Morales already" in dana.text(path)
    assert "1 to review" in carla.text("/audit")
    words = carla.text("/audit/glass")
    assert "She faints at the desk" in words
    assert "Ana Morales" not in words
    (one,) = glass.to_review(rt, carla.desk).waiting
    assert carla.post(f"/audit/glass/{one.id}", {"verdict": "nonsense"}).status_code == 400
    assert carla.post(f"/audit/glass/{one.id}", {"verdict": "fine"}).status_code == 303
    assert "Nothing waits" in carla.text("/audit/glass")
    rt.move_clock(timedelta(minutes=11))
    assert dana.get(path).headers["Location"].startswith("/console/prove")
