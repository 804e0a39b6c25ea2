"""A text as one line of plain words: numbers and ordinals in digits, short forms spelled out, and "~" for what
looks like a day or a time and is none ("happy friday", a telephone number, "dr may").
"""

import re
from collections.abc import Mapping
from typing import Any

from nlp.normalise import plain_words
from nlp.numbers import NumberWords, in_digits


def plain(phrase: str) -> str:
    """A phrase of the tables as it stands in a line."""
    return " ".join(plain_words(phrase))


def any_of(phrases: Any) -> str:
    """An expression for any of the phrases, the longest first."""
    lines = sorted({plain(phrase) for phrase in phrases}, key=lambda line: (-len(line), line))
    return "(?:" + "|".join(re.escape(line) for line in lines) + ")"


def index_of(table: Mapping[str, list[str]]) -> dict[str, int]:
    """The numbers of a table by the names that stand under them."""
    return {plain(name): int(number) for number, names in table.items() for name in names}


class LineMaker:
    """The rewriting, built once from `data/dates.yaml`."""

    def __init__(self, table: Mapping[str, Any], numbers: NumberWords) -> None:
        self._numbers = numbers
        months = index_of(table["months"])
        names = any_of((*index_of(table["weekdays"]), *months))
        self._short_forms = {form: word for word, forms in table["short_forms"].items() for form in forms}
        self._rewrites = {plain(form): plain(to) for to, forms in table["rewrites"].items() for form in forms}
        self._rewritten = re.compile(rf"(?<!\S){any_of(self._rewrites)}(?!\S)")
        self._ordinals = _Ordinals(table, months)
        self._nothing = re.compile(rf"(?<!\S){any_of(table['nothing_wished'])}(?!\S)")
        self._surname = re.compile(
            rf"(?<!the )(?<!my )(?<!see )(?<!\S)(?:doctor|nurse|ms|miss|mrs) {any_of(months)}(?! \d)(?! the )(?!\S)"
        )
        self._abbreviated = re.compile(rf"(?<!\S)({names}) \. (?=\d|the )")

    def of(self, words: tuple[str, ...]) -> str:
        """One line: short forms spelled out, numbers and ordinals in digits, what is no wish left out."""
        spelled = [part for word in words for part in self._spelled_out(word)]
        line = " ".join(in_digits(tuple(spelled), self._numbers))
        line = self._rewritten.sub(lambda found: self._rewrites[found.group()], line)
        line = _TELEPHONE.sub(_unless_times, line)
        line = self._surname.sub("~", self._nothing.sub("~", line))
        line = _DOTTED.sub(r"\1m", self._abbreviated.sub(r"\1 ", line))
        return self._ordinals.in_digits(line)

    def _spelled_out(self, word: str) -> tuple[str, ...]:
        word = self._short_forms.get(word, word)
        stem = word.removesuffix("ish")
        known = stem in self._numbers.units or stem in {"noon", "lunch"}
        return (stem, "ish") if known and stem != word else (word,)


_TELEPHONE = re.compile(r"(?<!\S)(?:\d{3} [-.] )?(\d{3}) [-.] (\d{4})(?!\S)")


def _unless_times(found: re.Match[str]) -> str:
    """A telephone number is taken out, "930 - 1030" stays."""
    return found.group() if all(int(part) % 100 in {0, 15, 30, 45} for part in found.groups()) else "~"


_DOTTED = re.compile(r"(?<=\d )([ap]) \. m(?: \.)?(?!\S)")


class _Ordinals:
    """ "The fourth", "june twenty first" are days; "the first available" is none."""

    def __init__(self, table: Mapping[str, Any], months: Mapping[str, int]) -> None:
        self._numbers = {name: int(number) for name, number in table["ordinals"].items()}
        before = "|".join(f"(?<= {word} )|(?<=^{word} )" for word in ("the", "on", "el", "or", *months))
        following = rf"(?=$| [^\w]| \d{{4}}(?!\S)| {any_of((*table['after_ordinals'], *months))}(?!\S))"
        nth, ten = f"(?P<nth>{'|'.join(self._numbers)})(?!\\S)", "(?P<tens>20|30) "
        of_month = f"(?= (?:of|de|del) {any_of(months)}(?!\\S))"
        self._expressions = (
            re.compile(rf"(?<!\S){ten}{nth}"),
            re.compile(rf"(?:{before}){nth}{following}"),
            re.compile(rf"(?<!\S){nth}{of_month}"),
        )

    def in_digits(self, line: str) -> str:
        """The line with its ordinals as "21 th"."""
        for expression in self._expressions:
            line = expression.sub(self._digits, line)
        return line

    def _digits(self, found: re.Match[str]) -> str:
        return f"{int(found.groupdict().get('tens') or 0) + self._numbers[found['nth']]} th"
