"""Tests of bot/flowbook/lint/rules.py: the rulebook is whole, its page is in step, and every example is run."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import flowbook
from bot.flowbook.lint import lint
from bot.flowbook.lint.rules import PAGE, RULEBOOK, Example, Rule, families, page, rules
from bot.settings import HOME
from tests.bot.flowbook.lint.bent import NOW
from tests.bot.flowbook.lint.overlay import MARK, edition, files_of

NAMED = re.compile(rf'"((?:{"|".join(families())})/[a-z-]+)"')
CASES = [
    pytest.param(rule, example, id=f"{rule.name}-{'good' if example.good else 'bad'}-{number}")
    for rule in rules()
    for number, example in enumerate(rule.examples)
]


def test_the_edition_that_examples_change_has_no_fault() -> None:
    assert lint(edition(), NOW) == []


@pytest.mark.parametrize(("rule", "example"), CASES)
def test_an_example_is_told_where_it_is_marked(rule: Rule, example: Example) -> None:
    marked = files_of(example)
    found = lint({path: MARK.sub("", text) for path, text in marked.items()}, NOW)
    faults = [fault for fault in found if fault.severity == "error" or fault.rule == rule.name]
    wanted = sorted((path, line, said) for path, text in marked.items() for line, said in marks(text))
    assert [(fault.file, fault.line) for fault in faults] == [place[:2] for place in wanted], faults
    assert {(fault.rule, fault.severity) for fault in faults} <= {(rule.name, rule.severity)}
    for fault, (_, _, said) in zip(faults, wanted, strict=True):
        assert said in f"{fault.message} {fault.mend}"


def marks(text: str) -> Iterator[tuple[int, str]]:
    for found in MARK.finditer(text):
        yield text.count("\n", 0, found.start()) + 1, found["said"].strip()


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.name)
def test_an_entry_is_whole(rule: Rule) -> None:
    assert rule.title.endswith(".")
    assert {example.good for example in rule.examples} == {True, False}
    for example in rule.examples:
        text = "".join(excerpt.text for excerpt in example.files.values())
        assert bool(MARK.search(text)) != example.good


def test_every_rule_has_one_entry_and_every_entry_a_rule() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in Path(flowbook.__file__).parent.rglob("*.py"))
    names = [rule.name for rule in rules()]
    assert sorted(names) == sorted(set(NAMED.findall(code)))
    assert {path.stem for path in RULEBOOK.glob("*.md")} == set(families())


def test_the_rulebook_has_no_fence_that_is_not_run() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in RULEBOOK.glob("*.md"))
    excerpts = sum(len(example.files) for rule in rules() for example in rule.examples)
    assert text.count("\n```yaml") == excerpts
    assert len(re.findall(r"^## ", text, re.MULTILINE)) == len(rules())


def test_the_page_is_in_step() -> None:
    told = f"Write it anew: bot flow rules > {PAGE}"
    assert (HOME / PAGE).read_text(encoding="utf-8") == page(), told


def test_every_rule_can_be_linked_to() -> None:
    text = page()
    for rule in rules():
        assert text.count(f'<a id="{rule.anchor}"></a>') == 1
        assert f"(#{rule.anchor})" in text
