"""Why a message was read as it was: places in the text with what they were taken for."""

from collections.abc import Sequence

from nlp.corrections import Corrected
from nlp.linear import Head, Linear
from nlp.message import Message
from nlp.opinion import Opinion
from nlp.phrases import Match
from nlp.reading import Explanation, Level, Why
from nlp.repairs import Asked
from nlp.safety import Verdict
from nlp.weigh import Judged

MANY = 12
"""Reasons that a reading names at most."""

LEARNED = 3
"""Places that are named where the models decided."""


def reasons(
    message: Message,
    verdict: Verdict,
    opinion: Opinion,
    judged: Judged,
    others: Sequence[Asked | Corrected | None],
    linear: Linear,
) -> tuple[Why, ...]:
    """What decided, the most important first, for `Reading.why`."""
    matches = [judged.own] if judged.own else []
    if judged.level is not Level.NONE and not judged.learned:
        matches += [finding.match for finding in verdict.findings]
    if message.wish.match is not None and message.wish.intent in {judged.intent, *judged.also}:
        matches.append(message.wish.match)
    matches += [part.match for part in others if part is not None and part.match is not None]
    told = [_why(message, match) for match in matches]
    if judged.learned:
        told = _learned(message, linear.heads["level"], opinion, judged.level, Level.NONE) + told
    return tuple(told[:MANY])


def explained(
    message: Message, verdict: Verdict, opinion: Opinion, judged: Judged, linear: Linear
) -> Explanation:
    """Everything, for people who want to know."""
    standing = {finding.match for finding in verdict.findings}
    alarms = [match for rule, hits in message.found.items() if rule.startswith("alarm:") for match in hits]
    rival = max(
        (name for name in opinion.level if name != judged.level), key=lambda name: opinion.level[name]
    )
    runner_up = max(
        (name for name in opinion.intent if name != judged.intent), key=lambda name: opinion.intent[name]
    )
    return Explanation(
        level=judged.level,
        intent=judged.intent,
        stands=tuple(_why(message, match) for match in alarms if match in standing),
        excused=tuple(_why(message, match) for match in alarms if match not in standing),
        levels=opinion.level,
        intents=opinion.intent,
        weighed=(
            *_learned(message, linear.heads["level"], opinion, judged.level, rival),
            *_learned(message, linear.heads["intent"], opinion, judged.intent, runner_up),
        ),
    )


def _learned(message: Message, head: Head, opinion: Opinion, chosen: str, rival: str) -> list[Why]:
    """The places that weighed most, of which none lies in another."""
    shares: dict[tuple[int, int], float] = {}
    for share, (start, end) in head.reasons(opinion.seen, chosen, rival):
        if start < end:
            shares[start, end] = shares.get((start, end), 0.0) + share
    kept: list[tuple[int, int]] = []
    for start, end in sorted(shares, key=lambda span: -shares[span]):
        if len(kept) < LEARNED and not any(start < other[1] and other[0] < end for other in kept):
            kept.append((start, end))
    return [
        Why(rule=f"learned:{chosen}", start=start, end=end)
        for start, end in (message.text.offsets(max(0, first), last) for first, last in kept)
    ]


def _why(message: Message, match: Match) -> Why:
    start, end = message.text.offsets(match.start, match.end)
    return Why(rule=match.rule, start=start, end=end)
