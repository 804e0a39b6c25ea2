"""The pages of broadcasts: written on a form, counted, shown as they would be, approved by somebody else."""

from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask

from bot.runtime import Runtime
from bot.service.console import broadcast_rounds
from bot.settings import HOME
from tests.conftest import House
from tests.webhooks.console.seats import Seat, plain, sit_down
from webhooks.app import create

FORM = {
    "title": "Snow day",
    "flow": "broadcast",
    "value.broadcast.notice": "closed_today",
    "language": "en",
    "age_from": "18",
    "per_minute": "60",
}


@pytest.fixture
def flows_dir() -> Path:
    """The clinic's own flows: one of them can be broadcast."""
    return HOME / "flows"


@pytest.fixture
def app(rt: Runtime) -> Flask:
    """The whole app."""
    return create(rt)


@pytest.fixture
def dana(rt: Runtime, app: Flask, clinic: UUID) -> Seat:
    """Who writes it."""
    return sit_down(rt, app, clinic, "front_desk", "dana")


def test_before_the_first_one_the_page_says_what_a_broadcast_is(dana: Seat) -> None:
    words = dana.text("/broadcasts")
    assert "Nothing was sent to many yet" in words
    assert "A notice to many" in words


def test_a_broadcast_from_the_form_to_its_approval(rt: Runtime, app: Flask, clinic: UUID, dana: Seat) -> None:
    house = House(rt=rt, twin=None, clinic=clinic, url="")  # type: ignore[arg-type]
    house.patient("Ana<b>", "+12025553000")
    house.patient("Rosa", "+12025553001", language="es")
    made = dana.post("/broadcasts", dict(FORM))
    assert made.status_code == 303
    path = made.headers["Location"].removeprefix("/console").split("?")[0]
    assert "Who it is for is being worked out" in dana.text(path)
    broadcast_rounds.count(rt)
    words = dana.text(path)
    assert "1 patient would get it" in words
    assert "It waits for somebody else to approve it" in words
    assert "closed today" in words
    assert "Ana&lt;b&gt;" in dana.get(path).text
    assert dana.post(f"{path}/approve").status_code == 403  # the front desk approves nothing

    alex = sit_down(rt, app, clinic, "admin", "alex")
    assert "Approve and send" in alex.text(path)
    assert alex.post(f"{path}/approve").status_code == 303
    assert "Under way" in dana.text(path)
    again = alex.post(f"{path}/approve")
    assert (again.status_code, "changed or ended meanwhile" in plain(again.text)) == (409, True)
    assert dana.post(f"{path}/stop").status_code == 303
    assert "Stopped by Dana" in alex.text(path)


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("title", " ", "Give it a name"),
        ("flow", "", "Choose what is sent"),
        ("value.broadcast.notice", "", "Choose which notice is sent"),
        ("age_from", "old", "A whole number of years"),
        ("age_to", "7", "Nobody is older than the first age"),
        ("days", "99", "1 to 14 days"),
        ("days", "x", "1 to 14 days"),
        ("per_minute", "9999", "Choose a pace"),
        ("within_days", "0", "A whole number of days"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(
    dana: Seat, field: str, value: str, says: str
) -> None:
    answer = dana.post("/broadcasts", FORM | {field: value})
    assert answer.status_code == 422
    assert says in plain(answer.text)
    assert field == "title" or "Snow day" in answer.text


def test_what_was_written_can_be_written_anew(dana: Seat) -> None:
    path = dana.post("/broadcasts", dict(FORM)).headers["Location"].removeprefix("/console").split("?")[0]
    form = dana.get(f"{path}/edit").text
    assert 'value="Snow day"' in form
    assert 'value="18"' in form
    assert '<option value="closed_today" selected>' in form
    assert dana.post(path, FORM | {"title": "Ice day"}).status_code == 303
    assert "Ice day" in dana.text(path)
