"""Which language a message is in: English or Spanish, by the small words that each sentence has.

Many replies have none ("ok", "7", "cancel"): then the patient's preference decides. Nothing else depends
on the answer but the language of what is said back: both lexicons are tried on every message.
"""

from collections.abc import Mapping

from nlp.normalise import Text

DEFAULT = "en"

_SPANISH_SIGNS = frozenset("ñÑ¿¡")

PRIOR = 0.75
"""The weight of the preference, in small words: one clear word of the other language outweighs it."""


def language_of(
    text: Text,
    words: tuple[str, ...],
    function_words: Mapping[str, frozenset[str]],
    preferred: str | None = None,
) -> str:
    """`en` or `es`. `preferred` may be any language code; one that isn't known counts for nothing."""
    scores = {
        language: float(sum(1 for word in words if word in known))
        for language, known in function_words.items()
    }
    if not _SPANISH_SIGNS.isdisjoint(text.raw):
        scores["es"] = scores.get("es", 0.0) + 2
    if preferred in scores:
        scores[preferred] += PRIOR
    best = max(scores, key=lambda language: (scores[language], language == preferred, language == DEFAULT))
    return best if scores[best] > 0 else DEFAULT
