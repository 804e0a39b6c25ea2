"""The twin's weather: faults that were asked for, as `PUT /twin/weather` names them. Safe between threads."""

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

CALLBACKS = ("normal", "late", "double", "reversed", "none")
COUNTED = ("accept_then_hang_up", "busy", "server_error")  # the next n requests to create a message or a call
FINAL = ("undelivered", "failed")
KINDS = (None, "text", "call")
MISSED = ("no-answer", "busy", "failed")


class BadWeather(ValueError):
    """There is no such weather."""


@dataclass(slots=True, kw_only=True)
class Aim:
    """Whom it meets: the next `times` texts or calls (None: all) to `to` (None: to anybody)."""

    to: str | None = None
    times: int | None = None

    def strikes(self, to: str) -> bool:
        """Whether it meets one to this number; counts down if so."""
        if self.to not in (None, to) or self.times == 0:
            return False
        if self.times is not None:
            self.times -= 1
        return True


@dataclass(slots=True, kw_only=True)
class Fault(Aim):
    """A code."""

    code: int
    status: str = "undelivered"  # for texts that were accepted first: undelivered or failed
    of: str | None = None  # text or call; None: either

    def __post_init__(self) -> None:
        if not isinstance(self.code, int) or self.status not in FINAL or self.of not in KINDS:
            raise BadWeather("a fault: code: a number, status: undelivered or failed, of: text or call")


@dataclass(slots=True, kw_only=True)
class Miss(Aim):
    """A call that ends by itself, before anybody answers."""

    answers: str

    def __post_init__(self) -> None:
        if self.answers not in MISSED:
            raise BadWeather(f"voice: answers: one of {', '.join(MISSED)}")


Aimed = TypeVar("Aimed", bound=Aim)


class Weather:
    """What goes wrong at present.

    | key | value |
    |---|---|
    | `refuse` | a fault, or a list: the create is answered with this code |
    | `undelivered` | a fault, or a list: a text is accepted, then its final status is `status` with this code |
    | `voice` | a miss, or a list: the call ends at once by itself, unanswered; without one it rings and rings |
    | `callbacks` | normal · late (kept until released) · double · reversed · none |
    | `accept_then_hang_up` | n: take the text or call, then drop the connection without an answer |
    | `busy` · `server_error` | n: answer 429 / 500; nothing is taken |
    | `slow_ms` | wait this long before each answer of the REST API |
    | `webhook_down` | true: no webhook and no callback gets through |

    A fault: `{"code": 30003, "to": "+1…" | null, "times": n | null}`, for `undelivered` also `"status"`, for
    `refuse` also `"of": "text" | "call" | null`. A miss: `{"answers": "no-answer" | "busy" | "failed"}`, with
    `to` and `times` like a fault. `callbacks`, `webhook_down` and the counts hold for texts and calls alike.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.set({})

    def set(self, wanted: Mapping[str, Any]) -> None:
        """Replace the weather; what is not named is fine weather. Raises BadWeather and changes nothing."""
        faults = {name: _aimed(Fault, wanted.get(name)) for name in ("refuse", "undelivered")}
        misses = _aimed(Miss, wanted.get("voice"))
        counts = {name: _count(wanted.get(name, 0)) for name in (*COUNTED, "slow_ms")}
        callbacks = wanted.get("callbacks", "normal")
        if callbacks not in CALLBACKS:
            raise BadWeather(f"callbacks: one of {', '.join(CALLBACKS)}")
        unknown = set(wanted) - {*faults, *counts, "voice", "callbacks", "webhook_down"}
        if unknown:
            raise BadWeather(f"unknown: {', '.join(sorted(unknown))}")
        with self._lock:
            self._faults, self._misses, self._counts = faults, misses, counts
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

    def strikes(self, name: str, to: str, of: str) -> Fault | None:
        """The fault (`refuse` or `undelivered`) that meets a text or call (`of`) to this number."""
        if not self._faults[name]:
            return None
        with self._lock:
            fitting = (fault for fault in self._faults[name] if fault.of in (None, of))
            return next((fault for fault in fitting if fault.strikes(to)), None)

    def misses(self, to: str) -> str | None:
        """How a call to this number ends by itself; None: it rings."""
        with self._lock:
            return next((miss.answers for miss in self._misses if miss.strikes(to)), None)

    def plain(self) -> dict[str, Any]:
        """The weather as JSON: what is left of it."""
        with self._lock:
            faults = {name: [asdict(fault) for fault in faults] for name, faults in self._faults.items()}
            voice = [asdict(miss) for miss in self._misses]
            rest = {"callbacks": self.callbacks, "webhook_down": self.webhook_down}
            return {**faults, "voice": voice, **self._counts, **rest}


def _count(value: Any) -> int:
    if not isinstance(value, int) or value < 0:
        raise BadWeather("counts and slow_ms: whole numbers from 0")
    return value


def _aimed(kind: type[Aimed], wanted: Any) -> list[Aimed]:
    if not wanted:
        return []
    try:
        return [kind(**one) for one in (wanted if isinstance(wanted, list) else [wanted])]
    except TypeError as error:
        raise BadWeather("a fault: {code, to, times}; a miss: {answers, to, times}") from error
