"""The flow that a questionnaire stands for: the engine knows no questionnaires.

It asks one item after the other (or sends all of them as a form), adds up what can be added, and ends with the result
of a band. Where it begins by itself it may ask first whether now is a good time (`invite`); a flow that calls it goes
straight to the items.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.core.questions import MEDICINE
from bot.flowbook.questionnaire import BY_PAGE, NOT_NOW, SCORE, UNFINISHED
from bot.flowbook.source import Plain, Source, Where


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
        begin = "form" if self._by_page else self._first(0)
        if self._by_page:
            self._page()
        elif self.given.get("intro"):
            self._step("intro", ("intro",), {"say": self.given["intro"], "then": begin})
            begin = "intro"
        for number, item in enumerate(() if self._by_page else items):
            self._item(number, item, self._first(number + 1))
        if self.given.get("form"):
            self._form(self.given["form"])
        if self._given_bands():
            self._sum()
            self._bands()
        else:
            self._thank()
        unfinished: dict[str, Plain] = {"result": UNFINISHED}
        if self.given.get("unfinished"):
            unfinished["hand_over"] = self.given["unfinished"]
        self._step(UNFINISHED, ("unfinished",), unfinished)
        if self.given.get("invite"):
            self._invite(begin, unfinished)

    def flow(self) -> dict[str, Plain]:
        """The flow as its file would say it."""
        same = ("title", "about", "languages", "another_flow")
        head: dict[str, Plain] = {"flow": self.given["questionnaire"]}
        head |= {key: self.given[key] for key in same if key in self.given}
        head["purpose"] = self.given.get("purpose", "care")
        head.setdefault("about", "the patient")
        if "starts" in self.given:
            head["starts"] = [self._start(start) for start in self.given["starts"]]
        bands = self._given_bands()
        variables: dict[str, Plain] = dict(self.given.get("variables") or {})
        kept = [item.get(key) for item in self.given["items"] for key in ("item", "covered")]
        variables |= {name: "phi" for name in kept if name}
        head["variables"] = variables | ({SCORE: "phi"} if bands else {})
        asked = [NOT_NOW] if self.given.get("invite") else []
        results: list[Plain] = [*dict.fromkeys(band["result"] for band in bands), UNFINISHED, *asked]
        head["results"] = results
        head["steps"] = {name: dict(step) for name, step in self.steps.items()}
        return head

    @property
    def _by_page(self) -> bool:
        return self.given.get("by") == BY_PAGE

    def _start(self, start: Mapping[str, Any]) -> dict[str, Plain]:
        invited = {"at": "invite"} if self.given.get("invite") else {}
        return {**invited, **start}

    def _given_bands(self) -> list[dict[str, Any]]:
        bands = self.given.get("bands") or []
        return sorted(bands, key=lambda band: -int(band["from"]))

    def _first(self, number: int) -> str:
        """The step at which the item of this number begins."""
        items = self.given["items"]
        if number >= len(items):
            return self._after_items()
        name = items[number]["item"]
        return f"{name}_or_not" if "ask_if" in items[number] else name

    def _after_items(self) -> str:
        form = self.given.get("form")
        if form:
            return "form_or_not" if "if" in form else "form"
        return self._last()

    def _last(self) -> str:
        return "sum" if self._given_bands() else "thank"

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
            "no_answer": UNFINISHED,
            "then": f"{name}_at_once" if alerts else after,
            **self._patience(item.get("again") or self.given.get("again") or item["ask"]),
        }
        asked |= {key: item[key] for key in ("code",) if key in item}
        if item.get("may_skip") == "yes":
            asked["if_skipped"] = after
        self._step(name, place, asked)
        if alerts:
            self._alerts(name, place, alerts, after)

    def _patience(self, again: str) -> dict[str, Plain]:
        """How long and how often a question is asked."""
        found: dict[str, Plain] = {"tries": self.given.get("tries", "2")}
        if str(found["tries"]) != "0":
            found["again"] = again
        found |= {key: self.given[key] for key in ("wait",) if key in self.given}
        return found | self._nudges()

    def _nudges(self) -> dict[str, Plain]:
        if not self.given.get("nudge"):
            return {}
        return {"nudges": [{"after": self.given.get("nudge_after", "4 hours"), "say": self.given["nudge"]}]}

    def _invite(self, begin: str, unfinished: dict[str, Plain]) -> None:
        """Whether to begin now. It stands last: a flow that calls this one begins at the first step."""
        asked: dict[str, Plain] = {
            "ask": self.given["invite"],
            "expect": "yes or no",
            "answers": {"yes": begin, "no": NOT_NOW},
            "no_answer": UNFINISHED,
            **self._patience(self.given["invite"]),
        }
        self._step("invite", ("invite",), asked)
        says = {"say": self.given["not_now"]} if self.given.get("not_now") else {}
        self._step(NOT_NOW, ("not_now",), {**unfinished, **says, "result": NOT_NOW})

    def _page(self) -> None:
        """The items, as a form of the questionnaire's own."""
        wait = {"wait": self.given["wait"]} if "wait" in self.given else {}
        page: dict[str, Plain] = {
            "send_page": "form",
            "form": self.given["questionnaire"],
            "say": self.given["page_say"],
            "outcomes": {"submitted": self._last()},
            "no_answer": UNFINISHED,
        }
        step = self._step("form", ("items",), {**page, **wait, **self._nudges()})
        self._same(("page_say",), (*step, "say"))

    def _form(self, form: Mapping[str, Any]) -> None:
        after = self._last()
        if "if" in form:
            branch: list[Plain] = [{"if": form["if"], "then": "form"}, {"else": after}]
            step = self._step("form_or_not", ("form",), {"branch": branch})
            self._same(("form", "if"), (*step, "branch", 0, "if"))
        page: dict[str, Plain] = {
            "send_page": "form",
            "form": form["form"],
            "say": form["say"],
            "outcomes": {"submitted": after},
            "no_answer": UNFINISHED,
        }
        wait = form.get("wait") or self.given.get("wait")
        self._step("form", ("form",), page | ({"wait": wait} if wait else {}))

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
        counted = (item for item in self.given["items"] if item.get("points", "yes") == "yes")
        numbers = [item["item"] for item in counted if _is_number(item)]
        step: dict[str, Plain] = {}
        if numbers:
            step["set"] = {SCORE: f"sum({', '.join(numbers)})"}
        lowest = _called(bands[-1])
        branch: list[Plain] = [
            {"if": f"{SCORE} >= {band['from']}", "then": _called(band)} for band in bands[:-1]
        ]
        step |= {"branch": [*branch, {"else": lowest}]} if branch else {"then": lowest}
        self._step("sum", ("bands",), step)

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

    def _thank(self) -> None:
        thanks = self.given.get("thanks")
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
    """Whether an answer can be added up: a number, or one of choices whose keys are numbers."""
    expected = " ".join(str(item["expect"]).split())
    return expected.startswith(("a number", "one of")) and expected != MEDICINE
