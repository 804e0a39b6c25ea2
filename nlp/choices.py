"""Which option a text chooses: by number, place ("the second one"), letter or wording ("tuesday"), or by words
that mean the same ("quit in 2009"; `means …` in `data/replies.yaml`).

An option whose wordings have a number of their own is chosen by that number; else by its place in the
list. Where two options fit equally well, none is chosen.
"""

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from nlp.lexicon import Lexicon
from nlp.likeness import ORDINAL_ENDS, Wordings, at_hour, closest, content_of, holding, in_digits, is_number
from nlp.mentions import FREE, meanings, mentioned, refused, refusers_of, ruled_out_behind, without_excepted
from nlp.normalise import PUNCTUATION, is_end, normalise
from nlp.numbers import Numeral
from nlp.phrases import Match, ordinary_words
from nlp.spelling import one_slip
from nlp.values import corrected_at, phrase_words, pick

Options = Mapping[str, tuple[str, ...]]

MANY = 3
"""Turns ("left, no right") that are looked at, the last ones; more are a jumble."""

SHORTEST = 5
"""Letters of a word that may be a slip of an option's word."""

_LINKS = frozenset({"and", "y", "o", "or"})
_NTH = frozenset({("st",), ("nd",), ("rd",), ("th",)})
_MIDDLE, _LAST = 0, -1
_BY_DAY = frozenset({"el", "dia"})
"""Before a number that is none of an option: "el 4" is a day, "la 4" were an option."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What a choice is read from: the options in plain words and the text. `says`: "yes" or "no" if it does."""

    wordings: Wordings
    words: tuple[str, ...]
    numerals: Sequence[Numeral]
    found: Mapping[str, list[Match]]
    lexicon: Lexicon
    says: str | None = None

    def since(self, index: int) -> "Chosen":
        """The same text without the words before an index."""
        return replace(
            self,
            words=("",) * index + self.words[index:],
            numerals=[numeral for numeral in self.numerals if numeral.start >= index],
            found={
                rule: kept
                for rule, matches in self.found.items()
                if (kept := [match for match in matches if match.start >= index])
            },
        )

    def until(self, index: int) -> "Chosen":
        """The same text up to, not including, an index."""
        return replace(
            self,
            words=self.words[:index],
            numerals=[numeral for numeral in self.numerals if numeral.end <= index],
            found={
                rule: [match for match in matches if match.end <= index]
                for rule, matches in self.found.items()
            },
        )


def choose(
    options: Options,
    words: tuple[str, ...],
    numerals: Sequence[Numeral],
    lexicon: Lexicon,
    *,
    found: Mapping[str, list[Match]],
    refuses: bool = False,
    says: str | None = None,
) -> str | None:
    """The key of the option, or None. `refuses`: the text says that it doesn't know or won't tell;
    `says`: "yes" or "no" if it says that."""
    plain = {
        key: [lexicon.speller.mend(_plain(_LETTERS.sub("", wording))) for wording in texts if wording.strip()]
        for key, texts in options.items()
    }
    words, wordings = _joined(_mended(words, plain, lexicon), plain)
    case = Chosen(
        wordings=wordings,
        words=words,
        numerals=_without_one(words, numerals, lexicon),
        found=found,
        lexicon=lexicon,
        says=says,
    )
    if refuses and not _is_a_wording(case):
        return None
    return _corrected(case) or _chosen(case)


def _without_one(words: tuple[str, ...], numerals: Sequence[Numeral], lexicon: Lexicon) -> list[Numeral]:
    """The numbers; in "the 3rd one" and "the afternoon one" the one is none."""
    empty = {*lexicon.replies["choice_fillers"], *PUNCTUATION}
    return [
        numeral
        for numeral in numerals
        if words[numeral.start : numeral.end] != ("one",)
        or numeral.start == 0
        or (words[numeral.start - 1] in empty and len(numerals) == 1)
    ]


_LETTERS = re.compile(r"(?<=\b[A-Z])[-.](?=[A-Z]\b)")
"""Between the letters of "H-E-B"."""


def _plain(wording: str) -> tuple[str, ...]:
    """The words of a wording without its punctuation, but for that of times."""
    words = normalise(wording).words
    return tuple(word for word in words if word == ":" or word not in PUNCTUATION) or words


def _is_a_wording(case: Chosen) -> bool:
    """Whether the text is an option, though it sounds like a refusal: "Not sure"."""
    if any("unsure" in names for names in meanings(list(case.wordings.values()), case.lexicon)):
        return True
    contents = [content_of(words, case.lexicon) for words in (case.words, _ruled(case).words)]
    return any(
        content and content == content_of(wording, case.lexicon)
        for content in contents
        for texts in case.wordings.values()
        for wording in texts
    )


def _corrected(case: Chosen) -> str | None:
    """What is chosen behind a correction: "tuesday, no sorry thursday"; "left, no right"."""
    cut = corrected_at(case.words, case.lexicon.replies)
    later = _chosen(case.since(cut)) if cut is not None else None
    if later is not None:
        return later
    turns = [
        index
        for index in range(1, len(case.words) - 1)
        if case.words[index] == "no"
        and case.words[index - 1] not in _LINKS
        and (
            not is_end(case.words[index - 1])
            or case.words[index + 1] == ","
            or any(numeral.start == index + 1 for numeral in case.numerals)
        )
    ]
    for index in turns[-MANY:]:
        key = _chosen(case.since(index + 1))
        if key is not None and _says_only(case, index + 1, key) and _chosen(case.until(index)) is not None:
            return key
    return None


def _says_only(case: Chosen, index: int, key: str) -> bool:
    own = {word for wording in case.wordings[key] for word in content_of(wording, case.lexicon)}
    return content_of(case.words[index:], case.lexicon) <= own | set(case.lexicon.replies["ordinals"])


def _chosen(case: Chosen) -> str | None:
    keys = list(case.wordings)
    said = mentioned(case.wordings, case.words, case.found, case.lexicon)
    if said:
        value = pick(case.words, said, case.lexicon.replies)
        key = None if value is None else keys[int(value)]
        return key if _leading(case) in {None, key} else None
    held = holding(
        case.wordings, content_of(in_digits(case.words, case.numerals), case.lexicon), case.lexicon
    )
    if held is not None:
        return held
    whole, case = case, _ruled(case)
    content = content_of(in_digits(case.words, case.numerals), case.lexicon)
    number, hour = _pure_number(case), _pure_time(case)
    if number is not None:
        return _by_number_or_day(case, number, content)
    if hour is not None or _numbers_left_open(case):
        return closest(case.wordings, {hour}, case.lexicon) if hour else None
    place = _place(case)
    if place is not None:
        return _by_place(case.wordings, place)
    letter = _by_letter(case) or _leading(case)
    if letter is not None:
        return letter
    if case.says in case.wordings and not content - {case.says}:
        return case.says
    return closest(case.wordings, content, case.lexicon) or _by_yes_or_no(whole)


def _ruled(case: Chosen) -> Chosen:
    """The same without what is ruled out ("not tuesday") or only looks like an option ("all right")."""
    refusers = refusers_of(case.lexicon)
    words = without_excepted(case.words, case.found)
    out = {index for index in range(len(words)) if refused(words, index, refusers)}
    if out:  # the "not" as well
        out |= {index for index, word in enumerate(words) if word in refusers.words}
    out |= ruled_out_behind(words, case.lexicon)
    return replace(
        case,
        words=tuple("" if index in out else word for index, word in enumerate(words)),
        numerals=[numeral for numeral in case.numerals if numeral.start not in out and words[numeral.start]],
    )


def _leading(case: Chosen) -> str | None:
    """The option whose number stands first, parted from the rest: "1. just a few"."""
    numbers = [numeral for numeral in case.numerals if not numeral.value % 1]
    if (
        len(numbers) != 1
        or numbers[0].start
        or case.words[1:2] not in {(".",), (",",), ("-",), (")",), ("!",)}
    ):
        return None
    return _by_number(case.wordings, int(numbers[0].value))


def _by_yes_or_no(case: Chosen) -> str | None:
    """An option that is a yes or a no; where there is none, a bare "no" is "not at all"."""
    if case.says in case.wordings:
        return case.says
    bare = [word for word in case.words if word and word not in PUNCTUATION]
    if case.says != "no" or len(bare) > 1:
        return None
    denied = set(map(phrase_words, case.lexicon.replies["denied"]))
    keys = [key for key, texts in case.wordings.items() if denied.intersection(texts)]
    return keys[0] if len(keys) == 1 else None


# -- spelling ----------------------------------------------------------------------------------------


def _joined(words: tuple[str, ...], wordings: Wordings) -> tuple[tuple[str, ...], Wordings]:
    """The text and the options, what one of them parts and the other doesn't in one: "wal mart", "riteaid"."""
    whole = {word for texts in wordings.values() for wording in texts for word in wording}
    joined = {
        key: [tuple(word for word in _without_gaps(wording, set(words)) if word) for wording in texts]
        for key, texts in wordings.items()
    }
    return _without_gaps(words, whole), joined


def _without_gaps(words: tuple[str, ...], whole: set[str]) -> tuple[str, ...]:
    """Two words that are one of some others as that one and an empty one."""
    written = list(words)
    for index in range(len(words) - 1):
        one, two = written[index], written[index + 1]
        if len(one + two) >= SHORTEST and one.isalpha() and two.isalpha() and one + two in whole:
            written[index : index + 2] = [one + two, ""]
    return tuple(written)


def _mended(words: tuple[str, ...], wordings: Wordings, lexicon: Lexicon) -> tuple[str, ...]:
    """The words, those one slip away from a word of the options mended."""
    targets = {
        word
        for texts in wordings.values()
        for wording in texts
        for word in wording
        if len(word) >= SHORTEST and word.isalpha()
    }
    slips = {
        word: near[0]
        for word in words
        if len(near := _near(word, targets)) == 1 and word.removesuffix("s") not in targets
    }
    if slips:
        known = lexicon.book.vocabulary | ordinary_words()
        slips = {word: target for word, target in slips.items() if word not in known}
    return tuple(slips.get(word, word) for word in words)


def _near(word: str, targets: Iterable[str]) -> list[str]:
    if len(word) < SHORTEST or not word.isalpha() or word in targets:
        return []
    return [target for target in targets if target[0] == word[0] and one_slip(word, target)]


# -- numbers, places, letters ------------------------------------------------------------------------


def _rest(case: Chosen, taken: Iterable[str] = ()) -> list[str]:
    """The words that are neither a number nor say nothing."""
    counted = {index for numeral in case.numerals for index in range(numeral.start, numeral.end)}
    empty = {*case.lexicon.replies["choice_fillers"], *ORDINAL_ENDS, *FREE, *taken, *PUNCTUATION}
    return [word for index, word in enumerate(case.words) if index not in counted and word not in empty]


def _pure_number(case: Chosen) -> int | None:
    """The number, if the text says nothing but one: "2", "#2 please"; "at 2" is a time."""
    if len(case.numerals) != 1 or case.numerals[0].value % 1 or _rest(case):
        return None
    start = case.numerals[0].start
    both = case.words[max(0, start - 1) : start] == ("los",)  # "los dos": both
    return None if both or at_hour(case.words, start) else int(case.numerals[0].value)


def _numbers_left_open(case: Chosen) -> bool:
    """Whether nothing but several numbers is said: "1 or 3"."""
    between = [
        case.words[one.end : two.start]
        for one, two in itertools.pairwise(case.numerals)
        if one.value != two.value
    ]
    return not _rest(case) and any(len(words) == 1 and words[0] in {"&", *_LINKS} for words in between)


def _pure_time(case: Chosen) -> str | None:
    """The time, if the text says nothing but one in two numbers: "10 30", "nine fifteen"."""
    if len(case.numerals) != 2 or _rest(case):
        return None
    hour, minute = case.numerals
    together = hour.end == minute.start and not (hour.value % 1 or minute.value % 1)
    is_time = together and 0 < hour.value <= 23 and 10 <= minute.value <= 59
    return f"{hour.value:.0f}:{minute.value:.0f}" if is_time else None


def _by_number_or_day(case: Chosen, number: int, content: set[str]) -> str | None:
    """By the number; "the 15th" may also be a day, and counts where both say the same or one says nothing."""
    by_number = _by_number(case.wordings, number)
    if by_number is None and number // 100 in range(1, 24) and number % 100 in range(60):
        return closest(case.wordings, {f"{number // 100}:{number % 100:02}"}, case.lexicon)
    start, end = case.numerals[0].start, case.numerals[0].end
    if by_number is None and _BY_DAY.intersection(case.words[max(0, start - 1) : start]):
        return closest(case.wordings, content, case.lexicon)
    if case.words[end : end + 1] not in _NTH:
        return by_number
    by_day = closest(case.wordings, content, case.lexicon)
    return by_number or by_day if by_day in {None, by_number} or by_number is None else None


def _place(case: Chosen) -> int | None:
    """The place, if the text says nothing but one: "the second one", "2nd", "la ultima", "the middle one"."""
    ordinals = case.lexicon.replies["ordinals"]
    named = {
        int(ordinals[word])
        for before, word in itertools.pairwise(("", *case.words))
        if word in ordinals and (before, word) != ("y", "cuarto")
    }
    if len(named) != 1 or _rest(case, ordinals):
        return None
    return named.pop() if all(numeral.value == 1 for numeral in case.numerals) else None


def _by_number(wordings: Wordings, number: int) -> str | None:
    numbered = {wording[0]: key for key, texts in wordings.items() for wording in texts if is_number(wording)}
    if numbered:
        return numbered.get(str(number))
    keys = list(wordings)
    return keys[number - 1] if 1 <= number <= len(keys) else None


def _by_place(wordings: Wordings, place: int) -> str | None:
    """The option at a place; None where another one has the place for its number ("0 …, 1 …: the first")."""
    keys = list(wordings)
    if place == _LAST:
        return keys[-1] if keys else None
    if place == _MIDDLE:
        return keys[len(keys) // 2] if len(keys) % 2 else None
    at_place = keys[place - 1] if 1 <= place <= len(keys) else None
    return at_place if _by_number(wordings, place) == at_place else None


def _by_letter(case: Chosen) -> str | None:
    """By the letter that an option has for its number ("B"), or that it alone begins with ("L" for "Left")."""
    letters = {word for word in case.words if len(word) == 1 and word.isalpha()}
    bare = [word for word in case.words if word and word not in PUNCTUATION]
    named = {
        wording[0]: key
        for key, texts in case.wordings.items()
        for wording in texts
        if len(wording) == 1 and len(wording[0]) == 1 and wording[0].isalpha()
    }
    if named:
        rest = [word for word in _rest(case) if len(word) > 1]
        chosen = [
            named[letter] for letter in letters if letter in named and (letter != "a" or len(bare) <= 2)
        ]
        return chosen[0] if len(chosen) == 1 and not rest else None
    if len(bare) != 1 or not letters:
        return None
    keys = [
        key
        for key, texts in case.wordings.items()
        if any(wording[0].startswith(bare[0]) for wording in texts if wording and not is_number(wording))
    ]
    place = ord(bare[0]) - ord("a")
    by_place = list(case.wordings)[place] if 0 <= place < len(case.wordings) else None
    return keys[0] if len(keys) == 1 and by_place in {None, keys[0]} else None
