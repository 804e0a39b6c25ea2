"""Which language a message is in: English or Spanish, by the small words that each sentence has.

Many replies have none ("ok", "7", "cancel"): then the patient's preference decides. Nothing else depends on the
answer but the language of what is said back, for both lexicons are tried on every message. Anything else than
these two is `und`: nobody can say what it means, so a person has to.
"""

from collections.abc import Mapping

from nlp.linear import Likely
from nlp.message import Message
from nlp.reading import UNDETERMINED

DEFAULT = "en"

_SPANISH_SIGNS = frozenset("ñÑ¿¡")

PRIOR = 0.75
"""The weight of the preference, in small words: one clear word of the other language outweighs it."""

FOREIGN_FROM = 0.7
"""How likely the models must hold another language."""

FEW = 0.34
"""Share of small words of one language from which a message is in it, whatever the models think."""


def language_of(message: Message, likely: Likely, preferred: str | None = None) -> str:
    """`en`, `es` or `und`. `preferred` may be any language code; one that isn't known counts for nothing."""
    scores = _scores(message, message.lexicon.function_words)
    spoken = [word for word in message.words if word[0].isalpha()]
    if 2 * sum(not word.isascii() for word in spoken) > len(spoken):
        return UNDETERMINED
    if likely[UNDETERMINED] >= FOREIGN_FROM and spoken and max(scores.values()) < FEW * len(spoken):
        return UNDETERMINED
    if preferred in scores:
        scores[preferred] += PRIOR
    best = max(scores, key=lambda language: (scores[language], language == preferred, language == DEFAULT))
    return best if scores[best] > 0 else DEFAULT


def _scores(message: Message, function_words: Mapping[str, frozenset[str]]) -> dict[str, float]:
    scores = {
        language: float(sum(1 for word in message.words if word in known))
        for language, known in function_words.items()
    }
    if not _SPANISH_SIGNS.isdisjoint(message.text.raw):
        scores["es"] = scores.get("es", 0.0) + 2
    return scores
