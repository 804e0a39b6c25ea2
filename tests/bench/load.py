"""A load generator: signed webhooks, made beforehand, sent over keep-alive connections."""

import asyncio
import time
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

from twilio.request_validator import RequestValidator


@dataclass(frozen=True, slots=True)
class Shot:
    """One request, ready to be written to the wire."""

    sid: str
    raw: bytes


@dataclass(slots=True)
class Hit:
    """When it was sent and answered (time.time(), seconds), and the status line's code."""

    sid: str
    sent: float
    answered: float
    status: int


def shots(
    *, token: str, url: str, account: str, to: str, texts: Sequence[tuple[str, str, str]]
) -> list[Shot]:
    """Signed requests for (sid, phone, body) each; `url` is the public address of the webhook."""
    validator = RequestValidator(token)
    host = url.split("/")[2]
    made = []
    for sid, phone, body in texts:
        form = {
            "MessageSid": sid,
            "SmsSid": sid,
            "AccountSid": account,
            "From": phone,
            "To": to,
            "Body": body,
            "NumMedia": "0",
            "NumSegments": "1",
        }
        payload = "&".join(f"{name}={quote_plus(value)}" for name, value in form.items()).encode()
        head = (
            f"POST /twilio/sms HTTP/1.1\r\nHost: {host}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"X-Twilio-Signature: {validator.compute_signature(url, form)}\r\n"
            f"Content-Length: {len(payload)}\r\n\r\n"
        )
        made.append(Shot(sid, head.encode() + payload))
    return made


def saturate(port: int, wanted: Sequence[Shot], connections: int = 8) -> list[Hit]:
    """As fast as it goes, each connection one request at a time."""
    return _in_a_thread(_saturate(port, wanted, connections))


def paced(port: int, wanted: Sequence[Shot], rate: float) -> list[Hit]:
    """At `rate` a second by the clock, whatever the answers take (open loop)."""
    return _in_a_thread(_paced(port, wanted, rate))


def _in_a_thread(shooting: Coroutine[Any, Any, list[Hit]]) -> list[Hit]:
    """In a thread of its own: where browsers are tested, this one has a loop that runs already."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, shooting).result()


async def _saturate(port: int, wanted: Sequence[Shot], connections: int) -> list[Hit]:
    queue, hits = iter(wanted), []

    async def work() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for shot in queue:
            hits.append(await _fire(reader, writer, shot))  # noqa: PERF401  # one after the other, all in one list
        writer.close()

    await asyncio.gather(*(work() for _ in range(connections)))
    return hits


async def _paced(port: int, wanted: Sequence[Shot], rate: float) -> list[Hit]:
    free: asyncio.LifoQueue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.LifoQueue()
    start = time.perf_counter()

    async def one(number: int, shot: Shot) -> Hit:
        await asyncio.sleep(max(0.0, start + number / rate - time.perf_counter()))
        while not free.empty():
            pair = free.get_nowait()
            try:
                hit = await _fire(*pair, shot)
            except asyncio.IncompleteReadError:  # idle for too long: the server has closed it
                continue
            free.put_nowait(pair)
            return hit
        pair = await asyncio.open_connection("127.0.0.1", port)
        hit = await _fire(*pair, shot)
        free.put_nowait(pair)
        return hit

    return list(await asyncio.gather(*(one(number, shot) for number, shot in enumerate(wanted))))


async def _fire(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, shot: Shot) -> Hit:
    sent = time.time()
    writer.write(shot.raw)
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
    )
    await reader.readexactly(length)
    return Hit(shot.sid, sent, time.time(), int(head[9:12]))
