"""Whether an expression makes sense: names that exist, kinds that can be compared, answers that can be given.

Evaluation never fails, so a mistake would stay a condition that is quietly never true; it is found here, before
a flow is released, and said to the person who wrote it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from bot.core.expr import Expr, ExprError, Node, did_you_mean


class Plain(StrEnum):
    """The kinds that need no more words; the value is what a message calls them."""

    NUMBER = "a number"
    TEXT = "a text"
    YES_NO = "a yes or no"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of these answers; as a value it is the text of its key."""

    keys: tuple[str, ...]

    def __str__(self) -> str:
        return "a choice"


Kind: TypeAlias = Plain | Choice
NUMBER, TEXT, YES_NO = Plain.NUMBER, Plain.TEXT, Plain.YES_NO

_RESULTS: Final = {
    **dict.fromkeys(("calculate", "sum", "count", "min", "max"), NUMBER),
    **dict.fromkeys(("answered", "not", "and", "or", "is", "in", "between", "<", "<=", ">", ">="), YES_NO),
}
_WANTED: Final = {
    **dict.fromkeys(("and", "or", "not"), YES_NO),
    **dict.fromkeys(("calculate", "sum", "min", "max", "between", "<", "<=", ">", ">="), NUMBER),
}
_WHY: Final = {
    NUMBER: "'{op}' works only with numbers.",
    YES_NO: "'{op}' works only with whole conditions, as in: score > 0 {op} answered(q9)",
}
_WHY_OF: Final = {
    "calculate": "Only numbers can be calculated with.",
    "not": "'not' works only with whole conditions, as in: not (score > 0)",
}
_MOST_NAMES: Final = 20  # in one message
_MOST_SOURCE: Final = 40  # characters quoted


def check(expr: Expr, kinds: Mapping[str, Kind]) -> list[ExprError]:
    """Everything that is wrong, in the order of the text; `kinds` holds every name that there is."""
    checker = _Checker(expr.text, kinds)
    checker.visit(expr.root)
    return [checker.errors[place] for place in sorted(checker.errors)]


def kind_of(expr: Expr, kinds: Mapping[str, Kind]) -> Kind | None:
    """What the result is when it is set; None for a name that `kinds` lacks."""
    return _kind(expr.root, kinds)


def _kind(node: Node, kinds: Mapping[str, Kind]) -> Kind | None:
    if node.op == "name":
        return kinds.get(node.name)
    if node.op == "literal":
        return YES_NO if isinstance(node.value, bool) else TEXT if isinstance(node.value, str) else NUMBER
    return _RESULTS[node.op]


class _Checker:
    """A part without a kind is an unknown name: that was said, and is no reason for a second complaint."""

    def __init__(self, text: str, kinds: Mapping[str, Kind]) -> None:
        self.text, self.kinds = text, kinds
        self.errors: dict[tuple[int, int], ExprError] = {}

    def add(self, node: Node, message: str) -> None:
        """The first complaint about a place is the most exact one."""
        error = ExprError(message, position=node.position, length=node.length)
        self.errors.setdefault((node.position, node.length), error)

    def visit(self, node: Node) -> None:
        if node.op in ("is", "in"):
            for other in node.parts[1:]:
                self.equal(node.parts[0], other)
        if node.op == "name" and node.name not in self.kinds:
            self.add(node, self.unknown(node.name))
        for part in node.parts:
            self.visit(part)
            if node.op in _WANTED:
                self.wants(_WANTED[node.op], part, node.op)

    def wants(self, wanted: Plain, part: Node, op: str) -> None:
        kind = _kind(part, self.kinds)
        if kind is not None and kind is not wanted:
            why = _WHY_OF.get(op, _WHY[wanted]).format(op=op)
            self.add(part, f"{self.quote(part)} is {kind}. {why}{_unquoted(part, wanted)}")

    def equal(self, left: Node, right: Node) -> None:
        """Complain when the two can never be the same."""
        first, second = _kind(left, self.kinds), _kind(right, self.kinds)
        if isinstance(first, Choice):
            self.answer(left, first, right)
        elif isinstance(second, Choice):
            self.answer(right, second, left)
        if first is None or second is None or _family(first) is _family(second):
            return
        hint = _instead(right, first) or _instead(left, second)
        message = f"{self.quote(left)} is {first}, but {self.quote(right)} is {second}: they are never equal."
        self.add(right, message + hint)

    def answer(self, asked: Node, choice: Choice, given: Node) -> None:
        keys = {key.casefold() for key in choice.keys}
        if given.op == "name" and given.name not in self.kinds and given.name.casefold() in keys:
            message = f"Nothing is called '{given.name}' here. Put an answer in quotes: \"{given.name}\""
            self.add(given, message)
        if given.op == "literal" and isinstance(given.value, str) and given.value.casefold() not in keys:
            none = f"'{given.value}' is none of the answers of '{asked.name}': {', '.join(choice.keys)}."
            self.add(given, none + did_you_mean(given.value, choice.keys))

    def unknown(self, name: str) -> str:
        known = sorted(self.kinds)
        more = ", …" if len(known) > _MOST_NAMES else "."
        there = f"There are: {', '.join(known[:_MOST_NAMES])}{more}" if known else "There are no names."
        return f"Nothing is called '{name}' here.{did_you_mean(name, known)} {there}"

    def quote(self, node: Node) -> str:
        source = self.text[node.position : node.position + node.length]
        short = source if len(source) <= _MOST_SOURCE else f"{source[:_MOST_SOURCE]}…"
        return short if node.op == "literal" else f"'{short}'"


def _family(kind: Kind) -> Plain:
    return TEXT if isinstance(kind, Choice) else kind


def _unquoted(node: Node, wanted: Kind) -> str:
    """The advice for a number, yes or no that was written as a text."""
    if node.op != "literal" or not isinstance(node.value, str):
        return ""
    number = node.value.replace(".", "", 1).isdecimal()
    if (wanted is NUMBER and number) or (wanted is YES_NO and node.value.casefold() in ("yes", "no")):
        return f" Write {node.value} without quotes."
    return ""


def _instead(node: Node, wanted: Kind) -> str:
    """The advice for a literal that stands where `wanted` is compared."""
    if node.op != "literal":
        return ""
    if isinstance(wanted, Choice):
        word = "yes" if node.value is True else "no" if node.value is False else str(node.value)
        return f' Put an answer in quotes: "{word}"' if word in wanted.keys else ""
    return _unquoted(node, wanted) or (" Compare it with yes or no." if wanted is YES_NO else "")
