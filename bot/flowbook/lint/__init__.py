"""The faults of an edition. One file per family of rules; `FAMILIES` has them all.

shape    what the files look like          privacy  nothing that is known of a patient gets into a text
ways     where the steps of a flow lead    words    what the sentences say
values   variables and conditions          cost     how many segments they take
times    moments, and how many texts      own      words that the clinic gives the reader
oncall   who is told of an alarm, and when
roles    what the clinic's people may do and see

A family's further files begin with its name. All of them look things up in `scope`; `graph`, `filled` and `kinds` say
what holds at a step, `templates` and `reading` what a sentence is.

Adding a rule means: a function in its family's `RULES`, and an entry with a bad and a good example in
`rulebook/`; `rules` describes the form, and the tests run every example. Then `bot flow rules > docs/rules.md`.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from bot.flowbook.draft import draft
from bot.flowbook.faults import Fault, errors, in_order
from bot.flowbook.lint import (
    cost,
    oncall,
    oncall_dates,
    own,
    privacy,
    roles,
    shape,
    times,
    values,
    ways,
    ways_walk,
    words,
)

FAMILIES = (shape, ways, values, privacy, words, cost, times, own, oncall, roles)


def lint(files: Mapping[str, str], now: datetime | None = None) -> list[Fault]:
    """Every fault, by file and line. A file of the wrong shape is not looked at further.

    Who is on call hangs on the day: `now` is the moment to look from, the present one if none is given.
    """
    made = draft(files)
    found = [fault for family in FAMILIES for fault in family.check(made)]
    found += oncall_dates.check(made, now or datetime.now(UTC))
    if not errors(found):  # a flow that a rule objects to is not worth the walk
        found += ways_walk.check(made)
    return in_order(found)
