"""A clinic's own words: alarms that it adds, and concepts of the lexicon that it lowers, with a recorded reason.

What is added always counts, whatever the models think. What is lowered is taken out of the message, and the rest is
judged as ever: "nosebleed again" may be harmless for an ear, nose and throat clinic, "nosebleed and my chest hurts"
is no less than chest pain.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from nlp import safety
from nlp.lexicon import Alarm, Lexicon
from nlp.measures import names
from nlp.message import Message, by_rule
from nlp.phrases import GAPS, Match, PhraseBook
from nlp.reading import Intent, Level, OwnWords
from nlp.safety import RANK, Verdict
from nlp.weigh import Judged


@dataclass(frozen=True, slots=True)
class Own:
    """Own words, ready to be found. `lowered`: levels by the name of the rule."""

    lexicon: Lexicon
    """The shipped one, with the clinic's alarms in place of its own."""

    lowered: Mapping[str, Level]

    def over(self, message: Message, judged: Judged, judge: Callable[[str], Judged]) -> Judged:
        """The judgement with the clinic's words over it; `judge` judges another text by the shipped words alone."""
        return self._raised(message, self._less(message, judged, judge))

    def heard(self, message: Message) -> Verdict:
        """What the clinic's alarms alone make of a message: denied and excused as the shipped ones are."""
        known = self.lexicon.book.vocabulary
        # A word of the clinic's may look to the speller like a slip of a word that it knows.
        words = tuple(
            as_sent if as_sent in known else mended
            for as_sent, mended in zip(message.text.words, message.words, strict=True)
        )
        found = by_rule(self.lexicon.book.find(words, message.measured))
        contexts = {
            rule: hits for rule, hits in message.found.items() if rule.startswith(("context:", "present:"))
        }
        return safety.judge(message.words, contexts | found, self.lexicon)

    def _raised(self, message: Message, judged: Judged) -> Judged:
        verdict = self.heard(message)
        higher = RANK[verdict.level] - RANK[judged.level]
        if higher < 0 or not verdict.findings or (higher == 0 and not judged.learned):
            return judged
        return _at(judged, verdict.level, verdict.category, verdict.confidence, verdict.findings[0].match)

    def _less(self, message: Message, judged: Judged, judge: Callable[[str], Judged]) -> Judged:
        """Only where a lowered concept stands higher than it should.

        What else the rules found stands, even where it shares words with what is taken out: "fever" alone is left
        of a lowered "fever after surgery".
        """
        matches = [
            (level, match)
            for rule, level in self.lowered.items()
            if RANK[level] < RANK[judged.level]
            for match in message.found.get(f"alarm:{rule}", ())
        ]
        if not matches:
            return judged
        taken = {match.rule for _, match in matches}
        others = {rule: hits for rule, hits in message.found.items() if rule not in taken}
        verdict = safety.judge(message.words, others, message.lexicon)
        rest = judge(_without(message, [match for _, match in matches]))
        level, match = max(matches, key=lambda one: RANK[one[0]])
        left = [
            _at(rest, verdict.level, verdict.category, verdict.confidence),
            _at(rest, level, judged.category if level is not Level.NONE else None, judged.sure_of_level),
            rest,
        ]
        worst = max(left, key=lambda one: RANK[one.level])
        if RANK[worst.level] < RANK[judged.level]:
            return replace(worst, own=match)
        return worst if worst.level is judged.level else judged


def _without(message: Message, matches: list[Match]) -> str:
    """The text as it was sent with these words blank. What stands in the gaps of a pattern stays."""
    letters = list(message.text.raw)
    for part in (part for match in matches for part in match.parts):
        for index in range(part.start, part.end):
            if index not in part.between:
                start, end = message.text.offsets(index, index + 1)
                letters[start:end] = " " * (end - start)
    return "".join(letters)


def _at(
    judged: Judged, level: Level, category: str | None, sure: float, match: Match | None = None
) -> Judged:
    grave = level in {Level.EMERGENCY, Level.CRISIS} and judged.intent is not Intent.STOP
    beside = [intent for intent in (judged.intent, *judged.also) if intent is not Intent.OTHER]
    return replace(
        judged,
        level=level,
        category=category,
        sure_of_level=sure,
        intent=Intent.OTHER if grave else judged.intent,
        also=tuple(dict.fromkeys(beside)) if grave else judged.also,
        learned=False,
        own=match,
    )


def compiled(words: OwnWords, lexicon: Lexicon) -> Own:
    """Makes own words ready. What can't be read, or isn't there to lower, is left out: the linter finds it before
    it is published, and if a later lexicon has lost a name, the texts of the clinic must be read all the same."""
    book = PhraseBook(sets=lexicon.book.sets, short_forms=lexicon.book.short_forms)
    alarms: dict[str, Alarm] = {}
    for added in words.added:
        rule = f"{added.category}/{added.concept}"
        alarms[rule] = Alarm(added.level, added.category, added.concept, frozenset())
        for role, patterns in (("alarm", added.say), ("not", added.unless)):
            for pattern in patterns:
                if unreadable(pattern, lexicon) is None:
                    book.add(f"{role}:{rule}", pattern)
    book.seal()
    lowered = {
        one.concept: one.level
        for one in words.lowered
        if one.concept in lexicon.alarms and RANK[one.level] < RANK[lexicon.alarms[one.concept].level]
    }
    return Own(replace(lexicon, book=book, alarms=alarms), lowered)


def unreadable(pattern: str, lexicon: Lexicon) -> str | None:
    """What is wrong with a pattern, also where `add` takes it and it would never be found; None if it is fine."""
    bare = _OPTION.sub("", pattern)
    if found := re.search(r"[][]", bare):
        return f"the bracket {found[0]} has no partner"
    elements = bare.split()
    for element in elements:
        if element not in _JOINTS and (found := _CLINGING.search(element)):
            return f"{found[0]} needs a space before and behind it"
        if element.startswith("@") and element[1:] not in _PLACES | names(lexicon.measures):
            return f"nothing that is measured is named {element}"
        if element.strip("<>") != element and _LIST.fullmatch(element) is None:
            return f"a list of words is named like <limb>, and not like {element}"
    if elements and {elements[0], elements[-1]} & _JOINTS:
        return "it must not begin or end with a gap or an &"
    try:
        PhraseBook(sets=lexicon.book.sets, short_forms=lexicon.book.short_forms).add("", pattern)
    except ValueError as fault:
        return str(fault)
    return None


_OPTION = re.compile(r"\[[^][]*\]")
_CLINGING = re.compile(r"\.{2,}|&")
_LIST = re.compile(r"<\w+>(?:\|(?:<\w+>|[^<>|]+))*|[^<>|]+(?:\|(?:<\w+>|[^<>|]+))*")
_JOINTS = frozenset({*GAPS, "&"})
_PLACES = frozenset({"start", "end"})
