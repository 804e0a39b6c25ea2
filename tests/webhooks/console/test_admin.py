"""The admin's pages: what they show, and that a form that can't be taken comes back with what is wrong."""

import re
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from markupsafe import escape

from bot.core.effects import Purpose
from bot.core.roles import STANDARD, May, Sees
from bot.runtime import Runtime
from bot.service import enrol
from bot.service.console.budget import DAYS, KINDS, Budget, Day
from bot.settings import HOME
from bot.store import audit
from tests.bot.service.week import Week, at
from tests.conftest import START
from tests.webhooks.console import urls_admin
from tests.webhooks.console.seats import Seat, plain, sit_down
from webhooks.app import create
from webhooks.console.admin import HEIGHT, bars


@pytest.fixture
def flows_dir() -> Path:
    """The clinic's own flows, with rosters and a role of its own."""
    return HOME / "flows"


@pytest.fixture
def app(rt: Runtime) -> Flask:
    """The whole app."""
    return create(rt)


@pytest.fixture
def admin(rt: Runtime, app: Flask, clinic: UUID) -> Seat:
    """An admin who is signed in."""
    return sit_down(rt, app, clinic, "admin", "ada")


def actions(rt: Runtime) -> list[str]:
    """What was audited, in its order."""
    with rt.begin() as db:
        rows = db.conn.execute(audit.audit.select().order_by(audit.audit.c.at))
        return [row.action for row in rows]


def test_every_page_of_the_section_stands_and_says_what_it_is_about(
    rt: Runtime, clinic: UUID, admin: Seat
) -> None:
    enrol.add(rt, clinic, "maria@clinic.example", role="nurse", handle="maria", phone="+12025550171")
    for path, words in {
        "/admin": ("2 people", "2 can’t sign in safely yet", "Nobody here reads the audit trail"),
        "/admin/staff": ("Maria", "a log-in is missing", "(202) 555-0171", "you"),
        "/admin/roles": ("Care coordinator", "break the glass", "health information"),
        "/admin/clinic": ("Riverside Clinic", "America/New_York"),
        "/admin/calendars": ("Office", "Monday", "08:00 to"),
        "/admin/oncall": (
            "Nurse",
            "not known here",
            "Tells the nurse on call by text",
            "everyone of the roster nurse",
        ),
        "/admin/numbers": ("(202) 555-0100", "A message comes in"),
        "/admin/budget": ("1 a day", "Nothing has left"),
        "/admin/keys": ("seals values", "all under the newest master key", rt.vault.newest),
        "/admin/retention": ("Is not deleted yet", "The audit trail"),
        "/admin/exports": ("Appointments", "Download CSV"),
    }.items():
        html = admin.get(path).text
        said = plain(html) + " ".join(re.findall(r'value="([^"]*)"', html))
        assert all(word in said for word in words), (path, words, said)
        assert ' style="' not in html


def test_the_table_of_roles_says_what_each_may_and_sees(admin: Seat) -> None:
    html = admin.get("/admin/roles").text
    for right in (*May, *Sees):
        named = re.escape(str(escape(right.value)))
        row = re.search(rf'<tr><th scope="row">{named}</th>(.*?)</tr>', html, re.DOTALL)
        assert row, right
        marks = [">yes<" in cell for cell in row[1].split("<td>")[1:]]
        assert marks[: len(STANDARD)] == [right in (*role.may, *role.sees) for role in STANDARD.values()], (
            right
        )


def test_somebody_is_added_changed_invited_and_let_go(rt: Runtime, clinic: UUID, admin: Seat) -> None:
    added = admin.post("/admin/staff", {**urls_admin.NEW, "name": "Nell Ortiz", "phone": "(202) 555-0171"})
    assert added.status_code == 303
    path = added.headers["Location"].split("?")[0].removeprefix("/console")
    assert "Nell Ortiz" in admin.text(path)
    invited = admin.post(f"{path}/invite")
    assert re.search(r"/console/sign-in/link#[\w-]{40}", invited.text)
    assert "sign-in/link#" not in admin.get(path).text  # it is shown once
    reset = admin.post(f"{path}/reset")
    assert (reset.status_code, "invite them" in plain(reset.text)) == (422, True)
    assert admin.post(path, {"role": "provider", "name": "Dr. Ortiz", "phone": ""}).status_code == 303
    (nell,) = [one for one in enrol.everybody(rt, clinic) if one.email == urls_admin.NEW["email"]]
    assert (nell.role, nell.name, nell.phone) == ("provider", "Dr. Ortiz", None)
    assert admin.post(f"{path}/leave").headers["Location"] == "/console/admin/staff?said=staff-left"
    assert admin.get(path).status_code == 404
    wanted = ["staff.added", "login.invite_made", "staff.changed", "staff.left"]
    assert [action for action in actions(rt) if action in wanted][1:] == wanted  # the first is ada herself


def test_a_form_that_cannot_be_taken_comes_back_with_what_is_wrong(
    rt: Runtime, clinic: UUID, admin: Seat
) -> None:
    me = f"/admin/staff/{admin.desk.member}"
    for path, form, said in (
        ("/admin/staff", {**urls_admin.NEW, "email": "nell"}, "Is not an address"),
        ("/admin/staff", {**urls_admin.NEW, "email": "ada@clinic.example"}, "has this address already"),
        ("/admin/staff", {**urls_admin.NEW, "role": "janitor"}, "Must be one of admin,"),
        ("/admin/staff", {**urls_admin.NEW, "name": " "}, "Must have 1 to 100"),
        (me, {"role": "nurse", "name": "Ada", "phone": ""}, "Nobody changes their own role"),
        (me, {"role": "admin", "name": "Ada", "phone": "12"}, "too few or too many digits"),
        (f"{me}/leave", {}, "Nobody lets themselves go"),
        ("/admin/clinic", {**urls_admin.CLINIC, "zone": "Mars/Base"}, "Is not a time zone"),
        (
            "/admin/clinic",
            {**urls_admin.CLINIC, "oncall_phone": "+12025550100"},
            "nobody could be paged there",
        ),
        ("/admin/oncall/swaps", {**urls_admin.SWAP, "person": "ada", "until": ""}, "Is not a moment"),
    ):
        answer = admin.post(path, form)
        assert (answer.status_code, said in plain(answer.text)) == (422, True), (path, form)
        assert 'aria-invalid="true"' in answer.text or path.endswith("/leave") or path == me, path
    assert [one.handle for one in enrol.everybody(rt, clinic)] == ["ada"]


def test_the_clinics_settings_are_changed_at_once(rt: Runtime, clinic: UUID, admin: Seat) -> None:
    form = {**urls_admin.CLINIC, "name": "River & Co", "language": "ES", "oncall_phone": "202-555-0199"}
    assert admin.post("/admin/clinic", form).status_code == 303
    with rt.begin() as db:
        now = rt.clinic(db, clinic)
    assert (now.name, now.language, now.oncall_phone) == ("River & Co", "es", "+12025550199")
    assert "River &amp; Co" in admin.get("/admin/clinic").text
    assert admin.post("/admin/clinic", form).status_code == 303
    assert actions(rt).count("clinic.changed") == 1  # the same once more is no change


def test_a_duty_is_swapped_and_the_swap_undone(rt: Runtime, clinic: UUID, admin: Seat) -> None:
    enrol.add(rt, clinic, "nell@clinic.example", role="nurse", handle="nell")
    assert admin.post("/admin/oncall/swaps", urls_admin.SWAP).status_code == 303
    words = admin.text("/admin/oncall")
    assert "Nell has nurse" in words
    undo = re.search(r'action="/console(/admin/oncall/swaps/[\w-]+/undo)"', admin.get("/admin/oncall").text)
    assert undo
    assert admin.post(undo[1]).status_code == 303
    assert "Nell has nurse" not in admin.text("/admin/oncall")
    with rt.begin() as db:
        table = audit.audit
        rows = db.conn.execute(table.select().where(table.c.action.startswith("oncall.swap"))).all()
    assert {row.actor for row in rows} == {str(admin.desk.member)}


def test_exports_are_files_whose_cells_are_no_formulas(
    rt: Runtime, app: Flask, clinic: UUID, admin: Seat
) -> None:
    week = Week(rt, clinic)
    week.visit(at(START + timedelta(days=2)), provider="=HYPERLINK(1)")
    answer = admin.post("/admin/exports/appointments")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="appointments-2026-11-30')
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "'=HYPERLINK(1)" in answer.text
    assert ",=HYPERLINK" not in answer.text
    tasks = admin.post("/admin/exports/tasks")
    assert tasks.text.startswith("id,task,urgency,role,times,opened,due,overdue,closed,by")
    assert {"appointments.exported", "tasks.exported"} <= set(actions(rt))
    bill = sit_down(rt, app, clinic, "billing", "bill")
    assert bill.get("/admin/exports").status_code == 200
    assert bill.get("/admin").status_code == 403


def test_the_chart_shows_days_by_what_texts_were_for() -> None:
    empty = Day(day=START.date(), texts=(0, 0, 0, 0), segments=0)
    busy = Day(day=START.date(), texts=(10, 30, 0, 0), segments=50)
    shown = Budget(policy="x", per_day=1, per_week=3, days=(empty,) * (DAYS - 1) + (busy,), exact=True)
    drawn = bars(shown)
    assert drawn[0] == []
    assert [(kind, height) for kind, _, _, height in drawn[-1]] == [(0, HEIGHT // 4), (1, HEIGHT * 3 // 4)]
    assert {purpose for _, kind in KINDS for purpose in kind} == set(Purpose)
    assert (shown.texts, shown.segments) == ((10, 30, 0, 0), 50)
