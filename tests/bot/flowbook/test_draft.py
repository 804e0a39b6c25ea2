"""Tests of bot/flowbook/draft.py."""

from bot.core.book import House, Policy, Wording
from bot.core.flow import Flow, Start
from bot.flowbook.draft import draft, fit, model_of
from bot.flowbook.own_words import Words
from bot.flowbook.source import parse


def test_every_file_has_the_model_of_its_place() -> None:
    assert model_of("clinic.yaml") is House
    assert model_of("dialogs/a.yaml") is Flow
    assert model_of("policies/a.yaml") is Policy
    assert model_of("wording/en.yaml") is Wording
    assert model_of("words.yaml") is Words
    assert model_of("wording/words.yaml") is Wording
    assert model_of("dialogs/a.yml") is None
    assert model_of("dialogs/deeper/a.yaml") is None
    assert model_of("elsewhere/a.yaml") is None


def test_a_draft_keeps_what_fits_and_what_does_not(edition) -> None:
    made = draft({**edition(), "dialogs/broken.yaml": "flow: broken\n", "odd.yaml": "a: b\n"})
    assert [flow.name for _, flow in made.of(Flow)] == ["mini"]
    assert {problem.source.file for problem in made.problems} == {"dialogs/broken.yaml"}
    assert made.strays == ("odd.yaml",)
    assert made.policy().name == "2026-11-us-sms"
    assert set(made.wordings()) == {"en", "es"}


def test_of_several_types_tried_one_problem_is_told() -> None:
    source = parse("p.yaml", "when: whenever\nat: x\n")
    value, problems = fit(source, Start)
    assert value is None
    assert [(problem.where, problem.kind) for problem in problems] == [(("when",), "value_error")]
