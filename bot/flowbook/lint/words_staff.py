"""Family `words`, the rules about sentences for the people on call, and about the one by which a patient hears of them.

A page tells whose it is and how urgent it is, and nothing that is known of a patient: no other value is filled in.
"""

from collections.abc import Iterator, Mapping

from bot.core.oncall import OnCall
from bot.flowbook.draft import Draft
from bot.flowbook.faults import Fault
from bot.flowbook.lint.scope import Language, Scope
from bot.flowbook.source import Source, Where

_PAGE = frozenset({"clinic", "code", "urgency", "minutes", "link"})
_SPOKEN = frozenset({"clinic", "digits", "urgency", "minutes"})
_CODE = frozenset({"clinic", "code"})

TO_STAFF: Mapping[str, frozenset[str]] = {
    "page": _PAGE,
    "page_phone_only": _PAGE,
    "page_still_open": _PAGE,
    "page_drill": _PAGE,
    "page_spoken": _SPOKEN,
    "page_phone_only_spoken": _SPOKEN,
    "page_drill_spoken": _SPOKEN,
    "ack_taken": _CODE,
    "ack_already": _CODE | {"who", "minutes"},
    "ack_closed": _CODE,
    "ack_unknown": _CODE | {"codes"},
    "ack_which": frozenset({"clinic", "codes"}),
    "ack_none": frozenset({"clinic"}),
    "oncall_welcome": frozenset({"clinic", "link"}),
    "glass_broken": frozenset({"clinic"}),
}
"""The sentences to the people on call, who are told in English, and the values that each may use."""

SPOKEN = frozenset({"page_spoken", "page_phone_only_spoken", "page_drill_spoken"})
"""Those that a phone says: no text has them."""

TO_PATIENTS = frozenset({"clinic", "clinic_phone"})
"""What the sentence may use that tells a patient that somebody has taken it."""

_ALWAYS = ("page", "page_phone_only")
_TAKEN_BY = {"code": "reply ACK and a code that they can't see", "digits": "know which page it is"}


def needed(draft: Draft) -> tuple[str, ...]:
    """Those that must be written: all, where there is an oncall.yaml; without one the plain page will do."""
    return tuple(TO_STAFF) if any(draft.of(OnCall)) else _ALWAYS


def told(draft: Draft) -> Iterator[tuple[Source, Where, str]]:
    """Every sentence that a ladder tells the patient, with its place."""
    for source, oncall in draft.of(OnCall):
        for name, ladder in oncall.ladders.items():
            if ladder.tell_patient:
                yield source, ("ladders", name, "tell_patient"), ladder.tell_patient


def check(draft: Draft, scope: Scope, *, all_read: bool) -> Iterator[Fault]:
    """All faults of this part but values that don't belong, which `words` tells."""
    for language in scope.languages.values():
        yield from _coded(language)
    for source, where, key in told(draft):
        if key in TO_STAFF:
            yield source.fault(
                where,
                "words/for-staff",
                f"The sentence '{key}' is for the people on call, and here a patient would get it.",
                "Name one that is written for patients, like 'staff_have_it'.",
                at="value",
            )
        for language in scope.languages.values() if all_read else ():
            if key not in language.sentences:
                yield _missing(source, where, key, language)


def _coded(language: Language) -> Iterator[Fault]:
    """Every page has its code, which is how it is answered."""
    for key in TO_STAFF:
        sentence = language.sentences.get(key) if key.startswith("page") else None
        wanted = "digits" if key in SPOKEN else "code"
        if sentence and wanted not in sentence.template.names:
            yield sentence.fault(
                "words/no-code",
                f"The page '{key}' has no {{{{{wanted}}}}}: whoever gets it could not {_TAKEN_BY[wanted]}.",
                f"Write {{{{{wanted}}}}} into it.",
            )


def _missing(source: Source, where: Where, key: str, language: Language) -> Fault:
    if key in language.pages:
        return source.fault(
            where,
            "words/page-or-text",
            f"'{key}' is a sentence of pages in '{language.tag}', and this one is sent as a text.",
            "Write it under 'sentences:' of the wording.",
            at="value",
        )
    return source.fault(
        where,
        "words/missing",
        f"The sentence '{key}' is missing in '{language.tag}': a patient of this language would get another's.",
        f"Add it to {language.source.file}, or name one that is there.",
        at="value",
    )
