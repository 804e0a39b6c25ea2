"""What is found in an expression before a patient meets it, and how that is said."""

from collections.abc import Mapping

import pytest
from hypothesis import given

from bot.core.expr import Expr, ExprError, Value, evaluate, parse
from bot.core.expr_check import NUMBER, TEXT, YES_NO, Choice, Kind, check, kind_of
from tests.bot.core.test_expr import ANY_VALUES, EXPRESSIONS, FALSE, TRUE

CONTACT = Choice(("phone", "text"))
LEVEL = Choice(("1", "2", "yes", "no"))
SIDE = Choice(("Left", "Right"))
KINDS: Mapping[str, Kind] = {
    "score": NUMBER,
    "patient.age": NUMBER,
    "pain_today": YES_NO,
    "note": TEXT,
    "contact": CONTACT,
    "level": LEVEL,
    "side": SIDE,
}
THERE = "There are: contact, level, note, pain_today, patient.age, score, side."
NEVER = "they are never equal."
IN_AND = "'and' works only with whole conditions, as in: score > 0 and answered(q9)"
IN_OR = "'or' works only with whole conditions, as in: score > 0 or answered(q9)"
IN_NOT = "'not' works only with whole conditions, as in: not (score > 0)"
NUMBERS = "Only numbers can be calculated with."


@pytest.mark.parametrize(
    "text",
    [
        "score >= 20 or pain_today and not answered(note)",
        "pain_today",
        "pain_today is yes and pain_today is not no",
        'contact is "phone"',
        'contact is not "PHONE"',
        '"text" = contact',
        'contact in ["phone", "text"]',
        "contact is note",
        'note is "anything"',
        'note in ["a", "b"]',
        "score in [1, 2.5]",
        "score is patient.age",
        "score - patient.age * 2 > -score / 3",
        "score between 1 and patient.age",
        "score not between 1 and 2",
        "sum(score, 1) > count(note, contact, pain_today)",
        "min(score, 1) is max(patient.age, 2)",
        "answered(contact) is yes",
        "(score > 1) is pain_today",
        "level is '1'",
        "side is 'left'",
    ],
)
def test_what_makes_sense_passes(text: str) -> None:
    assert check(parse(text), KINDS) == []


@pytest.mark.parametrize(
    ("text", "position", "length", "message"),
    [
        ("scroe > 1", 0, 5, f"Nothing is called 'scroe' here. Did you mean 'score'? {THERE}"),
        ("not Score", 4, 5, f"Nothing is called 'Score' here. Did you mean 'score'? {THERE}"),
        ("score > 1 and (xyz)", 15, 3, f"Nothing is called 'xyz' here. {THERE}"),
        ("answered(xyz)", 9, 3, f"Nothing is called 'xyz' here. {THERE}"),
        ("contact is xyz", 11, 3, f"Nothing is called 'xyz' here. {THERE}"),
        ("xyz in [1]", 0, 3, f"Nothing is called 'xyz' here. {THERE}"),
        ("contact is phone", 11, 5, "Nothing is called 'phone' here. Put an answer in quotes: \"phone\""),
        ("side is left", 8, 4, "Nothing is called 'left' here. Put an answer in quotes: \"left\""),
        ("side is Left", 8, 4, "Nothing is called 'Left' here. Put an answer in quotes: \"Left\""),
        (
            "contact is 'phnoe'",
            11,
            7,
            "'phnoe' is none of the answers of 'contact': phone, text. Did you mean 'phone'?",
        ),
        (
            "'phnoe' is not contact",
            0,
            7,
            "'phnoe' is none of the answers of 'contact': phone, text. Did you mean 'phone'?",
        ),
        ('contact in ["text", "fax"]', 20, 5, "'fax' is none of the answers of 'contact': phone, text."),
        ('score is "high"', 9, 6, f"'score' is a number, but \"high\" is a text: {NEVER}"),
        ('"high" is score', 10, 5, f"\"high\" is a text, but 'score' is a number: {NEVER}"),
        (
            'score is not "20"',
            13,
            4,
            f"'score' is a number, but \"20\" is a text: {NEVER} Write 20 without quotes.",
        ),
        (
            "'2.5' is score",
            9,
            5,
            f"'2.5' is a text, but 'score' is a number: {NEVER} Write 2.5 without quotes.",
        ),
        ("score in [1, 'a']", 13, 3, f"'score' is a number, but 'a' is a text: {NEVER}"),
        ("score is note", 9, 4, f"'score' is a number, but 'note' is a text: {NEVER}"),
        ("contact is 3", 11, 1, f"'contact' is a choice, but 3 is a number: {NEVER}"),
        (
            "level is 1",
            9,
            1,
            f"'level' is a choice, but 1 is a number: {NEVER} Put an answer in quotes: \"1\"",
        ),
        (
            "level is yes",
            9,
            3,
            f"'level' is a choice, but yes is a yes or no: {NEVER} Put an answer in quotes: \"yes\"",
        ),
        (
            "level is no",
            9,
            2,
            f"'level' is a choice, but no is a yes or no: {NEVER} Put an answer in quotes: \"no\"",
        ),
        ("contact is -3", 11, 2, f"'contact' is a choice, but -3 is a number: {NEVER}"),
        ("note is - score", 8, 7, f"'note' is a text, but '- score' is a number: {NEVER}"),
        (
            "pain_today is 1",
            14,
            1,
            f"'pain_today' is a yes or no, but 1 is a number: {NEVER} Compare it with yes or no.",
        ),
        (
            "pain_today is 'Yes'",
            14,
            5,
            f"'pain_today' is a yes or no, but 'Yes' is a text: {NEVER} Write Yes without quotes.",
        ),
        ("score + 1 is note", 13, 4, f"'score + 1' is a number, but 'note' is a text: {NEVER}"),
        ("note + 1", 0, 4, f"'note' is a text. {NUMBERS}"),
        ("score * contact", 8, 7, f"'contact' is a choice. {NUMBERS}"),
        ("-pain_today", 1, 10, f"'pain_today' is a yes or no. {NUMBERS}"),
        ('score + "2"', 8, 3, f'"2" is a text. {NUMBERS} Write 2 without quotes.'),
        ("sum(score, note)", 11, 4, "'note' is a text. 'sum' works only with numbers."),
        ("max(contact)", 4, 7, "'contact' is a choice. 'max' works only with numbers."),
        ("score < note", 8, 4, "'note' is a text. '<' works only with numbers."),
        (
            'score >= "20"',
            9,
            4,
            "\"20\" is a text. '>=' works only with numbers. Write 20 without quotes.",
        ),
        ("contact between 1 and 2", 0, 7, "'contact' is a choice. 'between' works only with numbers."),
        ("score between 1 and yes", 20, 3, "yes is a yes or no. 'between' works only with numbers."),
        ("score and pain_today", 0, 5, f"'score' is a number. {IN_AND}"),
        ("pain_today and 1", 15, 1, f"1 is a number. {IN_AND}"),
        ('contact is "phone" or "text"', 22, 6, f'"text" is a text. {IN_OR}'),
        ("pain_today or contact", 14, 7, f"'contact' is a choice. {IN_OR}"),
        ("not score", 4, 5, f"'score' is a number. {IN_NOT}"),
        (f"not ({'score + ' * 4}score + 1)", 5, 41, f"'{'score + ' * 5}…' is a number. {IN_NOT}"),
        (f"not ({'score + ' * 4}score+ 1)", 5, 40, f"'{'score + ' * 4}score+ 1' is a number. {IN_NOT}"),
        (
            f"not ({'score + ' * 20}1)",
            5,
            161,
            f"'{('score + ' * 20)[:40]}…' is a number. {IN_NOT}",
        ),
    ],
)
def test_one_mistake_is_said_once_and_where(text: str, position: int, length: int, message: str) -> None:
    assert _told(parse(text)) == [(position, length, message)]


def _told(expr: Expr, kinds: Mapping[str, Kind] = KINDS) -> list[tuple[int, int, str]]:
    return [(error.position, error.length, error.message) for error in check(expr, kinds)]


def test_all_mistakes_are_said_in_the_order_of_the_text() -> None:
    errors = check(parse("note + 1 > 2 and contact in ['fax', 'phon'] or scroe or score"), KINDS)
    assert [error.position for error in errors] == [0, 29, 36, 47, 56]
    assert all(isinstance(error, ExprError) for error in errors)
    assert [error.position for error in check(parse("(note + 1) in ['a']"), KINDS)] == [1, 15]


def test_a_long_list_of_names_is_cut() -> None:
    many: dict[str, Kind] = {f"q{number:02}": NUMBER for number in range(21)}
    there = ", ".join(f"q{number:02}" for number in range(20))
    assert _told(parse("xyz"), many) == [(0, 3, f"Nothing is called 'xyz' here. There are: {there}, …")]
    many.pop("q20")
    assert _told(parse("xyz"), many) == [(0, 3, f"Nothing is called 'xyz' here. There are: {there}.")]
    assert _told(parse("xyz"), {}) == [(0, 3, "Nothing is called 'xyz' here. There are no names.")]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("1.5", NUMBER),
        ("'a'", TEXT),
        ("no", YES_NO),
        ("score", NUMBER),
        ("note", TEXT),
        ("pain_today", YES_NO),
        ("contact", CONTACT),
        ("nowhere", None),
        ("score + 1", NUMBER),
        ("-score", NUMBER),
        ("sum(score)", NUMBER),
        ("count(note)", NUMBER),
        ("min(1)", NUMBER),
        ("max(1)", NUMBER),
        ("answered(note)", YES_NO),
        ("not pain_today", YES_NO),
        ("score is 1", YES_NO),
        ("score is not 1", YES_NO),
        ("score in [1]", YES_NO),
        ("score not between 1 and 2", YES_NO),
        ("score <= 1", YES_NO),
        ("pain_today or pain_today", YES_NO),
        ("(pain_today)", YES_NO),
    ],
)
def test_the_kind_of_the_result(text: str, kind: Kind | None) -> None:
    assert kind_of(parse(text), KINDS) == kind


@pytest.mark.parametrize("text", [*TRUE, *FALSE])
def test_whatever_can_be_evaluated_can_be_checked(text: str) -> None:
    assert all(error.message and error.position >= 0 for error in check(parse(text), KINDS))


@given(EXPRESSIONS, ANY_VALUES)
def test_the_kind_is_kept_and_a_check_never_fails(text: str, values: dict[str, Value | None]) -> None:
    """With values of the promised kinds the result has the kind that was foreseen, or is not set."""
    kinds: dict[str, Kind] = {name: _kind_of(value) for name, value in values.items() if value is not None}
    expr = parse(text)
    check(expr, kinds)
    result = evaluate(expr, values)
    assert result is None or _kind_of(result) is kind_of(expr, kinds)


def _kind_of(value: Value) -> Kind:
    return YES_NO if isinstance(value, bool) else TEXT if isinstance(value, str) else NUMBER
