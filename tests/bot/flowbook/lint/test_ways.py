"""Tests of bot/flowbook/lint/ways*.py, beside the examples of the rulebook: what hangs together over several steps."""

from bot.flowbook.lint import lint
from tests.bot.flowbook.lint.bent import bent, rules_of, told

SECOND = "dialogs/second.yaml"
HEAD = "flow: second\ntitle: Another flow\npurpose: care\n"


def test_a_broken_way_is_told_once() -> None:
    broken = bent("steps:\n  confirm:\n    say: confirmed\n    then: edn\n")
    assert rules_of(broken, "ways") == ["ways/no-such-step"]


def test_a_step_must_not_be_called_end() -> None:
    taken = bent("steps:\n  end:\n    say: confirmed\n    then: end\n")
    assert ("ways/no-such-step", "end:") in [(rule, line) for rule, line, _ in told(taken)]


def test_a_fallback_is_a_step_and_reaches_it() -> None:
    assert rules_of(bent("fallback: nowhere\n"), "ways") == ["ways/no-such-step"]
    steps = "steps:\n  sorry:\n    say: confirmed\n    then: end\n"
    assert rules_of(bent(f"fallback: sorry\n{steps}"), "ways") == []
    assert rules_of(bent(steps), "ways") == ["ways/never-reached"]


def test_a_loop_that_asks_is_a_conversation() -> None:
    """gone → look → offer asks the patient each time round."""
    assert rules_of(bent()) == []


def test_a_loop_over_two_flows_is_seen_in_both() -> None:
    files = bent(
        "steps:\n  confirm:\n    start: second\n",
        more={SECOND: f"{HEAD}steps:\n  back:\n    start: example_two\n"}
        | {
            "dialogs/example_two.yaml": "flow: example_two\ntitle: T\npurpose: care\nsteps:\n  to:\n    start: second\n"
        },
    )
    loops = [(fault.file, fault.rule) for fault in lint(files) if fault.rule == "ways/loop"]
    assert loops == [("dialogs/example_two.yaml", "ways/loop"), (SECOND, "ways/loop")]


def test_a_call_that_comes_back_at_once_can_loop() -> None:
    flow = "steps:\n  confirm:\n    call: second\n    then: confirm\n"
    at_once = {SECOND: f"{HEAD}steps:\n  tell:\n    say: confirmed\n    then: end\n"}
    asks = {
        SECOND: f"{HEAD}steps:\n  tell:\n    ask: confirmed\n    expect: yes or no\n    then: end\n    no_answer: end\n"
    }
    assert "ways/loop" in rules_of(bent(flow, more=at_once))
    assert "ways/loop" not in rules_of(bent(flow, more=asks))


def test_a_loop_through_a_branch_is_a_loop() -> None:
    flow = (
        "steps:\n  confirm:\n    branch:\n      - {if: visit.confirmed, then: end}\n      - {else: confirm}\n"
    )
    assert rules_of(bent(flow), "ways") == ["ways/loop"]


def test_a_loop_through_a_pause_asks_nobody_and_rushes_nobody() -> None:
    flow = (
        "steps:\n  confirm:\n    pause: 1 day\n    then: more\n"
        "  more:\n    branch:\n      - {if: visit.days_ahead > 1, then: confirm}\n      - {else: end}\n"
    )
    assert rules_of(bent(flow), "ways") == []


def test_results_of_a_flow_that_cannot_be_read_are_not_missed() -> None:
    flow = "steps:\n  confirm:\n    call: second\n    then: end\n"
    assert rules_of(bent(flow), "ways") == ["ways/no-such-flow"]
    assert rules_of(bent(flow, more={SECOND: f"{HEAD}colour: red\n"}), "ways") == []


def test_done_is_a_result_of_every_flow_that_ends() -> None:
    files = bent(
        "steps:\n  confirm:\n    call: second\n    results: {done: end}\n",
        more={SECOND: f"{HEAD}steps:\n  tell:\n    say: confirmed\n    then: end\n"},
    )
    assert rules_of(files, "ways") == []


def test_a_scale_is_covered_number_by_number() -> None:
    flow = (
        "steps:\n  confirm:\n    ask: confirmed\n    expect: a number from 1 to 3\n"
        "    answers: {{'1': end, '2': end{more}}}\n    no_answer: end\n"
    )
    assert rules_of(bent(flow.format(more=", '3': end")), "ways") == []
    ((rule, _, words),) = told(bent(flow.format(more="")), "ways")
    assert rule == "ways/not-covered"
    assert "no way for the answer 3." in words


def test_choices_are_known_answers() -> None:
    lists = "choices:\n  part:\n    morning: [Morning]\n    stop: [The stop]\n"
    flow = (
        "steps:\n  confirm:\n    ask: confirmed\n    expect: one of part\n"
        "    answers: {{{keys}}}\n    no_answer: end\n"
    )
    assert rules_of(bent(flow.format(keys="morning: end, stop: end"), lists), "ways") == []
    assert rules_of(bent(flow.format(keys="mornings: end, stop: end, morning: end"), lists), "ways") == [
        "ways/unknown-answer"
    ]


def test_other_is_no_answer_but_what_otherwise_is_for() -> None:
    flow = (
        "steps:\n  remind:\n    ask: reminder\n    answers: {confirm: confirm, reschedule: look, other: end}\n"
        "    no_answer: end\n"
    )
    ((rule, _, words),) = told(bent(flow), "ways")
    assert rule == "ways/never-heard"
    assert "'otherwise' is for those" in words


def test_a_page_can_be_nudged_and_waits_with_an_end() -> None:
    flow = (
        "steps:\n  confirm:\n    send_page: summary\n    say: see_page\n    outcomes: {opened: end}\n"
        "    nudges: [{after: 1 hour, say: see_page}]\n    wait: 1 day\n"
    )
    sentences = 'sentences:\n  see_page: "{{clinic}}: See {{link}} when you can."\n'
    assert rules_of(bent(flow, sentences), "ways") == ["ways/no-answer"]
    assert rules_of(bent(f"{flow}    no_answer: end\n", sentences), "ways") == []
    assert "ways/outcomes" in rules_of(
        bent(f"{flow.replace('opened', 'read')}    no_answer: end\n", sentences)
    )


def test_a_page_that_does_not_wait_goes_on() -> None:
    flow = "steps:\n  confirm:\n    send_page: summary\n    say: see_page\n    then: end\n"
    sentences = 'sentences:\n  see_page: "{{clinic}}: See {{link}} when you can."\n'
    assert rules_of(bent(flow, sentences), "ways") == []
    assert "ways/two-ways" in rules_of(
        bent(flow.replace("then: end", "pause: 1 day\n    then: end"), sentences)
    )


def test_starts_of_a_text_are_shared_out_by_what_they_are_about() -> None:
    rest = "starts:\n  - when: the patient says reschedule\nsteps:\n  tell:\n    say: help\n    then: end\n"
    about = {SECOND: f"{HEAD}about: the patient\n{rest}"}
    same = {SECOND: f"{HEAD}{rest}"}
    assert "ways/same-start" not in rules_of(bent(more=about))
    assert "ways/same-start" in rules_of(bent(more=same))


def test_two_flows_can_begin_with_one_event() -> None:
    start = "starts:\n  - when: 3 days before the visit\nsteps:\n  tell:\n    say: reminder\n    then: end\n"
    assert rules_of(bent(more={SECOND: HEAD + start}), "ways") == []


def test_a_variant_is_told_only_what_is_its_own() -> None:
    base = "steps:\n  confirm:\n    say: confirmed\n    then: edn\n"
    variant = "flow: second\ntitle: Downtown\nextends: example\nsite: Downtown\nsteps:\n  confirm:\n    say: reminder\n"
    faults = [fault for fault in lint(bent(base, more={SECOND: variant})) if fault.severity == "error"]
    assert [(fault.file, fault.rule) for fault in faults] == [("dialogs/example.yaml", "ways/no-such-step")]


def test_a_location_has_one_variant_and_a_variant_no_variant() -> None:
    variant = (
        "flow: {name}\ntitle: T\nextends: {base}\nsite: {site}\nsteps:\n  confirm:\n    say: confirmed\n"
    )
    second = {SECOND: variant.format(name="second", base="example", site="Downtown")}
    third = variant.format(name="third", base="example", site="downtown")
    assert rules_of(bent(more=second), "ways") == []
    assert rules_of(bent(more={**second, "dialogs/third.yaml": third}), "ways") == ["ways/extends"]
    of_second = variant.format(name="third", base="second", site="North").replace(
        "site", "purpose: care\nsite"
    )
    said = told(bent(more={**second, "dialogs/third.yaml": f"{of_second}    then: end\n"}), "ways/extends")
    assert "Extend 'example' instead." in said[0][2]
