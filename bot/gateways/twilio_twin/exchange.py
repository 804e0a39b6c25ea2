"""The switchboard: takes texts from both sides, knows who opted out, and sees to the webhooks."""

from base64 import b64encode
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from bot.gateways.twilio_twin.clock import Clock, real_clock
from bot.gateways.twilio_twin.ledger import Ledger, Message
from bot.gateways.twilio_twin.postman import Job, Postman
from bot.gateways.twilio_twin.rules import Refused, brave, text_fault
from bot.gateways.twilio_twin.voice import Voice
from bot.gateways.twilio_twin.weather import Weather
from bot.gateways.twilio_twin.wire import inbound_form, new_sid, segments, status_form

# Twilio's default keywords: the whole text, any case. The webhook gets them all the same.
# Source: help.twilio.com, "Twilio support for opt-out keywords", read 2026-11.
KEYWORDS: Mapping[str, str] = {
    **dict.fromkeys(("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "OPTOUT", "REVOKE"), "STOP"),
    **dict.fromkeys(("START", "YES", "UNSTOP"), "START"),
    **dict.fromkeys(("HELP", "INFO"), "HELP"),
}
NETWORK_ANSWERS: Mapping[str, str] = {
    "STOP": "You have successfully been unsubscribed."
    " You will not receive any more messages from this number. Reply START to resubscribe.",
    "START": "You have successfully been re-subscribed to messages from this number."
    " Reply HELP for help. Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
    "HELP": "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
}


class Exchange:
    """One account of the twin's, with everything that it remembers. Safe between threads."""

    def __init__(
        self, *, account: str, token: str, sms_url: str, journal: Path | None = None, now: Clock = real_clock
    ) -> None:
        self.account, self.token, self.sms_url, self.now = account, token, sms_url, now
        self.opened: datetime = now()
        self.authorization = b"Basic " + b64encode(f"{account}:{token}".encode())  # of the REST API's callers
        self.weather = Weather()
        self.ledger = Ledger(journal)
        self.postman = Postman(token=token, weather=self.weather)
        self._held: deque[tuple[str, Job]] = deque()  # (lane, what posts the callbacks)
        self.voice = Voice(account, self.weather, self.ledger, self.postman, self.hold, now)
        for message in self.ledger.pending():
            self.set_going(message)
        self.voice.go_on()

    def close(self) -> None:
        """End the threads and close the journal; what was not posted goes on at the next start."""
        self.postman.stop()
        self.ledger.close()

    @property
    def held(self) -> int:
        """Texts and calls whose callbacks are kept by late weather."""
        return len(self._held)

    def hold(self, lane: str, job: Job) -> None:
        """Keep a job that posts callbacks, until it is released."""
        self._held.append((lane, job))

    def create(self, form: Mapping[str, str]) -> Message:
        """Take an outbound text from the REST API; `set_going` is the caller's, once it has its answer.

        Raises Refused.
        """
        brave(self.weather, form)
        fault = text_fault(form)
        if fault is None and (struck := self.weather.strikes("refuse", form["To"], "text")):
            fault = struck.code
        sender = form.get("From") or self._sticky_sender(form.get("To", ""))
        if fault is None and sender is None:
            fault = 21703
        if fault is None and self.ledger.stopped(form["To"], sender or ""):
            fault = 21610
        if fault is not None:
            raise Refused(fault, form)
        message = self._outbound(form, sender or "")
        self.ledger.add(message)
        return message

    def text(
        self,
        *,
        sender: str,
        to: str,
        body: str,
        media: Sequence[Mapping[str, str]] = (),
        opt_out_type: str | None = None,
    ) -> Message:
        """A phone sends a text to a number of ours. `opt_out_type`: as Advanced Opt-Out would say."""
        at = self.now()
        message = Message(
            sid=new_sid("MM" if media else "SM"),
            direction="inbound",
            sender=sender,
            to=to,
            body=body,
            status="received",
            created=at,
            sent=at,
            segments=segments(body),
            media=tuple(dict(item) for item in media),
            opt_out=opt_out_type,
        )
        self.ledger.add(message)
        self._keyword(message, opt_out_type or KEYWORDS.get(body.strip().upper()))
        self.set_going(message)
        return message

    def set_going(self, message: Message) -> None:
        """Deliver it and tell of it, soon. Doing so again posts the same webhooks again."""
        if message.direction == "inbound":
            self.postman.hand(message.sender, partial(self._announce, message))
        else:
            self.postman.hand(message.sid, partial(self._deliver, message, self._journey(message.to)))

    def release(self) -> int:
        """Let late callbacks go; of how many texts and calls."""
        released = 0
        while self._held:
            self.postman.hand(*self._held.popleft())
            released += 1
        return released

    def _outbound(self, form: Mapping[str, str], sender: str) -> Message:
        service = form.get("MessagingServiceSid") or None
        return Message(
            sid=new_sid("SM"),
            direction="outbound-api",
            sender=sender,
            to=form["To"],
            body=form["Body"],
            status="accepted" if service else "queued",
            created=self.now(),
            segments=segments(form["Body"]),
            callback=form.get("StatusCallback") or None,
            service=service,
        )

    def _sticky_sender(self, phone: str) -> str | None:
        """A service without a pool here: it answers from the number that the phone last had to do with."""
        thread = self.ledger.of(phone) if phone else []
        last = thread[-1] if thread else None
        if last is None:
            return None
        return last.to if last.direction == "inbound" else last.sender

    def _keyword(self, message: Message, word: str | None) -> None:
        """Opt out or in, and answer as the network does, where that changes anything."""
        if word is None:
            return
        if word != "HELP" and not self.ledger.stop(message.sender, message.to, on=word == "STOP"):
            return
        answer = Message(
            sid=new_sid("SM"),
            direction="network",
            sender=message.to,
            to=message.sender,
            body=NETWORK_ANSWERS[word],
            status="delivered",
            created=message.created,
            sent=message.created,
            hook="done",
        )
        self.ledger.add(answer)

    def _journey(self, to: str) -> tuple[tuple[str, int | None], ...]:
        struck = self.weather.strikes("undelivered", to, "text")
        if struck is None:
            return (("sent", None), ("delivered", None))
        end = (struck.status, struck.code)
        return (end,) if struck.status == "failed" else (("sent", None), end)

    def _announce(self, message: Message) -> None:
        taken = self.postman.post(self.sms_url, inbound_form(message, self.account))
        self.ledger.move(message, hook="done" if taken else "lost")

    def _deliver(self, message: Message, journey: tuple[tuple[str, int | None], ...]) -> None:
        """The phone has it, or not: the state first, then what is told of it."""
        status, error = journey[-1]
        mood = self.weather.callbacks
        quiet = message.callback is None or mood == "none"
        done: dict[str, Any] = {"hook": "done"} if quiet else {}
        self.ledger.move(message, status=status, error=error, sent=self.now(), **done)
        if quiet:
            return
        posts = {"reversed": journey[::-1], "double": tuple(p for p in journey for _ in "12")}.get(
            mood, journey
        )
        report = partial(self._report, message, posts)
        if mood == "late":
            self.hold(message.sid, report)
        else:
            report()

    def _report(self, message: Message, posts: tuple[tuple[str, int | None], ...]) -> None:
        """Post status callbacks, each (status, error code or None), in this order."""
        assert message.callback is not None
        taken = [
            self.postman.post(message.callback, status_form(message, self.account, status, error))
            for status, error in posts
        ]
        self.ledger.move(message, hook="done" if all(taken) else "lost")
