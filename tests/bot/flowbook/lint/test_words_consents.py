"""Tests of bot/flowbook/lint/words_consents.py, beside the examples of the rulebook: what is signed can be read."""

from tests.bot.flowbook.lint.bent import bent, rules_of, told

FLOW = """\
variables: {agree: phi}
steps:
  confirm:
    say: see_page
    send_page: consent
    form: photos
    wait: 1 day
    outcomes: {submitted: which}
    no_answer: end
  which:
    branch:
      - {if: agree, then: look}
      - {else: thanks}
  thanks:
    say: confirmed
    then: end
"""
SAYS = 'sentences:\n  see_page: "{{clinic}}: Please read and sign {{link}} when you can."\n'
TITLE = '  consent_photos_title: "Photos of wounds"\n'
TEXT = '  consent_photos_text: "{{clinic}} may take photos of your wound. You can say no."\n'
WORDS = f"{SAYS}pages:\n{TITLE}{TEXT}"


def test_a_consent_that_is_written_has_no_fault() -> None:
    assert rules_of(bent(FLOW, WORDS)) == []


def test_a_consent_has_a_title_and_a_text() -> None:
    faults = told(bent(FLOW, SAYS), "words")
    assert [(rule, line) for rule, line, _ in faults] == [("words/missing", "form: photos")] * 2
    assert sorted(said.split("'")[1] for _, _, said in faults) == [
        "consent_photos_text",
        "consent_photos_title",
    ]


def test_every_language_of_the_flow_has_it() -> None:
    files = bent(f"languages: [en, es]\n{FLOW}", WORDS)
    files["wording/es.yaml"] = files["wording/en.yaml"].replace("language: en", "language: es")
    assert rules_of(files) == []
    files["wording/es.yaml"] = files["wording/es.yaml"].replace(TEXT, "")
    [(rule, _, said)] = told(files)
    assert rule == "words/missing"
    assert "'consent_photos_text' is missing in 'es'" in said


def test_a_consent_under_sentences_is_in_the_wrong_place() -> None:
    files = bent(FLOW, f"{SAYS}{TITLE}{TEXT}".replace("{{clinic}} may", "We may"))
    assert rules_of(files, "words/page-or-text") == ["words/page-or-text"] * 2


def test_it_names_the_clinic_and_nobody_else() -> None:
    [(rule, _, said)] = told(bent(FLOW, WORDS.replace("You can say no.", "{{first_name}} can say no.")))
    assert rule == "words/value"
    assert "{{first_name}} is not known where this is said, in a consent" in said


def test_what_is_signed_is_easy_to_read() -> None:
    hard = "Notwithstanding aforementioned considerations, photographic documentation necessitates authorization."
    assert rules_of(bent(FLOW, WORDS.replace("You can say no.", f"{hard} {hard}"))) == ["words/hard"]
