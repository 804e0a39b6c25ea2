"""Texts, calls and opt-outs: in memory, and in an append-only journal so that a restart goes on.

The journal is one JSON object a line, readable by its owner only: it holds texts and numbers, as Twilio's
own store does. A line that was cut short by a crash is dropped at the next start.
"""

import json
import os
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

Direction = Literal["inbound", "outbound-api", "network"]  # network: the carrier's own answer to STOP


@dataclass(slots=True)
class Message:
    """One text, either way. It changes: status, error, sent and hook move on as it travels."""

    sid: str
    direction: Direction
    sender: str
    to: str
    body: str
    status: str
    created: datetime
    segments: int = 1
    media: tuple[dict[str, str], ...] = ()  # each {"url", "content_type"}
    sent: datetime | None = None
    error: int | None = None
    callback: str | None = None  # StatusCallback of an outbound one
    service: str | None = None  # Messaging Service sid
    opt_out: str | None = None  # OptOutType of an inbound one: STOP, START or HELP
    hook: str = "pending"  # pending · done · lost: its webhook, or all of its status callbacks


@dataclass(slots=True)
class Call:
    """One call to a phone. It changes as it rings, is answered, listens and ends."""

    sid: str
    sender: str
    to: str
    url: str  # of its first page of TwiML
    status: str
    created: datetime
    callback: str | None = None  # StatusCallback
    started: datetime | None = None  # it rang
    answered: datetime | None = None
    ended: datetime | None = None
    said: tuple[str, ...] = ()  # all that the phone heard
    page: str | None = None  # the URL of the TwiML that it hears, its text,
    document: str | None = None
    place: int | None = None  # and the place of the Gather that waits there for digits
    hook: str = "pending"  # pending · done · lost: the callback that tells of its end

    @property
    def waits(self) -> bool:
        """Whether it waits for digits."""
        return self.place is not None

    @property
    def seconds(self) -> int:
        """How long they talked."""
        return int((self.ended - self.answered).total_seconds()) if self.ended and self.answered else 0


NAMES = tuple(field.name for field in fields(Message))
CALL_NAMES = tuple(field.name for field in fields(Call))
MOVING = ("status", "sent", "error", "hook")  # what changes of a message on the way
MOMENTS = ("created", "sent", "started", "answered", "ended")
LISTS = ("media", "said")


class Ledger:
    """Everything that Twilio would remember. Safe between threads."""

    def __init__(self, journal: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._messages: dict[str, Message] = {}
        self._numbers: dict[str, list[Message]] = defaultdict(list)  # by either end, oldest first
        self._calls: dict[str, Call] = {}  # oldest first
        self._stopped: set[tuple[str, str]] = set()  # (phone, our number)
        self._file: int | None = None
        if journal is not None:
            for record in _replay(journal):
                self._apply(record)
            self._file = os.open(journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def close(self) -> None:
        """Let go of the journal."""
        with self._lock:
            if self._file is not None:
                os.close(self._file)
                self._file = None

    def add(self, message: Message) -> None:
        """Keep a new message."""
        with self._lock:
            self._keep(message)
            self._write({"op": "message", **_plain(message)})

    def move(self, message: Message, **changes: Any) -> None:
        """Set `changes` (fields of Message) on it. The journal gets it once the webhooks are through.

        A crash before that leaves the message pending, and its way begins anew at the next start.
        """
        with self._lock:
            for name, value in changes.items():
                setattr(message, name, value)
            if message.hook != "pending":
                self._write({"op": "move", "sid": message.sid, **_plain(message, MOVING)})

    def add_call(self, call: Call) -> None:
        """Keep a new call."""
        with self._lock:
            self._calls[call.sid] = call
            self._write({"op": "call", **_plain(call, CALL_NAMES)})

    def move_call(self, call: Call, **changes: Any) -> None:
        """Set `changes` (fields of Call) on it."""
        with self._lock:
            for name, value in changes.items():
                setattr(call, name, value)
            self._write({"op": "call_move", "sid": call.sid, **_plain(call, changes)})

    def stop(self, phone: str, number: str, *, on: bool) -> bool:
        """Opt the pair out, or in again; whether that changed anything."""
        with self._lock:
            if ((phone, number) in self._stopped) == on:
                return False
            record = {"op": "stop", "phone": phone, "number": number, "on": on}
            self._apply(record)
            self._write(record)
            return True

    def stopped(self, phone: str, number: str) -> bool:
        """Whether this phone opted out of this number."""
        return (phone, number) in self._stopped

    def get(self, sid: str) -> Message | None:
        """The message with this sid."""
        return self._messages.get(sid)

    def of(self, *numbers: str | None) -> list[Message]:
        """Messages that have each of these numbers at one of their ends, oldest first; all for none."""
        wanted = [number for number in numbers if number]
        with self._lock:
            if not wanted:
                return list(self._messages.values())
            shortest = min((self._numbers.get(number, []) for number in wanted), key=len)
            return [m for m in shortest if all(number in (m.sender, m.to) for number in wanted)]

    def call(self, sid: str) -> Call | None:
        """The call with this sid."""
        return self._calls.get(sid)

    def calls(self, *numbers: str | None) -> list[Call]:
        """Calls that have each of these numbers at one of their ends, oldest first; all for none."""
        wanted = [number for number in numbers if number]
        with self._lock:
            return [c for c in self._calls.values() if all(number in (c.sender, c.to) for number in wanted)]

    def pending(self) -> list[Message]:
        """Messages whose webhooks are not done: after a restart they are posted again."""
        with self._lock:
            return [m for m in self._messages.values() if m.hook == "pending"]

    def _keep(self, message: Message) -> None:
        self._messages[message.sid] = message
        for number in {message.sender, message.to}:
            self._numbers[number].append(message)

    def _apply(self, record: dict[str, Any]) -> None:
        op = record["op"]
        record = {name: value for name, value in record.items() if name != "op"}
        for name in MOMENTS:
            if record.get(name):
                record[name] = datetime.fromisoformat(record[name])
        for name in LISTS:
            if name in record:
                record[name] = tuple(record[name])
        if op == "message":
            self._keep(Message(**record))
        elif op == "call":
            self._calls[record["sid"]] = Call(**record)
        elif op in ("move", "call_move"):
            kept = self._messages if op == "move" else self._calls
            moving = kept[record.pop("sid")]
            for name, value in record.items():
                setattr(moving, name, value)
        elif op == "stop":
            change = self._stopped.add if record["on"] else self._stopped.discard
            change((record["phone"], record["number"]))

    def _write(self, record: dict[str, Any]) -> None:
        if self._file is not None:
            os.write(self._file, json.dumps(record, ensure_ascii=False).encode() + b"\n")


def _plain(kept: Message | Call, names: Iterable[str] = NAMES) -> dict[str, Any]:
    plain = {name: getattr(kept, name) for name in names}
    for name in MOMENTS:
        if plain.get(name):
            plain[name] = plain[name].isoformat()
    return plain


def _replay(journal: Path) -> Iterator[dict[str, Any]]:
    """The journal's records; cuts off a last line that has no end."""
    if not journal.exists():
        return
    with journal.open("rb+") as file:
        whole = 0
        for line in file:
            if not line.endswith(b"\n"):
                file.truncate(whole)
                return
            whole += len(line)
            yield json.loads(line)
