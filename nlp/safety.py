"""How soon a person must look: the level and category of a message, from the alarm files of `data/`.

An alarm that was found counts unless it is denied, or excused: by an exception of its own (`unless`), or by
a context of `data/contexts.yaml` that reaches it (the past, a family's history, a question about later, a
figure of speech). A context that speaks of the present beside an alarm ("again since this morning") leaves
it standing. The worst alarm that stands decides; in doubt the higher level does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nlp.lexicon import Alarm, Context, Lexicon
from nlp.normalise import is_end
from nlp.phrases import Hit, Match
from nlp.reading import Level

SURE, LIKELY, EXCUSED = 0.95, 0.85, 0.7
"""Confidence: plain words; words put together from several parts; something was found and excused."""

RANK = {Level.EMERGENCY: 3, Level.CRISIS: 2, Level.URGENT: 1, Level.NONE: 0}

OUTRANKED = {"domestic_violence": frozenset({"trauma", "bleeding"}), "self_harm": frozenset({"trauma"})}
"""An injury by a violent partner needs the crisis path: an ambulance alone would send the police home."""

NEAR = 4
"""Words that may stand between a cue of the reach `before` and the alarm."""

_CLAUSE_ENDS = frozenset({"but", "pero", "however", "anyway", "ahora"})


@dataclass(frozen=True, slots=True)
class Finding:
    """An alarm that stands."""

    alarm: Alarm
    match: Match


@dataclass(frozen=True, slots=True)
class Verdict:
    """The level of a message and what led to it. `excused`: alarms were found, none stands."""

    level: Level
    category: str | None
    confidence: float
    findings: tuple[Finding, ...]
    excused: bool


def judge(words: tuple[str, ...], found: Mapping[str, list[Match]], lexicon: Lexicon) -> Verdict:
    """The verdict on a message. `found`: the matches by rule name, with their role in front."""
    matches = [
        (lexicon.alarms[rule.removeprefix("alarm:")], match)
        for rule, hits in found.items()
        if rule.startswith("alarm:")
        for match in hits
    ]
    if not matches:
        return Verdict(Level.NONE, None, 0.0, (), excused=False)
    contexts = [
        (lexicon.contexts[rule.removeprefix("context:")], match)
        for rule, hits in found.items()
        if rule.startswith("context:")
        for match in hits
    ]
    present = [
        now
        for now in found.get("present:", ())
        if not any(cue.start <= now.start < cue.end for _, cue in contexts)  # "fine now", "5 years now"
    ]
    spans = [part for _, match in matches for part in match.parts]
    standing = [
        Finding(alarm, match)
        for alarm, match in matches
        if not _denied(words, match, spans, lexicon)
        and not _excepted(words, match, found)
        and not _excused(words, alarm, match, contexts, present)
    ]
    return _worst(standing)


def _worst(findings: list[Finding]) -> Verdict:
    if not findings:
        return Verdict(Level.NONE, None, EXCUSED, (), excused=True)
    categories = {finding.alarm.category for finding in findings}
    outranked = {weak for strong in categories for weak in OUTRANKED.get(strong, ())}
    kept = [finding for finding in findings if finding.alarm.category not in outranked]
    ordered = sorted(
        kept, key=lambda finding: (-RANK[finding.alarm.level], len(finding.match.parts), finding.match.start)
    )
    first = ordered[0]
    return Verdict(
        level=first.alarm.level,
        category=first.alarm.category,
        confidence=SURE if len(first.match.parts) == 1 else LIKELY,
        findings=tuple(ordered),
        excused=False,
    )


def _denied(words: tuple[str, ...], match: Match, spans: list[Hit], lexicon: Lexicon) -> bool:
    """An alarm of several parts falls with any of them."""
    return any(
        lexicon.denials.denied(words, part, (span for span in spans if span != part)) for part in match.parts
    )


def _excepted(words: tuple[str, ...], match: Match, found: Mapping[str, list[Match]]) -> bool:
    """ "Blood thinner" is not blood (`not`: the words overlap); a sunburn is no burn (`unless`: the clause)."""
    rule = match.rule.removeprefix("alarm:")
    start, end = clause(words, match.start, match.end)
    return any(start <= exception.start < end for exception in found.get(f"unless:{rule}", ())) or any(
        exception.start < part.end and part.start < exception.end
        for exception in found.get(f"not:{rule}", ())
        for part in match.parts
    )


def _excused(
    words: tuple[str, ...],
    alarm: Alarm,
    match: Match,
    contexts: list[tuple[Context, Match]],
    present: Sequence[Match],
) -> bool:
    for context, cue in contexts:
        if context.name in alarm.even_if or not _reaches(words, context.reach, cue, match):
            continue
        if context.reach in {"overlap", "message"} or not _speaks_of_now(words, match, present):
            return True
    return False


def _reaches(words: tuple[str, ...], reach: str, cue: Match, match: Match) -> bool:
    if reach == "message":
        return True
    if reach == "overlap":
        return cue.start < match.parts[0].end and match.parts[0].start < cue.end
    if reach == "sentence":
        start, end = sentence(words, match.start, match.end)
    else:
        start, end = clause(words, match.start, match.end)
    return start <= cue.start < end and (reach != "before" or _leads_to(words, cue, match))


def _leads_to(words: tuple[str, ...], cue: Match, match: Match) -> bool:
    between = words[cue.end : match.start]
    return cue.start <= match.start and len(between) <= NEAR and "," not in between


def _speaks_of_now(words: tuple[str, ...], match: Match, present: Sequence[Match]) -> bool:
    start, end = clause(words, match.start, match.end)
    return any(start <= now.start < end for now in present)


def sentence(words: tuple[str, ...], start: int, end: int) -> tuple[int, int]:
    """The sentence around words `start` to `end`."""
    while start > 0 and not is_end(words[start - 1]):
        start -= 1
    while end < len(words) and not is_end(words[end]):
        end += 1
    return start, end


def clause(words: tuple[str, ...], start: int, end: int) -> tuple[int, int]:
    """The part of the sentence between a "but" and the next."""
    while start > 0 and not is_end(words[start - 1]) and words[start - 1] not in _CLAUSE_ENDS:
        start -= 1
    while end < len(words) and not is_end(words[end]) and words[end] not in _CLAUSE_ENDS:
        end += 1
    return start, end
