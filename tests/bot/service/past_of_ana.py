"""Ana's past, for tests of what the console shows of it: something of every kind, with unmistakable words in it."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from bot.core.chart import Result, Summary
from bot.core.effects import Purpose, Record, SendText
from bot.core.flow import Page
from bot.core.roles import Sees
from bot.service import attend
from bot.service.console import patient_contact, talk_by_hand
from bot.service.desk import Desk
from bot.store import answers, chart, conversations, links, notes, outbox, signatures, worklist
from bot.store.base import Db
from bot.store.chart import Leaf
from bot.store.signatures import Signature
from tests.bot.service.desks import desk
from tests.conftest import ANA_PHONE, START, House

SECRETS = {
    "purplehippo": Sees.MESSAGES,  # her text
    "velvetcactus": Sees.MESSAGES,  # ours
    "wobblyelbow": Sees.MESSAGES,  # her secure message
    "insurance lapsed": Sees.MESSAGES,  # a task's detail
    "moonlit answer": Sees.HEALTH,
    "giggleserum": Sees.HEALTH,  # a result
    "fuzzyankle": Sees.HEALTH,  # a diagnosis
    "solemn promise": Sees.HEALTH,  # which consent
    "Dr. Okafor": Sees.VISITS,
    "Main Street": Sees.VISITS,
    "follow-up": Sees.VISITS,
    "(202) 555-0111": Sees.CONTACT,
    "Jan 2, 1970": Sees.CONTACT,
    "Luis Morales": Sees.CONTACT,  # her guardian
    "(202) 555-0177": Sees.CONTACT,
}
"""What stands somewhere in her past or on her page, and what a role must see for it."""


@dataclass(frozen=True, kw_only=True)
class Ana:
    """Who she is, her conversation, and a photo that she sent."""

    patient: UUID
    talk: UUID
    photo: UUID
    maria: Desk


def ana(house: House) -> Ana:
    """All of it happens."""
    rt, patient = house.rt, house.patient()
    house.visit(patient, START - timedelta(days=20))
    house.visit(patient, START + timedelta(days=3))
    house.work()
    maria = desk(rt, house.clinic)
    patient_contact.call_task(rt, maria, patient, "insurance lapsed")
    house.wait_until(START + timedelta(hours=1))
    house.text("yes I'll be there")
    house.work()
    house.text("what about the purplehippo?")
    house.work()
    with rt.begin() as db:
        talk = conversations.with_phone(db, house.clinic, ANA_PHONE, rt.now())
    talk_by_hand.write(rt, maria, talk, "velvetcactus: see you")
    house.work()
    talk_by_hand.give_back(rt, maria, talk)
    house.work()
    house.text("I have chest pain and can't breathe")
    house.work()
    given = {"name": "Luis Morales", "relation": "son", "phone": "(202) 555-0177"}
    patient_contact.add_guardian(rt, maria, patient, given)
    with rt.begin() as db:
        photo = _what_pages_brought(db, house, patient, talk)
        first = worklist.open_tasks(db, house.clinic, 1)[0]
    attend.close(rt, first.id)
    return Ana(patient=patient, talk=talk, photo=photo, maria=maria)


def _what_pages_brought(db: Db, house: House, patient: UUID, talk: UUID) -> UUID:
    """A link that was opened and signed, answers, a message with a photo, a result and a summary. The photo's id."""
    now, clinic = house.rt.now(), house.clinic
    link = links.issue(
        db,
        clinic=clinic,
        conversation=talk,
        patient=patient,
        visit_id=None,
        effect_key="x",
        page=Page.CONSENT,
        form="solemn promise",
        turn=None,
        tries=5,
        views=5,
        now=now,
    )
    links.leave(db, [(link, now + timedelta(days=1))])
    links.take(db, link, now, right=True)
    signed = Signature(consent="solemn promise", language="en", text="x", name="Ana Morales", at=now)
    signatures.sign(db, clinic=clinic, patient=patient, link=link, edition="e", signature=signed)
    for number, (item, value) in enumerate((("how", "moonlit answer"), ("often", 3))):
        kept = Record(flow="some_form", item=item, value=value, person_id=patient)
        key = f"{uuid4()}:{number}"
        answers.put(db, clinic=clinic, conversation=talk, effect_key=key, answer=kept, now=now)
    note = notes.write(
        db, clinic=clinic, patient=patient, author=notes.PATIENT, body="<b>wobblyelbow</b>", now=now
    )
    photo = notes.keep_photo(db, clinic=clinic, patient=patient, content=b"JPEG", now=now, note=note)
    result = Result(name="giggleserum", value="7", number=7, high=5, taken=now, panel="Serum")
    summary = Summary(provider="Dr. Okafor", diagnoses=("fuzzyankle",))
    at = {"patient_id": patient, "at": now, "released": True}
    leaves = [
        Leaf(content=result, external_id="r", group="g", **at),
        Leaf(content=summary, external_id="s", **at),
    ]
    chart.save(db, clinic, leaves, now)
    return photo


def many_texts(house: House, talk: UUID, count: int) -> None:
    """So many texts more went out, of long ago."""
    text = SendText(wording="x", language="en", body="one of many", purpose=Purpose.REPLY, zone="UTC")
    with house.rt.begin() as db:
        for number in range(count):
            at = house.rt.now() - timedelta(days=30, minutes=number)
            outbox.put(
                db, clinic=house.clinic, conversation=talk, effect_key=f"many:{number}", text=text, now=at
            )
