"""From what was typed to plain words: one spelling for each way to write the same thing.

Case, accents, zero-width and combining marks, typographic apostrophes and full-width letters are
levelled. What is left is split into words, numbers, emoji and punctuation; each word remembers where
it stood in the text as it was sent. Nothing here knows a language or a lexicon.
"""

import re
import unicodedata
from dataclasses import dataclass

LONGEST = 1600
"""Characters that are read; Twilio delivers no longer SMS."""

APOSTROPHES = frozenset("'’‘`´ʼ＇′")

SENTENCE_END = frozenset(".!?;\n")
PUNCTUATION = frozenset(".!?;\n,:/-&()+#%$=*")

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me"})
_SKIN_TONES = range(0x1F3FB, 0x1F400)

# Alternatives exclude one another by their first character, so that matching is linear.
_TOKEN = re.compile(
    r"(?<![^\W_])w/o?(?![^\W_])"  # w/ and w/o
    r"|[^\W\d_]+(?:[0-9]+[^\W\d_]+)+"  # letters around digits: c0nfirm
    r"|[^\W\d_]+"  # words
    r"|\d{1,3}(?:,\d{3})+(?!\d)"  # 1,250
    r"|\d+(?:[.,]\d{1,2}(?!\d))?"  # 12  98.6  38,5
    r"|\n+"
    r"|[^\w\s]"
)
_PLAIN = re.compile(r"[a-z]+(?: [a-z]+)*")
"""Most phrases of the lexicons: nothing to level."""

_LEET = str.maketrans("01345", "oieas")
_LONG_RUN = re.compile(r"(.)\1{3,}")
_SLASHED = {"w/": "with", "w/o": "without"}


@dataclass(frozen=True, slots=True)
class Text:
    """A message in plain words. `spans[i]` is where `words[i]` stood in `raw`."""

    raw: str
    words: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]

    def offsets(self, start: int, end: int) -> tuple[int, int]:
        """Character offsets into `raw` of the words from `start` up to, not including, `end`."""
        if not self.words or start >= end:
            return (0, 0)
        last = min(end, len(self.words)) - 1
        return (self.spans[min(start, last)][0], self.spans[last][1])


def normalise(raw: str) -> Text:
    """The words of a text. Any string is accepted; only its first `LONGEST` characters count."""
    plain, origin = _level(raw[:LONGEST])
    words: list[str] = []
    spans: list[tuple[int, int]] = []
    for found in _TOKEN.finditer(plain):
        word = _word(found.group())
        if words and word == words[-1] and not word.isalnum():
            spans[-1] = (spans[-1][0], origin[found.end() - 1] + 1)  # "!!!" is one exclamation
            continue
        words.append(word)
        spans.append((origin[found.start()], origin[found.end() - 1] + 1))
    return Text(raw, tuple(words), tuple(spans))


def plain_words(phrase: str) -> tuple[str, ...]:
    """The words of a phrase of the lexicon, spelled as in a text, punctuation beside words left out."""
    if _PLAIN.fullmatch(phrase):
        return tuple(phrase.split(" "))
    words = normalise(phrase).words
    return tuple(word for word in words if word not in PUNCTUATION) or words


def is_end(word: str) -> bool:
    """Whether a sentence ends here."""
    return word in SENTENCE_END


def _level(raw: str) -> tuple[str, list[int]]:
    """The levelled string and, for each of its characters, the index of the one it came from."""
    characters: list[str] = []
    origin: list[int] = []
    for index, character in enumerate(raw):
        for plain in _character(raw, index, character):
            characters.append(plain)
            origin.append(index)
    return "".join(characters), origin


def _character(raw: str, index: int, character: str) -> str:
    if character.isascii() and character.isalnum():
        return character.lower()
    if character in APOSTROPHES:
        return "" if _between_letters(raw, index) else " "
    if character in "-‐‑–—":
        return _dash(raw, index)
    if character == "\n":
        return "\n"
    if character.isspace():
        return " "
    if ord(character) in _SKIN_TONES:
        return ""
    parts = unicodedata.normalize("NFKD", character).casefold()
    return "".join(part for part in parts if unicodedata.category(part) not in _INVISIBLE)


def _between_letters(raw: str, index: int) -> bool:
    return 0 < index < len(raw) - 1 and raw[index - 1].isalpha() and raw[index + 1].isalpha()


def _dash(raw: str, index: int) -> str:
    """A dash inside a word joins two words; any other stays, as a range or as a pause."""
    return " " if _between_letters(raw, index) else "-"


def _word(token: str) -> str:
    if token in _SLASHED:
        return _SLASHED[token]
    if token[0] == "\n":
        return "\n"
    if token[0].isdigit():
        return _number(token)
    if any(character.isdigit() for character in token):
        token = token.translate(_LEET)
    return _LONG_RUN.sub(r"\1\1\1", token)  # "yesssss" is "yesss"; the speller does the rest


def _number(token: str) -> str:
    """Thousands lose their comma, a decimal comma becomes a point."""
    head, comma, tail = token.partition(",")
    if comma and len(tail) >= 3:
        return head + tail.replace(",", "")
    return f"{head}.{tail}" if comma else token
