"""Family `words`, the rules about how a sentence reads: its links, its words, and words that tell too much."""

import re
from collections.abc import Iterator, Mapping

from bot.flowbook.faults import Fault
from bot.flowbook.lint import reading
from bot.flowbook.lint.carriers import MEANING, reserved
from bot.flowbook.lint.scope import Language, Scope, Sentence

_FILLED = {
    "clinic": "Our clinic",
    "clinic_phone": "1",
    "first_name": "Anna",
    "day": "Monday",
    "time": "1",
    "offered": "Monday",
    "location": "Main Street",
}


def check(scope: Scope) -> Iterator[Fault]:
    """All faults of this part."""
    fixed = _fixed(scope)
    words = reserved(scope.policy) if scope.policy else {}
    for language in scope.languages.values():
        for sentence in language.sentences.values():
            yield from links(sentence)
            yield from carrier_words(sentence, words)
            if sentence.key not in fixed:
                yield from easy(sentence, language)
                yield from sensitive(sentence)


def _fixed(scope: Scope) -> set[str]:
    """The questions of an instrument, which have a code: their wording is validated and not the clinic's to change."""
    steps = (step for _, flow in scope.flows.values() for step in flow.steps.values())
    return {key for step in steps if step.code for key in (step.ask, step.again) if key}


# -- links --------------------------------------------------------------------------------------------

_SHORT = re.compile(
    r"\b(?:bit\.ly|tinyurl\.com|t\.co|goo\.gl|ow\.ly|is\.gd|buff\.ly|rebrand\.ly|cutt\.ly|tiny\.cc|rb\.gy|t\.ly|"
    r"shorturl\.at|lnkd\.in|bl\.ink)(?=/|\b(?!\.))",
    re.IGNORECASE,
)
_OPEN = re.compile(r"\bhttp://\S*", re.IGNORECASE)
_LAST = re.compile(r"(\{\{\s*link\s*\}\}|https?://\S+)[\s.!)]*\Z")


def links(sentence: Sentence) -> Iterator[Fault]:
    """A link is the clinic's own and stands in the middle."""
    if found := _SHORT.search(sentence.text):
        yield sentence.fault(
            "words/shortener",
            f"The sentence '{sentence.key}' has a link of {found[0]}: carriers block texts with shortened links, and "
            "patients can't see where they lead.",
            "Write {{link}} of a secure page, or the whole address of the clinic's own site.",
            part=found[0],
        )
    elif found := _OPEN.search(sentence.text):
        yield sentence.fault(
            "words/shortener",
            f"The sentence '{sentence.key}' has a link with http, which anybody on the way can read.",
            "Write the address with https.",
            part=found[0],
        )
    if found := _LAST.search(sentence.text):
        yield sentence.fault(
            "words/link-last",
            f"The sentence '{sentence.key}' ends with its link: carriers' filters take such texts for fraud, and "
            "phones take a full stop behind it for a part of the address.",
            "Put the link in the middle, and words behind it.",
            part=found[1],
        )


# -- how it reads -------------------------------------------------------------------------------------


def easy(sentence: Sentence, language: Language) -> Iterator[Fault]:
    """Whoever reads with trouble reads it too."""
    found = reading.level(sentence.template.filled(_FILLED), language.tag)
    if found and found.hard:
        yield sentence.fault(
            "words/hard",
            f"The sentence '{sentence.key}' is hard to read ({found.said}).",
            "Use shorter sentences and shorter words, as one would say it to a child of twelve.",
            severity="warning",
        )


_SENSITIVE = {
    re.compile(r"\b(mrn|medical record|expediente)\b", re.IGNORECASE): "a record number tells who it is",
    re.compile(
        r"\b\d+(\.\d+)?\s?(mg|mcg|ml|units?)\b", re.IGNORECASE
    ): "a dose tells that a medicine is taken",
    re.compile(
        r"\b(diagnos\w*|biops\w*|tumou?r\w*|cancer\w*|cáncer|chemo\w*|oncolog\w*|quimio\w*|hiv|vih|aids|std|sti|"
        r"hepatitis|pregnan\w*|embaraz\w*|abort\w*|diabet\w*|depress\w*|depresi\w*|psych\w*|psiqu\w*|suicid\w*|"
        r"overdose|rehab\w*|opioid\w*|addict\w*|adicci\w*|dialysis|diálisis)\b",
        re.IGNORECASE,
    ): "it tells what somebody is treated for",
    re.compile(
        r"\b(your|sus?) (results?|tests?|resultados?|pruebas?) (is|are|was|were|es|son|fue\w*|sali\w*) "
        r"(not |no )?(normal|abnormal|positive|negative|good|bad|positiv|negativ|anormal|buen|mal)\w*",
        re.IGNORECASE,
    ): "it tells a result",
}
"""Words that a text about a patient shouldn't have, and why."""


def sensitive(sentence: Sentence) -> Iterator[Fault]:
    """Nothing in a sentence tells why somebody is a patient; what is asked is not told."""
    told = " ".join(clause for clause in _CLAUSE.split(sentence.text) if not clause.rstrip().endswith("?"))
    for pattern, why in _SENSITIVE.items():
        if found := pattern.search(told):
            yield sentence.fault(
                "words/sensitive",
                f"The sentence '{sentence.key}' says '{found[0]}': {why}, to everybody who sees the phone.",
                "Say it without, or show it on a secure page with 'send_page' and {{link}}.",
                part=found[0],
                severity="warning",
            )


# -- words that carriers keep for themselves ----------------------------------------------------------

_ASKS = re.compile(
    r"\b(reply|respond|answer|text|send|type|responda|responde|escriba|escribe|env[ií]e|env[ií]a|conteste|mande)\b",
    re.IGNORECASE,
)
_SPOKEN = re.compile(r"\b[A-ZÁÉÍÓÚÑ]{2,}\b|(?<=[\"“'‘])\w+(?=[\"”'’])")
_CLAUSE = re.compile(r"(?<=[.?!;])\s+|\n")
_OF_VISITS = re.compile(
    r"\b(visits?|appointments?|cancel(ar)?|confirm(ar)?|reschedule|move|change|directions|citas?|cambiar|yes|no)\b",
    re.IGNORECASE,
)
_NO_TEXTS = re.compile(r"\bno (recibir|more (texts|messages))\b", re.IGNORECASE)
_AMBIGUOUS = ("cancel", "end", "quit", "revoke", "info")
"""Carrier words that patients know with another meaning."""


def carrier_words(sentence: Sentence, words: Mapping[str, str]) -> Iterator[Fault]:
    """No sentence offers a carrier's word as an answer with another meaning."""
    for word in _clashes(sentence.text, words):
        yield sentence.fault(
            "words/carrier-word",
            f"The sentence '{sentence.key}' offers {word} as an answer, but to carriers a text with only this "
            f"word {MEANING[words[word.casefold()]]}; the clinic may never see it as anything else.",
            "Offer another answer, like C or R, and let patients say the rest in their own words.",
            part=word,
        )


def _clashes(text: str, words: Mapping[str, str]) -> Iterator[str]:
    for clause in _CLAUSE.split(text):
        asks = _ASKS.search(clause)
        for found in _SPOKEN.finditer(clause, asks.end()) if asks else ():
            word = found[0]
            tail = _NO_TEXTS.sub("", clause[found.end() :])
            if word.casefold() in words and (word.casefold() in _AMBIGUOUS or _OF_VISITS.search(tail)):
                yield word
