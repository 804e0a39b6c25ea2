"""How the way of a text and of a page are said to people."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bot.core.effects import OpenTask, Urgency
from bot.core.flow import Page
from bot.gateways.twilio import CODES
from bot.service.console import timeline_words as words
from nlp.reading import Intent, Level, Reading, Why

NOW = datetime(2026, 11, 30, 15, 0, tzinfo=UTC)  # Monday, 10:00 in New York
ZONE = "America/New_York"


@pytest.mark.parametrize(
    ("status", "code", "reason", "waits", "said", "tone"),
    [
        ("delivered", None, None, "", "delivered", "good"),
        ("ready", None, None, "", "waits to leave", "plain"),
        ("ready", None, None, "Tue 1 Dec, 9:00 AM", "leaves Tue 1 Dec, 9:00 AM", "plain"),
        (
            "undelivered",
            30006,
            None,
            "",
            "not delivered: it is a landline, or its carrier can’t be reached",
            "warn",
        ),
        ("failed", 21610, None, "", "not delivered: the phone has opted out", "warn"),
        ("failed", None, None, "", "not delivered", "warn"),
        ("dropped", None, "visit_changed", "", "not sent: the visit has changed since", "warn"),
        ("dropped", None, "phi", "", "not sent: it held something that must not be texted", "warn"),
    ],
)
def test_a_texts_way_is_said_in_plain_words(
    status: str, code: int | None, reason: str | None, waits: str, said: str, tone: str
) -> None:
    assert words.way(status, code, reason, waits) == (said, tone)


@pytest.mark.parametrize("code", [*CODES, 99999])
def test_every_code_of_the_carriers_has_words(code: int) -> None:
    said, _ = words.way("failed", code, None, "")
    assert said.startswith("not delivered: ")
    assert not any(letter.isdigit() for letter in said)


def link(**given: Any) -> Any:
    """A link's row."""
    plain = {"submitted_at": None, "tries_left": 5, "opened_at": None, "revoked_at": None, "reason": None}
    return SimpleNamespace(**{**plain, "expires_at": NOW + timedelta(days=1), **given})


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (link(expires_at=None), "its text has not left yet"),
        (link(), "not opened yet, until Tue 1 Dec, 10:00 AM"),
        (link(opened_at=NOW), "opened 10:00 AM"),
        (link(opened_at=NOW, submitted_at=NOW), "sent in 10:00 AM"),
        (link(tries_left=0), "locked: too many wrong tries"),
        (link(expires_at=NOW - timedelta(days=1)), "not opened, over since Sun 29 Nov, 10:00 AM"),
        (link(revoked_at=NOW, reason="reissued"), "not opened, over: a newer link took its place"),
        (link(revoked_at=NOW, reason="else"), "not opened, over"),
    ],
)
def test_a_pages_way_is_the_furthest_that_it_got(row: Any, said: str) -> None:
    assert words.page_way(row, NOW, ZONE)[0] == said


def test_every_page_has_a_name() -> None:
    assert set(words.PAGES) == set(Page)


def test_what_was_read_tells_its_parts_and_an_answer_only_to_who_sees_health() -> None:
    why = (Why(rule="intent:confirm", start=0, end=3),)
    reading = Reading(intent=Intent.CONFIRM, value=3, confidence=0.7, level=Level.URGENT, why=why)
    task = OpenTask(task="reply_not_understood", urgency=Urgency.ROUTINE)
    said = words.understood(reading, (task, task), "yes", value=True)
    assert said.line == "Read as: says yes · answer: 3 · fairly sure · sounds urgent"
    assert said.why == ("intent, confirm: “yes”",)
    assert said.done == ("Task for staff: reply not understood",)
    assert words.understood(reading, (), "yes", value=False).line == (
        "Read as: says yes · an answer · fairly sure · sounds urgent"
    )
    assert words.understood(None, (), "", value=True).line == "Not read: nothing was to be understood"


@pytest.mark.parametrize(
    ("value", "said"),
    [(True, "yes"), ({"systolic": 120, "diastolic": 80}, "120 / 80"), (98.60, "98.6"), ("x", "x")],
)
def test_an_answer_is_said_as_people_read_it(value: Any, said: str) -> None:
    assert words.value_text(value) == said
