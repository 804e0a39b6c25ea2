"""What the documents show works: their flows have no fault beside the shipped ones, and play as they say."""

import re

import pytest
import yaml

from bot.flowbook import loader, transcript
from bot.flowbook.faults import errors
from bot.flowbook.lint import lint
from bot.flowbook.player import play
from bot.settings import HOME
from nlp.reader import Reader

FLOWS = loader.collect(HOME / "flows")
WORDING = "wording/{}.after_visit.yaml"


def blocks(page: str) -> list[str]:
    """The YAML that a page shows."""
    return re.findall(r"```yaml\n(.*?)```", (HOME / page).read_text(encoding="utf-8"), re.DOTALL)


def block(beginning: str, page: str = "docs/writing-flows.md") -> str:
    """The one that begins like this."""
    (found,) = [each for each in blocks(page) if each.startswith(beginning)]
    return found


@pytest.fixture(scope="module")
def edition() -> dict[str, str]:
    """The shipped flows and the page's own, with its sentences in both languages."""
    english = block("# flows/wording/en.after_visit.yaml")
    return {
        **FLOWS,
        "dialogs/after_visit.yaml": block("flow: after_visit"),
        WORDING.format("en"): english,
        WORDING.format("es"): english.replace("language: en", "language: es"),
    }


def test_the_first_flow_of_the_page_has_no_fault(edition: dict[str, str]) -> None:
    assert errors(lint(edition)) == []


def test_the_readme_shows_the_same_flow() -> None:
    assert yaml.safe_load(block("flow: after_visit", "README.md")) == yaml.safe_load(
        block("flow: after_visit")
    )


def test_the_transcript_of_the_page_plays(edition: dict[str, str], reader: Reader) -> None:
    script = transcript.read("page.yaml", block("title: She is worse"))
    run = play(script, loader.read(edition), reader)
    assert [next(iter(entry)) for entry in run.happened[-1]] == ["Record", "OpenTask", "clinic"]


def test_the_questionnaire_of_the_page_has_no_fault() -> None:
    assert errors(lint({**FLOWS, "questionnaires/phq2.yaml": block("questionnaire: phq2")})) == []


def test_the_form_of_the_page_has_no_fault() -> None:
    assert errors(lint({**FLOWS, "forms/refill.yaml": block("form: refill")})) == []


def test_the_variant_of_the_page_has_no_fault() -> None:
    said = "language: {0}\nreviewed_by: A\nreviewed_on: 2026-11-20\nsentences:\n  reminder_downtown: "
    said += (
        '"{{{{clinic}}}}: Hi {{{{first_name}}}}, you have a visit on {{{{day}}}}. Text STOP to opt out."\n'
    )
    files = {
        **FLOWS,
        "dialogs/appointment_downtown.yaml": block("flow: appointment_downtown"),
        **{f"wording/{tag}.downtown.yaml": said.format(tag) for tag in ("en", "es")},
    }
    assert errors(lint(files)) == []


def test_the_words_of_the_page_have_no_fault() -> None:
    assert lint({**FLOWS, "words.yaml": block("add:\n")}) == []
