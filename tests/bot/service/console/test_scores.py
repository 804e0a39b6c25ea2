"""Scores: the sums of a questionnaire over time, from the answers that were kept."""

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from bot.core.effects import Record
from bot.runtime import Runtime
from bot.service.console import scores
from bot.settings import HOME
from bot.store import answers, conversations
from tests.bot.service.desks import desk
from tests.conftest import ANA_PHONE, START, House

DAY = timedelta(days=1)


@pytest.fixture
def flows_dir() -> Path:
    """The clinic's own flows: its questionnaires."""
    return HOME / "flows"


def keep(rt: Runtime, clinic: UUID, patient: UUID, *given: tuple[datetime, str, str, object]) -> None:
    """Answers as texts and forms bring them."""
    with rt.begin() as db:
        talk = conversations.with_phone(db, clinic, ANA_PHONE, rt.now())
        for number, (at, flow, item, value) in enumerate(given):
            answer = Record(flow=flow, item=item, value=value, person_id=patient)  # type: ignore[arg-type]
            answers.put(
                db, clinic=clinic, conversation=talk, effect_key=f"{flow}:{number}", answer=answer, now=at
            )


def test_answers_that_belong_together_make_one_score(house: House) -> None:
    patient, at, hour = house.patient(), START - 90 * DAY, timedelta(hours=1)
    keep(
        house.rt,
        house.clinic,
        patient,
        (at, "phq2", "interest", 3),
        (at + hour, "phq2", "down", 1),
        (at + 2 * hour, "phq2", "down", 2),  # 'sorry, I meant …'
        (at + 30 * DAY, "phq2", "interest", 1),  # and never finished
        (at + 60 * DAY, "phq2", "interest", 0),
        (at + 60 * DAY, "phq2", "down", 1),
        (at + 60 * DAY, "phq2", "unknown_item", 9),
        (at + 60 * DAY, "no_such_flow", "down", 9),
    )
    with house.rt.begin() as db:
        book = house.rt.book(db, house.rt.current_edition(db))
        (found,) = scores.of(db, desk(house.rt, house.clinic), book, patient)
    assert found.title == "PHQ-2"
    assert [value for _, value in found.points] == [5, 1]
    assert found.points[0][0] == at + 2 * hour
