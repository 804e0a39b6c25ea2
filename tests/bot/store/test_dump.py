"""Somebody who takes the whole database away reads nothing about a patient in it.

Unmistakable words are planted wherever a patient's data can come in; a whole conversation goes on about them;
then every column of every table is searched, and everything in Redis, in the clear and in the usual disguises.
"""

import base64
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from redis import Redis
from sqlalchemy import select, text

from bot.core.chart import Medicine, MedicineChange, Result, Summary
from bot.core.effects import JoinWaitlist, Purpose, Record, SendPage, SendText, SetPreference
from bot.core.events import VisitChanged
from bot.core.facts import VisitStatus
from bot.core.flow import Page
from bot.core.oncall import Channel
from bot.core.roster import Swap
from bot.runtime import Runtime
from bot.service.apply import Applying, apply
from bot.store import (
    appointments,
    broadcasts,
    chart,
    conversations,
    devices,
    doorsteps,
    drafts,
    glass,
    guardians,
    guards,
    heartbeats,
    inbox,
    links,
    logins,
    notes,
    openings,
    passkeys,
    people,
    sessions,
    signatures,
    slots,
    staff,
    staff_links,
    staff_passkeys,
    swaps,
    task_notes,
    visit_acts,
    waitlist,
    worklist,
)
from bot.store.appointments import Booking
from bot.store.base import Db, metadata
from bot.store.chart import Leaf
from bot.store.doorsteps import Stage
from bot.store.inbox import Mail
from bot.store.passkeys import Passkey
from bot.store.people import Patient
from bot.store.signatures import Signature
from bot.store.slots import Opening, Service
from bot.store.staff_links import Kind
from bot.store.staff_passkeys import StaffPasskey
from tests.conftest import ONCALL_PHONE, START, House, Servers

PHONE, SECOND_PHONE, STAFF_PHONE = "+12025559876", "+12025559877", "+12025559878"
PLANTED = {
    "external id": "MRN-quokka-5521",
    "first name": "Zephyrine",
    "last name": "Quillfeather",
    "birth date": "1957-03-29",
    "phone": PHONE,
    "phone without its plus": PHONE[1:],
    "another's first name": "Balthazarius",
    "another's phone": SECOND_PHONE[1:],
    "on-call phone": ONCALL_PHONE[1:],
    "appointment's external id": "APT-narwhal-8813",
    "provider": "Dr. Wobblethorpe",
    "location": "Gryphon Lane 17",
    "kind": "colonoscopy-xk",
    "message": "purplehippo",
    "emergency": "wobblyknees",
    "wish": "tangerine",
    "answer": "velvetcactus",
    "channel": "carrierpigeon",
    "form": "grumbleform",
    "flow": "moodyflow",
    "item": "sleepyitem",
    "secure message": "wobblyelbow",
    "why the glass was broken": "trembling marzipan",
    "colleagues' note": "snufflebracket",
    "photo": "picturebytes",
    "consent": "solemnpromise",
    "draft": "halfananswer",
    "hash of a pin": "pinhash99",
    "cookie": "cookiecrumbs",
    "network": "203.0.113.77",
    "panel": "giggleserum",
    "measured": "0.77421356",
    "provider's note": "marmaladeclouds",
    "diagnosis": "fuzzyankle",
    "medicine": "Snoozalol",
    "how it is taken": "12 spoons at dawn",
    "id of a passkey": "id-of-jellyfish-passkey-0417",
    "key of a passkey": "key-of-walrus-passkey-9931",
    "a nurse's name": "Florentina Nightowl",
    "a nurse's mail": "florentina@nightowl.example",
    "a nurse's phone": "2025559878",
    "hash of a password": "hash-of-cinnamon-password",
    "secret of an app": "GEZDGNBVGY3TQOJQGEZDGNBV",
    "hash of a recovery code": "hash-of-parsley-code",
    "id of a nurse's passkey": "id-of-otter-passkey-2204",
    "key of a nurse's passkey": "key-of-heron-passkey-7781",
    "cookie at the door": "crumbs-at-the-door",
    "cookie of a session": "crumbs-of-a-session",
    "what a broadcast is called": "Flusstanz for everybody",
    "whom it chooses": "Dr. Ottoline Brambleworth",
    "a guardian's name": "Guinevere Thistledown",
    "what a guardian is": "godmother-of-hedgehogs",
    "a guardian's phone": "2025559879",
    "where push goes": "https://push.example/capability-of-a-browser",
}
SERVICE = Service(provider=PLANTED["provider"], location=PLANTED["location"], kind=PLANTED["kind"])


def patient(house: House, external_id: str, first_name: str, phone: str) -> UUID:
    """A patient whose every field is planted."""
    planted = Patient(
        external_id=external_id,
        first_name=first_name,
        last_name=PLANTED["last name"],
        birth_date=date.fromisoformat(PLANTED["birth date"]),
        phone=phone,
        language="en",
        zone="America/New_York",
    )
    with house.rt.begin() as db:
        people.save(db, house.clinic, [planted], house.rt.now())
        return people.by_external_ids(db, house.clinic, [external_id])[external_id]


def visit(house: House, whose: UUID, phone: str, external_id: str) -> None:
    """A visit whose every field is planted, and slots to move it to."""
    start = START + timedelta(days=3, hours=1)
    booking = Booking(
        external_id=external_id,
        patient_id=whose,
        service=SERVICE,
        start=start,
        minutes=30,
        status=VisitStatus.BOOKED,
    )
    with house.rt.begin() as db:
        now = house.rt.now()
        (change,) = appointments.save(db, house.clinic, [booking], now)
        openings = [
            Opening(service=SERVICE, start=start + timedelta(days=day), minutes=30) for day in range(4)
        ]
        slots.add_openings(db, house.clinic, openings)
        mail = Mail(
            clinic=house.clinic,
            conversation=conversations.with_phone(db, house.clinic, phone, now),
            dedupe=f"visit:{change.visit_id}:{change.version}",
            what=VisitChanged(visit_id=change.visit_id, version=change.version),
        )
        inbox.put(db, [mail], now)


def talk(house: House) -> None:
    """Reminder, a wish, an offer, a choice, words that nobody understands, an emergency, STOP, a stranger."""
    house.wait_until(START + timedelta(hours=1))
    for body in (
        f"I need another time, {PLANTED['wish']}",
        "2",
        f"{PLANTED['message']} what a color",
        f"chest pain and can't breathe, {PLANTED['emergency']}",
        f"{PLANTED['first name']} says thanks",
        "STOP",
        f"{PLANTED['message']} again",
    ):
        house.text(body, PHONE)
        house.work()
    house.text(f"who is this? {PLANTED['message']}", SECOND_PHONE)
    house.work()
    house.text("ack", ONCALL_PHONE)
    house.work()


def what_flows_keep(house: House, whose: UUID) -> None:
    """An answer, a wish, a page that is asked for, a place on the waitlist, an offer."""
    with house.rt.begin() as db:
        now, talks = house.rt.now(), conversations.conversations
        (its,) = appointments.listed(db, house.clinic, patient=whose)
        at = Applying(
            db=db,
            book=house.rt.book(db, house.rt.current_edition(db)),
            present=house.rt.book(db, house.rt.current_edition(db)),
            channels=frozenset(Channel),
            phone=PHONE,
            clinic=house.rt.clinic(db, house.clinic),
            conversation=db.conn.execute(select(talks.c.id).limit(1)).scalar_one(),
            event=uuid4(),
            now=now,
        )
        text = SendText(wording="page", language="en", body="", purpose=Purpose.REPLY, zone="UTC")
        planted = PLANTED["answer"]
        apply(
            at,
            [
                Record(flow=PLANTED["flow"], item=PLANTED["item"], value=planted, person_id=whose),
                SetPreference(person_id=whose, name="channel", value=PLANTED["channel"]),
                SendPage(page=Page.FORM, form=PLANTED["form"], person_id=whose, text=text),
                JoinWaitlist(visit_id=its.id),
            ],
        )
        free = db.conn.execute(select(slots.slots.c.id).limit(1)).scalar_one()
        waitlist.offered(db, [(free, its.id, now)], now)


def what_the_chart_holds(house: House, whose: UUID) -> None:
    """A result, a summary and a medicine whose every field is planted."""
    name, how, note = PLANTED["medicine"], PLANTED["how it is taken"], PLANTED["provider's note"]
    value, panel, provider = PLANTED["measured"], PLANTED["panel"], PLANTED["provider"]
    result = Result(name=panel, value=value, panel=panel, provider=provider, note=note, taken=START)
    summary = Summary(
        provider=provider,
        diagnoses=(PLANTED["diagnosis"],),
        medicines=(MedicineChange(change="new", name=name, how=how),),
        plan=(note,),
    )
    with house.rt.begin() as db:
        (its,) = appointments.listed(db, house.clinic, patient=whose)
        given = {"patient_id": whose, "at": START, "released": True, "external_id": PLANTED["external id"]}
        leaves = [
            Leaf(content=result, group=f"{panel}:{START}", **given),
            Leaf(content=summary, visit_id=its.id, **given),
            Leaf(content=Medicine(name=name, how=how), **given),
        ]
        chart.save(db, house.clinic, leaves, house.rt.now())


def what_pages_keep(house: House, whose: UUID) -> None:
    """A message, a photo, a signature, answers that were saved, a PIN, an opening, a passkey, a wrong answer."""
    with house.rt.begin() as db:
        now, clinic = house.rt.now(), house.clinic
        link = db.conn.execute(select(links.links.c.id).limit(1)).scalar_one()
        found = links.get(db, link)
        assert found is not None
        note = notes.write(
            db, clinic=clinic, patient=whose, author=notes.PATIENT, body=PLANTED["secure message"], now=now
        )
        photo = PLANTED["photo"].encode()
        notes.keep_photo(db, clinic=clinic, patient=whose, content=photo, now=now, note=note)
        signature = Signature(
            consent=PLANTED["form"],
            language="en",
            text=PLANTED["consent"],
            name=PLANTED["last name"],
            at=now,
        )
        signatures.sign(db, clinic=clinic, patient=whose, link=link, edition="e", signature=signature)
        links.save(db, found, PLANTED["draft"].encode())
        people.set_pin(db, clinic, whose, PLANTED["hash of a pin"], now)
        guardian, relation = PLANTED["a guardian's name"], PLANTED["what a guardian is"]
        phone = "+1" + PLANTED["a guardian's phone"]
        guardians.add(
            db, clinic=clinic, patient=whose, name=guardian, relation=relation, phone=phone, now=now
        )
        opening = openings.begin(db, clinic=clinic, link=link, browser=PLANTED["cookie"], now=now)
        made = Passkey(
            user_handle=b"handle",
            credential=PLANTED["id of a passkey"].encode(),
            public_key=PLANTED["key of a passkey"].encode(),
            counter=1,
            opening=opening,
        )
        assert passkeys.add(db, clinic=clinic, patient=whose, link=link, made=made, now=now)
        passkeys.ask(db, opening, passkeys.Purpose.USE, passkeys.Challenge(b"challenge"), now)
        guards.lock(
            db, "network", db.keys(clinic).blind("network", PLANTED["network"]), now, timedelta(days=1)
        )


def what_staff_leave(house: House) -> None:
    """A member of staff with a browser that takes push, a duty that was swapped, a process that beats."""
    with house.rt.begin() as db:
        now = house.rt.now()
        member = staff.save(
            db,
            clinic=house.clinic,
            handle="maria",
            role="nurse",
            name=PLANTED["a nurse's name"],
            email=PLANTED["a nurse's mail"],
            phone=STAFF_PHONE,
            now=now,
        )
        endpoint = PLANTED["where push goes"]
        devices.add(
            db, clinic=house.clinic, member=member, endpoint=endpoint, p256dh="key", auth="auth", now=now
        )
        what_signing_in_keeps(db, house.clinic, member, now)
        swap = Swap(roster="nurse", person="maria", start=now, end=now + timedelta(days=1))
        swaps.add(db, house.clinic, swap, now)
        heartbeats.beat(db, heartbeats.CLOCK)
        task = db.conn.execute(select(worklist.tasks.c.id).limit(1)).scalar_one()
        words = PLANTED["colleagues' note"]
        task_notes.write(
            db, clinic=house.clinic, task=task, by=member, text=words, mentioned=[member], now=now
        )
        of_whom = db.conn.execute(select(appointments.appointments.c.id).limit(1)).scalar_one()
        booked = visit_acts.visit(db, house.clinic, of_whom)
        assert booked
        visit_acts.add(db, clinic=house.clinic, member=member, act="unreached", visit=booked, now=now)
        whose = db.conn.execute(select(people.patients.c.id).limit(1)).scalar_one()
        values = {"title": PLANTED["what a broadcast is called"], "content": PLANTED["whom it chooses"]}
        values |= {"flow": "broadcast", "per_minute": 30, "days": 1}
        sent = broadcasts.add(db, house.clinic, member, values, now)
        broadcasts.choose(db, sent, {whose: None})
        drafts.open_(db, "edition", member, now)
        why = PLANTED["why the glass was broken"]
        glass.add(db, clinic=house.clinic, member=member, patient=whose, reason=why, since=now, until=now)


def what_signing_in_keeps(db: Db, clinic: UUID, member: UUID, now: datetime) -> None:
    """A login with all that belongs to it, one that is being set up, and a session."""
    app = PLANTED["secret of an app"]
    logins.set_up(db, clinic=clinic, member=member, password=PLANTED["hash of a password"], totp=app, now=now)
    codes = [PLANTED["hash of a recovery code"]]
    logins.set_codes(db, clinic=clinic, member=member, hashes=codes, now=now)
    key = StaffPasskey(
        clinic=clinic,
        member=member,
        credential=PLANTED["id of a nurse's passkey"].encode(),
        public_key=PLANTED["key of a nurse's passkey"].encode(),
        counter=1,
        browser="Chrome on Windows",
        created=now,
    )
    assert staff_passkeys.add(db, key)
    staff_passkeys.ask(db, key.id, b"challenge", now)
    secret = PLANTED["cookie at the door"]
    doorsteps.begin(db, secret, Stage.INVITE, now, clinic=clinic, member=member)
    at = doorsteps.find(db, secret, now)
    assert at
    doorsteps.choose(db, at, password=PLANTED["hash of a password"], totp=app)
    staff_links.make(db, clinic=clinic, member=member, kind=Kind.INVITE, now=now, expires=now, to_mail=False)
    sessions.add(
        db, clinic=clinic, member=member, secret=PLANTED["cookie of a session"], browser="x", now=now
    )


@pytest.fixture
def dump(house: House) -> dict[str, bytes]:
    """Every table after the conversation, as bytes."""
    whose = patient(house, PLANTED["external id"], PLANTED["first name"], PHONE)
    visit(house, whose, PHONE, PLANTED["appointment's external id"])
    patient(house, "other", PLANTED["another's first name"], PHONE)
    talk(house)
    what_flows_keep(house, whose)
    what_the_chart_holds(house, whose)
    what_pages_keep(house, whose)
    what_staff_leave(house)
    return tables(house.rt)


def tables(rt: Runtime) -> dict[str, bytes]:
    """All of the database: every column of every row, text as it is and bytes as they are."""
    with rt.begin() as db:
        names = (
            db.conn.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
            .scalars()
            .all()
        )
        return {
            name: b"\x00".join(
                value if isinstance(value, bytes) else str(value).encode()
                for row in db.conn.execute(text(f'SELECT * FROM "{name}"'))
                for value in row
            )
            for name in names
        }


def disguises(word: str) -> set[bytes]:
    """The word in the clear, in hexadecimal, and in base64 at each of the three offsets."""
    raw = word.encode()
    found = {raw.lower(), raw.hex().encode()}
    for offset in range(3):
        encoded = base64.b64encode(b"\x00" * offset + raw)
        found.add(encoded[-(-offset * 8 // 6) + (1 if offset else 0) : len(encoded) // 4 * 4 - 4].lower())
    return found


def test_disguises_are_found() -> None:
    for offset in range(3):
        hidden = base64.b64encode(b"x" * offset + b"Zephyrine" + b"yy").lower()
        assert any(disguise in hidden for disguise in disguises("Zephyrine"))
    assert any(disguise in b"Zephyrine".hex().encode() for disguise in disguises("Zephyrine"))
    assert all(len(disguise) >= 5 for disguise in disguises("tangerine"))


def test_the_conversation_left_its_traces_in_every_table(dump: dict[str, bytes]) -> None:
    assert set(metadata.tables) <= set(dump)
    empty = {name for name, content in dump.items() if not content}
    assert empty == set()
    assert b"Riverside Clinic" in dump["clinics"], "the search finds what is in the clear"


def test_no_table_holds_anything_of_a_patients_in_the_clear(dump: dict[str, bytes]) -> None:
    found = {
        (what, table)
        for what, word in PLANTED.items()
        for table, content in dump.items()
        if any(disguise in content.lower() for disguise in disguises(word))
    }
    assert found == set()


def test_redis_holds_nothing_of_a_patients_either(dump: dict[str, bytes], servers: Servers) -> None:
    with Redis.from_url(servers.redis) as redis:
        content = b"".join(key + (redis.dump(key) or b"") for key in redis.scan_iter(count=1000)).lower()
    assert b"inbound" in content, "the search finds what is there"
    assert [word for word in PLANTED.values() if word.lower().encode() in content] == []
