"""A questionnaire as clinics write it, and the flow that it stands for.

    questionnaire: phq2
    items:
      - {item: interest, code: "44250-9", ask: phq_interest, expect: one of how_often}
    bands:
      - {from: 3, result: positive}
      - {from: 0, result: negative}

becomes a flow that asks one item after the other, adds up what can be added, and ends with the result of a band:
the engine knows no questionnaires.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import Field

from bot.core.flow import Expression, Start, Task
from bot.core.questions import Expected
from bot.core.shape import NAME, Duration, Shape
from bot.flowbook.source import Plain, Source, Where

SCORE = "score"
"""The variable that holds the sum."""

UNFINISHED = "unfinished"
"""The result when the patient stopped answering, beside those of the bands."""


class Alert(Shape):
    """What happens at once on an answer, whatever the total comes to."""

    condition: Expression = Field(alias="if")
    escalate: dict[str, str] | None = None
    hand_over: Task | None = None
    say: str | None = None
    then: Literal["go on", "end"] = "go on"


class Item(Shape):
    """One question. `ask_if`: only where this holds; `may_skip`: the patient need not answer."""

    item: str = Field(pattern=NAME)
    code: str | None = None
    ask: str
    expect: Expected
    ask_if: Expression | None = None
    at_once: tuple[Alert, ...] = ()
    may_skip: Literal["yes", "no"] = "no"
    points: Literal["yes", "no"] = "yes"


class Band(Shape):
    """The result from this sum on, up to the next higher band, and what is done about it."""

    at_least: int = Field(alias="from")
    result: str = Field(pattern=NAME)
    hand_over: Task | None = None
    escalate: dict[str, str] | None = None
    say: str | None = None


class Questionnaire(Shape):
    """Questions, their scoring and what follows. What an item leaves out, the whole questionnaire says for all."""

    name: str = Field(alias="questionnaire", pattern=NAME)
    title: str
    code: str | None = None
    purpose: Literal["reminder", "care", "survey", "bulk"] = "care"
    about: Literal["the visit", "the patient"] = "the patient"
    languages: tuple[str, ...] = ("en",)
    another_flow: Literal["finish", "switch", "both"] = "both"
    starts: tuple[Start, ...] = ()
    intro: str | None = None
    items: tuple[Item, ...] = Field(min_length=1)
    again: str | None = None
    tries: int = Field(2, ge=0, le=3)
    wait: Duration | None = None
    nudge_after: Duration | None = None
    nudge: str | None = None
    bands: tuple[Band, ...] = ()
    thanks: str | None = None
    unfinished: Task | None = None


def as_flow(source: Source) -> Source:
    """The source of the flow; its parts have the places of the questionnaire's."""
    value = source.value
    assert isinstance(value, dict)
    writer = _Writer(source, value)
    writer.write()
    return Source(
        file=source.file,
        value=writer.flow(),
        lines=source.lines,
        keys=writer.keys,
        values=writer.values,
        faults=source.faults,
    )


@dataclass(slots=True)
class _Writer:
    source: Source
    given: Mapping[str, Any]
    steps: dict[str, dict[str, Plain]] = field(default_factory=dict)
    keys: dict[Where, Any] = field(default_factory=dict)
    values: dict[Where, Any] = field(default_factory=dict)

    def write(self) -> None:
        """Every step."""
        items = self.given["items"]
        self._as_written((), ())
        first = self._first(0)
        if self.given.get("intro"):
            self._step("intro", ("intro",), {"say": self.given["intro"], "then": first})
        for number, item in enumerate(items):
            self._item(number, item, self._first(number + 1))
        self._sum()
        self._bands()
        unfinished: dict[str, Plain] = {"result": UNFINISHED}
        if self.given.get("unfinished"):
            unfinished["hand_over"] = self.given["unfinished"]
        self._step(UNFINISHED, ("unfinished",), unfinished)

    def flow(self) -> dict[str, Plain]:
        """The flow as its file would say it."""
        kept = ("title", "about", "languages", "another_flow", "starts")
        head: dict[str, Plain] = {"flow": self.given["questionnaire"]}
        head |= {key: self.given[key] for key in kept if key in self.given}
        head["purpose"] = self.given.get("purpose", "care")
        head.setdefault("about", "the patient")
        variables: dict[str, Plain] = {item["item"]: "phi" for item in self.given["items"]}
        head["variables"] = variables | {SCORE: "phi"}
        results: list[Plain] = [*dict.fromkeys(band["result"] for band in self._given_bands()), UNFINISHED]
        head["results"] = results
        head["steps"] = {name: dict(step) for name, step in self.steps.items()}
        return head

    def _given_bands(self) -> list[dict[str, Any]]:
        bands = self.given.get("bands") or []
        return sorted(bands, key=lambda band: -int(band["from"]))

    def _first(self, number: int) -> str:
        """The step at which the item of this number begins."""
        items = self.given["items"]
        if number >= len(items):
            return "sum"
        name = items[number]["item"]
        return f"{name}_or_not" if "ask_if" in items[number] else name

    def _item(self, number: int, item: Mapping[str, Any], after: str) -> None:
        name, place = item["item"], ("items", number)
        if "ask_if" in item:
            branch: list[Plain] = [{"if": item["ask_if"], "then": name}, {"else": after}]
            step = self._step(f"{name}_or_not", place, {"branch": branch})
            self._same(("items", number, "ask_if"), (*step, "branch", 0, "if"))
        alerts = item.get("at_once") or []
        asked: dict[str, Plain] = {
            "ask": item["ask"],
            "expect": item["expect"],
            "save": name,
            "tries": self.given.get("tries", "2"),
            "no_answer": UNFINISHED,
            "then": f"{name}_at_once" if alerts else after,
        }
        asked |= {key: item[key] for key in ("code",) if key in item}
        asked |= {key: self.given[key] for key in ("again", "wait") if key in self.given}
        if self.given.get("nudge"):
            asked["nudges"] = [
                {"after": self.given.get("nudge_after", "4 hours"), "say": self.given["nudge"]}
            ]
        if item.get("may_skip") == "yes":
            asked["if_skipped"] = after
        self._step(name, place, asked)
        if alerts:
            self._alerts(name, place, alerts, after)

    def _alerts(self, name: str, place: Where, alerts: list[Any], after: str) -> None:
        """Each that holds happens, one after the other."""
        for number, alert in enumerate(alerts):
            last = number + 1 == len(alerts)
            here = f"{name}_at_once{number + 1 if number else ''}"
            done = f"{name}_alert{number + 1 if number else ''}"
            onward = after if last else f"{name}_at_once{number + 2}"
            branch: list[Plain] = [{"if": alert["if"], "then": done}, {"else": onward}]
            step = self._step(here, (*place, "at_once", number), {"branch": branch})
            self._same((*place, "at_once", number, "if"), (*step, "branch", 0, "if"))
            does = {key: alert[key] for key in ("escalate", "hand_over", "say") if key in alert}
            then = "end" if alert.get("then") == "end" else onward
            self._step(done, (*place, "at_once", number), {**does, "then": then})

    def _sum(self) -> None:
        bands = self._given_bands()
        counted = [item["item"] for item in self.given["items"] if item.get("points", "yes") == "yes"]
        numbers = [name for name, item in zip(counted, self._counted(), strict=True) if _is_number(item)]
        step: dict[str, Plain] = {}
        if numbers:
            step["set"] = {SCORE: f"sum({', '.join(numbers)})"}
        if bands:
            branch: list[Plain] = [
                {"if": f"{SCORE} >= {band['from']}", "then": _called(band)} for band in bands
            ]
            step["branch"] = [*branch, {"else": _called(bands[-1])}]
        else:
            step["then"] = "thank"
        self._step("sum", ("bands",), step)

    def _counted(self) -> Iterable[Mapping[str, Any]]:
        return [item for item in self.given["items"] if item.get("points", "yes") == "yes"]

    def _bands(self) -> None:
        thanks = self.given.get("thanks")
        places = {id(band): number for number, band in enumerate(self.given.get("bands") or [])}
        for band in self._given_bands():
            does: dict[str, Plain] = {
                key: band[key] for key in ("escalate", "hand_over", "say") if key in band
            }
            if thanks:
                does.setdefault("say", thanks)
            self._step(_called(band), ("bands", places[id(band)]), {**does, "result": band["result"]})
        if not self._given_bands():
            self._step("thank", ("thanks",), {"say": thanks, "then": "end"} if thanks else {"then": "end"})

    # -- places ---------------------------------------------------------------------------------------

    def _step(self, name: str, place: Where, step: dict[str, Plain]) -> Where:
        where: Where = ("steps", name)
        self.steps[name] = step
        self._as_written(place, where)
        return where

    def _as_written(self, place: Where, where: Where) -> None:
        """What stands below `place` in the questionnaire stands below `where` in the flow."""
        for mine, theirs in ((self.keys, self.source.keys), (self.values, self.source.values)):
            near = self.source.known(place) if mine is self.keys else place
            if near in theirs:
                mine[where] = theirs[near]
            for path, node in theirs.items():
                if len(path) > len(place) and path[: len(place)] == place:
                    mine[(*where, *path[len(place) :])] = node

    def _same(self, place: Where, where: Where) -> None:
        if place in self.source.keys:
            self.keys[where] = self.source.keys[place]
            self.values[where] = self.source.values[place]


def _called(band: Mapping[str, Any]) -> str:
    return f"result_{band['result']}"


def _is_number(item: Mapping[str, Any]) -> bool:
    """Whether an answer can be added up: a number, or one of choices whose keys are numbers (0 if they are not)."""
    return str(item["expect"]).startswith(("a number", "one of"))
