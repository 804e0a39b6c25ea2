"""Patients at the console: finding them, their page, what can be sent to them."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from bot.runtime import Runtime
from bot.service.console import glass
from bot.settings import HOME
from bot.store import people
from bot.store.audit import audit
from bot.store.people import patients
from tests.bot.service.past_of_ana import Ana, ana, many_texts
from tests.conftest import START, House
from tests.webhooks.console.seats import Seat, plain, sit_down
from webhooks.app import create

SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def flows_dir() -> Path:
    """The clinic's own flows."""
    return HOME / "flows"


@dataclass
class Desks:
    """A clinic with Ana in it, and who works there."""

    house: House
    ana: Ana
    nurse: Seat
    admin: Seat

    @property
    def page(self) -> str:
        """Ana's page."""
        return f"/patients/{self.ana.patient}"


@pytest.fixture
def desks(house: House) -> Desks:
    """Ana has lived, and two sit at their desks."""
    lived = ana(house)
    app = create(house.rt)
    return Desks(
        house,
        lived,
        sit_down(house.rt, app, house.clinic),
        sit_down(house.rt, app, house.clinic, "admin", "ada"),
    )


def views(rt: Runtime, action: str) -> list[tuple[str, str]]:
    """Who did this, and to which patients."""
    with rt.begin() as db:
        rows = db.conn.execute(select(audit).where(audit.c.action == action).order_by(audit.c.at))
        return [(row.actor, row.patients) for row in rows]


def test_a_search_leads_to_the_one_to_a_list_or_teaches(desks: Desks) -> None:
    nurse = desks.nurse
    one = nurse.post("/patients", {"wanted": "Ana Morales"})
    assert (one.status_code, one.headers["Location"]) == (303, f"/console{desks.page}")
    desks.house.patient("Ben")
    both = plain(nurse.post("/patients", {"wanted": "morales"}).text)
    assert "2 found" in both
    assert "Ben Morales Jan 2, 1970 •••• 0111" in both
    none = nurse.post("/patients", {"wanted": SCRIPT})
    assert "whole words" in none.text
    assert SCRIPT not in none.text
    nurse.get(desks.page)
    assert "You looked at lately Ana Morales" in nurse.text("/patients")
    assert "Whom you look at stands here" in desks.admin.text("/patients")


def test_the_page_tells_who_what_is_open_and_what_lies_ahead(desks: Desks) -> None:
    words = desks.nurse.text(desks.page)
    for said in (
        "Ana Morales Jan 2, 1970 (56 years) (202) 555-0111 English",
        "Escalation A patient’s own words sound like an emergency. nobody has it yet",
        "Next visit Thu 3 Dec, 9:00 AM confirmed",
        "follow-up · Dr. Okafor · Main Street",
        "son Luis Morales · (202) 555-0177",
        "Read as: says yes · sure · no alarm",
    ):
        assert said in words, said
    assert "Emergency access" not in words


def test_a_look_by_hand_is_written_down_once_and_what_the_page_fetches_is_not(desks: Desks) -> None:
    before = len(views(desks.house.rt, "patient.viewed"))
    desks.nurse.get(desks.page)
    desks.nurse.get(desks.page, headers={"X-Live": "1"})
    seen = views(desks.house.rt, "patient.viewed")[before:]
    assert seen == [(str(desks.nurse.desk.member), str(desks.ana.patient))]


def test_names_and_words_stand_there_as_text_and_never_as_html(desks: Desks) -> None:
    rt, clinic = desks.house.rt, desks.house.clinic
    with rt.begin() as db:
        sealed = db.seal(patients, "first_name", clinic=clinic, row=desks.ana.patient, value=SCRIPT)
        db.conn.execute(patients.update().values(first_name=sealed))
    desks.house.text(SCRIPT)
    desks.house.work()
    for path in (desks.page, f"{desks.page}/contact", f"/talks/{desks.ana.talk}", "/patients"):
        html = desks.nurse.get(path).text
        assert SCRIPT not in html, path
        assert "<b>wobblyelbow</b>" not in html
    assert "&lt;script&gt;" in desks.nurse.get(desks.page).text


def test_older_entries_come_page_by_page(desks: Desks) -> None:
    many_texts(desks.house, desks.ana.talk, 60)
    html = desks.nurse.get(desks.page).text
    (older,) = {part.split('"')[0] for part in html.split('hx-get="') if "before=" in part.split('"')[0]}
    shown = desks.nurse.get(older.removeprefix("/console").replace("&amp;", "&"))
    assert "one of many" in shown.text
    assert "Back to the newest" in shown.text
    assert "velvetcactus" not in desks.nurse.text(f"{desks.page}?show=visits")


def test_a_photo_opens_for_who_sees_health_and_each_look_is_written_down(desks: Desks) -> None:
    path = f"{desks.page}/photos/{desks.ana.photo}"
    assert path in desks.nurse.get(desks.page).text
    answer = desks.nurse.get(path)
    assert (answer.data, answer.mimetype) == (b"JPEG", "image/jpeg")
    assert answer.headers["Cache-Control"] == "no-store"
    assert len(views(desks.house.rt, "photo.viewed")) == 1
    assert path not in desks.admin.get(desks.page).text
    assert desks.admin.get(path).headers["Location"] == f"/console{desks.page}"
    assert len(views(desks.house.rt, "photo.viewed")) == 1


def test_a_role_without_sight_is_shown_the_glass_and_sees_all_once_it_is_broken(desks: Desks) -> None:
    blind = desks.admin.text(desks.page)
    assert "Emergency access" in blind
    assert "purplehippo" not in blind
    admin = desks.admin.desk
    glass.break_it(desks.house.rt, admin, desks.ana.patient, reason="she fainted here", minutes=30)
    seen = desks.admin.text(desks.page)
    assert "Emergency access until" in seen
    assert "purplehippo" in seen
    assert desks.admin.get(f"{desks.page}/photos/{desks.ana.photo}").data == b"JPEG"
    assert "purplehippo" in desks.admin.text(f"/talks/{desks.ana.talk}")


def test_pages_flows_and_call_tasks_are_sent_from_the_page(desks: Desks) -> None:
    nurse, house = desks.nurse, desks.house
    html = nurse.get(desks.page).text
    for wanted in ('value="result"', 'value="form:intake"', 'value="phq2"'):
        assert wanted in html
    before = len(house.got())
    assert nurse.post(f"{desks.page}/send", {"what": "form:intake"}).headers["Location"].endswith("page_sent")
    house.work()
    assert len(house.got()) == before + 1
    assert "#" in house.got()[-1]  # a link
    for nonsense in ("form:no_such", "offer", "check_in", "", "result:x"):
        sent = nurse.post(f"{desks.page}/send", {"what": nonsense})
        assert sent.headers["Location"].endswith("cannot_send"), nonsense
    assert nurse.post(f"{desks.page}/flow", {"flow": "phq2"}).headers["Location"].endswith("flow_started")
    assert nurse.post(f"{desks.page}/flow", {"flow": "no_such"}).headers["Location"].endswith("cannot_send")
    assert nurse.post(f"{desks.page}/call", {"note": "lapsed"}).headers["Location"].endswith("call_task")
    assert "Call the patient." in nurse.text(desks.page)
    house.text("STOP")
    house.work()
    assert nurse.post(f"{desks.page}/send", {"what": "result"}).headers["Location"].endswith("opted_out")


def test_contact_data_is_changed_with_its_faults_beside_the_fields(desks: Desks) -> None:
    nurse, rt = desks.nurse, desks.house.rt
    form = {
        "first_name": "Ana",
        "last_name": "",
        "birth_date": "1970-01-02",
        "phone": "12",
        "language": "en",
        "timezone": "America/New_York",
    }
    wrong = nurse.post(f"{desks.page}/contact", form)
    assert wrong.status_code == 422
    assert "This is empty." in wrong.text
    assert 'value="12"' in wrong.text
    right = nurse.post(f"{desks.page}/contact", form | {"last_name": "Vega", "phone": "(202) 555-0166"})
    assert right.headers["Location"].endswith("contact_changed")
    with rt.begin() as db:
        card = people.card(db, desks.house.clinic, desks.ana.patient)
    assert (card.last_name, card.phone) == ("Vega", "+12025550166")
    guardian = nurse.post(f"{desks.page}/guardians", {"name": "", "relation": "aunt"})
    assert guardian.status_code == 422
    added = nurse.post(f"{desks.page}/guardians", {"name": "Eva", "relation": "aunt"})
    assert added.headers["Location"].endswith("guardian_added")
    assert "Eva · aunt" in nurse.text(f"{desks.page}/contact")


def test_a_patient_of_whom_nothing_is_known_yet_has_a_page_that_says_so(house: House) -> None:
    patient: UUID = house.patient()
    seat = sit_down(house.rt, create(house.rt), house.clinic)
    words = seat.text(f"/patients/{patient}")
    assert "Nothing has happened with this patient yet." in words
    house.visit(patient, START + timedelta(days=2))
    assert "booked" in seat.text(f"/patients/{patient}")
