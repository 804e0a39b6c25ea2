"""A ladder in bad weather, by the demo's clock: what reaches the phones is what the pure ladder says, or its newest.

In one process, on real servers: what a crash leaves behind is left here by a carrier that takes a page and hangs up.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from bot.core.oncall import Ladder
from bot.gateways.twilio import Carrier
from bot.service import advance, answer, call_out, deliver, sweep
from tests.bot.service import duty
from tests.bot.service.duty import JOE, MARIA, work
from tests.conftest import ANA_PHONE, House
from tests.faults.climber import EMERGENCY, STEPS
from tests.faults.waiting import until

SECOND = timedelta(seconds=1)
LADDER = Ladder.model_validate({"steps": STEPS})
PHONES = {"nurse": MARIA, "provider": JOE}
BEN_PHONE = "+12025550112"
NEVER = 99


@pytest.fixture(autouse=True)
def _on_call(house: House) -> None:
    duty.plan(house.rt, *STEPS)
    duty.hire(house, "maria", MARIA)
    duty.hire(house, "joe", JOE, role="provider")
    house.patient()


def pages(house: House, phone: str) -> list[str]:
    """The pages that a phone got as texts."""
    return [body for body in house.got(phone) if "Reply ACK" in body]


def came(house: House) -> dict[tuple[str, str], int]:
    """How many pages came to whom by what."""
    texts = {(name, "text"): len(pages(house, phone)) for name, phone in PHONES.items()}
    return texts | {(name, "call"): len(duty.calls(house, phone)) for name, phone in PHONES.items()}


def as_the_ladder_says(last: int) -> dict[tuple[str, str], int]:
    """The same from the ladder alone, up to the page of this number."""
    wanted = {(name, channel): 0 for channel in ("text", "call") for name in PHONES}
    for number in range(last + 1):
        step = LADDER.rung(number)
        for channel in step.by:
            wanted[step.tell.name, str(channel)] += 1
    return wanted


def wait(house: House, number: int) -> None:
    """Nobody takes this page while it waits for somebody to."""
    house.rt.move_clock(LADDER.rung(number).wait or timedelta())


def tick(house: House, clocks: int) -> None:
    """So many clocks look at once."""
    together = threading.Barrier(clocks)

    def look(_number: int) -> int:
        together.wait()
        return sweep.ring_timers(house.rt) + call_out.settle(house.rt) + sweep.settle(house.rt)

    with ThreadPoolExecutor(clocks) as pool:
        list(pool.map(look, range(clocks)))
    work(house)


@pytest.mark.parametrize("clocks", [1, 2])
@pytest.mark.parametrize("crash", [False, True], ids=["no crash", "crashes"])
@pytest.mark.parametrize("taken_after", [0, 1, 3, NEVER])
def test_each_step_is_paged_once_until_somebody_takes_it(
    taken_after: int, crash: bool, clocks: int, house: House
) -> None:
    last = min(taken_after, 4)
    house.text(EMERGENCY)
    work(house)
    for number in range(last):
        wait(house, number)
        if crash:
            house.twin.weather(accept_then_hang_up=len(LADDER.rung(number + 1).by), callbacks="none")
        tick(house, clocks)
        house.twin.weather()
        if crash:
            house.rt.move_clock(sweep.LOOK_AFTER + SECOND)
            tick(house, clocks)
    if taken_after != NEVER:
        house.text("ack", PHONES[LADDER.rung(last).tell.name])
        work(house)
        house.rt.move_clock(timedelta(minutes=30))
        tick(house, clocks)
    assert came(house) == as_the_ladder_says(last)
    assert len({*pages(house, MARIA), *pages(house, JOE)}) == len(pages(house, MARIA) + pages(house, JOE))


# -- the carrier takes nothing for a while ----------------------------------------------------------------


def outage(house: House, weather: dict[str, int], until_page: int) -> None:
    """The weather is bad from the first page on, up to and with this one."""
    house.twin.weather(**weather)
    house.text(EMERGENCY)
    work(house)
    for number in range(until_page):
        wait(house, number)
        work(house)
    house.twin.weather()


def settle(house: House) -> None:
    """The clock looks into what was being sent, and the workers send what is to be sent again."""
    sweep.settle(house.rt)
    call_out.settle(house.rt)
    work(house)


@pytest.mark.parametrize("how", ["busy", "server_error", "accept_then_hang_up"])
def test_when_the_carrier_is_back_the_newest_page_leaves_and_none_that_is_older(
    how: str, house: House
) -> None:
    outage(house, {how: 99}, 5)
    taken = {JOE: 0, MARIA: 0} if how != "accept_then_hang_up" else {JOE: 4, MARIA: 2}
    assert {phone: len(pages(house, phone)) for phone in taken} == taken
    wait(house, 5)
    settle(house)
    assert len(pages(house, JOE)) == taken[JOE] + 1
    for _ in range(14):  # one after another it is known of all that did not leave
        house.rt.move_clock(timedelta(minutes=1))
        settle(house)
    ages = [minutes_old(body) for body in pages(house, JOE)]
    assert ages == sorted(set(ages)), "none that is older than what came before, and none twice"
    assert duty.calls(house, JOE)
    assert len(duty.calls(house, JOE)) <= len(ages) + taken[JOE]


def minutes_old(body: str) -> int:
    """How old the page says that the alarm is."""
    return int(body.split(" min old")[0].split()[-1])


def test_a_carrier_that_answers_too_late_is_asked_what_it_took(house: House) -> None:
    impatient = Carrier(
        account_sid=house.rt.settings.twilio_account_sid,
        auth_token=house.rt.settings.auth_tokens[0],
        api_base=house.rt.settings.twilio_api_base,
        timeouts=(3.0, 0.2),
    )
    patient = house.rt.carrier
    house.rt.__dict__["carrier"] = impatient
    outage(house, {"slow_ms": 500}, 1)
    house.rt.__dict__["carrier"] = patient
    until(lambda: came(house) == as_the_ladder_says(1), seen=lambda: came(house))
    house.rt.move_clock(sweep.LOOK_AFTER + SECOND)
    settle(house)
    house.rt.move_clock(sweep.GIVE_UP_AFTER)
    settle(house)
    assert {status for rung, _, _, status in duty.told(house) if rung < 2} <= {"sent", "delivered"}
    assert came(house)["nurse", "text"] == 2
    assert came(house)["nurse", "call"] == 1


def test_what_somebody_took_while_nobody_knew_whether_it_had_left_leaves_no_more(house: House) -> None:
    outage(house, {"server_error": 99}, 1)
    assert answer.take(house.rt, house.clinic, duty.escalation(house).code, by="joe", via="console")
    work(house)
    for after in (sweep.LOOK_AFTER, sweep.GIVE_UP_AFTER):
        house.rt.move_clock(after + SECOND)
        settle(house)
    assert set(came(house).values()) == {0}


@pytest.mark.parametrize("how", ["server_error", "busy"])
def test_a_page_that_is_stuck_does_not_hold_up_that_of_another_patient(how: str, house: House) -> None:
    house.patient("Ben", BEN_PHONE)
    house.twin.weather(**{how: 2})  # the answer and the page
    house.text(EMERGENCY)
    work(house)
    assert pages(house, MARIA) == []
    house.text(EMERGENCY, BEN_PHONE)
    work(house)
    assert [minutes_old(body) for body in pages(house, MARIA)] == [0]


def test_pages_of_several_patients_to_one_phone_leave_side_by_side(house: House) -> None:
    house.patient("Ben", BEN_PHONE)
    for phone in (ANA_PHONE, BEN_PHONE):
        house.text(EMERGENCY, phone)
    advance.drain(house.rt, 10)
    with ThreadPoolExecutor(4) as pool:
        assert deliver.deliver(house.rt, pool)
    assert len(pages(house, MARIA)) == 2


def test_where_texts_are_refused_the_ladder_climbs_at_once_to_a_call(house: House) -> None:
    house.twin.weather(refuse=[{"code": 30006, "of": "text", "to": phone} for phone in PHONES.values()])
    house.text(EMERGENCY)
    work(house)
    calls = {(name, channel): 0 for name in PHONES for channel in ("text", "call")} | {("nurse", "call"): 1}
    assert came(house) == calls
    duty.phone(house).answer()
    duty.phone(house).press("1")
    work(house)
    assert duty.escalation(house).by == "maria"
    house.rt.move_clock(timedelta(minutes=30))
    work(house)
    assert came(house) == calls


def test_where_texts_are_refused_and_calls_are_missed_it_climbs_at_once_to_the_last_step(
    house: House,
) -> None:
    house.twin.weather(
        refuse=[{"code": 30006, "of": "text", "to": phone} for phone in PHONES.values()],
        voice=[{"answers": "no-answer", "to": MARIA}, {"answers": "busy", "to": JOE}],
    )
    house.text(EMERGENCY)
    work(house)
    assert (duty.rung(house), duty.climbs(house)) == (2, [0, 1, 2])
    assert [len(duty.calls(house, phone)) for phone in PHONES.values()] == [1, 1], "no storm of calls"
    wait(house, 2)
    work(house)
    assert len(duty.calls(house, JOE)) == 2


def test_an_answer_whose_webhook_did_not_get_through_stops_the_ladder_all_the_same(house: House) -> None:
    house.text(EMERGENCY)
    work(house)
    house.twin.weather(webhook_down=True)
    house.text(f"ACK {duty.escalation(house).code}", MARIA)
    house.twin.weather()
    assert sweep.poll(house.rt) == 1
    wait(house, 0)
    work(house)
    assert duty.escalation(house).by == "maria"
    assert came(house) == as_the_ladder_says(0)
