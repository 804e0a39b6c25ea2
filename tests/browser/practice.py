"""A practice with the shipped flows and Ana's chart: what the secure pages have to show. All of it is made up."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from bot.core.book import Book, PageRules
from bot.core.flow import Page
from bot.flowbook import loader
from bot.runtime import Runtime
from bot.service import schedule
from bot.service.csv_rows import Fault
from bot.settings import HOME
from bot.store import appointments, editions, people
from tests.browser import pages
from tests.conftest import ANA_PHONE, START, House

TODAY = START + timedelta(hours=2)  # 11:00 in New York
_PATIENTS = (
    "external_id,first_name,last_name,birth_date,phone,language",
    f"ANA,Ana,Morales,1970-01-02,{ANA_PHONE},en",
)
_VISITS = (
    "external_id,patient_external_id,provider,location,kind,start,duration_minutes,status",
    "LAST,ANA,Dr. Okafor,Main Street,follow-up,2026-11-26T10:30-05:00,30,fulfilled",
    f"TODAY,ANA,Dr. Okafor,Main Street,follow-up,{TODAY.isoformat()},30,booked",
    "NEXT,ANA,Dr. Okafor,Main Street,follow-up,2026-12-14T10:30-05:00,30,booked",
)
_SLOTS = (
    "provider,location,kind,start,duration_minutes",
    *(
        f"Dr. Okafor,Main Street,follow-up,2026-12-{day:02}T{hour:02}:30-05:00,30"
        for day in (8, 9, 10, 15)
        for hour in (9, 11, 15)
    ),
)
_RESULTS = (
    "external_id,patient_external_id,panel,name,value,unit,low,high,taken,provider,note,released",
    "R1,ANA,Cholesterol and blood sugar,LDL cholesterol,164,mg/dL,,100,2024-11-20,Dr. Okafor,,yes",
    "R2,ANA,Cholesterol and blood sugar,LDL cholesterol,121,mg/dL,,100,2025-11-20,Dr. Okafor,,yes",
    "R3,ANA,Cholesterol and blood sugar,LDL cholesterol,98,mg/dL,,100,2026-11-20,Dr. Okafor,Well done.,yes",
    "R4,ANA,Cholesterol and blood sugar,Hemoglobin A1c,5.8,%,4.0,5.6,2026-11-20,Dr. Okafor,Well done.,yes",
)
_SUMMARIES = (
    "appointment_external_id,provider,diagnoses,medicines,plan",
    'LAST,Dr. Okafor,High blood pressure; Sore knee,"new: Lisinopril, 10 mg once a day",Walk; Measure it every day',
)
_MEDICINES = (
    "external_id,patient_external_id,name,how,covered",
    "M1,ANA,Lisinopril,10 mg once a day,yes",
    "M2,ANA,Atorvastatin,20 mg at night,no",
)


@dataclass
class Practice:
    """The house with Ana in it; `visits` by the office's own name for them: LAST, TODAY and NEXT."""

    house: House
    ana: UUID
    visits: Mapping[str, UUID] = field(default_factory=dict)

    def link(self, page: Page, *, form: str | None = None, visit: str | None = None) -> str:
        """Text Ana a link to this page; its address."""
        return pages.send(self.house, self.ana, page, form=form, visit=self.visits[visit] if visit else None)

    def later(self, by: timedelta) -> None:
        """Time goes by, and everybody does what is due."""
        self.house.wait_until(self.house.rt.now() + by)

    def forward(self, by: timedelta) -> None:
        """Time goes by in the house, and nobody does anything."""
        self.house.rt.move_clock(by)

    def rule(self, **pages: object) -> None:
        """From now on the house goes by these rules of its clinic's for pages."""
        rt = self.house.rt
        with rt.begin() as db:
            book = rt.book(db, rt.current_edition(db))
        house = book.house.model_copy(update={"pages": PageRules.model_validate(pages)})
        rt.books[book.edition] = book.model_copy(update={"house": house})

    def asks(self, body: str) -> str:
        """Ana texts this; the address of the page that she gets for it."""
        before = len(self.house.got())
        self.house.text(body)
        self.house.work()
        assert len(self.house.got()) > before
        return pages.link_of(self.house)


@dataclass(frozen=True, slots=True)
class Shipped:
    """The flows as they are shipped: their files, and what they were read to."""

    files: Mapping[str, str]
    book: Book

    def publish(self, rt: Runtime) -> None:
        """Make them the edition that is used. That they may be, `bot flow lint` has said: it takes its time."""
        with rt.begin() as db:
            editions.publish(db, self.book.edition, dict(self.files), rt.now(), by="operator", move=False)
        rt.books[self.book.edition] = self.book


def shipped() -> Shipped:
    """Read them."""
    files = loader.collect(HOME / "flows")
    return Shipped(files, loader.read(files))


def opened_for_business(house: House, flows: Shipped, directory: Path) -> Practice:
    """Publish the shipped flows and bring in the files of the office; the texts that follow have left."""
    house.rt.move_clock(timedelta(seconds=2))  # past nine: a text that nobody asked for would wait for it
    flows.publish(house.rt)
    imports: list[tuple[Callable[..., schedule.Totals], tuple[str, ...]]] = [
        (schedule.import_patients, _PATIENTS),
        (schedule.import_slots, _SLOTS),
        (schedule.import_appointments, _VISITS),
        (schedule.import_medicines, _MEDICINES),
        (schedule.import_summaries, _SUMMARIES),
        (schedule.import_results, _RESULTS),
    ]
    for bring_in, lines in imports:
        faults: list[Fault] = []
        file = directory / f"{bring_in.__name__}.csv"
        file.write_text("\n".join(lines) + "\n")
        bring_in(house.rt, house.clinic, file, tell=schedule.Listeners(fault=faults.append))
        assert not faults, faults
    house.work()
    with house.rt.begin() as db:
        ana = people.by_external_ids(db, house.clinic, ["ANA"])["ANA"]
        listed = list(appointments.listed(db, house.clinic, patient=ana))
    return Practice(house, ana, {visit.external_id: visit.id for visit in listed})
