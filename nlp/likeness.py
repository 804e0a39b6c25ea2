"""Which option is most like a text: the words that they have in common, times and weekdays as such."""

from collections.abc import Mapping, Sequence

from nlp.lexicon import Lexicon
from nlp.normalise import PUNCTUATION
from nlp.numbers import Numeral

Wordings = Mapping[str, list[tuple[str, ...]]]

SHARED = 0.3
"""What a word counts that more than one option has, or that says little; a word of one option alone counts 1."""

ORDINAL_ENDS = frozenset({"st", "nd", "rd", "th", "ra", "da", "ro", "do"})
_AT = frozenset({"at", "las"})
_AT_ONE = frozenset({("a", "la"), ("de", "la")})
_CLOCK = frozenset({"am", "pm", "oclock"})


def closest(wordings: Wordings, content: set[str], lexicon: Lexicon) -> str | None:
    """The option with the most of the text's words, if there is exactly one."""
    weak = content_of(tuple(lexicon.replies["weak_words"]), lexicon)
    vocabulary = {
        key: {word for wording in texts if not is_number(wording) for word in content_of(wording, lexicon)}
        for key, texts in wordings.items()
    }
    owners = {word: sum(1 for other in vocabulary.values() if word in other) for word in content}

    def worth(word: str, known: set[str]) -> float:
        return 1.0 if owners[word] == 1 and (word not in weak or content <= known) else SHARED

    scores = {
        key: sum(worth(word, known) for word in content if word in known) for key, known in vocabulary.items()
    }
    best = max(scores.values(), default=0.0)
    winners = [key for key, score in scores.items() if score == best]
    return winners[0] if len(winners) == 1 and best >= 1 else None


def is_number(wording: tuple[str, ...]) -> bool:
    """Whether a wording is the number of its option."""
    return len(wording) == 1 and wording[0].isdigit()


def in_digits(words: tuple[str, ...], numerals: Sequence[Numeral]) -> tuple[str, ...]:
    """The words, whole numbers written in digits."""
    written = list(words)
    for numeral in numerals:
        if numeral.spelled and numeral.value % 1 == 0:
            written[numeral.start : numeral.end] = [f"{numeral.value:.0f}"] + [""] * (
                numeral.end - numeral.start - 1
            )
    return tuple(written)


def content_of(words: tuple[str, ...], lexicon: Lexicon) -> set[str]:
    """The words that tell options apart, weekdays by their number, plurals as singulars, times as such."""
    fillers = {*lexicon.replies["choice_fillers"], "", '"', *PUNCTUATION, *ORDINAL_ENDS}
    days = {name: number for number, names in lexicon.dates["weekdays"].items() for name in names}
    times, rest = _times(words)
    return times | {
        f"weekday {days[word]}" if word in days else word.removesuffix("s") if len(word) > 3 else word
        for word in rest
        if word not in fillers
    }


def at_hour(words: tuple[str, ...], index: int) -> bool:
    """Whether an hour is told: "at 2", "a las 2", "a la 1"."""
    return index > 0 and (words[index - 1] in _AT or words[max(0, index - 2) : index] in _AT_ONE)


def _times(words: tuple[str, ...]) -> tuple[set[str], list[str]]:
    """Times of day, "2:30" and "hour 2", and the other words. A time with minutes is of its hour as well."""
    times: set[str] = set()
    rest: list[str] = []
    index = 0
    while index < len(words):
        word, after = words[index], words[index + 1 : index + 3]
        if word.isdecimal() and len(after) == 2 and after[0] == ":" and after[1].isdecimal():
            times |= {f"{int(word)}:{after[1]}"} | ({f"hour {int(word)}"} if after[1] == "00" else set())
            index += 3
            continue
        if word.isdecimal() and (_CLOCK.intersection(after[:1]) or at_hour(words, index)):
            times.add(f"hour {int(word)}")
        else:
            rest.append(word)
        index += 1
    return times, rest
