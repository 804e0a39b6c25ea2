"""Tests of bot/flowbook/traps.py and unreadable.py: each mistake, where it is marked and under which name."""

import pytest

from bot.flowbook.source import parse

TRAPS = [
    # text, rule, line, what is marked
    ("a:\n\tb: 1\n", "shape/tab", 2, "\t"),
    ("a: b\tc\n", "shape/tab", 1, "\t"),
    ("a: |\n\tx\nb: 1\n", "shape/tab", 2, "\t"),
    ("a: 1\nb: 2\na: 3\n", "shape/twice", 3, "a"),
    ("a: &x [1]\nb: 1\n", "shape/alias", 1, "&x [1]"),
    ("b: *x\n", "shape/alias", 1, "*x"),
    ("a: [*x]\n", "shape/alias", 1, "*x"),
    ("say: *please* call\n", "shape/alias", 1, "*please* call"),
    ("a: &\n", "shape/alias", 1, "&"),
    ("a: {<<: {b: c}}\n", "shape/alias", 1, "<<"),
    ("a: &x 1\nb: &x 2\n", "shape/alias", 2, "&x 2"),
    ("*x : b\n", "shape/alias", 1, "*x : b"),
    ("a: !Hello there\n", "shape/tag", 1, "!Hello there"),
    ("a: 1\n---\nb: 2\n", "shape/second-document", 2, "---"),
    ("a: 1\n...\nb: 2\n", "shape/second-document", 3, "b: 2"),
    ("say: Note: call\n", "shape/colon", 1, ":"),
    ("- say: Note: call\n", "shape/colon", 1, ":"),
    ("title: Note:\n", "shape/colon", 1, ":"),
    ("say: {{clinic}}\n", "shape/braces", 1, "{{clinic}}"),
    ("say: {{clinic}} calls\nb: 1\n", "shape/braces", 1, "{{clinic}} calls"),
    ("say: {{clinic}}: Hi\nb: 1\n", "shape/braces", 1, "{{clinic}}: Hi"),
    ("- {{a}} b\n", "shape/braces", 1, "{{a}} b"),
    ("say: {% if a %}x\n", "shape/braces", 1, "{% if a %}x"),
    ("say: @home\n", "shape/character", 1, "@home"),
    ("say: `x`\n", "shape/character", 1, "`x`"),
    ("say: %d\n", "shape/character", 1, "%d"),
    ("%d: x\n", "shape/character", 1, "%d: x"),
    ("a: , b\n", "shape/character", 1, ", b"),
    ("a: - b\n", "shape/character", 1, "- b"),
    ("a: >x\n", "shape/character", 1, ">x"),
    ("a: \x07\n", "shape/character", 1, "\x07"),
    ("a: b\u200bc\n", "shape/character", 1, "\u200b"),
    ("a:\n \xa0b: 1\n", "shape/character", 2, " \xa0"),
    ("a: caf\udce9\n", "shape/encoding", 1, "\ufffd"),
    ("a: 1\nb: 'open\n", "shape/quotes", 2, "'open"),
    ('a: "x\n---\n"\n', "shape/quotes", 1, '"x'),
    ('a: "Hi\nb: "Ho"\nc: "Hu"\n', "shape/quotes", 1, '"Hi'),
    ('a: \'Hi\nb: "Ho"\nc: 1\n', "shape/quotes", 1, "'Hi"),
    ("say: 'Don't worry'\nb: 1\n", "shape/quotes", 1, "t worry'"),
    ('say: "He "x" y"\nb: 1\n', "shape/quotes", 1, 'x" y"'),
    ('a: "\\d"\n', "shape/quotes", 1, "\\d"),
    ('a: "b \\xZZ"\n', "shape/quotes", 1, "\\x"),
    ("a: [b, c\nd: e\n", "shape/brackets", 1, "[b, c"),
    ("a: {b: c, d: e: f}\n", "shape/brackets", 1, "{b: c, d: e: f}"),
    ("a: [b]]\n", "shape/brackets", 1, "]"),
    ("a: ]\n", "shape/brackets", 1, "]"),
    ("a:b\nc: d\n", "shape/no-colon", 1, "a:"),
    ("c: d\nsay:hello\ne: f\n", "shape/no-colon", 2, "say:"),
    ("c: d\nabc def\ne: f\n", "shape/no-colon", 2, "abc def"),
    ("a: |-\n x\ny\nb: 1\n", "shape/no-colon", 3, "y"),
    ("a:\n- b\n - c\n", "shape/run-on", 3, "- c"),
    ("a: b\n  say:hello\n", "shape/run-on", 2, "say:hello"),
    ("a: 1\n b: 2\n", "shape/indentation", 2, "b: 2"),
    ("a:\n  b: 1\n c: 2\n", "shape/indentation", 3, "c: 2"),
    ("- a\nb: c\n", "shape/indentation", 2, "b: c"),
    ("a: b\n- c\n", "shape/indentation", 2, "- c"),
    ("a:\n  - b\n - c\n", "shape/indentation", 3, "- c"),
    ("? [a, b]\n: c\n", "shape/yaml", 1, "[a, b]"),
    ("a: " + "[" * 3000, "shape/yaml", 1, "a: " + "[" * 3000),
    ("[" * 30 + "]" * 30, "shape/yaml", 1, "[" * 9 + "]" * 9),
]


@pytest.mark.parametrize(("text", "rule", "line", "marked"), TRAPS)
def test_a_trap_is_told_where_it_is(text: str, rule: str, line: int, marked: str) -> None:
    fault = parse("f.yaml", text).faults[0]
    assert (fault.rule, fault.line) == (rule, line)
    assert fault.excerpt[fault.column - 1 :][: fault.length] == marked
    assert fault.message.endswith(".")
    assert fault.mend.endswith(".")


@pytest.mark.parametrize(
    "text",
    [
        "a: Call 555-1234 at 12:30; see http://example.org\n",
        "a: b - c, d & e * f! g@h 50% {{x}} [y] 'z'\n",
        "a: it's # a remark\n",
        "a: |-\n  Note: {{x}}\n  - not: a list\n  @home\n",
        "a: >-\n  folded: text\n  say:hello\n",
        'a: "Note: {{x}} \\"y\\" it\'s"\n',
        "a: 'it''s'\n",
        "a: text\n  that goes on\n",
        "---\na: 1\n",
        "a: {b: [c, d], e: f}\n",
    ],
)
def test_what_only_looks_like_a_trap_is_none(text: str) -> None:
    assert parse("f.yaml", text).faults == ()


def test_every_trap_in_what_can_be_read_is_told() -> None:
    source = parse("f.yaml", "a: &x 1\nb: *x\nc: !t d\na: 2\n<<: {}\n")
    assert [fault.line for fault in source.faults] == [1, 2, 3, 4, 5]


def test_what_nobody_foresaw_is_told_in_the_words_of_yaml() -> None:
    fault = parse("f.yaml", "%YAML 9.9\n---\na: 1\n").faults[0]
    assert fault.rule == "shape/yaml"
    assert "can't be read as YAML" in fault.message
