"""Family `own`: words of the clinic's own in words.yaml: what the reader can find, and what may count for less.

The reader's own lexicon is loaded, once and only where there is such a file: that takes a second.
"""

import difflib
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from bot.core.expr import did_you_mean
from bot.flowbook.draft import Draft
from bot.flowbook.faults import Fault
from bot.flowbook.own_words import Addition, Words, ways
from bot.flowbook.source import Source, Where
from nlp.reading import Added, Level, OwnWords

if TYPE_CHECKING:
    from nlp.lexicon import Lexicon

_ENGLISH = """
    yes, yep, no, nope, ok, okay, y, n, c, r, 1, 2, 9, 10, 120/80, 98.6, 180 lb, stop, start, help, cancel, confirm,
    reschedule, thanks, thank you, hi, hello, good morning, yes please, no thank you, see you then, ok I will be there,
    can I come on tuesday at 3 pm instead, what time is my appointment, please call me, I need a refill, I feel good,
    not at all, nearly every day"""
_SPANISH = """
    si, claro, bueno, gracias, hola, buenos dias, ayuda, alto, si por favor, no gracias, no puedo ir,
    quiero cambiar mi cita, a que hora es mi cita, llameme por favor, me siento bien, casi todos los dias"""
ORDINARY = ways(f"{_ENGLISH}, {_SPANISH}")
"""Texts that patients send every day, and that mean nothing worse."""

SHORT = 4
"""A single word needs so many letters: shorter ones are parts of many harmless sentences."""

_NEVER_NOTHING = frozenset({"cardiac", "breathing", "stroke"})
_KINDS = {Level.EMERGENCY: "an emergency", Level.CRISIS: "a crisis"}
_REASON = 3  # words
_SIGNS = "The signs that a pattern can have stand in docs/writing-flows.md, under 'Words of your own'."
_TAKE_OUT = "It can't be lowered: take the entry out."
_WORD = re.compile(r"\s*[^\W\d_]+\s*")
_MAYBE = re.compile(r"\[[^\]]*\]")

Rule = Callable[[Source, Words, "Lexicon"], Iterator[Fault]]


def check(draft: Draft) -> Iterator[Fault]:
    """All faults of this family."""
    for source, words in draft.of(Words):
        if words.add or words.lower:
            for rule in RULES:
                yield from rule(source, words, _shipped())


@lru_cache
def _shipped() -> "Lexicon":
    from nlp import lexicon

    return lexicon.load()


# -- what is added ------------------------------------------------------------------------------------


def said_somehow(source: Source, words: Words, _shipped: "Lexicon") -> Iterator[Fault]:
    """An addition has words."""
    for number, added in enumerate(words.add):
        if not added.en + added.es:
            yield source.fault(
                ("add", number, "concept"),
                "own/no-words",
                f"There is no way to say '{added.concept}', so it is never found.",
                "Add a line 'en: …' or 'es: …' with the ways to say it, parted by commas.",
                at="value",
            )


def readable(source: Source, words: Words, shipped: "Lexicon") -> Iterator[Fault]:
    """Every pattern can be read, and found."""
    for _, where, pattern, wrong in _patterns(words, shipped):
        if wrong:
            yield source.fault(
                where,
                "own/pattern",
                f"'{pattern}' can't be read: {wrong}.",
                _SIGNS,
                at="value",
                span=source.span(where, pattern),
            )


def named_anew(source: Source, words: Words, shipped: "Lexicon") -> Iterator[Fault]:
    """An addition has a name of its own."""
    taken = {name.casefold() for name in shipped.alarms}
    for number, added in enumerate(words.add):
        if _name(added).casefold() in taken:
            yield source.fault(
                ("add", number, "concept"),
                "own/name",
                f"A concept that comes with careline is named '{_name(added)}' already, and has its own words.",
                f"Call yours otherwise, as in '{added.concept} at our clinic'. Theirs goes on beside it.",
                at="value",
            )


def named_once(source: Source, words: Words, _shipped: "Lexicon") -> Iterator[Fault]:
    """No concept is added twice, and none lowered twice."""
    added, lowered = [_name(each) for each in words.add], [each.concept for each in words.lower]
    for part, names in (("add", added), ("lower", lowered)):
        folded = [name.casefold() for name in names]
        for number, name in enumerate(names):
            if folded[number] in folded[:number]:
                yield source.fault(
                    (part, number, "concept"),
                    "own/twice",
                    f"'{name}' stands under '{part}' already, and only one of the two counts.",
                    "Put both into one entry, or take one out.",
                    at="value",
                )


def sorted_in(source: Source, words: Words, shipped: "Lexicon") -> Iterator[Fault]:
    """A category is one that the person on call knows."""
    categories = sorted({alarm.category for alarm in shipped.alarms.values()})
    for number, added in enumerate(words.add):
        if added.category not in categories:
            yield source.fault(
                ("add", number, "category"),
                "own/category",
                f"No concept that comes with careline is of the category '{added.category}'."
                f"{did_you_mean(added.category, categories)}",
                f"They are: {', '.join(categories)}.",
                at="value",
                severity="warning",
            )


def telling(source: Source, words: Words, shipped: "Lexicon") -> Iterator[Fault]:
    """What pages a person is not found in what everybody says."""
    fine = [
        (added, where, pattern) for added, where, pattern, wrong in _patterns(words, shipped) if not wrong
    ]
    said = [one for one in fine if one[1][-1] != "not"]
    replies = _found_in_replies([(added, pattern) for added, _, pattern in said], shipped)
    for number, (added, where, pattern) in enumerate(said):
        short = _short_word(pattern)
        if number in replies:
            why = f"is found in the ordinary text '{replies[number]}'"
        elif short:
            why = f"is found wherever the word '{short}' stands"
        else:
            continue
        yield source.fault(
            where,
            "own/ordinary",
            f"'{pattern}' {why}, and each time somebody is called to '{added.concept}'.",
            "Say more of it, as in 'pump says no' for 'no', or name under 'not' what it doesn't mean.",
            at="value",
            span=source.span(where, pattern),
            severity="warning",
        )


def _found_in_replies(said: list[tuple[Addition, str]], shipped: "Lexicon") -> dict[int, str]:
    """By the place of the pattern, an ordinary text in which it is found."""
    from nlp.dates.grammar import Grammar
    from nlp.message import understand
    from nlp.own import compiled

    own = OwnWords(
        added=tuple(
            Added(
                level=Level.URGENT,
                category="own",
                concept=str(number),
                say=(pattern,),
                unless=_nots(each, shipped),
            )
            for number, (each, pattern) in enumerate(said)
        )
    )
    ready, grammar = compiled(own, shipped), Grammar(shipped.dates, shipped.numbers)
    return {
        int(finding.alarm.concept): text
        for text in reversed(ORDINARY)
        for finding in ready.heard(understand(text, shipped, grammar, None)).findings
    }


def _nots(added: Addition, shipped: "Lexicon") -> tuple[str, ...]:
    from nlp.own import unreadable

    return tuple(pattern for pattern in added.unless if not unreadable(pattern, shipped))


def _short_word(pattern: str) -> str | None:
    """A word of few letters that the pattern takes alone."""
    alternatives = _MAYBE.sub("", pattern).split("|")
    if not all(map(_WORD.fullmatch, alternatives)):
        return None
    return next((word.strip() for word in alternatives if len(word.strip()) < SHORT), None)


def _patterns(words: Words, shipped: "Lexicon") -> Iterator[tuple[Addition, Where, str, str | None]]:
    """Every pattern, where it is written, and what is wrong with it."""
    from nlp.own import unreadable

    for number, added in enumerate(words.add):
        for key, patterns in (("en", added.en), ("es", added.es), ("not", added.unless)):
            for pattern in patterns:
                yield added, ("add", number, key), pattern, unreadable(pattern, shipped)


def _name(added: Addition) -> str:
    return f"{added.category}/{added.concept}"


# -- what is lowered ----------------------------------------------------------------------------------


def known(source: Source, words: Words, shipped: "Lexicon") -> Iterator[Fault]:
    """What is lowered is there."""
    for number, each in enumerate(words.lower):
        if each.concept not in shipped.alarms:
            yield source.fault(
                ("lower", number, "concept"),
                "own/unknown",
                f"No concept that comes with careline is named '{each.concept}'."
                f"{_nearest(each.concept, shipped)}",
                "Its name is category/concept, as `bot flow chat --explain` shows it behind 'alarm:'.",
                at="value",
            )


def down(source: Source, words: Words, shipped: "Lexicon") -> Iterator[Fault]:
    """What is lowered goes down, and not too far."""
    for number, each in enumerate(words.lower):
        alarm = shipped.alarms.get(each.concept)
        if alarm is None:
            continue
        where = ("lower", number, "to")
        grave = alarm.level is not Level.URGENT or alarm.category in _NEVER_NOTHING
        if grave and each.to == "none":
            what = _KINDS.get(alarm.level, f"of the category {alarm.category}")
            told = f"'{each.concept}' is {what}, and that is never taken for nothing."
            mend = _TAKE_OUT if alarm.level is Level.URGENT else "Write 'to: urgent'."
            yield source.fault(where, "own/too-low", told, mend, at="value")
        elif alarm.level == each.to:
            told = f"'{each.concept}' is {each.to} already, so nothing is lowered."
            mend = _TAKE_OUT if grave else "Write 'to: none' if nobody need look, or take the entry out."
            yield source.fault(where, "own/not-lower", told, mend, at="value")


def _nearest(name: str, shipped: "Lexicon") -> str:
    """The concept that was meant, by its whole name or by its last part; else those of its category."""
    if told := did_you_mean(name, shipped.alarms):
        return told
    concepts = {alarm.concept.casefold(): full for full, alarm in shipped.alarms.items()}
    near = difflib.get_close_matches(name.rpartition("/")[2].strip().casefold(), concepts, n=1)
    if near:
        return f" Did you mean '{concepts[near[0]]}'?"
    category = name.partition("/")[0].strip().casefold()
    there = [full for full, alarm in shipped.alarms.items() if alarm.category == category]
    return f" There is: {', '.join(there)}." if there else ""


def reasoned(source: Source, words: Words, _shipped: "Lexicon") -> Iterator[Fault]:
    """A lowering says why, and who decided it."""
    for number, each in enumerate(words.lower):
        lacking = {"reason": len(each.reason.split()) < _REASON, "by": not each.by.strip()}
        for key in (key for key, lacks in lacking.items() if lacks):
            yield source.fault(
                ("lower", number, key),
                "own/reason",
                f"The lowering of '{each.concept}' doesn't say {'why' if key == 'reason' else 'who decided it'}.",
                "Write a sentence that the next clinician can judge."
                if key == "reason"
                else "Name the clinician who answers for it.",
                at="value",
            )


RULES: tuple[Rule, ...] = (
    said_somehow,
    readable,
    named_anew,
    named_once,
    sorted_in,
    telling,
    known,
    down,
    reasoned,
)
