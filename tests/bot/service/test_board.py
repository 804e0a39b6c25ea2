"""Board: what the on-call page shows and does: who is let in, what stands there, each act, and what a look costs."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from bot.core.oncall import Channel
from bot.core.roster import Swap
from bot.errors import NotFound
from bot.gateways.push import Subscription, new_key
from bot.runtime import Runtime
from bot.service import board, board_acts, board_words, oncall_link
from bot.service import clinic as clinic_service
from bot.service.board_acts import Done, Wanted
from bot.signing import link_token
from bot.store import devices, staff, swaps
from tests.bot.gateways.test_push import Browser
from tests.bot.service.duty import alarm, hire, later, plan, step, with_settings, work
from tests.bot.service.ward import opened, shown, the_one, token
from tests.bot.store.test_queries import cost
from tests.conftest import START, House

OTHER_PHONE = "+12025550112"


@pytest.fixture
def ward(house: House) -> dict[str, UUID]:
    """Maria and Joe by handle, and a ladder."""
    return opened(house)


def act(house: House, link: str, code: str, name: str, **more: Any) -> Done:
    """Somebody does this on the page, and everybody works."""
    who = board.visitor(house.rt, link)
    assert who
    done = board_acts.act(house.rt, who, Wanted(act=name, code=code, **more))
    work(house)
    return done


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


# -- who is let in ----------------------------------------------------------------------------------------


def test_a_link_opens_the_page_as_whoever_was_told(house: House, ward: dict[str, UUID]) -> None:
    who = board.visitor(house.rt, token(house, ward["maria"], code="1001"))
    assert who
    assert (who.member, who.handle, who.code) == (ward["maria"], "maria", "1001")
    phone = board.visitor(house.rt, token(house))
    assert phone
    assert (phone.member, phone.handle) == (None, "")
    assert shown(house, token(house, ward["maria"]))["me"] == {
        "name": "Maria",
        "handle": "maria",
        "member": True,
    }
    assert shown(house, token(house))["me"] == {"name": "the on-call phone", "handle": "", "member": False}


@pytest.mark.parametrize("wrong", ["", "x", "A" * 40, "of a patient", "of yesterday", "of nobody"])
def test_a_link_that_is_none_opens_nothing(house: House, ward: dict[str, UUID], wrong: str) -> None:
    secrets, now = house.rt.settings.secrets, house.rt.now()
    right = token(house, ward["maria"])
    made = {
        "of a patient": lambda: link_token(secrets, b"h" * 10, now + timedelta(hours=1)),
        "of yesterday": lambda: token(house, ward["maria"], made=now - oncall_link.LIFE),
        "of nobody": lambda: oncall_link.address(house.rt, b"h" * 10, now).partition("#")[2],
    }.get(wrong, lambda: wrong)()
    assert board.visitor(house.rt, made) is None
    assert board.state(house.rt, made) is None
    assert board.state(house.rt, right) is not None


def test_who_works_there_no_more_is_not_taken_for_the_on_call_phone(
    house: House, ward: dict[str, UUID]
) -> None:
    link = token(house, ward["joe"])
    with house.rt.begin() as db:
        staff.leave(db, house.clinic, "joe", house.rt.now())
    assert board.visitor(house.rt, link) is None
    assert board.state(house.rt, link) is None


# -- what stands there ------------------------------------------------------------------------------------


def test_what_nobody_has_says_why_who_was_told_and_who_is_next(house: House, ward: dict[str, UUID]) -> None:
    code = alarm(house)
    one = the_one(house, token(house, ward["joe"]))
    assert (one["code"], one["urgency"], one["drill"], one["taken"]) == (code, "emergency", False, None)
    assert one["reason"] == "A patient’s message has waited too long for an answer."
    assert [(row["who"], row["by"]) for row in one["told"]] == [("Maria", "on-call page"), ("Maria", "text")]
    assert [(row["how"], row["good"]) for row in one["told"]] == [("shown here", None), ("arrived", True)]
    assert moment(one["next"]["at"]) - moment(one["paged"]) == timedelta(minutes=2)
    assert (one["next"]["who"], one["next"]["you"], one["next"]["how"]) == (
        ["Maria"],
        False,
        "called and texted",
    )
    assert (the_one(house, token(house, ward["maria"]))["next"]["who"], one["done"]) == ([], [])
    assert the_one(house, token(house, ward["maria"]))["next"]["you"]
    later(house, minutes=2, seconds=1)
    one = the_one(house, token(house, ward["joe"]))
    assert (one["next"]["who"], one["next"]["you"]) == ([], True)
    assert [row["by"] for row in one["told"]].count("call") == 1


def test_who_can_not_be_reached_is_stood_in_for_by_the_on_call_phone(
    house: House, ward: dict[str, UUID]
) -> None:
    plan(
        house.rt,
        step("nurse on call", "text"),
        step("zoe", "call"),
        rosters={"nurse": {"layers": [{"people": ["maria"]}]}},
    )
    alarm(house)
    assert the_one(house, token(house, ward["maria"]))["next"] | {"at": ""} == {
        "at": "",
        "who": ["the on-call phone"],
        "you": False,
        "how": "texted",
    }
    assert the_one(house, token(house))["next"]["you"]


def test_a_role_is_everybody_who_has_it(house: House, ward: dict[str, UUID]) -> None:
    plan(house.rt, step("maria", "text"), step("everyone with role provider", "text", "call", "email"))
    hire(house, "zoe", "+12025550173", role="provider")
    alarm(house)
    found = the_one(house, token(house, ward["maria"]))["next"]
    assert (found["who"], found["how"]) == (["Joe", "Zoe"], "called, texted and e-mailed")


def test_what_nobody_has_stands_first_and_the_oldest_before_the_newer(
    house: House, ward: dict[str, UUID]
) -> None:
    link = token(house, ward["maria"])
    first, second = alarm(house), alarm(house, OTHER_PHONE)
    assert [one["code"] for one in shown(house, link)["open"]] == [first, second]
    act(house, link, first, "take")
    assert [one["code"] for one in shown(house, link)["open"]] == [second, first]


def test_who_is_on_call_and_ones_own_shifts(house: House, ward: dict[str, UUID]) -> None:
    plan(
        house.rt,
        step("nurse on call", "text"),
        rosters={
            "nurse": {
                "layers": [
                    {"people": ["maria", "joe"], "hand_over": "mondays at 08:00", "starts": "2026-11-23"}
                ]
            },
            "front_desk": {
                "layers": [{"people": ["desk"], "only": {"days": ["monday"]}}],
                "otherwise": "nurse",
            },
        },
    )
    state = shown(house, token(house, ward["joe"]))
    desk, nurse = sorted(state["duty"], key=lambda duty: duty["roster"])
    expected = {"roster": "nurse", "name": "Joe", "known": True, "mine": True}
    assert nurse == expected | {"until": "2026-12-07T13:00:00+00:00"}
    assert (desk["name"], desk["known"]) == ("desk", False)
    assert state["shifts"] == [{"roster": "nurse", "start": None, "end": "2026-12-07T13:00:00+00:00"}]
    column, days = state["plan"]["rosters"].index("nurse"), state["plan"]["days"]
    assert (len(days), days[0]["day"]) == (14, "2026-11-30T00:00:00-05:00")
    assert [day["cells"][column] for day in days if len(day["cells"][column]) > 1] == [
        [
            {"at": None, "name": "Joe", "mine": True},
            {"at": "2026-12-07T13:00:00+00:00", "name": "Maria", "mine": False},
        ]
    ]
    assert [shift["start"] for shift in shown(house, token(house, ward["maria"]))["shifts"]] == [
        "2026-12-07T13:00:00+00:00"
    ]
    assert shown(house, token(house))["shifts"] == []
    over = Swap(
        roster="front_desk", person="maria", start=START + timedelta(days=1), end=START + timedelta(days=2)
    )
    with house.rt.begin() as db:
        swaps.add(db, house.clinic, over, house.rt.now())
    starts = [shift["start"] for shift in shown(house, token(house, ward["maria"]))["shifts"]]
    assert (START + timedelta(days=1)).isoformat() in starts


def test_it_stays_the_same_while_nothing_changes(house: House, ward: dict[str, UUID]) -> None:
    link = token(house, ward["maria"])
    first = board.state(house.rt, link)
    assert first
    house.rt.move_clock(timedelta(minutes=1))
    second = board.state(house.rt, link, first["version"])
    assert second
    assert (second["state"], second["version"]) == (None, first["version"])
    assert moment(second["now"]) > moment(first["now"])
    alarm(house)
    third = board.state(house.rt, link, first["version"])
    assert third
    assert third["state"]
    assert third["version"] != first["version"]


def test_what_a_look_costs(house: House, ward: dict[str, UUID]) -> None:
    link = token(house, ward["maria"])
    board.state(house.rt, link)
    cost(house.rt, 5, lambda: board.state(house.rt, link))  # alert, staff, swaps, open, ended
    for phone in (None, OTHER_PHONE, "+12025550113"):
        alarm(house, phone) if phone else alarm(house)
    board.state(house.rt, link)
    cost(house.rt, 8, lambda: board.state(house.rt, link))  # and acts, timers, alerts, however many are open


# -- acts -------------------------------------------------------------------------------------------------


def test_take(house: House, ward: dict[str, UUID]) -> None:
    code, maria, joe = alarm(house), token(house, ward["maria"]), token(house, ward["joe"])
    assert act(house, maria, code, "take") == Done(came="done")
    mine, theirs = the_one(house, maria), the_one(house, joe)
    assert (mine["mine"], theirs["mine"], theirs["by"]) == (True, False, "Maria")
    assert [(row["who"], row["what"], row["via"]) for row in mine["done"]] == [
        ("Maria", "took it", "on this page")
    ]
    assert mine["next"] is None
    assert act(house, joe, code, "take") == Done(came="already", by="Maria")
    assert act(house, joe, code, "snooze", minutes=10) == Done(came="already", by="Maria")
    assert the_one(house, joe)["by"] == "Maria"


def test_the_on_call_phone_takes_it_and_is_named(house: House, ward: dict[str, UUID]) -> None:
    code, phone = alarm(house), token(house)
    act(house, phone, code, "take")
    assert the_one(house, phone)["mine"]
    assert act(house, token(house, ward["joe"]), code, "take") == Done(came="already", by="the on-call phone")


def test_resolve_and_open_again(house: House, ward: dict[str, UUID]) -> None:
    code, maria, joe = alarm(house), token(house, ward["maria"]), token(house, ward["joe"])
    act(house, joe, code, "take")
    act(house, maria, code, "resolve", outcome="reached the patient")
    state = shown(house, maria)
    (one,) = state["ended"]
    assert (state["open"], one["code"], one["outcome"], one["mine"], one["by"]) == (
        [],
        code,
        "reached the patient",
        True,
        "Maria",
    )
    assert act(house, maria, code, "take") == Done(came="closed", by="Joe")
    assert act(house, joe, code, "snooze", minutes=10) == Done(came="closed")
    act(house, joe, code, "reopen")
    state = shown(house, joe)
    assert (state["ended"], state["open"][0]["taken"]) == ([], None)
    assert [row["what"] for row in state["open"][0]["done"]] == ["took it", "ended it", "opened it again"]


def test_what_was_ended_long_ago_is_not_shown(house: House, ward: dict[str, UUID]) -> None:
    code, maria = alarm(house), token(house, ward["maria"])
    act(house, maria, code, "resolve", outcome="false alarm")
    assert len(shown(house, maria)["ended"]) == 1
    house.rt.move_clock(board.LATELY + timedelta(minutes=1))
    assert shown(house, maria)["ended"] == []


def test_snooze(house: House, ward: dict[str, UUID]) -> None:
    code, maria = alarm(house), token(house, ward["maria"])
    act(house, maria, code, "snooze", minutes=30)
    one = the_one(house, maria)
    assert one["mine"]
    assert moment(one["until"]) - moment(one["taken"]) == timedelta(minutes=30)
    assert (one["next"]["you"], moment(one["next"]["at"]), one["next"]["how"]) == (
        True,
        moment(one["until"]),
        "asked",
    )
    assert one["done"][-1]["until"] is not None


def test_hand_over(house: House, ward: dict[str, UUID]) -> None:
    code, maria = alarm(house), token(house, ward["maria"])
    act(house, maria, code, "take")
    assert [(target["to"], target["label"]) for target in shown(house, maria)["targets"]] == [
        ("provider on call", "Provider on call: Joe"),
        ("joe", "Joe"),
        ("the on-call phone", "Whoever holds the on-call phone"),
    ]
    assert act(house, maria, code, "hand_over", to="provider on call") == Done(came="done")
    one = the_one(house, maria)
    assert (one["taken"], one["done"][-1]["detail"]) == (None, "provider on call")
    assert {row["who"] for row in one["told"]} >= {"Joe"}
    act(house, maria, code, "hand_over", to="joe")
    assert the_one(house, maria)["done"][-1]["detail"] == "Joe"


@pytest.mark.parametrize(
    "wanted",
    [
        {"name": "resolve"},
        {"name": "resolve", "outcome": "she told me of her rash"},
        {"name": "snooze", "minutes": 11},
        {"name": "snooze", "minutes": -10},
        {"name": "hand_over", "to": ""},
        {"name": "hand_over", "to": "zoe"},
        {"name": "hand_over", "to": "nobody on call"},
        {"name": "hand_over", "to": "everyone of nurse"},
        {"name": "hand_over", "to": "maria"},
        {"name": "page_the_president"},
    ],
    ids=lambda wanted: " ".join(map(str, wanted.values())),
)
def test_what_can_not_be_wanted_changes_nothing(
    house: House, ward: dict[str, UUID], wanted: dict[str, Any]
) -> None:
    code, maria = alarm(house), token(house, ward["maria"])
    before = the_one(house, maria)
    with pytest.raises(ValueError):  # noqa: PT011  # each has its own words
        act(house, maria, code, **wanted)
    assert the_one(house, maria) == before


def test_another_clinics_escalation_is_not_there(house: House, ward: dict[str, UUID]) -> None:
    code = alarm(house)
    other = clinic_service.add(house.rt, name="Elsewhere", phone="+12025550900", zone="America/New_York")
    theirs = token(House(rt=house.rt, twin=house.twin, clinic=other, url=house.url))
    assert shown(house, theirs)["open"] == []
    for name in board_acts.ACTS:
        with pytest.raises(NotFound):
            act(house, theirs, code, name, outcome="false alarm", to="the on-call phone", minutes=10)
    assert the_one(house, token(house))["taken"] is None


# -- alerts on this phone ---------------------------------------------------------------------------------


def subscription(number: int = 0) -> Subscription:
    return replace(Browser().subscription(), endpoint=f"https://push.example.com/{number}")


def kept(rt: Runtime, house: House, member: UUID) -> list[str]:
    with rt.begin() as db:
        return [device.endpoint for device in devices.of(db, house.clinic, member)]


def test_a_member_gets_alerts_on_their_browser(house: House, ward: dict[str, UUID]) -> None:
    rt = with_settings(house, vapid_key=new_key()).rt
    who = board.visitor(rt, token(house, ward["maria"]))
    assert who
    assert rt.pusher
    for number in range(board_acts.MOST_DEVICES + 2):
        assert board_acts.add_device(rt, who, subscription(number))
    ends = [endpoint.rpartition("/")[2] for endpoint in kept(rt, house, ward["maria"])]
    assert ends == [str(number) for number in range(2, board_acts.MOST_DEVICES + 2)]
    state = board.state(rt, token(house, ward["maria"]))
    assert state
    assert state["state"]["push"] == rt.pusher.public_key


def test_nobody_else_does(house: House, ward: dict[str, UUID]) -> None:
    rt = with_settings(house, vapid_key=new_key()).rt
    phone, maria = board.visitor(rt, token(house)), board.visitor(rt, token(house, ward["maria"]))
    assert phone
    assert maria
    assert not board_acts.add_device(rt, phone, subscription())
    inside = replace(subscription(), endpoint="https://10.0.0.7/x")
    assert not board_acts.add_device(rt, maria, inside)
    assert not board_acts.add_device(house.rt, maria, subscription())  # this house has no key
    assert kept(rt, house, ward["maria"]) == []
    assert shown(house, token(house, ward["maria"]))["push"] is None


# -- words ------------------------------------------------------------------------------------------------


def test_reasons_in_plain_words() -> None:
    assert board_words.reason("words", "emergency") == "A patient’s own words sound like an emergency."
    assert board_words.reason("words", "routine") == "A patient’s message needs somebody."
    assert board_words.reason("stitches_open", "urgent") == "Stitches open."


def test_how_it_went_in_plain_words() -> None:
    assert board_words.how_it_went(Channel.CALL, "sent") == ("rings", None)
    assert board_words.how_it_went(Channel.TEXT, "sent") == ("sent", None)
    assert board_words.how_it_went(Channel.TEXT, "undelivered") == ("did not arrive", False)
    assert board_words.done_to([Channel.CONSOLE]) == ""
    assert board_words.done_to([Channel.TEXT, Channel.CALL]) == "called and texted"
