"""A practice with people on call: its ladder, what their phones got, and the pages that the ladder says there are.

The nurse is texted, then called and texted; after that the provider is, again and again.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from bot.flowbook import loader
from bot.gateways.twilio_twin.client import Ring
from bot.service import call_out
from bot.store import editions, staff
from tests.bot.service.duty import plan, step
from tests.conftest import EDITION
from tests.faults.practice import Practice
from tests.faults.town import Town
from tests.faults.waiting import until

EMERGENCY = "I have crushing chest pain"
STEPS = (
    step("nurse on call", "text", wait="2 minutes"),
    step("nurse on call", "call", "text", wait="3 minutes"),
    step("provider on call", "text", "call", wait="5 minutes"),
)
WAITS = (timedelta(minutes=2), timedelta(minutes=3), timedelta(minutes=5))
SECOND = timedelta(seconds=1)
_CODE = re.compile(r"EMERGENCY (\d{4})")

_ALERTS_WAIT = """
    SELECT 1 FROM alerts WHERE clinic_id = :clinic AND status IN ('ready', 'sending')
    AND not_before <= CAST(:now AS timestamptz) + interval '1 s'
"""
_RUNGS = "SELECT rung FROM escalations WHERE clinic_id = :clinic ORDER BY opened_at, code"


@contextmanager
def ladder(town: Town) -> Iterator[Town]:
    """While this lasts, the town's clinics have the ladder. Workers begin anew, so that all of them know of it."""
    _stop(town)
    plan(town.rt, *STEPS)
    yield town
    _stop(town)
    files = loader.collect(EDITION)
    with town.rt.begin() as db:
        editions.publish(db, loader.read(files).edition, files, town.rt.now(), by="operator")
    town.rt.remembered.clear()


def _stop(town: Town) -> None:
    """Who decides; the next test starts them again."""
    for name in [name for name in town.running if name.startswith("inbound")]:
        town.kill(name)


@dataclass(frozen=True)
class Climber:
    """The practice, and the phones of those on call."""

    clinic: Practice
    nurse: str
    provider: str

    def alarm(self, patients: Sequence[int] = (0,)) -> None:
        """These patients text of an emergency; the first page is out when this returns."""
        for patient in patients:
            self.clinic.text(patient, EMERGENCY)
        until(lambda: len(self.texts(self.nurse)) == len(patients), seen=self.told)

    def climb(self, number: int) -> None:
        """Nobody answers for as long as this page waits, so that the next one is due."""
        self.clinic.town.pass_time(WAITS[min(number, len(WAITS) - 1)])

    def texts(self, phone: str) -> list[str]:
        """The pages that came to a phone as texts, oldest first."""
        return [seen.body for seen in self.clinic.accepted(phone) if _CODE.search(seen.body)]

    def calls(self, phone: str) -> list[Ring]:
        """Those that came as calls."""
        return self.clinic.town.twin.calls(phone, self.clinic.phone)

    def told(self) -> tuple[int, int, int, int]:
        """How many texts and calls the nurse got, and how many the provider."""
        return tuple(  # type: ignore[return-value]
            len(pages)
            for phone in (self.nurse, self.provider)
            for pages in (self.texts(phone), self.calls(phone))
        )

    def rungs(self) -> list[int]:
        """The number of the newest page of each escalation."""
        return [row.rung for row in self.clinic.rows(_RUNGS)]

    def until_paged(self, number: int, patients: int = 1, *, lost: int = 0) -> None:
        """Wait until all pages up to this one are at the carrier; so many texts to the provider got lost."""
        wanted = expected(number, patients, lost=lost)
        until(lambda: self.told() == wanted and not self._waits(), seen=lambda: (self.told(), self.rungs()))

    def check(self, number: int, patients: int = 1, *, lost: int = 0) -> None:
        """Just the pages that the ladder says, each once, for each of the escalations alike."""
        assert self.told() == expected(number, patients, lost=lost)
        assert self.rungs() == [number] * patients
        for phone in (self.nurse, self.provider):
            bodies = self.texts(phone)
            assert len(set(bodies)) == len(bodies), "no text twice"
            assert len(set(Counter(_code(body) for body in bodies).values())) <= 1, "each alike"

    def code(self) -> str:
        """The code of the first escalation."""
        return _code(self.texts(self.nurse)[0])

    def find_out(self) -> None:
        """The clock looks into calls whose placing was interrupted."""
        self.clinic.town.pass_time(call_out.LOOK_AFTER + SECOND)
        call_out.settle(self.clinic.town.rt)

    def _waits(self) -> bool:
        return bool(self.clinic.rows(_ALERTS_WAIT))


def expected(number: int, patients: int = 1, *, lost: int = 0) -> tuple[int, int, int, int]:
    """Texts and calls of the nurse and the provider, after the page of this number."""
    nurse, provider = min(number + 1, 2), max(0, number - 1)
    calls = max(0, nurse - 1)
    return nurse * patients, calls * patients, provider * patients - lost, provider * patients


def staffed(clinic: Practice) -> Climber:
    """A nurse and a provider work at the practice."""
    number = clinic.phone[-4:]
    people = {"maria": f"+1202557{number}", "joe": f"+1202558{number}"}
    rt = clinic.town.rt
    with rt.begin() as db:
        for handle, phone in people.items():
            staff.save(
                db,
                clinic=clinic.clinic,
                handle=handle,
                role="nurse",
                name=handle.title(),
                email=f"{handle}@clinic.example",
                phone=phone,
                now=rt.now(),
            )
    return Climber(clinic, *people.values())


def _code(body: str) -> str:
    found = _CODE.search(body)
    assert found
    return found[1]
