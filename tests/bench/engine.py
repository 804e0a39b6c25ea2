"""How long one decision takes, beside two state-machine libraries that do the same dialogue, in one run.

    .venv/bin/pip install "transitions==0.9.3" "python-statemachine==3.2.2"
    .venv/bin/python -m tests.bench.engine [--rounds 2000]

The dialogue: a reminder is sent; the patient asks for another time; times are found and offered; one is chosen
and booked. Each engine gets its state from JSON before every step and gives it back as JSON after it, as a
service must. Ours also decides on safety, consent and identity, and renders the texts. Prints Markdown.
"""

import argparse
import gc
import json
import logging
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from bot.core.book import Book
from bot.core.decide import decide
from bot.core.events import Event, ReminderDue, SlotAnswer, SlotsFound, TextArrived, What
from bot.core.facts import Clinic, Facts, Person, Slot, Visit, VisitStatus
from bot.core.flow import Flow
from bot.core.questions import Scale
from bot.core.state import STATE, State
from bot.flowbook import loader
from nlp.reading import Intent, Reading
from tests.conftest import EDITION

NOW = datetime(2026, 12, 4, 15, 30, tzinfo=UTC)
ANA = Person(id=UUID(int=1), first_name="Ana", language="en", zone="America/New_York")
VISIT = Visit(
    id=UUID(int=2),
    patient_id=ANA.id,
    version=1,
    start=datetime(2026, 12, 7, 15, 30, tzinfo=UTC),
    minutes=30,
    status=VisitStatus.BOOKED,
)
FACTS = Facts(
    clinic=Clinic(name="Riverside Clinic", phone="+15552014400", zone="America/New_York"),
    people=(ANA,),
    visits=(VISIT,),
)
SLOTS = tuple(Slot(id=UUID(int=10 + n), start=datetime(2026, 12, 8 + n, 15, 0, tzinfo=UTC)) for n in range(3))
STEPS = 500


def main() -> None:
    """Run all of it and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=2000)
    rounds = parser.parse_args().rounds
    book = loader.load(EDITION)
    print("| engine | a step, median | of transitions |\n|---|---|---|")
    rivals = [("transitions 0.9.3", _transitions()), ("python-statemachine 3.2.2", _statemachine())]
    ours = [
        ("careline, decide alone", _alone(book)),
        ("careline, with its state from and to JSON", _whole(book)),
    ]
    large = [(f"careline, a flow of {STEPS} steps, decide alone", _large(book))]
    medians = _side_by_side([*rivals, *ours, *large], rounds)
    base = medians[rivals[0][0]]
    for name, median in medians.items():
        print(f"| {name} | {median:.1f} µs | {median / base:.2f} |")


Round = Callable[[], list[float]]


def _side_by_side(engines: Sequence[tuple[str, Round]], rounds: int) -> dict[str, float]:
    """Microseconds a step: rounds of all engines in turn, so that all meet the same machine."""
    taken: dict[str, list[float]] = {name: [] for name, _ in engines}
    gc.disable()
    for _ in range(rounds):
        for name, play in engines:
            taken[name] += play()
    gc.enable()
    return {name: statistics.median(times) * 1e6 for name, times in taken.items()}


# -- ours ---------------------------------------------------------------------------------------------


def _dialogue() -> list[What]:
    def text(body: str, intent: Intent = Intent.OTHER, value: str | None = None) -> TextArrived:
        return TextArrived(sid="SM", body=body, reading=Reading(intent=intent, value=value, confidence=0.9))

    when = "3 days before the visit"
    return [
        ReminderDue(visit_id=VISIT.id, version=1, flow="appointment", when=when, due=NOW),
        text("R", Intent.RESCHEDULE),
        SlotsFound(visit_id=VISIT.id, turn=0, slots=SLOTS),
        text("2", value=str(SLOTS[1].id)),
        SlotAnswer(visit_id=VISIT.id, turn=0, booked=True),
    ]


def _states(book: Book, dialogue: Sequence[What]) -> list[tuple[State, Event]]:
    """Each event with the state that it meets."""
    met, state = [], State()
    for seq, what in enumerate(dialogue):
        if isinstance(what, SlotsFound | SlotAnswer):
            turn = state.talks[0].turn
            what = type(what)(
                **{name: getattr(what, name) for name in what.__slots__ if name != "turn"}, turn=turn
            )
        event = Event(seq=seq, what=what, facts=FACTS)
        met.append((state, event))
        state = decide(book, state, event, NOW).state
    return met


def _alone(book: Book) -> Round:
    met = _states(book, _dialogue())

    def play() -> list[float]:
        times = []
        for state, event in met:
            begin = time.perf_counter()
            decide(book, state, event, NOW)
            times.append(time.perf_counter() - begin)
        return times

    return play


def _whole(book: Book) -> Round:
    met = [(STATE.dump_json(state), event) for state, event in _states(book, _dialogue())]

    def play() -> list[float]:
        times = []
        for state, event in met:
            begin = time.perf_counter()
            STATE.dump_json(decide(book, STATE.validate_json(state), event, NOW).state)
            times.append(time.perf_counter() - begin)
        return times

    return play


def _large(book: Book) -> Round:
    """A flow that asks five hundred numbers, in its middle."""
    steps: dict[str, Any] = {
        f"q{n}": {"ask": "reminder", "expect": Scale(min=0, max=10), "save": f"q{n}", "then": f"q{n + 1}"}
        for n in range(STEPS)
    }
    steps[f"q{STEPS}"] = {"say": "confirmed", "then": "end"}
    variables = {f"q{n}": "phi" for n in range(STEPS)}
    flow = Flow.model_validate(
        {"flow": "large", "title": "Large", "purpose": "care", "about": "the patient", "variables": variables}
        | {"steps": steps}
        | {"starts": [{"when": "the patient texts GO"}]}
    )
    book = Book(
        edition="large", house=book.house, flows={"large": flow}, policy=book.policy, wordings=book.wordings
    )
    answer = TextArrived(sid="SM", body="4", reading=Reading(value=4, confidence=0.9))
    dialogue: list[What] = [TextArrived(sid="SM", body="go", reading=Reading()), *[answer] * (STEPS // 2)]
    state, event = _states(book, dialogue)[-1]

    def play() -> list[float]:
        begin = time.perf_counter()
        decide(book, state, event, NOW)
        return [time.perf_counter() - begin]

    return play


# -- the others ---------------------------------------------------------------------------------------

WAYS = [
    ("idle", "remind", "remind"),
    ("remind", "move", "find_times"),
    ("find_times", "found", "offer_times"),
    ("offer_times", "choose", "book"),
    ("book", "booked", "idle"),
]


def _transitions() -> Round:
    from transitions import Machine

    logging.getLogger("transitions").setLevel(logging.CRITICAL)

    class Talk:
        state: str

    states = [state for state, _, _ in WAYS]
    ways = [{"trigger": trigger, "source": source, "dest": dest} for source, trigger, dest in WAYS]

    def play() -> list[float]:
        times, kept = [], json.dumps({"state": "idle"})
        for _, trigger, _ in WAYS:
            begin = time.perf_counter()
            talk = Talk()
            machine.add_model(talk, initial=json.loads(kept)["state"])
            getattr(talk, trigger)()
            kept = json.dumps({"state": talk.state})
            machine.remove_model(talk)
            times.append(time.perf_counter() - begin)
        return times

    machine = Machine(model=None, states=states, transitions=ways, initial="idle", auto_transitions=False)
    return play


def _statemachine() -> Round:
    from statemachine import State as Place
    from statemachine import StateMachine

    class Talk(StateMachine):
        idle = Place(initial=True)
        reminded = Place()
        find_times = Place()
        offer_times = Place()
        booking = Place()
        remind = idle.to(reminded)
        move = reminded.to(find_times)
        found = find_times.to(offer_times)
        choose = offer_times.to(booking)
        booked = booking.to(idle)

    def play() -> list[float]:
        times, kept = [], json.dumps({"state": "idle"})
        for _, trigger, _ in WAYS:
            begin = time.perf_counter()
            talk = Talk(start_value=json.loads(kept)["state"])
            talk.send(trigger)
            kept = json.dumps({"state": talk.current_state_value})
            times.append(time.perf_counter() - begin)
        return times

    return play


if __name__ == "__main__":
    main()
