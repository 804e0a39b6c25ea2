"""The way from end to end: over HTTP in, through mailbox and core, out to the carrier's twin and back."""

from datetime import datetime
from zoneinfo import ZoneInfo

from tests.conftest import ANA_PHONE, House

NEW_YORK = ZoneInfo("America/New_York")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 12, day, hour, minute, tzinfo=NEW_YORK)


def test_a_reminder_goes_out_and_a_yes_confirms_the_visit(house: House) -> None:
    visit = house.visit(house.patient(), at(7, 10, 30))
    house.work()
    assert house.got() == []

    house.wait_until(at(4, 10, 30))
    (reminder,) = house.got()
    assert "Hi Ana, you have a visit on Mon, Dec 7 at 10:30 AM" in reminder

    house.text("yes see you then")
    house.work()
    assert house.got()[-1] == "Thank you, Ana. Your visit on Mon, Dec 7 at 10:30 AM is confirmed."
    assert house.status(visit) == "confirmed"
    assert {seen.status for seen in house.thread(ANA_PHONE) if seen.direction != "inbound"} == {"delivered"}
