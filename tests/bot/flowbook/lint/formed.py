"""The small edition with a form that its flow sends, and either of them bent."""

from tests.bot.flowbook.lint.bent import bent

FORM = "forms/pains.yaml"
ITEMS = """\
form: pains
title: pains
items:
  - {item: bad, ask: how_bad, expect: a number from 0 to 10}
  - {item: where, ask: where, expect: text, ask_if: bad > 3}
"""
FLOW = """\
variables: {bad: phi, where: phi}
steps:
  confirm:
    say: see_page
    send_page: form
    form: pains
    wait: 1 day
    outcomes: {submitted: after}
    no_answer: end
  after:
    branch:
      - {if: bad > 7, then: look}
      - {else: thanks}
  thanks:
    say: confirmed
    then: end
"""
WORDS = """\
sentences:
  see_page: "{{clinic}}: Please look at {{link}} when you can."
pages:
  pains: "Your pain"
  how_bad: "How bad is it?"
  where: "Where is it?"
"""


def formed(form: str = ITEMS, flow: str = FLOW, words: str = WORDS) -> dict[str, str]:
    """The edition with this form, flow and wording."""
    return bent(flow, words, {FORM: form})
