"""The conditions and small sums in flows: `score >= 20 or answered(q9) and contact is "phone"`.

Nurses read and write these, so words come before signs, an error says what to write instead, and evaluation is
total: what isn't set or can't be calculated is None, and a comparison with None is false. There is no `eval`:
the text becomes a small tree, and the tree a closure. Kinds of values are checked in `expr_check`.
"""

import difflib
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any, Final, NamedTuple, Never, TypeAlias, TypeGuard

Value: TypeAlias = bool | int | float | str
_Run: TypeAlias = Callable[[Mapping[str, Value | None]], Value | None]

MAX_LENGTH: Final = 1_000
MAX_DEPTH: Final = 50  # keeps parsing, checking and evaluating far from Python's recursion limit
MAX_NUMBER: Final = 10**15  # near the end of what a float counts exactly; no clinic counts that far


class ExprError(ValueError):
    """What is wrong with an expression, in whole sentences, and where: an offset into its text and a length."""

    def __init__(self, message: str, *, position: int, length: int) -> None:
        super().__init__(message)
        self.message, self.position, self.length = message, position, length


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """`op` is literal, name, calculate, or a key of `_MEANING`; `is not x` and `not in` are a `not` around a node.

    `calculate` is a chain such as `a - b + c`, from left to right, with one of `signs` before each later part.
    """

    op: str
    position: int
    length: int
    parts: "tuple[Node, ...]" = ()
    value: Value | None = None
    name: str = ""
    signs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A name that an expression reads, and where it stands."""

    name: str
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Expr:
    """A parsed expression; `run` is its meaning."""

    text: str
    root: Node
    names: tuple[Named, ...]
    run: _Run = field(repr=False, compare=False)


@lru_cache(maxsize=4_096)
def parse(text: str) -> Expr:
    """Raises `ExprError`, and nothing else, when the text is no expression."""
    parser = _Parser(text)
    root = parser.whole()
    return Expr(text=text, root=root, names=tuple(parser.names), run=_closure(root))


def evaluate(expr: Expr, values: Mapping[str, Value | None]) -> Value | None:
    """Never raises; a name that `values` lacks is None."""
    return expr.run(values)


def truth(expr: Expr, values: Mapping[str, Value | None]) -> bool:
    """Whether the result is yes; a number, a text and None are not."""
    return expr.run(values) is True


def names(expr: Expr) -> tuple[Named, ...]:
    """Every name in the order of the text, as often as it stands there."""
    return expr.names


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """' Did you mean …?' when something like `word` is known, otherwise nothing."""
    folded = {each.casefold(): each for each in sorted(known)}
    near = difflib.get_close_matches(word.casefold(), folded, n=1)
    return f" Did you mean '{folded[near[0]]}'?" if near else ""


def is_number(value: Value | None) -> TypeGuard[int | float]:
    """Python takes yes for 1; a flow doesn't."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _same(a: Value | None, b: Value | None) -> bool:
    if isinstance(a, str):
        return isinstance(b, str) and a.casefold() == b.casefold()
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    return a is not None and a == b


def _ordered(compare: Callable[[Any, Any], bool], a: Value | None, b: Value | None) -> bool:
    if isinstance(a, str) and isinstance(b, str):
        return compare(a.casefold(), b.casefold())
    return is_number(a) and is_number(b) and compare(a, b)


def _between(value: Value | None, low: Value | None, high: Value | None) -> bool:
    return _ordered(operator.ge, value, low) and _ordered(operator.le, value, high)


def _calculate(signs: tuple[str, ...], total: Value | None, *values: Value | None) -> Value | None:
    for sign, value in zip(signs, values, strict=True):
        if not (is_number(total) and is_number(value)):
            return None
        try:
            result: int | float = _ARITHMETIC[sign](total, value)
        except (ZeroDivisionError, OverflowError):
            return None
        if not abs(result) <= MAX_NUMBER:  # said so that it catches NaN, too
            return None
        total = result
    return total


def _sum(*values: Value | None) -> Value | None:
    given = [value for value in values if value is not None]
    return _calculate(("+",) * len(given), 0, *given) if given else None


def _extreme(choose: Callable[[list[int | float]], int | float], *values: Value | None) -> Value | None:
    given = [value for value in values if value is not None]
    numbers = [value for value in given if is_number(value)]
    return choose(numbers) if numbers and len(numbers) == len(given) else None


_ARITHMETIC: Final = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}
_FUNCTIONS: Final[dict[str, Callable[..., Value | None]]] = {
    "sum": _sum,
    "count": lambda *values: sum(value is not None for value in values),
    "min": partial(_extreme, min),
    "max": partial(_extreme, max),
    "answered": lambda value: value is not None,
}
KNOWN: Final = frozenset(_FUNCTIONS)
_MEANING: Final[dict[str, Callable[..., Value | None]]] = {
    **_FUNCTIONS,
    "or": lambda *values: any(value is True for value in values),
    "and": lambda *values: all(value is True for value in values),
    "not": lambda value: value is not True,  # so yes for what isn't set, as `is not` says
    "is": _same,
    "<": partial(_ordered, operator.lt),
    "<=": partial(_ordered, operator.le),
    ">": partial(_ordered, operator.gt),
    ">=": partial(_ordered, operator.ge),
    "in": lambda value, *options: any(_same(value, option) for option in options),
    "between": _between,
}


def _closure(node: Node) -> _Run:
    value, name = node.value, node.name
    if node.op == "literal":
        return lambda _: value
    if node.op == "name":
        return lambda values: values.get(name)
    meaning = partial(_calculate, node.signs) if node.op == "calculate" else _MEANING[node.op]
    parts = tuple(_closure(part) for part in node.parts)
    if len(parts) == 2:  # nearly all are; without the list they take two thirds of the time
        left, right = parts
        return lambda values: meaning(left(values), right(values))
    return lambda values: meaning(*[part(values) for part in parts])


class _Token(NamedTuple):
    """`kind` is number, text, name, sign (keywords, too) or end."""

    kind: str
    text: str
    position: int


_PATTERN: Final = re.compile(
    r"""\s*(?:(?P<number>[0-9]+(?:\.[0-9]+)?)|(?P<text>"[^"]*"|'[^']*')"""
    r"""|(?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*)|(?P<sign>[<>=!]=|[-+*/<>=(),\[\]])|(?P<end>\Z))"""
)
_KEYWORDS: Final = frozenset({"is", "not", "in", "between", "and", "or", "yes", "no"})
_NOT, _COMPARISON, _PLUS, _MINUS = 3, 4, 5, 7
_POWER: Final = {"or": 1, "and": 2, "+": _PLUS, "-": _PLUS, "*": 6, "/": 6} | dict.fromkeys(
    ("is", "=", "==", "!=", "<", "<=", ">", ">=", "in", "not", "between"), _COMPARISON
)
_INSTEAD: Final = (
    dict.fromkeys("“”„‘’", 'straight quotes (")')
    | {"&": "and", "|": "or", "!": "not", "true": "yes", "false": "no"}
    | {"≥": ">=", "≤": "<=", "≠": "is not", "×": "*", "÷": "/", "–": "-", "−": "-"}
)


def _fail(message: str, position: int, length: int) -> Never:
    raise ExprError(message, position=position, length=length)


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    while not found or found[-1].kind != "end":
        start = found[-1].position + len(found[-1].text) if found else 0
        if not (match := _PATTERN.match(text, start)):
            _not_a_token(text, len(text) - len(text[start:].lstrip()))
        kind, word = match.lastgroup or "", match[match.lastgroup or 0]
        position, lower = match.end() - len(word), word.lower()
        if kind == "name" and lower in _INSTEAD:
            _fail(f"Write {_INSTEAD[lower]} instead of '{word}'.", position, len(word))
        keyword = kind == "name" and lower in _KEYWORDS
        found.append(_Token("sign", lower, position) if keyword else _Token(kind, word, position))
    return found


def _not_a_token(text: str, position: int) -> Never:
    char = text[position]
    if char in "\"'":
        _fail(f"This text has no closing quote ({char}).", position, len(text) - position)
    if char in _INSTEAD:
        _fail(f"Write {_INSTEAD[char]} instead of '{char}'.", position, 1)
    _fail(f"The character '{char}' has no meaning here.", position, 1)


class _Parser:
    """Precedence climbing: `power` is the weakest operator that an expression may take."""

    def __init__(self, text: str) -> None:
        if len(text) > MAX_LENGTH:
            _fail(f"This is longer than {MAX_LENGTH:,} characters. Split it.", 0, len(text))
        self.tokens, self.at, self.depth = _tokens(text), 0, 0
        self.names: list[Named] = []

    @property
    def token(self) -> _Token:
        return self.tokens[self.at]

    def take(self) -> _Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def sees(self, *signs: str) -> bool:
        return self.token.kind == "sign" and self.token.text in signs

    def skip(self, sign: str) -> bool:
        found = self.sees(sign)
        self.at += found
        return found

    def power(self) -> int:
        return _POWER.get(self.token.text, 0) if self.token.kind == "sign" else 0

    def node(self, op: str, start: int, *parts: Node, **more: Any) -> Node:
        last = self.tokens[self.at - 1]
        length = last.position + len(last.text) - start
        return Node(op=op, position=start, length=length, parts=parts, **more)

    def whole(self) -> Node:
        if self.token.kind == "end":
            _fail("Nothing is written here. Write a condition such as: score >= 20", 0, 0)
        root = self.expression(1)
        return root if self.token.kind == "end" else self.unexpected()

    def expression(self, power: int) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail(f"This is nested more than {MAX_DEPTH} levels deep. Split it.")
        start = self.token.position
        left = self.prefix(power)
        while (own := self.power()) >= power:
            left = self.comparison(left, start) if own == _COMPARISON else self.chain(left, start)
        self.depth -= 1
        return left

    def chain(self, first: Node, start: int) -> Node:
        """One flat node, so that a long chain is not a deep one."""
        own, parts, signs = self.power(), [first], []
        while self.power() == own:
            signs.append(self.take().text)
            parts.append(self.expression(own + 1))
        if own < _PLUS:
            return self.node(signs[0], start, *parts)
        return self.node("calculate", start, *parts, signs=tuple(signs))

    def comparison(self, left: Node, start: int) -> Node:
        first = self.take().text
        sign = "is" if first in ("=", "==", "!=") else first
        negated = first in ("not", "!=") or (first == "is" and self.skip("not"))
        if first in ("is", "not") and self.sees("in", "between"):
            sign = self.take().text
        if sign == "not":
            self.fail("After 'not' only 'in' or 'between' can stand here.")
        node = self.node(sign, start, left, *self.compared(sign))
        if self.power() == _COMPARISON:
            self.fail("Only two values are compared at a time. Join two comparisons with 'and'.")
        return self.node("not", start, node) if negated else node

    def compared(self, sign: str) -> tuple[Node, ...]:
        if sign == "in":
            return self.options()
        value = self.expression(_PLUS)
        if sign != "between":
            return (value,)
        if not self.skip("and"):
            self.fail("'between' needs two values joined by 'and', as in: score between 5 and 9")
        return value, self.expression(_PLUS)

    def options(self) -> tuple[Node, ...]:
        if not self.sees("["):
            self.fail('After \'in\' a list must follow, as in: contact in ["phone", "text"]')
        options = self.several(self.take(), "]")
        for option in options:
            if option.op != "literal":
                message = "A list holds only numbers, texts in quotes, yes and no."
                _fail(message, option.position, option.length)
        return options

    def several(self, opening: _Token, closing: str, *, most: int = MAX_LENGTH) -> tuple[Node, ...]:
        parts = [self.expression(1)]
        while len(parts) < most and self.skip(","):
            parts.append(self.expression(1))
        if self.token.kind == "end":
            _fail(f"This '{opening.text}' is never closed with '{closing}'.", opening.position, 1)
        if not self.skip(closing):
            self.unexpected()
        return tuple(parts)

    def prefix(self, power: int) -> Node:
        """A value, with what may stand before it."""
        if self.skip("not"):
            start = self.tokens[self.at - 1].position
            if power > _NOT:
                _fail("Put 'not' and what belongs to it in parentheses: (not …)", start, 3)
            return self.node("not", start, self.expression(_NOT))
        if self.skip("-"):
            return self.minus(self.tokens[self.at - 1])
        if self.sees("("):
            return self.several(self.take(), ")", most=1)[0]
        if self.token.kind == "name":
            return self.named(self.take())
        return self.literal()

    def minus(self, sign: _Token) -> Node:
        part = self.expression(_MINUS)
        if part.op == "literal" and is_number(part.value):
            return self.node("literal", sign.position, value=-part.value)
        zero = Node(op="literal", position=sign.position, length=1, value=0)
        return self.node("calculate", sign.position, zero, part, signs=("-",))

    def named(self, word: _Token) -> Node:
        if not self.sees("("):
            self.names.append(Named(name=word.text, position=word.position))
            return self.node("name", word.position, name=word.text)
        if word.text not in KNOWN:
            message = f"There is no function '{word.text}'.{did_you_mean(word.text, KNOWN)}"
            _fail(f"{message} There are: {', '.join(sorted(KNOWN))}.", word.position, len(word.text))
        parts = self.several(self.take(), ")", most=1 if word.text == "answered" else MAX_LENGTH)
        return self.node(word.text, word.position, *parts)

    def literal(self) -> Node:
        kind, text, start = self.token
        if kind == "end" or (kind == "sign" and text not in ("yes", "no")):
            self.missing()
        self.at += 1
        if kind == "sign":
            return self.node("literal", start, value=text == "yes")
        if kind == "text":
            return self.node("literal", start, value=text[1:-1])
        number = float(text) if "." in text else int(text)
        if number > MAX_NUMBER:
            _fail("This number is too large.", start, len(text))
        return self.node("literal", start, value=number)

    def missing(self) -> Never:
        if self.sees("["):
            self.fail('A list can only stand after \'in\', as in: contact in ["phone", "text"]')
        if self.token.kind == "end":
            self.fail(f"After '{self.tokens[self.at - 1].text}' at the end a value or a name is missing.")
        self.fail(f"Before '{self.token.text}' a value or a name is missing.")

    def unexpected(self) -> Never:
        if self.sees(")"):
            self.fail("This ')' closes nothing.")
        if self.sees(","):
            self.fail("A comma can't stand here. Write 37.5 with a point; join conditions with 'and', 'or'.")
        self.fail(f"'{self.token.text}' can't follow here. Perhaps 'and', 'or' or a comma is missing.")

    def fail(self, message: str) -> Never:
        _fail(message, self.token.position, len(self.token.text))
