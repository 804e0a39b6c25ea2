"""Tests of bot/flowbook/lint/roles.py, beside the examples of the rulebook."""

import re

import pytest

from bot.core.roles import Roles
from bot.flowbook.draft import draft
from bot.flowbook.lint import roles
from bot.settings import HOME
from tests.bot.flowbook.lint.bent import bent, told

FILE = "roles.yaml"


def of(role: str) -> list[tuple[str, str]]:
    """The rules that a role with these lines breaks, and what is said."""
    lines = "".join(f"    {line}\n" for line in ["label: X", *role.splitlines()])
    return [(rule, words) for rule, _, words in told(bent(more={FILE: f"roles:\n  x:\n{lines}"}))]


def test_the_shipped_file_has_no_fault_and_shows_one_role_of_a_clinics_own() -> None:
    shipped = draft({FILE: (HOME / "flows" / FILE).read_text(encoding="utf-8")})
    assert list(roles.check(shipped)) == []
    assert shipped.problems == ()
    assert [set(found.roles) for _, found in shipped.of(Roles)] == [{"care_coordinator"}]


def test_the_example_of_the_page_has_no_fault() -> None:
    page = (HOME / "docs/admin.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    shown = draft({FILE: example})
    assert (shown.problems, list(roles.check(shown))) == ((), [])


@pytest.mark.parametrize(
    ("role", "rule", "said"),
    [
        ("may: [manage staff]\nsees: [health information]", "roles/sees-everything", "The role 'x'"),
        ("may: [open pateints]", "roles/no-right", "Did you mean 'open patients'?"),
        ("may: [fly]", "roles/no-right", "There is no right 'fly'. There are: work the inbox,"),
        ("sees: [healt information]", "roles/no-part", "Did you mean 'health information'?"),
        ("sees: [visits, visits]", "roles/twice", "'visits' stands here twice."),
        ("may: fly", "shape/value", "a list"),
        ("can: [fly]", "shape/unknown-key", "There is no key 'can' here."),
        ("may: [write to patients]", "roles/answers-unseen", "would answer blindly"),
    ],
)
def test_a_role_that_cannot_be_is_told_in_words_that_teach(role: str, rule: str, said: str) -> None:
    ((found, words),) = of(role)
    assert found == rule
    assert said in words


@pytest.mark.parametrize("name", ["care_coordinator", "billing_lead", "ma", "scribe"])
def test_names_of_their_own_are_no_slips(name: str) -> None:
    assert told(bent(more={FILE: f"roles:\n  {name}:\n    label: X\n"}), "roles") == []
