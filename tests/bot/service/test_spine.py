"""The way from end to end: over HTTP in, through mailbox and core, out to the carrier's twin and back."""

import re
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.core.facts import VisitStatus
from bot.service import advance, publish, sweep
from bot.store import appointments, editions, outbox, people, slots, worklist
from bot.store.people import Patient
from tests.conftest import ANA_PHONE, CLINIC_PHONE, ONCALL_PHONE, House

NEW_YORK = ZoneInfo("America/New_York")
BEN_PHONE, STRANGER = "+12025550122", "+12025550133"
SOFT = (
    "Thank you. A person at Riverside Clinic will read this and get back to you. For an emergency call 911."
)
EMERGENCY = "This may be an emergency. Call 911 now. Do not wait for a text from us. We are alerting our on-call staff."


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 12, day, hour, minute, tzinfo=NEW_YORK)


def reminded(house: House, visit_at: datetime | None = None) -> UUID:
    """Ana's visit, of which she has just been reminded."""
    start = visit_at or at(7, 10, 30)
    visit = house.visit(house.patient(), start)
    house.work()
    house.wait_until(start - timedelta(days=3))
    return visit


def say(house: House, body: str, phone: str = ANA_PHONE) -> list[str]:
    """Text and let everybody work; what the phone got for it."""
    before = len(house.got(phone))
    house.text(body, phone)
    house.work()
    return house.got(phone)[before:]


def start_of(house: House, visit: UUID) -> datetime:
    with house.rt.begin() as db:
        return next(one.start for one in appointments.listed(db, house.clinic) if one.id == visit)


def holder(house: House, start: datetime) -> UUID | None:
    """Whose visit holds the slot at this time."""
    with house.rt.begin() as db:
        wanted = select(slots.slots.c.appointment_id).where(slots.slots.c.start_at == start)
        return db.conn.execute(wanted).scalar_one()


def tasks(house: House) -> list[tuple[str, str, int]]:
    with house.rt.begin() as db:
        return [(t.task, t.urgency, t.times) for t in worklist.open_tasks(db, house.clinic, 50)]


def dropped(house: House) -> list[tuple[str, str]]:
    """Texts that were not sent: wording and reason."""
    with house.rt.begin() as db:
        rows = db.conn.execute(select(outbox.outbox).where(outbox.outbox.c.status == "dropped"))
        return [(row.wording, row.reason) for row in rows]


def patient_in(house: House, zone: str) -> UUID:
    """Ana, on another clock."""
    made = Patient(
        external_id="elsewhere",
        first_name="Ana",
        last_name="Morales",
        birth_date=date(1970, 1, 2),
        phone=ANA_PHONE,
        language="en",
        zone=zone,
    )
    with house.rt.begin() as db:
        people.save(db, house.clinic, [made], house.rt.now())
        return people.by_external_ids(db, house.clinic, ["elsewhere"])["elsewhere"]


def queue_reminder(house: House, moment: datetime) -> None:
    """The reminder stands in the outbox and has not left yet."""
    house.rt.move_clock(moment - house.rt.now() + timedelta(seconds=1))
    assert sweep.ring_timers(house.rt) == 1
    advance.drain(house.rt, 10)
    assert house.got() == []


# -- reminders and what patients answer --------------------------------------------------------------


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


def test_a_picked_time_moves_the_visit_frees_the_old_slot_and_holds_the_new_one(house: House) -> None:
    house.openings(at(7, 10, 30), at(8, 9), at(9, 14))
    visit = reminded(house)
    assert holder(house, at(7, 10, 30)) == visit

    (offer,) = say(house, "R")
    assert offer == (
        "We have these times:\n1) Tue, Dec 8 at 9:00 AM\n2) Wed, Dec 9 at 2:00 PM\n"
        "Reply with a number. None fits? Tell us and a person will help."
    )
    assert say(house, "2") == ["Done. Your visit is now on Wed, Dec 9 at 2:00 PM. See you then, Ana."]
    assert start_of(house, visit) == at(9, 14)
    assert [holder(house, when) for when in (at(7, 10, 30), at(8, 9), at(9, 14))] == [None, None, visit]


def test_a_moved_visit_is_reminded_of_at_its_new_time_only(house: House) -> None:
    house.openings(at(10, 14))
    reminded(house)
    say(house, "R")
    say(house, "1")
    before = len(house.got())
    house.wait_until(at(6, 12))
    assert len(house.got()) == before

    house.wait_until(at(7, 14))
    assert "you have a visit on Thu, Dec 10 at 2:00 PM" in house.got()[-1]


def test_a_time_that_somebody_else_took_meanwhile_is_not_taken_twice(house: House) -> None:
    house.openings(at(8, 9), at(9, 14))
    ben = house.visit(house.patient("Ben", BEN_PHONE), at(7, 11))
    ana = reminded(house)
    say(house, "R")
    say(house, "R", BEN_PHONE)
    assert "Tue, Dec 8 at 9:00 AM" in say(house, "1", BEN_PHONE)[0]

    sorry, others = say(house, "1")
    assert sorry.startswith("Sorry, that time was just taken.")
    assert "1) Wed, Dec 9 at 2:00 PM\nReply" in others
    assert (holder(house, at(8, 9)), start_of(house, ana)) == (ben, at(7, 10, 30))


def test_cancelling_frees_the_slot_and_ends_the_reminders(house: House) -> None:
    house.openings(at(7, 10, 30))
    visit = reminded(house)
    (answer,) = say(house, "I need to cancel my visit")
    assert answer.startswith("Your visit on Mon, Dec 7 at 10:30 AM is cancelled.")
    assert (house.status(visit), holder(house, at(7, 10, 30))) == ("cancelled", None)

    before = len(house.got())
    house.wait_until(at(6, 12))
    assert len(house.got()) == before


def test_what_is_not_understood_gets_one_soft_reply_and_one_task(house: House) -> None:
    house.patient()
    assert say(house, "the purple elephant sang in my kitchen") == [SOFT]
    assert say(house, "and then it danced a waltz") == []
    assert tasks(house) == [("reply_not_understood", "routine", 2)]


def test_spanish_is_answered_in_spanish(house: House) -> None:
    house.visit(house.patient("Rosa", language="es"), at(7, 10, 30))
    house.work()
    house.wait_until(at(4, 10, 30))
    assert "Hola Rosa" in house.got()[0]
    (answer,) = say(house, "sí, ahí estaré")
    assert answer.startswith("Gracias, Rosa.")


def test_two_patients_on_one_phone_are_told_apart(house: House) -> None:
    lena = house.visit(house.patient("Lena"), at(7, 15, 30))
    theo = house.visit(house.patient("Theo"), at(7, 16))
    house.work()
    house.wait_until(at(4, 16))
    assert [("Lena" in body, "Theo" in body) for body in house.got()] == [(True, False), (False, True)]

    (question,) = say(house, "yes")
    assert "1) Lena, Mon, Dec 7 at 3:30 PM\n2) Theo, Mon, Dec 7 at 4:00 PM" in question
    (answer,) = say(house, "2")
    assert answer.startswith("Thank you, Theo.")
    assert (house.status(lena), house.status(theo)) == ("booked", "confirmed")


def test_a_conversation_finishes_on_the_edition_it_began_with(house: House) -> None:
    house.openings(at(8, 9), at(9, 14))
    house.visit(house.patient("Ben", BEN_PHONE), at(7, 11))
    reminded(house)
    say(house, "R")
    with house.rt.begin() as db:
        files = editions.files(db, house.rt.current_edition(db))
    new = {
        name: text.replace("Done. Your visit is now", "All set: your visit is")
        for name, text in files.items()
    }
    publish.publish_files(house.rt, new)
    house.rt.remembered.clear()  # a second later

    assert say(house, "1")[0].startswith("Done. Your visit is now on Tue, Dec 8")
    say(house, "I need another time for my visit", BEN_PHONE)
    assert say(house, "1", BEN_PHONE)[0].startswith("All set: your visit is on Wed, Dec 9")


# -- when the office changes a visit -----------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"start": at(14, 9)},
        {"start": at(7, 10, 30), "status": VisitStatus.CANCELLED},
        {"start": at(7, 10, 30), "status": VisitStatus.NOSHOW},
    ],
    ids=["moved", "cancelled", "noshow"],
)
def test_a_changed_visit_takes_its_planned_reminders_along(house: House, change: dict[str, object]) -> None:
    patient = house.patient()
    house.visit(patient, at(7, 10, 30), external_id="A1")
    house.work()
    house.visit(patient, external_id="A1", **change)  # type: ignore[arg-type]
    house.work()
    house.wait_until(at(7, 9))
    assert house.got() == []


@pytest.mark.parametrize(
    "change",
    [{"start": at(14, 9)}, {"start": at(7, 10, 30), "status": VisitStatus.CANCELLED}],
    ids=["moved", "cancelled"],
)
def test_a_reminder_that_stands_in_the_outbox_does_not_leave_once_the_visit_has_changed(
    house: House, change: dict[str, object]
) -> None:
    patient = house.patient()
    house.visit(patient, at(7, 10, 30), external_id="A1")
    house.work()
    queue_reminder(house, at(4, 10, 30))

    house.visit(patient, external_id="A1", **change)  # type: ignore[arg-type]
    house.work()
    assert house.got() == []
    assert dropped(house) == [("reminder", "visit_changed")]


def test_a_reminder_does_not_leave_after_the_patients_own_cancellation(house: House) -> None:
    house.visit(house.patient(), at(7, 10, 30))
    house.work()
    queue_reminder(house, at(4, 10, 30))

    (answer,) = say(house, "please cancel my appointment")
    assert "is cancelled" in answer
    assert dropped(house) == [("reminder", "visit_off")]


# -- the hours of the day ----------------------------------------------------------------------------


def test_reminders_come_in_the_daytime_of_the_patients_own_zone(house: House) -> None:
    house.visit(patient_in(house, "America/Los_Angeles"), at(7, 11))
    house.work()
    house.wait_until(at(4, 11, 59))
    assert house.got() == []

    house.wait_until(at(4, 12))  # 9 AM in Los Angeles
    assert "Mon, Dec 7 at 8:00 AM" in house.got()[0]


def test_a_reminder_that_is_late_into_the_night_waits_for_the_morning(house: House) -> None:
    house.visit(house.patient(), at(7, 19, 30))
    house.work()
    queue_reminder(house, at(4, 19, 30))
    house.wait_until(at(4, 20, 10))
    assert house.got() == []

    house.wait_until(at(5, 8, 59))
    assert house.got() == []
    house.wait_until(at(5, 9))
    assert len(house.got()) == 1


@pytest.mark.parametrize(
    ("visit", "reminder"),
    [
        ((2027, 3, 15), (2027, 3, 12)),  # the clocks go forward on March 14
        ((2027, 11, 8), (2027, 11, 5)),  # and back on November 7
    ],
)
def test_a_reminder_keeps_the_time_of_day_over_a_change_of_the_clocks(
    house: House, visit: tuple[int, int, int], reminder: tuple[int, int, int]
) -> None:
    due = datetime(*reminder, 10, 0, tzinfo=NEW_YORK)
    house.visit(house.patient(), datetime(*visit, 10, 0, tzinfo=NEW_YORK))
    house.work()
    house.wait_until(due.astimezone(UTC) - timedelta(minutes=1))
    assert house.got() == []
    house.wait_until(due)
    assert len(house.got()) == 1


def test_a_reminder_that_is_four_hours_late_is_not_sent(house: House) -> None:
    house.visit(house.patient(), at(7, 10, 30))
    house.work()
    house.wait_until(at(4, 14, 31))
    assert house.got() == []

    house.wait_until(at(6, 14, 29))
    assert len(house.got()) == 1


# -- texts on and off --------------------------------------------------------------------------------


def test_after_stop_nothing_leaves_and_a_person_reminds(house: House) -> None:
    house.visit(house.patient(), at(7, 10, 30))
    house.work()
    assert say(house, "STOP") == []
    assert [seen.direction for seen in house.thread()] == ["inbound", "network"]

    house.wait_until(at(4, 10, 30))
    assert house.got() == []
    assert tasks(house) == [("call_instead", "routine", 1)]


def test_the_carriers_refusal_after_its_own_stop_is_nobodys_task(house: House) -> None:
    house.patient()
    say(house, "stop")
    with house.rt.begin() as db:
        rows = [(row.status, row.error_code) for row in db.conn.execute(select(outbox.outbox))]
    assert rows == [("failed", 21610)]
    assert tasks(house) == []


def test_a_stop_in_own_words_is_confirmed_by_us(house: House) -> None:
    house.visit(house.patient(), at(7, 10, 30))
    house.work()
    (answer,) = say(house, "please don't text me anymore")
    assert answer.startswith("Riverside Clinic: You will get no more texts. Your visit is NOT cancelled.")
    house.wait_until(at(4, 10, 30))
    assert len(house.got()) == 1


def test_start_brings_the_texts_back(house: House) -> None:
    house.visit(house.patient(), at(7, 10, 30))
    house.work()
    say(house, "STOP")
    assert say(house, "START")[0].startswith("Riverside Clinic: You will get texts from us again.")
    house.wait_until(at(4, 10, 30))
    assert "Hi Ana" in house.got()[-1]


def test_help_says_who_we_are(house: House) -> None:
    house.patient()
    (answer,) = say(house, "HELP")
    assert answer.startswith("Riverside Clinic: We text about your visits. Call us at ")
    assert answer.endswith("Text STOP to opt out. For an emergency call 911.")


def test_a_text_from_a_phone_that_has_opted_out_goes_to_a_person(house: House) -> None:
    house.patient()
    say(house, "STOP")
    assert say(house, "actually, when is my visit?") == []
    assert tasks(house) == [("text_from_opted_out", "routine", 1)]


# -- emergencies -------------------------------------------------------------------------------------


def page_code(house: House) -> str:
    found = re.search(r"Reply ACK (\d{4})", house.got(ONCALL_PHONE)[-1])
    assert found
    return found[1]


def test_an_emergency_is_answered_and_paged_at_once_without_a_word_about_the_patient(house: House) -> None:
    house.patient()
    assert say(house, "I have crushing chest pain and can't breathe") == [EMERGENCY]
    (page,) = house.got(ONCALL_PHONE)
    assert re.fullmatch(
        r"Riverside Clinic EMERGENCY (\d{4}): a patient's message needs you. 0 min old. Reply ACK \1 to take it.",
        page,
    )
    assert tasks(house) == [("emergency", "emergency", 1)]


def test_a_page_repeats_every_five_minutes_until_the_on_call_phone_acknowledges(house: House) -> None:
    house.patient()
    say(house, "I have crushing chest pain and can't breathe")
    for count in (2, 3, 4):
        house.wait_until(house.rt.now() + timedelta(minutes=5))
        assert len(house.got(ONCALL_PHONE)) == count
    assert "15 min old" in house.got(ONCALL_PHONE)[-1]

    say(house, f"ack {page_code(house)}", ONCALL_PHONE)
    house.wait_until(house.rt.now() + timedelta(minutes=30))
    assert len(house.got(ONCALL_PHONE)) == 4
    assert tasks(house) == [("emergency", "emergency", 1)]


def test_a_wrong_code_does_not_stop_the_pages(house: House) -> None:
    house.patient()
    say(house, "I have crushing chest pain and can't breathe")
    say(house, "ACK 9999", ONCALL_PHONE)
    house.wait_until(house.rt.now() + timedelta(minutes=5))
    assert len(house.got(ONCALL_PHONE)) == 2


def test_only_the_on_call_phone_can_acknowledge(house: House) -> None:
    house.patient()
    say(house, "I have crushing chest pain and can't breathe")
    say(house, f"ACK {page_code(house)}", STRANGER)
    house.wait_until(house.rt.now() + timedelta(minutes=5))
    assert len(house.got(ONCALL_PHONE)) == 2


def test_an_emergency_of_a_stranger_is_answered_and_paged(house: House) -> None:
    assert say(house, "my father collapsed and is not breathing", STRANGER) == [EMERGENCY]
    assert len(house.got(ONCALL_PHONE)) == 1


def test_an_emergency_in_the_night_is_answered_in_the_night(house: House) -> None:
    house.patient()
    house.wait_until(at(1, 3))
    assert say(house, "I have crushing chest pain and can't breathe") == [EMERGENCY]


# -- odd texts ---------------------------------------------------------------------------------------


def test_a_strangers_text_gets_one_polite_answer_a_day(house: House) -> None:
    (answer,) = say(house, "hello, who is this?", STRANGER)
    assert answer.startswith("This is Riverside Clinic. We don't have this number on file.")
    assert say(house, "hello?", STRANGER) == []
    house.wait_until(house.rt.now() + timedelta(hours=25))
    assert len(say(house, "hello again", STRANGER)) == 1


def test_a_picture_without_words_goes_to_a_person(house: House) -> None:
    house.patient()
    picture = {"url": "https://example.org/1.jpg", "content_type": "image/jpeg"}
    house.twin.text(sender=ANA_PHONE, to=CLINIC_PHONE, body="", media=[picture])
    house.twin.pending(10)
    house.work()
    assert house.got() == [SOFT]
    assert tasks(house) == [("reply_not_understood", "routine", 1)]


ODD = (
    *(
        "see\x00 you",
        "x" * 1600,
        "🦷" * 400,
        "\u202eyes\u2066",
        "\u200b",
        "\r\n\t",
        "%s %d {} {{first_name}}",
    ),
    *("'; DROP TABLE inbox; --", "<script>alert(1)</script>", "Z̸͎͝a̶l̷g̴o̵", "9" * 400),
)


def test_any_text_that_a_phone_can_send_is_dealt_with(house: House) -> None:
    house.patient()
    for body in ODD:
        house.text(body)
    house.work()
    came = [seen for seen in house.thread() if seen.direction == "inbound"]
    assert {seen.webhook for seen in came} == {"done"}
    with house.rt.begin() as db:
        done = db.conn.exec_driver_sql(
            "SELECT count(*) FROM inbox WHERE done_at IS NOT NULL AND attempts = 0"
        )
        assert done.scalar_one() == len(ODD)
    assert set(house.got()) == {SOFT}


def test_texts_are_worked_on_in_the_order_in_which_they_came(house: House) -> None:
    house.visit(house.patient(), at(7, 10, 30))
    house.work()
    house.wait_until(at(4, 10, 30))
    before = len(house.got())
    for body in ("yes", "the purple elephant sang in my kitchen", "please cancel my visit"):
        house.text(body)
    house.work()
    assert [body[:9] for body in house.got()[before:]] == ["Thank you", "Thank you", "Your visi"]
