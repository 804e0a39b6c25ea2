"""What an expression means, what is said about a wrong one, and that neither can break a flow."""

import math
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.expr import (
    KNOWN,
    MAX_DEPTH,
    MAX_LENGTH,
    Expr,
    ExprError,
    Named,
    Value,
    did_you_mean,
    evaluate,
    names,
    parse,
    truth,
)

VALUES: Mapping[str, Value | None] = {
    "score": 12,
    "half": 3.5,
    "zero": 0,
    "one": 1,
    "contact": "Phone",
    "pain": True,
    "calm": False,
    "unset": None,
    "patient.age": 70,
    "q9.1": 2,
    "huge": 10**15,
    "beyond": 10**400,
    "infinite": math.inf,
}


def value(text: str) -> Value | None:
    return evaluate(parse(text), VALUES)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3", 3),
        ("3.5", 3.5),
        ("-2", -2),
        ("- 2", -2),
        ("--2", 2),
        ("1000000000000000", 10**15),
        ('"a b"', "a b"),
        ("'it is \"so\"'", 'it is "so"'),
        ('""', ""),
        ('"and"', "and"),
        ("yes", True),
        ("NO", False),
        ("  score\n ", 12),
        ("patient.age", 70),
        ("q9.1", 2),
        ("unset", None),
        ("nowhere", None),
        ("Score", None),  # names are taken as written
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("10 - 4 - 3", 3),
        ("10 - 4 + 3", 9),
        ("12 / 3 / 2", 2),
        ("7 / 2", 3.5),
        ("2 * -3", -6),
        ("-score * 2", -24),
        ("-(1 + 2)", -3),
        ("score-1", 11),
        ("score / zero", None),
        ("score + unset", None),
        ("unset + score", None),
        ("score + contact", None),
        ("score + pain", None),
        ("-unset", None),
        ("-pain", None),
        ('-"a"', None),
        ("huge", 10**15),
        ("huge + 0", 10**15),
        ("huge + 1", None),
        ("-huge - 1", None),
        ("huge + 1 - 1", None),
        ("beyond / 3", None),
        ("beyond * half", None),
        ("infinite + 1", None),
        ("infinite - infinite", None),
    ],
)
def test_a_value(text: str, expected: Value | None) -> None:
    assert value(text) == expected
    assert type(value(text)) is type(expected) or isinstance(expected, int)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sum(1, score, 2)", 15),
        ("sum(unset, 2, nowhere)", 2),
        ("sum(unset)", None),
        ("sum(1, contact)", None),
        ("sum(1, pain)", None),
        ("sum(huge, huge)", None),
        ("sum (score)", 12),
        ("sum(score, sum(1, 1)) * 2", 28),
        ("count(score, unset, pain, calm, contact)", 4),
        ("count(unset)", 0),
        ("min(score, 3, unset)", 3),
        ("max(score, 3, unset)", 12),
        ("min(unset, nowhere)", None),
        ("max(1, contact)", None),
        ("max(1, pain)", None),
        ("answered(calm)", True),
        ("answered(zero)", True),
        ("answered(unset)", False),
        ("answered(score + unset)", False),
        ("sum", None),  # without parentheses it is a name like any other
    ],
)
def test_a_function(text: str, expected: Value | None) -> None:
    assert value(text) == expected
    assert isinstance(value(text), bool) is isinstance(expected, bool)


TRUE = [
    "score >= 12",
    "score > 11.5",
    "score <= 12",
    "score < 13",
    "score is 12",
    "score = 12",
    "score == 12.0",
    "score is not 13",
    "score != 13",
    'contact is "pHONE"',
    "contact = 'phone'",
    '"straße" is "STRASSE"',
    '"Apple" < "banana"',
    '"a" < "B"',
    "pain is yes",
    "pain",
    "calm is no",
    "pain is not no",
    "one is not yes",
    "yes is not 1",
    "zero is not no",
    '"yes" is not yes',
    "unset is not 3",
    "unset is not unset",
    "unset != nowhere",
    "score is not contact",
    'contact in ["text", "PHONE"]',
    "contact is in ['phone']",
    "score in [-1, 12]",
    "contact not in ['text']",
    "contact is not in ['text']",
    "one not in [yes]",
    "unset not in [1]",
    "score between 12 and 20",
    "score between 1 and 12",
    "score is between zero and 10 + 2",
    "score not between 1 and 11",
    "score is not between 13 and 14",
    "unset not between 1 and 2",
    '"b" between "A" and "C"',
    "score between 1 and 20 and pain",
    "not calm",
    "not unset",
    "not score",  # a number is not yes
    "not not pain",
    "not score > 20",
    "not calm and pain",
    "not (calm and pain)",
    "calm and calm or pain",
    "pain or calm and calm",
    "calm or calm or pain",
    "pain and pain and pain",
    "score > 1 AND NOT calm Or calm",
    "(score > 1) is yes",
    "score - 2 >= 5 * 2",
    "patient.age >= 65 and answered(score)",
]
FALSE = [
    '"Zebra" < "apple"',
    "score < 12",
    "score > 12",
    "score is 13",
    "score is not 12",
    "contact is 'text'",
    "contact is 12",
    '"12" is score',
    "pain is 1",
    "one is yes",
    "one is pain",
    "zero is no",
    '"yes" is yes',
    "unset is unset",
    "unset is nowhere",
    "unset is no",
    "unset < 1",
    "unset >= unset",
    "1 > unset",
    "pain > calm",
    "yes >= yes",
    "pain > 0",
    'score < "20"',
    "unset in [0, no]",
    "one in [yes, 'one']",
    "score in [1, 2]",
    "score not in [12]",
    "score between 13 and 20",
    "score between 20 and 1",
    "score between unset and 20",
    "score between 1 and unset",
    "unset between 1 and 2",
    "yes between 0 and 2",
    "not pain",
    "not pain or calm",
    "(pain or calm) and calm",
    "score",
    "one",
    "contact",
    "unset",
    "score and pain",
    "one or unset",
    "unset and pain",
]


@pytest.mark.parametrize("text", TRUE)
def test_it_is_true(text: str) -> None:
    assert truth(parse(text), VALUES) is True


@pytest.mark.parametrize("text", FALSE)
def test_it_is_false(text: str) -> None:
    assert truth(parse(text), VALUES) is False


AFTER = "Perhaps 'and', 'or' or a comma is missing."
COMMA = "A comma can't stand here. Write 37.5 with a point; join conditions with 'and', 'or'."
CHAIN = "Only two values are compared at a time. Join two comparisons with 'and'."
LITERALS = "A list holds only numbers, texts in quotes, yes and no."
AFTER_IN = 'After \'in\' a list must follow, as in: contact in ["phone", "text"]'
ONLY_IN = 'A list can only stand after \'in\', as in: contact in ["phone", "text"]'
BETWEEN = "'between' needs two values joined by 'and', as in: score between 5 and 9"
THERE = "There are: answered, count, max, min, sum."
EMPTY = "Nothing is written here. Write a condition such as: score >= 20"


@pytest.mark.parametrize(
    ("text", "position", "length", "message"),
    [
        ("", 0, 0, EMPTY),
        (" \n", 0, 0, EMPTY),
        ("score >", 7, 0, "After '>' at the end a value or a name is missing."),
        ("score > ", 8, 0, "After '>' at the end a value or a name is missing."),
        ("not", 3, 0, "After 'not' at the end a value or a name is missing."),
        ("a and", 5, 0, "After 'and' at the end a value or a name is missing."),
        ("and b", 0, 3, "Before 'and' a value or a name is missing."),
        ("a or or b", 5, 2, "Before 'or' a value or a name is missing."),
        ("a > > 3", 4, 1, "Before '>' a value or a name is missing."),
        ("()", 1, 1, "Before ')' a value or a name is missing."),
        ("sum()", 4, 1, "Before ')' a value or a name is missing."),
        ("sum(a, )", 7, 1, "Before ')' a value or a name is missing."),
        ("a in []", 6, 1, "Before ']' a value or a name is missing."),
        ("a b", 2, 1, f"'b' can't follow here. {AFTER}"),
        ("20mg", 2, 2, f"'mg' can't follow here. {AFTER}"),
        ("sum(a b)", 6, 1, f"'b' can't follow here. {AFTER}"),
        ("a in [1)", 7, 1, "This ')' closes nothing."),
        ("a > 1)", 5, 1, "This ')' closes nothing."),
        ("(a > 1", 0, 1, "This '(' is never closed with ')'."),
        ("b or sum(a, 1", 8, 1, "This '(' is never closed with ')'."),
        ("a in [1, 2", 5, 1, "This '[' is never closed with ']'."),
        ("temp > 37,5", 9, 1, COMMA),
        ("(a, b)", 2, 1, COMMA),
        ("answered(a, b)", 10, 1, COMMA),
        ("1 < a < 5", 6, 1, CHAIN),
        ("a is b is c", 7, 2, CHAIN),
        ("a in [1] in [2]", 9, 2, CHAIN),
        ("a between 1 and 2 > 3", 18, 1, CHAIN),
        ("a not 3", 6, 1, "After 'not' only 'in' or 'between' can stand here."),
        ("a not > 3", 6, 1, "After 'not' only 'in' or 'between' can stand here."),
        ("a is not not b", 9, 3, "Put 'not' and what belongs to it in parentheses: (not …)"),
        ("1 + not b", 4, 3, "Put 'not' and what belongs to it in parentheses: (not …)"),
        ("a in 3", 5, 1, AFTER_IN),
        ("a in", 4, 0, AFTER_IN),
        ('a in ("b", "c")', 5, 1, AFTER_IN),
        ("[1, 2]", 0, 1, ONLY_IN),
        ("a is [1]", 5, 1, ONLY_IN),
        ("a in [b]", 6, 1, LITERALS),
        ("a in [1, 2 + 3]", 9, 5, LITERALS),
        ("a between 1, 5", 11, 1, BETWEEN),
        ("a between 1 or 5", 12, 2, BETWEEN),
        ('contact is "phone', 11, 6, 'This text has no closing quote (").'),
        ("contact is 'don't'", 17, 1, "This text has no closing quote (')."),
        ("contact is “phone”", 11, 1, "Write straight quotes (\") instead of '“'."),
        ("a ≥ 3", 2, 1, "Write >= instead of '≥'."),
        ("a ≠ 3", 2, 1, "Write is not instead of '≠'."),
        ("a && b", 2, 1, "Write and instead of '&'."),
        ("!a", 0, 1, "Write not instead of '!'."),
        ("a is True", 5, 4, "Write yes instead of 'True'."),
        ("a is false", 5, 5, "Write no instead of 'false'."),
        ("a #", 2, 1, "The character '#' has no meaning here."),
        (".5 > a", 0, 1, "The character '.' has no meaning here."),
        ("visit.", 5, 1, "The character '.' has no meaning here."),
        ("1000000000000001", 0, 16, "This number is too large."),
        ("smu(a)", 0, 3, f"There is no function 'smu'. Did you mean 'sum'? {THERE}"),
        ("b > Max(a)", 4, 3, f"There is no function 'Max'. Did you mean 'max'? {THERE}"),
        ("eval('1')", 0, 4, f"There is no function 'eval'. {THERE}"),
        ("patient.age(a)", 0, 11, f"There is no function 'patient.age'. {THERE}"),
        ("3(a)", 1, 1, f"'(' can't follow here. {AFTER}"),
        ("a" * 1001, 0, 1001, "This is longer than 1,000 characters. Split it."),
        ("(" * 50 + "a" + ")" * 50, 50, 1, "This is nested more than 50 levels deep. Split it."),
        ("-" * 60 + "a", 50, 1, "This is nested more than 50 levels deep. Split it."),
        ("not " * 60 + "a", 200, 3, "This is nested more than 50 levels deep. Split it."),
    ],
)
def test_what_is_said_about_a_wrong_one(text: str, position: int, length: int, message: str) -> None:
    with pytest.raises(ExprError) as caught:
        parse(text)
    error = caught.value
    assert (error.message, error.position, error.length) == (message, position, length)
    assert str(error) == message


@pytest.mark.parametrize(
    "text",
    [
        "a" * MAX_LENGTH,
        "(" * (MAX_DEPTH - 1) + "a" + ")" * (MAX_DEPTH - 1),
        "+".join(["a"] * 500),  # long, not deep
        " or ".join(["a"] * 200),
        "-" * (MAX_DEPTH - 1) + "a",
        "not " * (MAX_DEPTH - 1) + "a",
        "a is not (" * (MAX_DEPTH // 2 - 1) + "a" + ")" * (MAX_DEPTH // 2 - 1),
    ],
)
def test_up_to_the_limits_all_is_well(text: str) -> None:
    evaluate(parse(text), {"a": 1})


def test_names_are_found_where_they_stand() -> None:
    expr = parse("patient.age > 3 and sum(q1, patient.age) in [1]")
    assert names(expr) == (
        Named(name="patient.age", position=0),
        Named(name="q1", position=24),
        Named(name="patient.age", position=28),
    )
    assert names(parse("1 + 2")) == ()


def test_a_node_covers_its_source() -> None:
    expr = parse(" (a + 1) * 2 >= b ")
    compared = expr.root
    assert expr.text[compared.position :][: compared.length] == "(a + 1) * 2 >= b"
    product = compared.parts[0]
    assert expr.text[product.position :][: product.length] == "(a + 1) * 2"
    assert expr.text[product.parts[0].position :][: product.parts[0].length] == "a + 1"


def test_a_text_is_parsed_once() -> None:
    assert parse("a > 71") is parse("a > 71")
    assert parse("a > 71").text == "a > 71"


def test_a_near_word_is_meant() -> None:
    assert did_you_mean("SCROE", ["score", "age"]) == " Did you mean 'score'?"
    assert did_you_mean("scroe", ["SCORE"]) == " Did you mean 'SCORE'?"
    assert did_you_mean("xyz", ["score"]) == ""
    assert frozenset({"sum", "count", "min", "max", "answered"}) == KNOWN


PIECES = "( ) [ ] , + - * / < = > . ' \" and or not is in between yes no sum count min max answered a b.c 1 2.5 <= !="
WORDS = st.sampled_from([*PIECES.split(), '"x"', "'Y'", "[1, 'x', yes]", "and 3"])
TEXTS = st.text() | st.lists(WORDS, max_size=200).map(" ".join) | st.lists(WORDS, max_size=12).map(" ".join)
ANY_VALUE = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(10**400)
ANY_VALUES = st.dictionaries(st.sampled_from(["a", "b.c"]), ANY_VALUE)
LEAVES = st.sampled_from(["a", "b.c", "1", "-2.5", "0", "yes", "no", '"x"', "nowhere", "999999999999999"])


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    signs = ["+", "-", "*", "/", "<", "<=", ">", ">=", "is", "is not", "=", "!=", "and", "or"]
    two = st.tuples(inner, st.sampled_from(signs), inner).map(lambda t: f"({t[0]}) {t[1]} ({t[2]})")
    called = st.tuples(st.sampled_from(sorted(KNOWN - {"answered"})), inner, inner)
    shapes = ["-({})", "not ({})", "answered({})", "({}) in [1, 'x', no]", "({0}) not between a and ({0})"]
    one = st.tuples(st.sampled_from(shapes), inner).map(lambda t: t[0].format(t[1]))
    return two | one | called.map(lambda t: f"{t[0]}({t[1]}, {t[2]})")


EXPRESSIONS = st.recursive(LEAVES, _grown, max_leaves=12).filter(lambda text: len(text) <= MAX_LENGTH)


def _tried(text: str) -> Expr | ExprError:
    try:
        return parse(text)
    except ExprError as error:
        return error


@given(TEXTS, ANY_VALUES)
def test_any_text_is_an_expression_or_an_error_with_a_place(
    text: str, values: dict[str, Value | None]
) -> None:
    tried = _tried(text)
    if isinstance(tried, ExprError):
        assert 0 <= tried.position <= tried.position + tried.length <= len(text)
        assert tried.message[0].isupper() or tried.message[0] == "'"
    else:
        evaluate(tried, values)
        assert all(text.startswith(named.name, named.position) for named in names(tried))


@given(EXPRESSIONS, ANY_VALUES)
def test_an_expression_never_fails_and_gives_the_same_again(
    text: str, values: dict[str, Value | None]
) -> None:
    expr = parse(text)
    first = evaluate(expr, values)
    assert first is None or isinstance(first, bool | int | float | str)
    assert truth(expr, values) is (first is True)
    parse.cache_clear()
    again = parse(text)
    assert again == expr
    assert repr(evaluate(again, values)) == repr(first)  # NaN is not equal to itself


@given(ANY_VALUES, st.sampled_from(["a", "1", "yes", '"x"']), st.sampled_from(["is", "in"]))
def test_a_comparison_and_its_opposite_are_never_both_true(
    values: dict[str, Value | None], right: str, word: str
) -> None:
    right = f"[{right}]" if word == "in" and right != "a" else "[1]" if word == "in" else right
    opposite = "is not" if word == "is" else "not in"
    assert truth(parse(f"b.c {word} {right}"), values) is not truth(parse(f"b.c {opposite} {right}"), values)
