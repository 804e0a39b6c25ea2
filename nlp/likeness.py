"""Which option is most like a text: the words that they have in common, times and weekdays as such."""

from collections.abc import Mapping, Sequence, Set

from nlp.lexicon import Lexicon
from nlp.normalise import PUNCTUATION
from nlp.numbers import Numeral

Wordings = Mapping[str, list[tuple[str, ...]]]

SHARED = 0.3
"""What a word counts that more than one option has, or that says little; a word of one option alone counts 1."""

SEVERAL = 2

ORDINAL_ENDS = frozenset({"st", "nd", "rd", "th", "ra", "da", "ro", "do"})
_AT = frozenset({"at", "las"})
_AT_ONE = frozenset({("a", "la"), ("de", "la")})
_CLOCK = frozenset({"am", "pm", "oclock"})
_NOON, _EVENING = 12, 17
_MIDDAY = frozenset({"noon", "midday", "mediodia"})
_PARTS = {"am": "morning", "pm": "afternoon"}
_LATE = frozenset({"evening", "night"})
_DAY_PARTS = _LATE | set(_PARTS.values())


def closest(wordings: Wordings, content: set[str], lexicon: Lexicon) -> str | None:
    """The option with the most of the text's words, if there is exactly one."""
    weak = content_of(tuple(lexicon.replies["weak_words"]), lexicon)
    vocabulary = {key: _known(texts, lexicon) for key, texts in wordings.items()}
    owners = {word: sum(1 for other in vocabulary.values() if word in other) for word in content}

    def worth(word: str, known: set[str]) -> float:
        return 1.0 if owners[word] == 1 and (word not in weak or content <= known) else SHARED

    scores = {
        key: sum(worth(word, known) for word in content if word in known) for key, known in vocabulary.items()
    }
    best = max(scores.values(), default=0.0)
    winners = [key for key, score in scores.items() if score == best]
    if len(winners) != 1 or best < 1:
        return None
    return None if _contradicts(content, vocabulary[winners[0]], lexicon) else winners[0]


def holding(wordings: Wordings, content: set[str], lexicon: Lexicon) -> str | None:
    """The only option that has all of the text's words, of several: "Not difficult", "monday 8:15"."""
    if len(content) < SEVERAL:
        return None
    keys = [key for key, texts in wordings.items() if content <= _known(texts, lexicon)]
    return keys[0] if len(keys) == 1 else None


def _known(texts: Sequence[tuple[str, ...]], lexicon: Lexicon) -> set[str]:
    """The words of an option, and the part of the day of its time."""
    known = {word for wording in texts if not is_number(wording) for word in content_of(wording, lexicon)}
    hours = _hours(known)
    if "am" in known and hours:
        known.add(_PARTS["am"])
    elif ("pm" in known and hours) or any(hour >= _NOON for hour in hours):
        late = any(hour % _NOON + _NOON >= _EVENING for hour in hours)
        known |= _LATE if late else {_PARTS["pm"]}
    return known


def _hours(words: set[str]) -> set[int]:
    """The hours that are named, by "3:45" and "hour 3"."""
    named = {word.removeprefix("hour ").partition(":")[0] for word in words if ":" in word or "hour " in word}
    return {int(hour) for hour in named if hour.isdecimal()}


def _contradicts(content: set[str], known: set[str], lexicon: Lexicon) -> bool:
    """Whether a text names another weekday, part of the day, hour or day of a month than an option has."""
    months = {name for names in lexicon.dates["months"].values() for name in names}
    dated = not months.isdisjoint(content) and not months.isdisjoint(known)
    named: list[tuple[Set[object], Set[object]]] = [
        (
            {word for word in content if word.startswith("weekday ")},
            {w for w in known if w.startswith("weekday ")},
        ),
        (content & _DAY_PARTS, known & _DAY_PARTS),
        (content & _PARTS.keys(), known & _PARTS.keys()),
        (_hours(content), _hours(known)),
        ({w for w in content if dated and w.isdecimal()}, {w for w in known if w.isdecimal()}),
    ]
    return any(said and had and said.isdisjoint(had) for said, had in named)


def is_number(wording: tuple[str, ...]) -> bool:
    """Whether a wording is the number of its option."""
    return len(wording) == 1 and wording[0].isdigit()


def in_digits(words: tuple[str, ...], numerals: Sequence[Numeral]) -> tuple[str, ...]:
    """The words, whole numbers written in digits; "3 y media" as a time."""
    written = list(words)
    for numeral in numerals:
        clock = _on_the_clock(words, numeral)
        if clock is not None:
            start, end, told = clock
            written[start:end] = [*told, *[""] * (end - start - len(told))]
            continue
        if numeral.spelled and numeral.value % 1 == 0:
            written[numeral.start : numeral.end] = [f"{numeral.value:.0f}"] + [""] * (
                numeral.end - numeral.start - 1
            )
    return tuple(written)


def _on_the_clock(words: tuple[str, ...], numeral: Numeral) -> tuple[int, int, tuple[str, str, str]] | None:
    """The words that tell a time with its minutes, and the time: "3 y media", "half past 3"."""
    hour, start, end = int(numeral.value), numeral.start, numeral.end
    if words[end - 2 : end] == ("y", "media"):
        return start, end, (f"{hour}", ":", "30")
    if words[end : end + 2] == ("y", "cuarto"):
        return start, end + 2, (f"{hour}", ":", "15")
    minutes = _PAST.get(words[max(0, start - 2) : start])
    return None if minutes is None else (start - 2, end, (f"{hour}", ":", minutes))


_PAST: Mapping[tuple[str, ...], str] = {
    ("half", "past"): "30",
    ("quarter", "past"): "15",
    ("quarter", "after"): "15",
}


def content_of(words: tuple[str, ...], lexicon: Lexicon) -> set[str]:
    """The words that tell options apart, weekdays by their number, plurals as singulars, times as such."""
    fillers = {*lexicon.replies["choice_fillers"], "", '"', *PUNCTUATION, *ORDINAL_ENDS}
    days = {name: number for number, names in lexicon.dates["weekdays"].items() for name in names}
    days |= lexicon.replies["weekdays_short"]
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
            hours = {int(word), int(word) - _NOON} if int(word) > _NOON else {int(word)}
            times |= {f"{hour}:{after[1]}" for hour in hours}
            times |= {f"hour {hour}" for hour in hours if after[1] == "00"}
            index += 3
            continue
        if word in _MIDDAY:
            times |= {f"{_NOON}:00", f"hour {_NOON}"}
        elif word.isdecimal() and (_CLOCK.intersection(after[:1]) or at_hour(words, index)):
            times.add(f"hour {int(word)}")
        else:
            rest.append(word)
        index += 1
    return times, rest
