"""The secure pages' speed, beside the floor, in one run on one machine.

    .venv/bin/python -m tests.bench.pages [--forms 1000] [--looks 200]

Prints a table in Markdown. Everything runs here: load generator, `bot web` with its two processes, PostgreSQL and
Valkey with fsync on, the flows that ship. Every patient has 40 results (five values, each measured eight times) and
three medicines; every fourth reads Spanish. Links are on http://localhost, so that passkeys are offered as elsewhere.

floor                   the bare route of `floor.py` under the same gunicorn: checks a signature, commits a row
shell                   GET /s, what a link opens first
tap                     POST /s: the token comes in, an opening begins
question                GET of the opening: the page that asks for the date of birth, or the PIN
unlock                  POST of the right answer
result page             GET of the opening that was just unlocked: five values, each with its trend and what was before
unlock and result page  the two of one visit added up
Argon2id alone          `hash_pin.fits`, in this process: what a right PIN costs, and every wrong one of six digits too
... without the hash    the same visits, less the median of the hash
form submitted          POST of the last screen of the refill form, with its last answer (a note of free text, which is
                        told to the conversation to be read as a text is). The form comes in with all its answers, is
                        told to the conversation and stands in the audit trail, committed, before the answer is sent.
                        Pages were opened and the screens before were answered beforehand, which is not measured.
whole visit             from the tap to the thanks: ten requests, of which five look and five send

Times are of `--looks` visits, one request after the other on one keep-alive connection, from the first byte sent to
the last byte received, so the server's own time is a little less. Rates are at saturation, with eight connections,
while no worker is running: what a form starts is a worker's business and may wait.
"""

import argparse
import os
import re
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from bot.core.flow import Page
from bot.runtime import Runtime
from bot.service import hash_pin
from bot.service.fill_in import Draft
from bot.service.publish import publish
from bot.settings import HOME
from bot.store.inbox import inbox
from tests.bench import practice
from tests.bench.load import Shot, saturate
from tests.bench.machine import WEB, floor_rate, machine, percentile, rate, row, running
from tests.bench.practice import BORN, PIN, Practice, Someone
from tests.bench.visitor import Answer, Browser, Line

ORIGIN = f"http://localhost:{WEB}"
FORM = "refill"
SO_FAR = Draft(
    values={"medicine": "Metformin, 10 mg once a day", "auto_ok": True, "days_left": 5},
    passed=("medicine", "days_left"),
)
NOTE = {"note": "Thank you", "go": "next"}
WARM = 20
CONNECTIONS = 8
_PROOF = re.compile(r'name="csrf" value="([^"]+)"')
_MEDICINE = re.compile(r'name="medicine" value="([0-9a-f]{16})"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What each request of one visit took, in ms."""

    tap: float
    question: float
    unlock: float
    page: float


def main() -> None:
    """Run all of it and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--forms", type=int, default=1000, help="forms that are submitted")
    parser.add_argument("--looks", type=int, default=200, help="visits of which each request is timed")
    given = parser.parse_args()
    settings = {"flows_dir": HOME / "flows", "link_url": ORIGIN}
    with tempfile.TemporaryDirectory() as directory, machine(Path(directory), **settings) as rt:
        patients = max(given.forms, given.looks) + WARM
        here = practice.fill(rt, patients)
        floor = floor_rate(rt, [practice.phone(number % patients) for number in range(2 * given.forms)])
        row("floor", "requests/s", f"{floor:.0f}", "1.00")
        with running(rt, ("web",)):
            _times(here, given.looks)
            top = _forms(here, given.forms)
            row("form submitted", "forms/s", f"{top:.0f}", f"{top / floor:.2f}")
            top = _visits(here, here.everyone[: max(CONNECTIONS, given.forms // 5)])
            row("whole visit", "visits/s", f"{top:.1f}", f"{top / floor:.3f}")
            row("", "requests/s", f"{10 * top:.0f}", f"{10 * top / floor:.2f}")
        _want_pins(rt, Path(directory))
        with running(rt, ("web",)):
            _times_with_pin(here, given.looks)


# -- one after the other ---------------------------------------------------------------------------------


def _times(here: Practice, looks: int) -> None:
    line = Line(WEB)
    shell = [line.send(Browser(ORIGIN).get("/s")).took for _ in range(WARM + looks)][WARM:]
    line.close()
    _timed("shell", shell)
    visits = _one_by_one(here, looks, practice.fields_of_birth())
    _timed("tap", [visit.tap for visit in visits])
    _timed("question", [visit.question for visit in visits])
    _timed("unlock, date of birth", [visit.unlock for visit in visits])
    _timed("result page", [visit.page for visit in visits])
    _timed("unlock and result page, date of birth", [visit.unlock + visit.page for visit in visits])


def _times_with_pin(here: Practice, looks: int) -> None:
    here.give_pins(here.everyone[: WARM + looks])
    visits = _one_by_one(here, looks, {"pin": PIN})
    both = [visit.unlock + visit.page for visit in visits]
    hashes = _hashes()
    _timed("unlock, PIN", [visit.unlock for visit in visits])
    _timed("unlock and result page, PIN", both)
    _timed("Argon2id alone", hashes)
    without = statistics.median(both) - statistics.median(hashes)
    row("unlock and result page, PIN, without the hash", "median ms", f"{without:.1f}", "")


def _one_by_one(here: Practice, looks: int, known: Mapping[str, str]) -> list[Visit]:
    """Visits of as many patients to their results; the first ones warm up and are left out."""
    line = Line(WEB)
    tokens = here.tokens(Page.RESULT, here.everyone[: WARM + looks])
    visits = [_visit(line, token, known) for token in tokens]
    line.close()
    return visits[WARM:]


def _visit(line: Line, token: str, known: Mapping[str, str]) -> Visit:
    tap = line.send(Browser(ORIGIN).post("/s", {"token": token}))
    browser, place = Browser(ORIGIN, _cookie(tap)), _place(tap)
    question = line.send(browser.get(place))
    unlock = line.send(browser.post(f"{place}/unlock", {"csrf": _csrf(question), **known}))
    page = line.send(browser.get(place))
    assert (question.status, unlock.status, page.status) == (200, 303, 200)
    assert "Hemoglobin A1c" in page.body
    return Visit(tap=tap.took, question=question.took, unlock=unlock.took, page=page.took)


def _hashes() -> list[float]:
    kept, took = hash_pin.hashed(PIN, BORN), []
    for _ in range(WARM * 2):
        start = time.perf_counter()
        assert hash_pin.fits(kept, PIN)
        took.append((time.perf_counter() - start) * 1000)
    return took


def _want_pins(rt: Runtime, directory: Path) -> None:
    """The same flows, for a clinic that wants PINs."""
    flows = directory / "flows"
    shutil.copytree(HOME / "flows", flows)
    house = flows / "clinic.yaml"
    shipped = house.read_text(encoding="utf-8")
    changed = shipped.replace("second_factor: birth date", "second_factor: pin")
    assert changed != shipped
    house.write_text(changed, encoding="utf-8")
    publish(rt, flows)


# -- as fast as it goes ----------------------------------------------------------------------------------


def _forms(here: Practice, count: int) -> float:
    """Forms a second. Each of them has come in and was told to its conversation, or this raises."""
    saturate(WEB, _last_screens(here, here.everyone[-WARM:]), CONNECTIONS)
    shots = _last_screens(here, here.everyone[:count])
    before = _came_in(here.rt)
    hits = saturate(WEB, shots, CONNECTIONS)
    assert _came_in(here.rt) == (before[0] + count, before[1] + count)
    return rate(hits, 303)


def _last_screens(here: Practice, whose: Sequence[Someone]) -> list[Shot]:
    return [
        Shot(seat.here, Browser(ORIGIN, seat.cookie).post(seat.here, {"csrf": seat.csrf, **NOTE}))
        for seat in here.seats(FORM, whose, SO_FAR)
    ]


def _came_in(rt: Runtime) -> tuple[int, int]:
    """How many forms the conversations were told of, and how many notes."""
    with rt.begin() as db:
        told = [
            db.conn.execute(select(func.count()).where(inbox.c.dedupe.startswith(prefix))).scalar_one()
            for prefix in ("page:submitted:", "words:")
        ]
    return told[0], told[1]


def _visits(here: Practice, whose: Sequence[Someone]) -> float:
    """Whole visits a second, from the tap to the thanks."""
    before, _ = _came_in(here.rt)
    queue = iter(here.tokens(Page.FORM, whose, FORM))
    start = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        workers = [pool.submit(_work, queue) for _ in range(CONNECTIONS)]
    took = time.perf_counter() - start
    assert sum(each.result() for each in workers) == len(whose) == _came_in(here.rt)[0] - before
    return len(whose) / took


def _work(tokens: Iterator[str]) -> int:
    """Fill in forms on one connection until there is none left; how many."""
    line, done = Line(WEB), 0
    for token in tokens:
        tap = line.send(Browser(ORIGIN).post("/s", {"token": token}))
        browser, here = Browser(ORIGIN, _cookie(tap)), _place(tap)
        csrf = _csrf(line.send(browser.get(here)))
        line.send(browser.post(f"{here}/unlock", {"csrf": csrf, **practice.fields_of_birth()}))
        page = line.send(browser.get(here))
        for screen in ({"medicine": _MEDICINE.findall(page.body)[0]}, {"days_left": "5"}, NOTE):
            sent = line.send(browser.post(here, {"csrf": csrf, "go": "next", **screen}))
            assert sent.status == 303
            page = line.send(browser.get(here))
        done += 1
    line.close()
    return done


# -- small parts -----------------------------------------------------------------------------------------


def _cookie(tap: Answer) -> str:
    return tap.headers["set-cookie"].split(";")[0].partition("=")[2]


def _place(tap: Answer) -> str:
    assert tap.status == 303
    return tap.headers["location"]


def _csrf(page: Answer) -> str:
    return _PROOF.findall(page.body)[0]


def _timed(what: str, took: Sequence[float]) -> None:
    row(what, "median / p99 ms", f"{statistics.median(took):.1f} / {percentile(took, 99):.1f}", "")


if __name__ == "__main__":
    os.chdir(HOME)
    main()
