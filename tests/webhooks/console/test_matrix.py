"""Who may do what: every address of the console, for every role, in one's own clinic and in another's.

The table is put together from the sections' own (`urls_<section>.py`); what it does not have fails here. So does a role
that may more, or less, than `core/roles` says.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import text

from bot.core.roles import STANDARD, May
from bot.runtime import Runtime
from bot.service import clinic as clinics
from bot.settings import HOME
from bot.store.base import metadata
from tests.webhooks.console.seats import Seat, sit_down
from tests.webhooks.console.urls import ANYBODY, Url, all_urls, sections
from webhooks.app import create

SECTIONS = sections()
URLS = all_urls()
BEHIND = [url for url in URLS if url.may != ANYBODY]
NOTHING_WRONG = {200, 202, 204, 302, 303, 409, 422}
"""It was taken, or sent back with what is wrong with the form: not refused."""
NOWHERE = "6a3f2d0e-58c1-4d6b-9a57-0c1d2e3f4a5b"


@pytest.fixture
def flows_dir() -> Path:
    """The clinic's own flows."""
    return HOME / "flows"


@pytest.fixture
def app(rt: Runtime) -> Flask:
    """The whole app."""
    return create(rt)


@pytest.fixture
def elsewhere(rt: Runtime) -> UUID:
    """Another clinic of the same installation."""
    return clinics.add(rt, name="Hillside Clinic", phone="+12025550200", zone="America/Chicago")


def seeded(rt: Runtime, clinic: UUID) -> dict[str, str]:
    """What the addresses name, made in this clinic."""
    found: dict[str, str] = {}
    for section in SECTIONS:
        found |= section.seed(rt, clinic) if hasattr(section, "seed") else {}
    return found


def filled(url: Url, ids: dict[str, str]) -> str:
    """The address with these ids in it."""
    path = url.rule
    for placeholder, value in ids.items():
        path = path.replace(placeholder, value)
    assert "<" not in path, f"{url.rule}: the section's seed makes nothing for it"
    return path


def call(seat: Seat, url: Url, path: str) -> int:
    """What this member's browser gets there."""
    answer = seat.get(path) if url.method == "GET" else seat.post(path, dict(url.form))
    answer.close()
    return answer.status_code


def test_every_address_stands_in_the_table(app: Flask) -> None:
    rules = {
        (rule.rule, method)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/console")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert rules == {(f"/console{url.rule}", url.method) for url in URLS}


@pytest.mark.parametrize("role", STANDARD)
def test_a_role_may_what_the_table_says_and_only_in_its_own_clinic(
    rt: Runtime, app: Flask, clinic: UUID, elsewhere: UUID, role: str
) -> None:
    ours, theirs = seeded(rt, clinic), seeded(rt, elsewhere)
    seat = sit_down(rt, app, clinic, role, "somebody")
    for url in BEHIND:
        allowed = url.open_to(STANDARD[role])
        cell = (role, url.method, url.rule)
        if not allowed:
            assert call(seat, url, filled(url, ours)) == 403, cell
            continue
        if "<uuid" in url.rule:
            assert call(seat, url, filled(url, theirs)) == 404, (*cell, "of another clinic")
        assert call(seat, url, filled(url, ours)) in NOTHING_WRONG, cell


def test_who_is_not_signed_in_gets_the_door_and_changes_nothing(
    rt: Runtime, app: Flask, clinic: UUID
) -> None:
    ids = seeded(rt, clinic)
    before = rows(rt)
    client = app.test_client()
    for url in BEHIND:
        answer = client.open(f"/console{filled(url, ids)}", method=url.method, data=url.form)
        assert answer.status_code == 303, url.rule
        assert answer.headers["Location"].startswith("/console/sign-in"), url.rule
    assert rows(rt) == before


def test_a_form_without_the_sessions_token_is_refused_everywhere(
    rt: Runtime, app: Flask, clinic: UUID
) -> None:
    ids = seeded(rt, clinic)
    seat = sit_down(rt, app, clinic, "nurse")
    before = rows(rt)
    for url in BEHIND:
        if url.method == "POST":
            answer = seat.post(filled(url, ids), {**url.form, "csrf": "A" * 22})
            assert answer.status_code == 403, url.rule
    assert rows(rt) == before


def test_sensitive_acts_ask_for_a_proof_once_more(rt: Runtime, app: Flask, clinic: UUID) -> None:
    ids = seeded(rt, clinic)
    seats = {role: sit_down(rt, app, clinic, role, f"old_{role}") for role in STANDARD}
    rt.move_clock(timedelta(minutes=11))
    for url, seat in _with_proof(seats):
        answer = (
            seat.get(filled(url, ids)) if url.method == "GET" else seat.post(filled(url, ids), dict(url.form))
        )
        assert answer.status_code == 303, url.rule
        assert answer.headers["Location"].startswith("/console/prove"), url.rule


def _with_proof(seats: dict[str, Seat]) -> Iterator[tuple[Url, Seat]]:
    for url in BEHIND:
        if url.proof:
            role = next(name for name, each in STANDARD.items() if url.open_to(each))
            yield url, seats[role]


def test_every_right_opens_something_and_no_role_has_them_all() -> None:
    asked = {right for url in URLS for right in url.rights}
    assert asked == set(May)
    assert all(set(role.may) < set(May) for role in STANDARD.values())


def rows(rt: Runtime) -> dict[str, int]:
    """How many rows each table has."""
    with rt.begin() as db:
        return {
            name: db.conn.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one()
            for name in metadata.tables
        }
