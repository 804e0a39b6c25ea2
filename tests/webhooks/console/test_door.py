"""The door of the console: who comes in, for how long, and what another site can't do."""

from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask

from bot.runtime import Runtime
from bot.service import enrol
from bot.service.entrance import session
from bot.store import sessions
from tests.webhooks.console.seats import Seat, plain, sit_down
from webhooks.app import create
from webhooks.console.door import next_page


@pytest.fixture
def app(rt: Runtime) -> Flask:
    """The whole app."""
    return create(rt)


@pytest.fixture
def seat(rt: Runtime, app: Flask, clinic: UUID) -> Seat:
    """A nurse who is signed in."""
    return sit_down(rt, app, clinic)


def test_who_is_not_signed_in_is_led_to_the_door_and_back(app: Flask) -> None:
    answer = app.test_client().get("/console/inbox")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/console/sign-in?next=/console/inbox")


def test_a_part_of_a_page_never_holds_the_door(app: Flask) -> None:
    asked = app.test_client().get("/console/inbox", headers={"HX-Request": "true"})
    assert (asked.status_code, asked.headers["HX-Redirect"]) == (200, "/console/sign-in?next=/console/inbox")
    by_itself = app.test_client().get("/console/inbox", headers={"HX-Request": "true", "X-Live": "1"})
    assert by_itself.status_code == 401


def test_a_page_shows_who_sits_there_and_only_the_sections_of_their_role(seat: Seat) -> None:
    words = seat.text("/day")
    assert "Maria Nurse" in words
    assert "Inbox Patients Day Flows" in words
    assert "Admin" not in words


def test_fifteen_minutes_without_a_hand_on_it_end_a_session(rt: Runtime, seat: Seat) -> None:
    rt.move_clock(timedelta(minutes=14, seconds=50))
    assert seat.get("/day", headers={"X-Live": "1"}).status_code == 200  # the page itself: no sign of anybody
    rt.move_clock(timedelta(seconds=15))
    assert seat.get("/day").status_code == 303


def test_who_goes_on_working_stays_but_for_twelve_hours_at_most(rt: Runtime, seat: Seat) -> None:
    for _ in range(12 * 6 - 1):
        rt.move_clock(timedelta(minutes=10))
        assert session.seat(rt, seat.secret, by_hand=True)
    rt.move_clock(timedelta(minutes=11))
    assert session.seat(rt, seat.secret, by_hand=True) is None


@pytest.mark.parametrize(
    ("form", "headers"),
    [
        ({"csrf": ""}, {}),
        ({"csrf": "A" * 22}, {}),
        ({}, {"Sec-Fetch-Site": "cross-site"}),
        ({}, {"Sec-Fetch-Site": "same-site"}),
        ({}, {"Origin": "https://evil.example"}),
    ],
)
def test_what_another_site_sends_is_refused(
    seat: Seat, form: dict[str, object], headers: dict[str, str]
) -> None:
    assert seat.post("/stay", form, headers=headers).status_code == 403
    assert seat.post("/stay").status_code == 204


def test_signing_out_ends_it_for_good(seat: Seat) -> None:
    answer = seat.post("/sign-out")
    assert "Clear-Site-Data" in answer.headers
    seat.client.set_cookie("__Host-console", seat.secret)
    assert seat.get("/day").status_code == 303


def test_who_has_left_is_out_at_the_next_request(rt: Runtime, clinic: UUID, seat: Seat) -> None:
    enrol.leave(rt, clinic, "maria")
    assert seat.get("/day").status_code == 303


def test_a_role_that_was_taken_away_counts_at_the_next_request(rt: Runtime, clinic: UUID, seat: Seat) -> None:
    assert seat.get("/day").status_code == 200
    enrol.add(rt, clinic, "maria@clinic.example", role="compliance")
    assert seat.get("/day").status_code == 403
    with rt.begin() as db:
        assert sessions.of(db, seat.desk.member)  # still signed in, as somebody who may less


@pytest.mark.parametrize(
    ("wanted", "leads"),
    [
        ("/console/inbox", True),
        (None, False),
        ("", False),
        ("https://evil.example/console/", False),
        ("//evil.example/console/", False),
        ("/console//evil.example", False),
        ("/console\\@evil.example", False),
        ("/oncall", False),
        ("javascript:alert(1)", False),
    ],
)
def test_after_signing_in_one_comes_to_pages_of_the_console_only(
    app: Flask, wanted: str | None, leads: bool
) -> None:
    with app.test_request_context():
        assert next_page(wanted) == (wanted if leads else "/console")


def test_words_of_a_page_are_read_without_tags() -> None:
    assert plain("<head><title>x</title></head><p>a <b>b</b></p><script>c</script>") == "a b"
