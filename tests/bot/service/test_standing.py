"""What is open: who has it, what comes next, and who may be named by those who go on with it."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.oncall import THE_PHONE
from bot.errors import BadImport, NotFound
from bot.service import advance, answer, drill, standing
from bot.service.standing import Standing
from tests.bot.service.oncall_edition import edition, staff
from tests.conftest import ANA_PHONE, House, Servers


@pytest.fixture
def flows_dir(servers: Servers) -> Path:
    """Flows with rosters and a ladder."""
    return edition(servers.directory)


@pytest.fixture
def code(house: House) -> str:
    """An alarm of Ana's that climbs."""
    staff(house.rt, house.clinic)
    house.patient()
    house.text("I have chest pain", ANA_PHONE)
    advance.drain(house.rt, 10)
    return the_one(house).code


def the_one(house: House) -> Standing:
    (found,) = standing.open_ones(house.rt, house.clinic)
    return found


def test_what_climbs_shows_its_next_step(house: House, code: str) -> None:
    found = the_one(house)
    assert (found.urgency, found.reason, found.by, found.snoozed) == ("emergency", "words", None, False)
    assert found.then is not None
    assert str(found.then.tell) == "everyone of nurse"
    assert found.due == found.opened + timedelta(minutes=2)


def test_who_has_it_is_shown_until_it_is_closed(house: House, code: str) -> None:
    answer.take(house.rt, house.clinic, code, by="maria", via="command")
    advance.drain(house.rt, 10)
    taken = the_one(house)
    assert (taken.by, taken.then, taken.due) == ("maria", None, None)
    answer.snooze(house.rt, house.clinic, code, by="", via="command", span=timedelta(minutes=30))
    advance.drain(house.rt, 10)
    asleep = the_one(house)
    assert (asleep.by, asleep.snoozed) == (THE_PHONE, True)
    assert asleep.due is not None
    assert asleep.due - house.rt.now() > timedelta(minutes=20)
    answer.resolve(house.rt, house.clinic, code, by="maria", via="command", outcome="false alarm")
    advance.drain(house.rt, 10)
    assert standing.open_ones(house.rt, house.clinic) == ()


def test_only_what_is_open_can_be_gone_on_with(house: House, code: str) -> None:
    assert standing.still_open(house.rt, None, code).code == code
    with pytest.raises(NotFound, match="There is no escalation 9"):
        standing.still_open(house.rt, None, "9")
    answer.resolve(house.rt, house.clinic, code, by="maria", via="command", outcome="false alarm")
    advance.drain(house.rt, 10)
    with pytest.raises(NotFound, match=f"{code} is closed already"):
        standing.still_open(house.rt, None, code)


def test_a_drill_is_among_what_is_open(house: House) -> None:
    drill.begin(house.rt, None, "emergency")
    advance.drain(house.rt, 10)
    assert the_one(house).reason == "drill"


def test_whoever_acts_is_a_member_or_has_the_on_call_phone(house: House) -> None:
    staff(house.rt, house.clinic)
    assert standing.answering(house.rt, None, "maria") == "maria"
    assert standing.answering(house.rt, None, THE_PHONE) == ""
    for wrong in ("nobody", "", "Maria"):
        with pytest.raises(NotFound):
            standing.answering(house.rt, None, wrong)


@pytest.mark.parametrize(
    "words", ["nurse on call", "everyone of nurse", "everyone with role provider", "maria", THE_PHONE]
)
def test_somebody_who_is_known_can_be_meant(house: House, words: str) -> None:
    staff(house.rt, house.clinic)
    assert str(standing.meant(house.rt, None, words)) == words


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("surgeon on call", NotFound),
        ("everyone of surgeon", NotFound),
        ("everyone with role surgeon", BadImport),
        ("nobody", NotFound),
        ("Whoever Is There", BadImport),
    ],
)
def test_a_page_to_nobody_is_refused(house: House, words: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        standing.meant(house.rt, None, words)
