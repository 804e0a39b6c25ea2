"""The faults of an edition. One file per family of rules; `FAMILIES` has them all.

shape  what the files look like        ways  where the steps of a flow lead
words  what the sentences say          cost  how many segments they take

Adding a rule means: a function in its family's `RULES`, and an entry with a bad and a good example in
`rulebook/`; `rules` describes the form, and the tests run every example. Then `bot flow rules > docs/rules.md`.
"""

from collections.abc import Mapping

from bot.flowbook.draft import draft
from bot.flowbook.faults import Fault, in_order
from bot.flowbook.lint import cost, shape, ways, words

FAMILIES = (shape, ways, words, cost)


def lint(files: Mapping[str, str]) -> list[Fault]:
    """Every fault, by file and line. A file of the wrong shape is not looked at further."""
    made = draft(files)
    return in_order([fault for family in FAMILIES for fault in family.check(made)])
