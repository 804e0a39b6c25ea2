"""Tests of bot/flowbook/lint/words*.py, beside the examples of the rulebook."""

import ast
from pathlib import Path

import pytest

from bot.flowbook.lint import lint, words
from tests.bot.flowbook.lint.bent import EN, bent, rules_of, told

CORE = Path(words.__file__).parents[2] / "core"
SECOND = "dialogs/second.yaml"


@pytest.mark.parametrize(
    "sentence",
    [
        "Reply C to confirm or R for another time. Text STOP to opt out.",
        "Text HELP for help or STOP to opt out.",
        "You will get no more texts. To change it call us. Text START to get texts again.",
        "STOP para no recibir mas.",
        "Escriba START para recibirlos otra vez.",
        "Please cancel by phone. Call us to cancel.",
        "Call or text 988 now.",
        "Llame al 988 (oprima 2) o envie AYUDA al 988 ahora.",
    ],
)
def test_carrier_words_with_their_own_meaning_are_good(sentence: str) -> None:
    assert carrier_faults(sentence) == []


@pytest.mark.parametrize(
    ("sentence", "word"),
    [
        ("Reply C to confirm or CANCEL to cancel.", "CANCEL"),
        ("Reply CANCEL if you can't come.", "CANCEL"),
        ('Reply "cancel" if you need to.', "cancel"),
        ("Reply STOP to cancel.", "STOP"),
        ("Text STOP to cancel your visit, C to confirm.", "STOP"),
        ("Reply YES to confirm. Reply END to finish.", "END"),
        ("Text INFO for directions.", "INFO"),
        ("Responda CANCEL para cancelar.", "CANCEL"),
        ("Responda ALTO para cancelar la cita.", "ALTO"),
    ],
)
def test_carrier_words_with_another_meaning_are_bad(sentence: str, word: str) -> None:
    (said,) = carrier_faults(sentence)
    assert f"offers {word} as an answer" in said
    assert "to carriers a text with only this word" in said


def carrier_faults(sentence: str) -> list[str]:
    quoted = sentence.replace('"', '\\"')
    files = bent(sentences=f'sentences:\n  confirmed: "{quoted}"\n')
    return [text for _, _, text in told(files, "words/carrier-word")]


def test_the_core_says_no_sentence_that_the_rules_do_not_know() -> None:
    said = {
        node.args[0].value
        for file in CORE.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "say"
        and isinstance(node.args[0], ast.Constant)
    }
    assert len(said) >= 6
    assert said <= set(words.EVERYWHERE)


def test_a_sentence_outside_of_flows_has_few_values() -> None:
    ((rule, line, _),) = told(bent(sentences='sentences:\n  opted_in: "Hi {{first_name}}."\n'), "words/value")
    assert (rule, line) == ("words/value", 'opted_in: "Hi {{first_name}}."')


def test_a_flow_about_the_patient_has_no_day() -> None:
    text = "flow: second\ntitle: T\npurpose: care\nabout: {0}\nstarts:\n  - when: the patient says confirm\n"
    steps = "steps:\n  tell:\n    say: confirmed\n    then: end\n"
    assert rules_of(bent(more={SECOND: text.format("the visit") + steps}), "words") == []
    assert rules_of(bent(more={SECOND: text.format("the patient") + steps}), "words") == ["words/value"] * 2


def test_a_fault_points_into_the_file_that_says_it() -> None:
    more = {
        "wording/en.more.yaml": "language: en\nreviewed_by: A\nreviewed_on: 2026-11-20\n"
        'sentences:\n  thanks: "Hello {{nickname}}."\n'
    }
    files = bent("steps:\n  confirm:\n    say: thanks\n    then: end\n", more=more)
    assert [(f.rule, f.file, f.line) for f in lint(files) if f.severity == "error"] == [
        ("words/value", "wording/en.more.yaml", 5)
    ]


def test_what_is_not_reviewed_is_told_of_its_own_file() -> None:
    more = {"wording/en.more.yaml": 'language: en\nreviewed_by: A\nsentences:\n  thanks: "Thank you."\n'}
    found = [(f.rule, f.file) for f in lint(bent(more=more)) if f.severity == "error"]
    assert found == [("words/not-reviewed", "wording/en.more.yaml")]


def test_nothing_is_missed_while_a_file_cannot_be_read() -> None:
    files = bent("steps:\n  confirm:\n    say: elsewhere\n    then: end\n")
    assert "words/missing" in rules_of(files)
    files["wording/en.more.yaml"] = "language: en\nsentences: [\n"
    assert "words/missing" not in rules_of(files)


def test_the_first_message_is_found_behind_branches_pauses_and_other_flows() -> None:
    start = "flow: second\ntitle: T\npurpose: bulk\nabout: the patient\nstarts:\n  - when: a broadcast\n"
    steps = (
        "steps:\n  wait_a_bit:\n    pause: 1 day\n    then: which\n  go_on:\n    start: third\n"
        "  which:\n    branch:\n      - {if: now.hour > 12, then: go_on}\n      - {else: end}\n"
    )
    third = "flow: third\ntitle: T\npurpose: bulk\nabout: the patient\nsteps:\n  tell:\n    say: news\n    then: end\n"
    files = bent(
        "", 'sentences:\n  news: "Good news."\n', {SECOND: start + steps, "dialogs/third.yaml": third}
    )
    assert rules_of(files, "words") == ["words/how-to-stop", "words/no-clinic"]


def test_what_the_patient_asked_for_needs_no_greeting() -> None:
    text = "flow: second\ntitle: T\npurpose: care\nabout: the patient\nstarts:\n  - when: the patient texts NEWS\n"
    steps = "steps:\n  tell:\n    say: news\n    then: end\n"
    assert rules_of(bent("", 'sentences:\n  news: "Good news."\n', {SECOND: text + steps}), "words") == []


@pytest.mark.parametrize(
    ("sentence", "rules"),
    [
        ("See https://riverside.example/way and call us.", []),
        ("See https://riverside.example/way.", ["words/link-last"]),
        ("See https://bit.ly/abc and call us.", ["words/shortener"]),
        ("See t.co/abc and call us.", ["words/shortener"]),
        ("Call Mt.Commons today, or at.count.", []),
        ("Do you have diabetes?", []),
        ("You have diabetes.", ["words/sensitive"]),
        ("Your results are normal.", ["words/sensitive"]),
        ("Your results are ready.", []),
        ("Su resultado es positivo.", ["words/sensitive"]),
    ],
)
def test_links_and_words_that_tell(sentence: str, rules: list[str]) -> None:
    assert rules_of(bent(sentences=f'sentences:\n  confirmed: "{sentence}"\n'), "words") == rules


def test_the_wording_of_an_instrument_is_left_alone() -> None:
    hard = "Notification of cancellation necessitates communication with administrative personnel regarding depression."
    flow = "steps:\n  confirm:\n    ask: item\n    expect: text\n    save: it\n{0}    then: end\n    no_answer: end\n"
    sentences = f'sentences:\n  item: "{hard} Thank you for it."\n'
    assert rules_of(bent("variables: {it: phi}\n" + flow.format(""), sentences), "words/hard") == [
        "words/hard"
    ]
    coded = flow.format('    code: "44255-8"\n')
    assert {"words/hard", "words/sensitive"} & set(
        rules_of(bent("variables: {it: phi}\n" + coded, sentences))
    ) == set()


def test_a_list_in_two_languages_has_its_keys_in_one_order() -> None:
    lists = "choices:\n  part:\n    early: [Early]\n    late: [Late]\n"
    files = bent(sentences=lists)
    files["wording/es.yaml"] = files[EN].replace("language: en", "language: es")
    assert "words/choices-differ" not in rules_of(files)
    files["wording/es.yaml"] = files["wording/es.yaml"].replace("    early: [Early]\n", "")
    assert "words/choices-differ" in rules_of(files)


def test_where_a_page_is_sent_every_language_has_the_sentence_of_a_new_link() -> None:
    sends = "steps:\n  confirm:\n    say: see_page\n    send_page: summary\n    then: end\n"
    says = 'sentences:\n  see_page: "{{clinic}}: See it at {{link}} Only for you."\n'

    def without(files: dict[str, str]) -> dict[str, str]:
        lines = files[EN].splitlines(keepends=True)
        english = "".join(line for line in lines if not line.startswith("  page_again:"))
        spanish = "".join(lines).replace("language: en", "language: es")
        return {**files, EN: english, "wording/es.yaml": spanish}

    faults = [said for rule, _, said in told(without(bent(sends, says))) if rule == "words/missing"]
    assert [said.split("; ")[0] for said in faults] == ["The sentence 'page_again' is missing"]
    assert "words/missing" not in rules_of(without(bent()))


def test_the_sentences_around_what_staff_write_are_needed_by_every_language_once_one_has_them() -> None:
    says = 'sentences:\n  staff_text: "{{clinic}}: {{words}}"\n'

    def with_spanish(english: str) -> list[str]:
        files = bent(sentences=english)
        files["wording/es.yaml"] = bent()[EN].replace("language: en", "language: es")
        return [said.split("; ")[0] for rule, _, said in told(files) if rule == "words/missing"]

    assert with_spanish("") == []
    assert with_spanish(says) == ["The sentence 'staff_text' is missing"]
    assert "words/unused" not in rules_of(bent(sentences=says))
    elsewhere = says.replace("staff_text", "soft_reply")
    assert "words/value" in rules_of(bent(sentences=elsewhere))


def test_sentences_that_staff_take_as_they_are_need_nobody_to_say_them_and_hold_no_values() -> None:
    assert "words/unused" not in rules_of(bent(sentences='sentences:\n  reply_thanks: "Thank you."\n'))
    with_value = 'sentences:\n  reply_thanks: "Thank you, {{first_name}}."\n'
    assert "words/value" in rules_of(bent(sentences=with_value))
