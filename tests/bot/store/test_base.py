"""Sealed columns: what names a patient or holds their words can't be written in the clear."""

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import ARRAY, Boolean, Column, DateTime, Integer, Uuid, insert, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import StatementError

from bot.errors import UnsealedValue, VaultError
from bot.runtime import Runtime
from bot.store import schema
from bot.store.base import Sealed, SealedBytes, metadata
from bot.store.conversations import conversations
from bot.store.people import patients

PLAIN = {
    "appointments": {"status"},
    "audit": {"actor", "action", "subject", "patients", "origin", "detail"},  # ids and names of things
    "broadcasts": {"flow", "status"},
    "broadcast_recipients": {"left_out"},  # why, by its name
    "clinics": {"name", "phone", "zone", "language"},  # the clinic's own, and public
    "conversations": {"edition"},
    "data_keys": {"purpose"},
    "deliveries": {"sid", "status"},
    "drafts": {"edition", "files"},  # what a clinic is going to publish
    "editions": {"id", "files"},  # what a clinic publishes
    "escalations": {
        "code",
        "urgency",
        "reason",
        "taken_by",
        "outcome",
    },  # names of reasons, staff and outcomes
    "escalation_acts": {"act", "by", "via", "detail"},
    "alerts": {"code", "channel", "effect_key", "words", "status", "sid"},  # `words`: see `core/escalation`
    "heartbeats": {"name"},
    "doorsteps": {"stage", "first"},  # words of the program's own
    "staff_links": {"kind"},
    "staff_passkeys": {"browser"},  # 'Chrome on Windows'
    "staff": {"handle", "role"},
    "swaps": {"roster", "person"},
    "inbox": {"kind", "dedupe"},
    "answers": {"effect_key"},
    "chart": {"kind"},
    "glass": {"verdict"},
    "guards": {"scope"},
    "links": {"effect_key", "page", "reason"},  # which kind of page, and why a link has ended
    "notes": {"author"},  # 'patient', or who of the staff
    "passkey_challenges": {"purpose"},
    "signatures": {"edition", "language"},
    "publications": {"edition", "before", "by", "phase"},
    "outbox": {
        "effect_key",
        "wording",
        "zone",
        "status",
        "sid",
        "reason",
        "hours",
    },  # `wording` is a sentence's name
    "patients": {"language", "zone"},
    "tasks": {"task", "urgency", "role"},
    "visit_acts": {"act", "before", "after"},  # names of acts and statuses
    "timers": {"key", "what"},  # ids and moments
}
"""Columns of text or JSON that are in the clear, because they can hold nothing of a patient's."""

HASHES = {
    *("phone_index", "external_index", "service_index", "group_index", "form_index", "credential_index"),
    *("secret_digest", "digest", "previous", "hash", "wrapped", "browser", "key"),
    *("handle", "user_handle", "challenge", "alert_handle", "email_index", "endpoint_index", "name_index"),
}
"""Columns of bytes that are hashes, wrapped keys, or made by chance."""

HARMLESS = Uuid | Integer | DateTime | Boolean
NOW = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "column",
    [column for table in metadata.sorted_tables for column in table.columns],
    ids=lambda column: f"{column.table.name}.{column.name}",
)
def test_a_column_is_sealed_or_known_to_hold_nothing_of_a_patients(column: Column) -> None:
    table, name = column.table.name, column.name
    kind = column.type.item_type if isinstance(column.type, ARRAY) else column.type
    if isinstance(kind, Sealed | HARMLESS):
        return
    assert name in PLAIN.get(table, set()) | HASHES, f"{table}.{name} is in the clear: seal it"


@pytest.mark.parametrize(
    "name",
    [
        *("first_name", "last_name", "birth_date", "phone", "oncall_phone", "external_id"),
        *("body", "what", "record", "state", "provider", "location"),
        *("asked", "value", "preferences", "detail"),
    ],
)
def test_what_sounds_like_a_patients_is_sealed_wherever_it_stands(name: str) -> None:
    found = [column for table in metadata.sorted_tables for column in table.columns if column.name == name]
    assert found
    for column in found:
        known_plain = name in PLAIN.get(column.table.name, set())
        assert isinstance(column.type, Sealed) is not known_plain


def test_every_table_with_sealed_columns_has_what_its_values_are_bound_to() -> None:
    for table in metadata.sorted_tables:
        if any(isinstance(column.type, Sealed) for column in table.columns):
            assert "id" in table.columns
            assert "clinic_id" in table.columns or table.name == "clinics"


@pytest.mark.parametrize("value", [b"plain", "plain", bytearray(b"plain"), b"", memoryview(b"plain")])
def test_a_plain_value_is_refused_by_the_type(value: object) -> None:
    with pytest.raises(UnsealedValue):
        Sealed().process_bind_param(value, postgresql.dialect())  # type: ignore[arg-type]


def test_sealed_bytes_and_nothing_are_taken() -> None:
    assert Sealed().process_bind_param(SealedBytes(b"x"), postgresql.dialect()) == b"x"
    assert Sealed().process_bind_param(None, postgresql.dialect()) is None


@pytest.mark.parametrize("value", [b"+12025550111", "+12025550111"])
def test_a_plain_value_never_reaches_the_database(rt: Runtime, clinic: UUID, value: object) -> None:
    row = {"id": uuid4(), "clinic_id": clinic, "phone": value, "phone_index": b"x", "updated_at": NOW}
    with pytest.raises(StatementError) as caught, rt.begin() as db:
        db.conn.execute(insert(conversations).values(row))
    assert isinstance(caught.value.orig, UnsealedValue)
    with rt.begin() as db:
        assert db.conn.execute(select(conversations)).all() == []


def test_a_rows_values_are_sealed_for_their_places_and_open_there_only(rt: Runtime, clinic: UUID) -> None:
    row = {
        "id": uuid4(),
        "clinic_id": clinic,
        "external_id": "P1",
        "external_index": b"x",
        "first_name": "Ana",
        "last_name": "Ana",
        "birth_date": date(1970, 1, 2),
        "phone": "+12025550111",
        "phone_index": b"x",
        "language": "en",
        "zone": "America/New_York",
        "digest": b"x",
        "updated_at": NOW,
    }
    with rt.begin() as db:
        assert db.add(patients, [row]) == 1
        stored = db.conn.execute(select(patients)).one()
        place = {"clinic": clinic, "row": stored.id}
        assert db.open(patients, "first_name", stored.first_name, **place) == "Ana"
        assert db.open(patients, "birth_date", stored.birth_date, **place) == "1970-01-02"
        assert isinstance(stored.first_name, SealedBytes)
        assert stored.first_name != stored.last_name
        for wrong in ({"clinic": clinic, "row": uuid4()}, {"clinic": clinic, "row": clinic}):
            with pytest.raises(VaultError):
                db.open(patients, "first_name", stored.first_name, **wrong)
        with pytest.raises(VaultError):
            db.open(patients, "last_name", stored.first_name, **place)
        with pytest.raises(VaultError):
            db.open(conversations, "first_name", stored.first_name, **place)
        assert db.add(patients, [row], once=True) == 0
        assert db.add(patients, []) == 0


def test_the_schema_knows_every_table() -> None:
    assert {noun.__name__.rsplit(".", 1)[-1] for noun in schema.NOUNS} >= {"inbox", "outbox", "audit"}
    assert set(PLAIN) <= set(metadata.tables)
