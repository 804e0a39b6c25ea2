"""The twin's weather: faults that were asked for, as `PUT /twin/weather` names them. Safe between threads."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CALLBACKS = ("normal", "late", "double", "reversed", "none")
COUNTED = ("accept_then_hang_up", "busy", "server_error")  # the next n requests to create a message
FINAL = ("undelivered", "failed")


class BadWeather(ValueError):
    """There is no such weather."""


@dataclass(slots=True)
class Fault:
    """A code that meets the next `times` texts (None: all) to `to` (None: to anybody)."""

    code: int
    to: str | None = None
    times: int | None = None
    status: str = "undelivered"  # for texts that were accepted first: undelivered or failed

    def strikes(self, to: str) -> bool:
        """Whether it meets a text to this number; counts down if so."""
        if self.to not in (None, to) or self.times == 0:
            return False
        if self.times is not None:
            self.times -= 1
        return True


class Weather:
    """What goes wrong at present.

    | key | value |
    |---|---|
    | `refuse` | a fault, or a list: the create is answered with this code |
    | `undelivered` | a fault, or a list: accepted, then the final status is its `status` with this code |
    | `callbacks` | normal · late (kept until released) · double · reversed · none |
    | `accept_then_hang_up` | n: take the message, then drop the connection without an answer |
    | `busy` · `server_error` | n: answer 429 / 500; nothing is taken |
    | `slow_ms` | wait this long before each answer of the REST API |
    | `webhook_down` | true: no webhook and no callback gets through |

    A fault: `{"code": 30003, "to": "+1…" | null, "times": n | null}`, for `undelivered` also `"status"`.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.set({})

    def set(self, wanted: Mapping[str, Any]) -> None:
        """Replace the weather; what is not named is fine weather. Raises BadWeather and changes nothing."""
        faults = {name: _faults(wanted.get(name)) for name in ("refuse", "undelivered")}
        counts = {name: _count(wanted.get(name, 0)) for name in (*COUNTED, "slow_ms")}
        callbacks = wanted.get("callbacks", "normal")
        if callbacks not in CALLBACKS:
            raise BadWeather(f"callbacks: one of {', '.join(CALLBACKS)}")
        unknown = set(wanted) - {*faults, *counts, "callbacks", "webhook_down"}
        if unknown:
            raise BadWeather(f"unknown: {', '.join(sorted(unknown))}")
        with self._lock:
            self._faults, self._counts = faults, counts
            self.callbacks = str(callbacks)
            self.webhook_down = bool(wanted.get("webhook_down", False))

    @property
    def slow_s(self) -> float:
        """Seconds to wait before an answer."""
        return self._counts["slow_ms"] / 1000

    def takes(self, name: str) -> bool:
        """Whether this counted fault (of COUNTED) meets the request at hand; counts down if so."""
        if not self._counts[name]:
            return False
        with self._lock:
            left = self._counts[name]
            self._counts[name] = max(0, left - 1)
            return left > 0

    def strikes(self, name: str, to: str) -> Fault | None:
        """The fault (`refuse` or `undelivered`) that meets a text to this number."""
        if not self._faults[name]:
            return None
        with self._lock:
            return next((fault for fault in self._faults[name] if fault.strikes(to)), None)

    def plain(self) -> dict[str, Any]:
        """The weather as JSON: what is left of it."""
        with self._lock:
            faults = {
                name: [{"code": f.code, "to": f.to, "times": f.times, "status": f.status} for f in fs]
                for name, fs in self._faults.items()
            }
            rest = {"callbacks": self.callbacks, "webhook_down": self.webhook_down}
            return {**faults, **self._counts, **rest}


def _count(value: Any) -> int:
    if not isinstance(value, int) or value < 0:
        raise BadWeather("counts and slow_ms: whole numbers from 0")
    return value


def _faults(wanted: Any) -> list[Fault]:
    if not wanted:
        return []
    try:
        faults = [Fault(**one) for one in (wanted if isinstance(wanted, list) else [wanted])]
    except TypeError as error:
        raise BadWeather("a fault: {code, to, times}, for undelivered also status") from error
    if not all(isinstance(fault.code, int) and fault.status in FINAL for fault in faults):
        raise BadWeather("a fault: code is a whole number, status undelivered or failed")
    return faults
