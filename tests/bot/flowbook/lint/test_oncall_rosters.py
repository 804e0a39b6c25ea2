"""Tests of bot/flowbook/lint/oncall_rosters.py, beside the examples of the rulebook."""

import pytest

from tests.bot.flowbook.lint.rosters import provider, told_of

LAYER = "layers:\n  - people: [dr_lee]\n"


@pytest.mark.parametrize(
    ("begins", "ends", "rules"),
    [
        ("2026-12-24 17:00", "2026-12-24 17:00", ["oncall/override-order"]),
        ("2026-12-24 17:00", "2026-12-24 16:59", ["oncall/override-order"]),
        ("2026-12-24 17:00", "2026-12-24 17:01", []),
    ],
)
def test_an_override_has_some_time(begins: str, ends: str, rules: list[str]) -> None:
    override = f"overrides:\n  - {{person: sam, from: {begins}, until: {ends}}}"
    assert told_of(provider(LAYER + override)) == rules


@pytest.mark.parametrize(
    ("said", "twice"),
    [
        ("mondays at 08:00 and mondays at 08:00", True),
        ("monday at 08:00 and every  Mondays at 8:00", True),
        ("every day at 08:00 and fridays at 08:00", True),
        ("days at 08:00 and every day at 08:00", True),
        ("mondays at 08:00 and mondays at 20:00", False),
        ("every day at 08:00 and every day at 20:00", False),
    ],
)
def test_each_moment_is_named_once(said: str, twice: bool) -> None:
    lines = f"layers:\n  - people: [dr_lee, dr_shah]\n    hand_over: {said}\n    starts: 2026-11-02"
    assert told_of(provider(lines)) == ["oncall/hand-over-twice"] * twice


@pytest.mark.parametrize(
    ("under", "upper", "hides"),
    [
        ("", "", True),
        ("only: {days: [saturday]}", "", True),
        ("only: {days: [saturday]}", "starts: 2026-11-02", False),  # until that day the one below counts
        ("starts: 2026-11-09", "starts: 2026-11-02", True),
        ("starts: 2026-11-02", "starts: 2026-11-09", False),
        ("", "only: {days: [saturday]}", False),
    ],
)
def test_a_layer_that_can_never_count_is_told(under: str, upper: str, hides: bool) -> None:
    lines = "".join(
        f"  - people: [{who}]\n" + (f"    {more}\n" if more else "")
        for who, more in (("sam", under), ("joe", upper))
    )
    assert told_of(provider(f"layers:\n{lines}otherwise: nurse")) == ["oncall/hidden-layer"] * hides
