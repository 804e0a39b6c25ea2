"""Watch: whether clock, workers and carrier are at it, and word to the operator, by another way, when they are not.

`bot watch` does so every few seconds, apart from all the rest; the clock looks after the watch in turn. What both have
told is kept in memory. A fault is told once it was seen twice in a row, then every hour while it lasts, and so is its
end.

How long a process has been silent is told by the database's clock, and when the operator was told by this machine's:
the demo's clock can be put forward. What waits too long is told by `rt.now()`, by which it waits.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import uuid4

from bot import log
from bot.errors import CarelineError
from bot.gateways import operator
from bot.runtime import Runtime
from bot.service.faults import Fault, Glance, of_watch, settled
from bot.store import heartbeats

EVERY = 10.0  # seconds between two looks
CALL_EVERY = 60.0  # seconds between two calls of HEARTBEAT_URL
TELL_AGAIN = timedelta(hours=1)
_TOLD = "watch: what the operator was told"
_logger = log.get(__name__)


class Turn(StrEnum):
    """Which turn a fault has taken."""

    BEGAN = "began"
    LASTS = "lasts"
    ENDED = "ended"


_HEADS = {Turn.BEGAN: "{}", Turn.LASTS: "still {}", Turn.ENDED: "over: {}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What the operator is told of a fault."""

    fault: Fault
    turn: Turn
    since: datetime

    @property
    def head(self) -> str:
        """A line."""
        return _HEADS[self.turn].format(self.fault.name.replace("_", " "))

    @property
    def text(self) -> str:
        """What is wrong and what to do, or that it is over."""
        since = self.since.strftime("%Y-%m-%d %H:%M UTC")
        if self.turn is Turn.ENDED:
            return f"This is over; it was first seen at {since}: {self.fault.sentence}"
        return f"{self.fault.sentence} First seen at {since}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A fault that was seen; when the operator was told of it last, and since when it is gone."""

    fault: Fault
    since: datetime
    told: datetime | None = None
    gone: datetime | None = None


Told = Mapping[str, Known]
"""What is known of each fault, by its name."""


def news(told: Told, faults: Sequence[Fault], now: datetime) -> tuple[Told, tuple[Message, ...]]:
    """What to tell after a look that found these faults, and what is known then.

    What a fault hides from view can't be said to be over: it stays as it was.
    """
    found = {fault.name: fault for fault in faults}
    hidden = frozenset(name for fault in faults for name in fault.hides)
    after: dict[str, Known] = {}
    messages: list[Message] = []
    for name, fault in found.items():
        after[name], turn = _seen(told.get(name), fault, now)
        if turn:
            messages.append(Message(fault=fault, turn=turn, since=after[name].since))
    for name, known in told.items():
        if name in found:
            continue
        if name in hidden:
            after[name] = known
        elif known.gone and now - known.gone >= known.fault.lull:
            messages.append(Message(fault=known.fault, turn=Turn.ENDED, since=known.since))
        elif known.told:
            after[name] = replace(known, gone=known.gone or now)
    return after, tuple(messages)


def _seen(known: Known | None, fault: Fault, now: datetime) -> tuple[Known, Turn | None]:
    """What is known of a fault that is there, and whether that is to be told."""
    if known is None:
        return Known(fault=fault, since=now), None
    again = replace(known, fault=fault, gone=None)
    if known.told is None:
        return replace(again, told=now), Turn.BEGAN
    if now - known.told >= TELL_AGAIN:
        return replace(again, told=now), Turn.LASTS
    return again, None


def announce(rt: Runtime, told: Told, faults: Sequence[Fault], now: datetime) -> Told:
    """Tell the operator what is new. What reached nobody is news again at the next look."""
    after, messages = news(told, faults, now)
    unheard = {message.fault.name for message in messages if not tell(rt, message)}
    return {**after, **{name: told[name] for name in unheard}}


def tell(rt: Runtime, message: Message) -> bool:
    """Tell the operator by e-mail and webhook, whichever is set; whether either took it. Never raises.

    The log has it in any case; where neither is set, that is all.
    """
    _logger.error("fault", name=message.fault.name, status=message.turn.value)
    ways = []
    if rt.settings.operator_email:
        ways.append(_mail(rt, message))
    if rt.settings.operator_webhook:
        posted = {
            "text": f"careline at {rt.settings.public_url}, {message.head}. {message.text}",
            "fault": message.fault.name,
            "turn": message.turn.value,
            "since": message.since.isoformat(timespec="seconds"),
        }
        ways.append(operator.post(rt.settings.operator_webhook, posted))
    return any(ways) or not ways


def _mail(rt: Runtime, message: Message) -> bool:
    site = rt.settings.public_url
    try:
        if rt.mailer is None:
            return False
        rt.mailer.send(
            to=rt.settings.operator_email,
            subject=f"careline: {message.head}",
            body=f"{message.text}\n\nThis is careline at {site}.\n{site}/readyz says what is wrong now.\n",
            message_id=uuid4().hex,
        )
    except CarelineError as error:
        _logger.warning("operator_not_told", **log.error_fields(error))
        return False
    return True


@dataclass(slots=True, kw_only=True)
class Post:
    """A sentry's post: what one process that keeps watch remembers from look to look."""

    rt: Runtime
    glance: Glance
    told: Told = field(default_factory=dict)
    started: float = field(default_factory=time.monotonic)
    called: float | None = None

    def look(self) -> tuple[Fault, ...]:
        """Look once and tell what is new. While all is well, call HEARTBEAT_URL every minute. Returns what was seen."""
        seen = self.glance.look()
        faults = settled(seen, time.monotonic() - self.started)
        self.told = announce(self.rt, self.told, faults, datetime.now(UTC))
        if not seen:
            self._call()
        return seen

    def _call(self) -> None:
        url, now = self.rt.settings.heartbeat_url, time.monotonic()
        # A look a moment early must not skip a whole round: the switch elsewhere may wait little more than a minute.
        if url and (self.called is None or now - self.called > CALL_EVERY - EVERY / 2):
            self.called = now if operator.beat(url) else None


def post(rt: Runtime) -> Post:
    """A post for this process, which gives its own sign of life at every look."""
    return Post(rt=rt, glance=Glance(rt, beats=heartbeats.WATCH))


def look(rt: Runtime) -> tuple[Fault, ...]:
    """What is wrong now, whatever was told of it. Waits for no server that hangs."""
    return Glance(rt).look()


def beat(rt: Runtime) -> None:
    """The clock is at it."""
    with rt.begin() as db:
        heartbeats.beat(db, heartbeats.CLOCK)


def look_after_the_watch(rt: Runtime) -> None:
    """Tell the operator when the watch itself is silent: the clock does so, once a minute."""
    with rt.begin() as db:
        faults = of_watch(heartbeats.ages(db))
    _, told = rt.remembered.get(_TOLD, (0.0, {}))
    rt.remembered[_TOLD] = (0.0, announce(rt, told, faults, datetime.now(UTC)))
