"""Tests of bot/flowbook/lint/cost.py, beside the examples of the rulebook."""

from bot.flowbook.lint.longest import TO_STAFF, values
from tests.bot.flowbook.lint.bent import EN, bent, rules_of, told


def test_a_reminder_is_counted_with_a_long_name() -> None:
    text = "{{clinic}}: Hi {{first_name}}, we see you on {{day}} at {{time}}. Text STOP to opt out."
    longest = text
    for name, said in values("en", offered=3, options=None).items():
        longest = longest.replace(f"{{{{{name}}}}}", said)
    fits = f'sentences:\n  reminder: "{text}{"x" * (160 - len(longest))}"\n'
    assert rules_of(bent(sentences=fits), "cost") == []
    ((rule, _, words),) = told(bent(sentences=fits.replace("xx", "xxx", 1)), "cost")
    assert rule == "cost/segments"
    assert "2 segments: 161 characters in GSM-7" in words


def test_an_extension_character_counts_twice() -> None:
    longest = f'sentences:\n  confirmed: "{"~" * 154}"\n'
    assert rules_of(bent(sentences=longest), "cost") == ["cost/long"]


def test_a_long_answer_is_told_from_the_third_segment_on() -> None:
    sentence = 'sentences:\n  confirmed: "{{first_name}}.%s"\n'
    assert rules_of(bent(sentences=sentence % (" Really." * 30)), "cost") == []
    assert rules_of(bent(sentences=sentence % (" Really." * 40)), "cost") == ["cost/long"]


def test_choices_are_counted_as_they_are_shown() -> None:
    flow = "steps:\n  confirm:\n    ask: which\n    expect: one of part\n    then: end\n    no_answer: end\n"
    lists = 'choices:\n  part:\n    one: ["{0}"]\n    two: ["{1}"]\nsentences:\n  which: "{{{{choices}}}}"\n'
    assert rules_of(bent(flow, lists.format("a" * 20, "b" * 20)), "cost") == []
    assert rules_of(bent(flow, lists.format("a" * 160, "b" * 160)), "cost") == ["cost/long"]


def test_the_dear_character_is_named_and_pointed_at() -> None:
    ((rule, line, words),) = told(
        bent(sentences='sentences:\n  confirmed: "Thank you — we’ll see."\n'), "cost"
    )
    assert (rule, line) == ("cost/characters", 'confirmed: "Thank you — we’ll see."')
    assert "— ’ makes every segment hold 70" in words


def test_the_longest_form_of_a_plural_counts() -> None:
    plural = "{{minutes|plural(one='%s', other='b')}}" % ("a" * 307)
    assert rules_of(bent(sentences=f'sentences:\n  confirmed: "{plural}"\n'), "cost") == ["cost/long"]


def test_a_language_without_a_calendar_is_no_crash() -> None:
    files = bent()
    files["wording/xx.yaml"] = files[EN].replace("language: en", "language: xx")
    assert rules_of(files, "cost") == []


def test_a_text_with_a_link_fits_one_segment_whatever_it_is_for() -> None:
    flow = "purpose: care\nsteps:\n  confirm:\n    say: see_page\n    send_page: summary\n    then: end\n"
    text = "{{clinic}}: See it at {{link}} Only for you."
    longest = text
    for name, said in values("en", offered=3, options=None).items():
        longest = longest.replace(f"{{{{{name}}}}}", said)
    fits = f'sentences:\n  see_page: "{text}{"x" * (160 - len(longest))}"\n'
    assert rules_of(bent(flow, fits), "cost") == []
    [(rule, _, words)] = told(bent(flow, fits.replace("xx", "xxx", 1)), "cost")
    assert rule == "cost/segments"
    assert "The text with a link 'see_page' can need 2 segments" in words


def test_a_page_to_staff_may_take_two_segments_with_a_long_link() -> None:
    page = "{{clinic}} {{urgency}} {{code}}: {{minutes}} min old. See {{link}} now."
    longest = page
    for name, said in {**values("en", offered=3, options=None), **TO_STAFF}.items():
        longest = longest.replace(f"{{{{{name}}}}}", said)
    assert f"https://{'x' * 40}/oncall#{'x' * 40}" in longest
    fits = f'sentences:\n  page: "{page}{"y" * (306 - len(longest))}"\n'
    assert rules_of(bent(sentences=fits), "cost") == []
    assert rules_of(bent(sentences=fits.replace("yy", "yyy", 1)), "cost") == ["cost/long"]


def test_what_a_phone_says_is_no_text() -> None:
    spoken = f'sentences:\n  page_spoken: "{{{{digits}}}} — {"and so on " * 70}"\n'
    assert rules_of(bent(sentences=spoken), "cost") == []
