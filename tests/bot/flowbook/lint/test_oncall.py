"""Tests of bot/flowbook/lint/oncall.py and oncall_scope.py, beside the examples of the rulebook."""

import re

import pytest

from bot.flowbook import loader
from bot.flowbook.lint import lint
from bot.settings import HOME
from tests.bot.flowbook.lint.bent import NOW, bent
from tests.bot.flowbook.lint.rosters import FILE, OFFICE, ladder, oncall, provider, told_of

URGENT = "tell: everyone of nurse, by: [text, call]"


def test_the_shipped_file_has_no_fault() -> None:
    files = loader.collect(HOME / "flows")
    assert FILE in files
    assert [fault for fault in lint(files, NOW) if fault.file == FILE] == []


def test_the_example_of_the_page_has_no_fault() -> None:
    page = (HOME / "docs/on-call.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    files = {**loader.collect(HOME / "flows"), FILE: example}
    assert [fault for fault in lint(files, NOW) if fault.file == FILE] == []
    assert set(loader.read(files).oncall.ladders) == {"emergency", "urgent", "routine"}


def test_a_clinic_without_the_file_has_no_fault() -> None:
    files = bent()
    del files[FILE]
    assert lint(files, NOW) == []


@pytest.mark.parametrize(
    ("tell", "said"),
    [
        ("nurses on call", "Did you mean 'nurse'?"),
        ("everyone of nurses", "Did you mean 'nurse'?"),
        ("joe on call", "to tell just them, write 'tell: joe'"),
        ("billing on call", "write 'everyone with role billing'"),
        ("moon on call", "Rosters here: nurse, provider."),
    ],
)
def test_a_step_that_names_no_roster_hears_what_to_write(tell: str, said: str) -> None:
    ((rule, line, words),) = oncall(ladder("urgent", f"tell: {tell}", URGENT))
    assert (rule, line) == ("oncall/no-roster", f"- {{tell: {tell}}}")
    assert said in words


def test_only_the_name_is_marked() -> None:
    files = bent(more={FILE: ladder("urgent", "tell: nurses on call", URGENT)})
    (fault,) = [fault for fault in lint(files, NOW) if fault.rule == "oncall/no-roster"]
    assert fault.excerpt[fault.column - 1 :][: fault.length] == "nurses"


@pytest.mark.parametrize(
    ("chain", "circles"),
    [
        ({"a": "b", "b": "c", "c": "a"}, ["a → b → c → a"]),
        ({"a": "a"}, ["a → a"]),
        ({"a": "b", "b": "c", "c": "b"}, ["b → c → b"]),
        ({"a": "b", "b": "a", "c": "d", "d": "c"}, ["a → b → a", "c → d → c"]),
        ({"a": "b", "b": "c", "c": "nurse"}, []),
    ],
)
def test_a_circle_is_told_once(chain: dict[str, str], circles: list[str]) -> None:
    lines = "rosters:\n" + "".join(
        f"  {name}:\n    layers:\n      - people: [maria]\n    otherwise: {other}\n"
        for name, other in chain.items()
    )
    found = oncall(lines)
    assert {rule for rule, _, _ in found} <= {"oncall/circle"}
    assert [next(way for way in circles if f": {way}." in words) for _, _, words in found] == circles


@pytest.mark.parametrize(
    ("tell", "rules"),
    [
        ("nurse", ["oncall/roster-as-person"]),
        ("front_desk", ["oncall/role-as-person"]),
        ("mara", ["oncall/near-name"]),
        ("maria", []),
        ("dr_who", []),
        ("pam", []),
    ],
)
def test_a_person_is_looked_at(tell: str, rules: list[str]) -> None:
    assert told_of(ladder("urgent", f"tell: {tell}", URGENT)) == rules


def test_two_people_with_short_names_are_no_slip() -> None:
    layer = "layers:\n  - people: [sam]\noverrides:\n  - {person: %s, from: 2026-12-24, until: 2026-12-26}"
    assert told_of(provider(layer % "pam")) == []
    assert told_of(provider(layer % "saam")) == ["oncall/near-name"]


@pytest.mark.parametrize(("role", "rules"), [("nurse", []), ("nurses", ["oncall/no-role"])])
def test_a_role_is_one_that_there_is(role: str, rules: list[str]) -> None:
    assert told_of(ladder("urgent", "tell: nurse on call", f"tell: everyone with role {role}")) == rules


def test_a_role_of_the_clinics_own_is_one_too() -> None:
    steps = ladder("urgent", "tell: nurse on call", "tell: everyone with role coordinator")
    own = "roles:\n  coordinator:\n    label: Coordinator\n"
    for written, wanted in ((own, []), (own + "    may: [fly]\n", []), ("roles: {}\n", ["oncall/no-role"])):
        files = bent(more={FILE: steps, "roles.yaml": written})
        found = [fault.rule for fault in lint(files, NOW)]
        assert [rule for rule in found if rule.startswith("oncall")] == wanted, written


@pytest.mark.parametrize("key", ["calendar", "closed", "holidays"])
def test_each_calendar_of_a_layer_is_kept(key: str) -> None:
    lines = provider(f"layers:\n  - people: [dr_lee]\n  - people: [joe]\n    only: {{{key}: offices}}")
    ((rule, _, words),) = oncall(lines, OFFICE)
    assert rule == "oncall/no-calendar"
    assert "Did you mean 'office'?" in words
    assert ("always counts" in words) is (key == "closed")
    assert told_of(lines.replace("offices", "office"), OFFICE) == []


def test_no_calendar_is_missed_where_none_can_be_read() -> None:
    lines = provider("layers:\n  - people: [dr_lee]\n  - people: [joe]\n    only: {calendar: office}")
    assert told_of(lines) == ["oncall/no-calendar"]
    assert told_of(lines, "calendars: [") == []


def test_a_person_called_like_their_roster_is_told_of_in_the_roster_only() -> None:
    roster = provider("layers:\n  - people: [provider]\n")
    ((rule, line, _),) = oncall(roster + ladder("urgent", "tell: provider", URGENT))
    assert (rule, line) == ("oncall/roster-as-person", "- people: [provider]")
