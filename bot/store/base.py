"""What all tables share: the metadata, sealed columns, and `Db`, one transaction with the keys at hand.

A column that holds a name, phone, date of birth, message, answer or note has the type `Sealed`. It takes only
bytes that the vault has sealed for this row: writing a plain value raises, so nobody can forget.
`Db.add` and `Db.sealed` seal a row's values; `Db.open` opens them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Uuid,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.compiler import Compiled, SQLCompiler
from sqlalchemy.types import TypeDecorator

from bot.errors import UnsealedValue
from bot.vault import ClinicKeys, Place, Vault, WrappedKey

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Moment = DateTime(timezone=True)

data_keys = Table(
    "data_keys",
    metadata,
    Column("clinic_id", Uuid, primary_key=True),
    Column("purpose", Text, primary_key=True),
    Column("number", SmallInteger, primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
)
"""Each clinic's keys, wrapped by a master key: see `bot/vault`."""


class SealedBytes(bytes):
    """Bytes that the vault has sealed."""

    __slots__ = ()


class Sealed(TypeDecorator[SealedBytes]):
    """A column whose values are sealed. In the database: bytea, see `bot/vault`."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: SealedBytes | None, dialect: Dialect) -> bytes | None:
        """Take sealed bytes only; raises UnsealedValue."""
        if value is not None and not isinstance(value, SealedBytes):
            raise UnsealedValue
        return value

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> SealedBytes | None:
        """Hand out sealed bytes; `Db.open` opens them."""
        return None if value is None else SealedBytes(value)


@dataclass(frozen=True, slots=True)
class Db:
    """One transaction. Every row with sealed columns has `id` and `clinic_id`: what its values are bound to."""

    conn: Connection
    vault: Vault

    def keys(self, clinic: UUID) -> ClinicKeys:
        """The clinic's keys, read once a process."""
        return self.vault.known(clinic) or self.vault.learn(clinic, self._wrapped(clinic))

    def seal(
        self, table: Table, column: str, *, clinic: UUID, row: UUID, value: str | bytes | date
    ) -> SealedBytes:
        """Seal one value for its place."""
        if isinstance(value, date) and not isinstance(value, datetime):
            value = value.isoformat()
        raw = value.encode() if isinstance(value, str) else value
        assert isinstance(raw, bytes)
        return SealedBytes(self.keys(clinic).seal(Place(table.name, column, row), raw))

    def sealed(self, table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
        """The row with every value of a sealed column sealed."""
        clinic, number = row["clinic_id"], row["id"]
        return {
            name: self.seal(table, name, clinic=clinic, row=number, value=value)
            if value is not None and name in _sealed_columns(table)
            else value
            for name, value in row.items()
        }

    def add(self, table: Table, rows: Sequence[Mapping[str, Any]], *, once: bool = False) -> int:
        """Insert rows, sealing what must be; `once` leaves out those that are there already. Returns how many."""
        if not rows:
            return 0
        statement = insert(table)
        if once:
            statement = statement.on_conflict_do_nothing()
        sealed = [self.sealed(table, row) for row in rows]
        return self.conn.execute(statement, sealed, execution_options={"preserve_rowcount": True}).rowcount

    def run(self, statement: Compiled, values: Mapping[str, Any]) -> int:
        """Run a statement that was compiled beforehand on the driver's own cursor; returns how many rows it wrote.

        For the one statement that every webhook runs: SQLAlchemy's share of it costs as much as the rest. Sealed
        columns are checked as ever; errors are the driver's.
        """
        for name in _sealed_binds(statement):
            if not isinstance(values[name], SealedBytes):
                raise UnsealedValue
        driver = self.conn.connection.driver_connection
        assert driver is not None
        for (
            listener
        ) in self.conn.engine.dispatch.before_cursor_execute:  # whoever counts statements sees it too
            listener(self.conn, None, str(statement), values, None, False)  # noqa: FBT003  # SQLAlchemy's signature
        count: int = driver.execute(str(statement), values).rowcount
        return count

    def open(self, table: Table, column: str, value: SealedBytes, *, clinic: UUID, row: UUID) -> str:
        """Open one value as text; raises VaultError."""
        return self.open_bytes(table, column, value, clinic=clinic, row=row).decode()

    def open_bytes(self, table: Table, column: str, value: SealedBytes, *, clinic: UUID, row: UUID) -> bytes:
        """Open one value; raises VaultError."""
        return self.keys(clinic).open(Place(table.name, column, row), value)

    def _wrapped(self, clinic: UUID) -> tuple[WrappedKey, ...]:
        rows = self.conn.execute(select(data_keys).where(data_keys.c.clinic_id == clinic))
        return tuple(WrappedKey(row.clinic_id, row.purpose, row.number, row.wrapped) for row in rows)


def said(value: StrEnum) -> ColumnElement[str]:
    """A value that stands in the statement itself: a generic plan, which all of ours are, is made before the values of
    parameters are known, and so can't see that one fits a partial index."""
    return literal(value.value, Text, literal_execute=True)


@cache
def _sealed_columns(table: Table) -> frozenset[str]:
    return frozenset(column.name for column in table.columns if isinstance(column.type, Sealed))


@cache
def _sealed_binds(statement: Compiled) -> tuple[str, ...]:
    assert isinstance(statement, SQLCompiler)
    return tuple(name for name, bind in statement.binds.items() if isinstance(bind.type, Sealed))
