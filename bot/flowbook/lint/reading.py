"""How hard a sentence is to read: school grades for English, the INFLESZ scale for Spanish.

English: J. P. Kincaid et al., "Derivation of New Readability Formulas", 1975. Spanish: F. Szigriszt Pazos, 1993, with
the bands of I. M. Barrio-Cantalejo et al., "Validación de la Escala INFLESZ", 2008: 55 to 65 is "normal", above it
"quite easy". Both were made for whole pages; of a text message they tell the trend.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

HIGHEST_GRADE = 6.0
"""AMA and NIH advise to write for patients at this grade or below."""

EASY = 60.0
"""In the middle of what is normal: one long word more moves a text message by several points."""

FEWEST_WORDS = 12
"""Of less, the formulas say nothing."""

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_SENTENCE = re.compile(r"[.!?:;]+(?=\s|$)|\n+")
_GROUP_EN = re.compile(r"[aeiouy]+")
_SILENT_EN = (
    re.compile(r"[^aeiouyl]e$|[aeiouy]le$"),
    re.compile(r"[^aeiouytd]ed$"),
    re.compile(r"[^aeiouysxzcgl]es$|[aeiouy]les$"),
    re.compile(r"[^aeiouyl]e(?:ly|ful|ment|less)$"),
)
_APART_EN = (re.compile(r"(?<![cst])i[ao]|eo|ua[lt]|iet|eing|(?<=cr)ea(?=t)|(?<=[dr])eas?$|(?<=sc)ie"),)
_IRREGULAR = {
    "people": 2,
    "every": 2,
    "something": 2,
    "someone": 2,
    "sometimes": 2,
    "area": 3,
    "areas": 3,
    "evening": 2,
}
_DIPHTHONG_ES = re.compile(r"[iuü][aeoáéó]|[aeouáéó][iuüy](?![aeiouáéíóú])|[iuü]{2}")


@dataclass(frozen=True, slots=True)
class Level:
    """A grade or points on a scale, in words, and whether it is too hard."""

    said: str
    hard: bool


def level(text: str, language: str) -> Level | None:
    """How hard the text is; None where that can't be said: too short, or another language."""
    measure = _MEASURES.get(language.split("-")[0])
    words = _WORD.findall(text)
    if measure is None or len(words) < FEWEST_WORDS:
        return None
    sentences = sum(bool(_WORD.search(part)) for part in _SENTENCE.split(text))
    return measure(len(words), max(1, sentences), words)


def _english(count: int, sentences: int, words: list[str]) -> Level:
    syllables = sum(map(syllables_en, words))
    grade = 0.39 * count / sentences + 11.8 * syllables / count - 15.59
    return Level(f"grade {grade:.0f}", round(grade) > HIGHEST_GRADE)


def _spanish(count: int, sentences: int, words: list[str]) -> Level:
    points = 206.835 - 62.3 * sum(map(syllables_es, words)) / count - count / sentences
    return Level(f"{points:.0f} of 100 points for ease", points < EASY)


def syllables_en(word: str) -> int:
    """About how many syllables an English word has: groups of vowels, less what is written and not spoken."""
    word = word.casefold().replace("’", "'").removesuffix("'s")
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    count = len(_GROUP_EN.findall(word))
    count -= sum(bool(pattern.search(word)) for pattern in _SILENT_EN)
    count += sum(len(pattern.findall(word)) for pattern in _APART_EN)
    return max(1, count)


def syllables_es(word: str) -> int:
    """How many syllables a Spanish word has: its vowels, with those that are spoken in one counted once."""
    word = re.sub(r"qu(?=[eiéí])|gu(?=[eiéí])", "q", word.casefold())
    vowels = len(re.findall(r"[aeiouáéíóúü]|(?<=[aeiouáéíóú])y$", word))
    return max(1, vowels - len(_DIPHTHONG_ES.findall(word)))


_MEASURES: Mapping[str, Callable[[int, int, list[str]], Level]] = {"en": _english, "es": _spanish}
