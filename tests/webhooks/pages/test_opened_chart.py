"""Results and the summary of a visit on a page: from the office's file to what is read, and nothing of it in a text."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from icalendar import Calendar

from bot.core.facts import VisitStatus
from bot.core.flow import Page
from bot.service import schedule
from tests.conftest import SERVICE
from tests.webhooks.pages.conftest import Browser, Pages
from tests.webhooks.pages.kinds import at, brought_in, external_id, follow, last_text, later, tasks
from tests.webhooks.pages.practice import link, opened, unlocked

RESULTS = (
    "external_id,patient_external_id,panel,name,value,unit,low,high,taken,provider,note,abnormal,released"
)
SUMMARIES = "appointment_external_id,provider,diagnoses,medicines,plan"
NOTES = (
    "LAST,Dr. Okafor,High blood pressure; Sore knee,"
    '"new: Lisinopril, 10 mg once a day; stopped: Ibuprofen",Walk; Rest'
)
VISITS = "external_id,patient_external_id,provider,location,kind,start,duration_minutes,status"
Results = Callable[..., None]


@pytest.fixture
def released(pages: Pages, tmp_path: Path) -> Results:
    """Brings in results of Ana's; a line is what follows the patient's id."""

    def bring_in(*lines: str, patient: str = "") -> None:
        later(pages)
        whose = patient or external_id(pages)
        rows = [f"R{number}{whose},{whose},{line}" for number, line in enumerate(lines)]
        brought_in(pages, tmp_path, schedule.import_results, RESULTS, *rows)

    return bring_in


def facing(browser: Browser, name: str) -> str:
    """What stands on the page from this name of a value to the next card."""
    assert browser.seen is not None
    (card,) = [one for one in browser.seen.text.split("<section")[1:] if f">{name}</h2>" in one]
    return " ".join(card.split())


# -- results ---------------------------------------------------------------------------------------------


def test_a_text_says_that_results_are_ready_and_nothing_else(pages: Pages, released: Results) -> None:
    released("Blood sugar,Hemoglobin A1c,5.8,%,4.0,5.6,2026-11-29,Dr. Okafor,Come and see me.,,yes")
    assert last_text(pages).startswith("Riverside Clinic: Ana, your results are ready: http")
    told = " ".join(pages.house.got())
    assert not any(word in told for word in ("sugar", "A1c", "5.8", "Okafor", "high", "abnormal"))


def test_the_page_has_title_day_note_value_and_what_is_normal(pages: Pages, released: Results) -> None:
    released("Blood sugar,Hemoglobin A1c,5.8,%,4.0,5.6,2026-11-29,Dr. Okafor,Eat less sugar.,,yes")
    page = follow(pages)
    assert "Blood sugar Taken November 29, 2026" in page.text
    assert "A note from Dr. Okafor Eat less sugar." in page.text
    assert "Hemoglobin A1c 5.8 % ▲ Above normal Normal: 4 to 5.6 %" in page.text


@pytest.mark.parametrize(
    ("value", "low", "high", "said"),
    [
        ("5.5", "4.0", "5.6", "✓ Normal Normal: 4 to 5.6 %"),
        ("5.6", "4.0", "5.6", "✓ Normal Normal: 4 to 5.6 %"),
        ("3.9", "4.0", "5.6", "▼ Below normal Normal: 4 to 5.6 %"),
        ("5.7", "4.0", "5.6", "▲ Above normal Normal: 4 to 5.6 %"),
        ("98", "", "100", "✓ Normal Normal: below 100 %"),
        ("39", "40", "", "▼ Below normal Normal: above 40 %"),
        ("<0.5", "", "1", "✓ Normal Normal: below 1 %"),
        ("5", "", "", "5 %"),
    ],
)
def test_each_value_is_told_by_its_own_normal_range(
    pages: Pages, released: Results, value: str, low: str, high: str, said: str
) -> None:
    released(f",Value,{value},%,{low},{high},2026-11-29,,,,yes")
    shown = follow(pages).text
    assert said in shown
    assert ("normal" in shown.casefold()) == bool(low or high)


def test_words_are_shown_as_they_are(pages: Pages, released: Results) -> None:
    released(",Strep test,negative <b>,,,,2026-11-29,,,,yes")
    assert "Strep test negative &lt;b&gt;" in follow(pages).text


def test_earlier_values_stand_below_the_newest_first(pages: Pages, released: Results) -> None:
    released(
        "Cholesterol,LDL,164,mg/dL,,100,2024-11-20,,,,yes",
        "Cholesterol,LDL,121,mg/dL,,100,2025-11-20,,,,yes",
        "Cholesterol,LDL,98,mg/dL,,100,2026-11-29,,,,yes",
    )
    page = follow(pages)
    assert "Taken November 29, 2026" in page.text
    assert "November 20, 2025 121 mg/dL November 20, 2024 164 mg/dL" in page.text
    card = facing(page, "LDL")
    assert card.index("98</strong> mg/dL") < card.index("<svg")
    table = card[card.index("<table") :]
    assert "98 mg/dL" not in table
    assert table.index("121 mg/dL") < table.index("164 mg/dL")


def test_what_is_not_released_is_not_seen(pages: Pages, released: Results) -> None:
    released("Panel,Seen,1,,,,2026-11-29,,,,yes", "Panel,Hidden,2,,,,2026-11-29,,,,no")
    page = follow(pages)
    assert "Seen" in page.text
    assert "Hidden" not in page.text


def test_what_was_never_released_is_no_page_and_no_text(pages: Pages, released: Results) -> None:
    released("Panel,Hidden,2,,,,2026-11-29,,,,no")
    assert pages.house.got() == []
    page = unlocked(pages, link(pages, Page.RESULT).token)
    assert page.get().status_code == 404
    assert "Hidden" not in page.text


def test_a_result_that_is_not_normal_is_a_nurses_call_and_the_text_is_the_same(
    pages: Pages, released: Results
) -> None:
    released("Panel,A1c,9.9,%,4,5.6,2026-11-29,,,,yes")
    assert tasks(pages)["call_about_result"].role == "nurse"
    assert last_text(pages).startswith("Riverside Clinic: Ana, your results are ready: http")


def test_one_does_not_see_the_results_of_another_on_the_same_phone(pages: Pages, released: Results) -> None:
    released("Panel,Anas,1,,,,2026-11-29,,,,yes")
    ben = pages.house.patient("Ben")
    page = unlocked(pages, link(pages, Page.RESULT, patient=ben).token, first_name="Ben")
    assert page.get().status_code == 404
    assert "Anas" not in page.text


def test_who_does_not_open_it_is_reminded_and_then_a_person_looks(pages: Pages, released: Results) -> None:
    released("Panel,Seen,1,,,,2026-11-29,,,,yes")
    pages.house.wait_until(pages.rt.now() + timedelta(days=1))
    assert "your results still wait for you" in last_text(pages)
    pages.house.wait_until(pages.rt.now() + timedelta(days=2))
    assert "result_not_opened" in tasks(pages)


# -- summary of a visit ----------------------------------------------------------------------------------


@pytest.fixture
def summary(pages: Pages, tmp_path: Path) -> Browser:
    """The page of the summary, which came when the office closed the visit."""
    later(pages)
    row = f"LAST,{external_id(pages)},Dr. Okafor,Main Street,follow-up,2026-11-30T08:00-05:00,30"
    for status in ("booked", "fulfilled"):
        brought_in(pages, tmp_path, schedule.import_appointments, VISITS, f"{row},{status}")
    brought_in(pages, tmp_path, schedule.import_summaries, SUMMARIES, NOTES)
    return follow(pages)


def test_the_text_says_that_there_are_notes_and_the_page_what_they_say(
    pages: Pages, summary: Browser
) -> None:
    assert last_text(pages).startswith("Riverside Clinic: Ana, see your visit notes at http")
    assert "Dr. Okafor" in summary.text
    assert "New Lisinopril 10 mg once a day Stop taking Ibuprofen" in summary.text
    assert "What to do now Walk Rest" in summary.text
    assert "What we talked about High blood pressure Sore knee" in summary.text


def test_without_a_next_visit_there_is_no_file_for_the_calendar(summary: Browser) -> None:
    assert "No visit is booked." in summary.text
    assert summary.get(f"{summary.here}/visit.ics").status_code == 404


def test_the_next_visit_is_told_and_goes_into_the_calendar(pages: Pages, summary: Browser) -> None:
    pages.house.visit(pages.patient, at(20, 9))
    pages.house.visit(pages.patient, at(14, 10, 30))
    pages.house.visit(pages.patient, at(3, 10), status=VisitStatus.CANCELLED)
    summary.get()
    assert "Mon, Dec 14 at 10:30 AM" in summary.text
    answer = summary.get(f"{summary.here}/visit.ics")
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="visit.ics"'
    (event,) = Calendar.from_ical(answer.data).events
    assert (event.start, event.end) == (at(14, 10, 30), at(14, 11))
    assert str(event["summary"]) == "Visit at Riverside Clinic"


def test_a_calendar_says_neither_why_nor_with_whom_nor_for_whom(pages: Pages, summary: Browser) -> None:
    pages.house.visit(pages.patient, at(14, 10, 30))
    file = summary.get(f"{summary.here}/visit.ics").text
    for hidden in (SERVICE.provider, SERVICE.kind, "Ana", "Morales", "pressure", "knee"):
        assert hidden.casefold() not in file.casefold(), hidden
    (event,) = Calendar.from_ical(file).events
    assert not {"DESCRIPTION", "ORGANIZER", "ATTENDEE", "URL", "CATEGORIES"} & set(event)


def test_no_summary_is_no_page(pages: Pages) -> None:
    assert opened_or_not(pages) == 404


def opened_or_not(pages: Pages) -> int:
    """What a link to a summary is answered with."""
    return opened(pages, Page.SUMMARY).get().status_code
