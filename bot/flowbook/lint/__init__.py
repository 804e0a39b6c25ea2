"""The faults of an edition. One file per family of rules; `FAMILIES` has them all.

shape    what the files look like          privacy  nothing that is known of a patient gets into a text
ways     where the steps of a flow lead    words    what the sentences say
values   variables and conditions          cost     how many segments they take
times    moments, and how many texts      own      words that the clinic gives the reader

A family's further files begin with its name. All of them look things up in `scope`; `graph`, `filled` and `kinds` say
what holds at a step, `templates` and `reading` what a sentence is.

Adding a rule means: a function in its family's `RULES`, and an entry with a bad and a good example in
`rulebook/`; `rules` describes the form, and the tests run every example. Then `bot flow rules > docs/rules.md`.
"""

from collections.abc import Mapping

from bot.flowbook.draft import draft
from bot.flowbook.faults import Fault, errors, in_order
from bot.flowbook.lint import cost, own, privacy, shape, times, values, ways, ways_walk, words

FAMILIES = (shape, ways, values, privacy, words, cost, times, own)


def lint(files: Mapping[str, str]) -> list[Fault]:
    """Every fault, by file and line. A file of the wrong shape is not looked at further."""
    made = draft(files)
    found = [fault for family in FAMILIES for fault in family.check(made)]
    if not errors(found):  # a flow that a rule objects to is not worth the walk
        found += ways_walk.check(made)
    return in_order(found)
