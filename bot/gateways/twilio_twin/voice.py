"""The calls of the exchange: they ring, are picked up, hear TwiML, press digits, and end. Told once: the end.

A call rings until its phone does something, or the weather ends it. What happens to one call happens in its
lane of the postman's, so that the application never hears of it out of order.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import urljoin

from bot.gateways.twilio_twin.clock import Clock
from bot.gateways.twilio_twin.ledger import Call, Ledger
from bot.gateways.twilio_twin.postman import Job, Postman
from bot.gateways.twilio_twin.rules import Refused, brave, call_fault
from bot.gateways.twilio_twin.twiml import BadTwiml, Gather, Hangup, Say, Verb, verbs
from bot.gateways.twilio_twin.voice_wire import digits_form, ended_form, live_form
from bot.gateways.twilio_twin.weather import MISSED, Weather
from bot.gateways.twilio_twin.wire import new_sid
from bot.log import get

ENDINGS = (*MISSED, "canceled")  # of calls that nobody answered
BAD_DOCUMENT = 12100  # Twilio's code in its error log
# What Twilio says where the application fails; then it hangs up.
SORRY = (Say("We are sorry. An application error has occurred. Goodbye."), Hangup())
log = get(__name__)


class NotNow(Exception):
    """The call is not at a point where its phone could do that."""


class Voice:
    """Calls from numbers of ours to phones. Safe between threads."""

    def __init__(
        self,
        account: str,
        weather: Weather,
        ledger: Ledger,
        postman: Postman,
        hold: Callable[[str, Job], None],
        now: Clock,
    ) -> None:
        self._account, self._weather, self._ledger = account, weather, ledger
        self._postman, self._hold, self._now = postman, hold, now

    def create(self, form: Mapping[str, str]) -> Call:
        """Take a call from the REST API; `set_going` is the caller's, once it has its answer. Raises Refused."""
        brave(self._weather, form)
        fault = call_fault(form)
        if fault is None and (struck := self._weather.strikes("refuse", form["To"], "call")):
            fault = struck.code
        if fault is not None:
            raise Refused(fault, form)
        call = Call(
            sid=new_sid("CA"),
            sender=form["From"],
            to=form["To"],
            url=form["Url"],
            callback=form.get("StatusCallback") or None,
            status="queued",
            created=self._now(),
        )
        self._ledger.add_call(call)
        return call

    def set_going(self, call: Call) -> None:
        """Let it ring, or end by itself."""
        missed = self._weather.misses(call.to)
        if missed is None:
            self._ledger.move_call(call, status="ringing", started=self._now())
        else:
            self._end(call, missed)

    def go_on(self) -> None:
        """After a restart: what was queued rings, what ended untold is told."""
        for call in self._ledger.calls():
            if call.status == "queued":
                self.set_going(call)
            elif call.ended and call.hook == "pending":
                self._postman.hand(call.sid, partial(self._tell, call))

    def answer(self, call: Call) -> tuple[str, ...]:
        """The phone picks up; what it hears. Raises NotNow."""
        return self._postman.ask(call.sid, partial(self._answer, call))

    def press(self, call: Call, digits: str) -> tuple[str, ...]:
        """The phone presses digits; what it hears then. None count: as if it stayed silent. Raises NotNow."""
        return self._postman.ask(call.sid, partial(self._press, call, digits))

    def hang_up(self, call: Call) -> None:
        """The phone hangs up. Raises NotNow."""
        self._postman.ask(call.sid, partial(self._leave, call, "in-progress", "completed"))

    def miss(self, call: Call, status: str) -> None:
        """A ringing call ends; `status`: one of ENDINGS. Raises NotNow."""
        self._postman.ask(call.sid, partial(self._leave, call, "ringing", status))

    def _answer(self, call: Call) -> tuple[str, ...]:
        _only(call.status == "ringing")
        self._ledger.move_call(call, status="in-progress", answered=self._now())
        return self._hear(call, call.url, live_form(call, self._account))

    def _press(self, call: Call, pressed: str) -> tuple[str, ...]:
        _only(call.waits)
        assert call.document is not None
        assert call.page is not None
        assert call.place is not None
        todo = verbs(call.document)
        gather = todo[call.place]
        assert isinstance(gather, Gather)
        if not (digits := gather.taken(pressed)):
            return self._follow(call, todo, call.place + 1)
        url = urljoin(call.page, gather.action)  # no action: the same page again
        return self._hear(call, url, digits_form(call, self._account, digits))

    def _leave(self, call: Call, before: str, after: str) -> None:
        _only(call.status == before)
        self._end(call, after)

    def _hear(self, call: Call, page: str, form: Mapping[str, str]) -> tuple[str, ...]:
        """Fetch a page of TwiML and follow it."""
        body = self._postman.fetch(page, form)
        if body is None:
            return self._follow(call, SORRY)
        document = body.decode(errors="replace")
        try:
            todo = verbs(document)
        except BadTwiml:
            log.warning("twiml_failed", code=BAD_DOCUMENT, sid=call.sid)
            return self._follow(call, SORRY)
        return self._follow(call, todo, page=page, document=document)

    def _follow(self, call: Call, todo: tuple[Verb, ...], start: int = 0, **kept: Any) -> tuple[str, ...]:
        """Speak, until digits are awaited or the call is over; what was said."""
        heard: list[str] = []
        place = None
        for n, verb in enumerate(todo[start:], start):
            if isinstance(verb, Hangup):
                break
            heard += [say.words for say in (verb.says if isinstance(verb, Gather) else (verb,))]
            if isinstance(verb, Gather):
                place = n
                break
        self._ledger.move_call(call, said=(*call.said, *heard), place=place, **kept)
        if place is None:
            self._end(call, "completed")
        return tuple(heard)

    def _end(self, call: Call, status: str) -> None:
        self._ledger.move_call(call, status=status, ended=self._now(), place=None)
        self._postman.hand(call.sid, partial(self._tell, call))

    def _tell(self, call: Call) -> None:
        """Tell of the end, by the mood of the weather."""
        mood = self._weather.callbacks
        report = partial(self._report, call, 2 if mood == "double" else 1)
        if call.callback is None or mood == "none":
            self._ledger.move_call(call, hook="done")
        elif mood == "late":
            self._hold(call.sid, report)
        else:
            report()

    def _report(self, call: Call, times: int) -> None:
        assert call.callback is not None
        form = ended_form(call, self._account)
        taken = [self._postman.post(call.callback, form) for _ in range(times)]
        self._ledger.move_call(call, hook="done" if all(taken) else "lost")


def _only(fits: bool) -> None:  # noqa: FBT001 — it reads as a sentence
    if not fits:
        raise NotNow
