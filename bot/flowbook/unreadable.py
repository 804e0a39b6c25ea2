"""Where YAML gives up on a file: what was meant, in words for people who write flows.

YAML's own messages name tokens and productions. Each function that is listed in `_TRAPS` knows one mistake by
the message that it brings and by the line it stands in; what none of them knows is told in YAML's words.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import yaml
from yaml.tokens import ScalarToken

from bot.flowbook.places import Place, line_from
from bot.flowbook.traps import ALIAS, ANCHOR, BRACES, QUOTE_IT, Found, Told


@dataclass(frozen=True, slots=True)
class _Failure:
    """What YAML says: `at` is where it gave up, `begun` where what it was in began."""

    text: str
    lines: Sequence[str]
    context: str
    problem: str
    at: Place
    begun: Place

    @property
    def line(self) -> str:
        return self.lines[self.at.line - 1]

    @property
    def before(self) -> str:
        return self.line[: self.at.column - 1]

    def is_inside(self, construct: str) -> bool:
        return construct in self.context


def in_error(error: yaml.MarkedYAMLError, text: str, lines: Sequence[str]) -> Found:
    """What YAML gave up at."""
    failure = _failure(error, text, lines)
    found = (trap(failure) for trap in _TRAPS)
    return next((each for each in found if each), None) or (
        failure.at,
        (
            "shape/yaml",
            f"This can't be read as YAML: {failure.problem}.",
            "Look at the indentation and the quotes here; put sentences in double quotes.",
        ),
    )


def _failure(error: yaml.MarkedYAMLError, text: str, lines: Sequence[str]) -> _Failure:
    mark = error.problem_mark or error.context_mark
    begun = error.context_mark or mark
    assert mark
    assert begun
    at, start = (min(each.line, len(lines) - 1) + 1 for each in (mark, begun))
    return _Failure(
        text=text,
        lines=lines,
        context=error.context or "",
        problem=error.problem or "",
        at=line_from(lines, at, mark.column + 1),
        begun=line_from(lines, start, begun.column + 1),
    )


_UNCLOSED: Told = (
    "shape/quotes",
    "The quotes that open here are not closed.",
    "Close them where the sentence ends.",
)


def _open_quote(failure: _Failure) -> Found | None:
    """A quote that is never closed is found out at the end of the file."""
    if not (failure.is_inside("quoted scalar") and failure.problem.startswith("found unexpected")):
        return None
    return failure.begun, _UNCLOSED


def _escape(failure: _Failure) -> Found | None:
    if not (failure.is_inside("double-quoted scalar") and "escape" in failure.problem):
        return None
    column = failure.before.rfind("\\") + 1
    shown = failure.line[column - 1 : column + 1]
    message = f"In double quotes \\ begins a special character, and '{shown}' is none."
    place = Place(failure.at.line, column, column + 2)
    return place, ("shape/quotes", message, "Take the \\ out, or write \\\\ for one.")


def _tab(failure: _Failure) -> Found | None:
    written = failure.line.rstrip()
    tab = (
        "\t" in failure.problem or r"\t" in failure.problem or "\t" in failure.line[: -len(written.lstrip())]
    )
    if not tab or "\t" not in failure.line:
        return None
    column = failure.line.index("\t") + 1
    message = "There is a tab in this line; YAML takes spaces only."
    mend = "Use spaces instead, two for each level. Editors can do it while you type: 'insert spaces'."
    return Place(failure.at.line, column, column + 1), ("shape/tab", message, mend)


_BEGINS_WITHBRACES = re.compile(r"""^[^"'#]*?(?::|-)\s+(?P<value>\{[{%].*)""")


def _braces(failure: _Failure) -> Found | None:
    for place in (failure.at, failure.begun):
        if found := _BEGINS_WITHBRACES.match(failure.lines[place.line - 1]):
            return line_from(failure.lines, place.line, found.start("value") + 1), BRACES
    return None


def _swallowed(failure: _Failure) -> Found | None:
    """An open quote goes on to the next quote, lines below, and what follows there makes no sense."""
    last = None
    try:
        for token in yaml.scan(failure.text, Loader=yaml.SafeLoader):
            if token.start_mark.line + 1 > failure.at.line:
                break
            if isinstance(token, ScalarToken) and token.style in ('"', "'"):
                last = token
    except yaml.YAMLError:
        pass  # it is the failure that we look into
    if (
        last is None
        or last.start_mark.line == last.end_mark.line
        or last.end_mark.line + 1 != failure.at.line
    ):
        return None
    return line_from(failure.lines, last.start_mark.line + 1, last.start_mark.column + 1), _UNCLOSED


_AFTER_QUOTE = re.compile(r"""(?:^|[:\-\[{,]\s+)(?P<quote>["'])(?:\\.|(?!(?P=quote)).)*(?P=quote)\s*$""")


def _after_quote(failure: _Failure) -> Found | None:
    found = _AFTER_QUOTE.search(failure.before)
    if not found or "<scalar>" not in failure.problem:
        return None
    message = f"The {found['quote']} before this ends the sentence, but it goes on."
    mend = r"""Put the whole sentence in double quotes, and write each " inside it as \"."""
    return failure.at, ("shape/quotes", message, mend)


def _second_document(failure: _Failure) -> Found | None:
    if "another document" not in failure.problem and "<document start>" not in failure.problem:
        return None
    message = "A second document begins here; a file has one."
    return failure.at, (
        "shape/second-document",
        message,
        "Take the line '---' or '...' out, or make two files.",
    )


def _alias(failure: _Failure) -> Found | None:
    if failure.is_inside("scanning an alias"):
        return failure.begun, ALIAS
    if failure.is_inside("scanning an anchor"):
        return failure.begun, ANCHOR
    return (failure.at, ANCHOR) if failure.is_inside("duplicate anchor") else None


def _first_character(failure: _Failure) -> Found | None:
    begun = failure.is_inside("scanning a directive") or failure.is_inside("scanning a block scalar")
    here = re.search(
        "cannot start any token|expected the node content|entries are not|keys are not", failure.problem
    )
    if not (begun or here) or "found '<" in failure.problem:
        return None
    place = failure.begun if begun else failure.at
    character = failure.lines[place.line - 1][place.column - 1]
    return place, (
        "shape/character",
        f"Nothing can begin with {character} unless it is in quotes.",
        QUOTE_IT,
    )


def _brackets(failure: _Failure) -> Found | None:
    opened = {"flow sequence": "[]", "flow mapping": "{}"}
    pair = next((pair for name, pair in opened.items() if failure.is_inside(name)), None)
    if pair:
        message = f"What opens with {pair[0]} here is not closed, or a comma is missing in it."
        mend = f"Close it with {pair[1]}, with a comma after each entry. {QUOTE_IT[:-1]} if it is one."
        return failure.begun, ("shape/brackets", message, mend)
    found = re.search(r"found '([\]}])'", failure.problem)
    if found:
        message = f"The {found[1]} here closes nothing."
        return failure.at, ("shape/brackets", message, f"Take it out. {QUOTE_IT[:-1]} if it is one.")
    return None


_NO_SPACE = re.compile(r"^\s*(?:- )?(?P<key>[\w-]+):(?=[^\s/])")
_HAS_KEY = re.compile(r"""^\s*(?:- +)*(?:"[^"]*"|'[^']*'|[^\s"'#:][^"'#:]*):(\s|$)""")


def _no_colon(failure: _Failure) -> Found | None:
    """A line without 'key: ' is taken for more of the sentence above, or for a key that never comes."""
    number = failure.at.line
    if "could not find expected ':'" in failure.problem:
        number = failure.begun.line
    elif failure.problem.startswith("mapping values"):
        above = (line for line in range(number - 1, 0, -1) if failure.lines[line - 1].strip())
        number = next(above, number)
    else:
        return None
    line = failure.lines[number - 1]
    if found := _NO_SPACE.match(line):
        message = f"After '{found['key']}:' a space is missing."
        return Place(number, found.start() + 1, found.end() + 1), (
            "shape/no-colon",
            message,
            "Write 'key: value', with a space after the colon.",
        )
    if failure.problem.startswith("mapping values") or _HAS_KEY.match(line):
        return None
    message = "This line is no 'key: value', and belongs to nothing above it."
    mend = "Write a key and a colon before it. If it is more of the text above, indent it as deep as that."
    return line_from(failure.lines, number), ("shape/no-colon", message, mend)


def _colon(failure: _Failure) -> Found | None:
    """A colon with a space ends a key: in a sentence it needs quotes around the sentence."""
    if not failure.problem.startswith("mapping values") or not _HAS_KEY.match(failure.before):
        return None
    place = Place(failure.at.line, failure.at.column, failure.at.column + 1)
    return place, ("shape/colon", "The colon here, with a space after it, would end a key.", QUOTE_IT)


def _indentation(failure: _Failure) -> Found | None:
    block = failure.is_inside("block mapping") or failure.is_inside("block collection")
    if (
        not (block and failure.problem.startswith("expected <block end>"))
        and "not allowed" not in failure.problem
    ):
        return None
    message = "This line does not fit in: it is indented deeper or less than the lines it belongs to."
    mend = "Begin it exactly below the others of its level; each level is two spaces deeper."
    return line_from(failure.lines, failure.at.line), ("shape/indentation", message, mend)


_TRAPS: tuple[Callable[[_Failure], Found | None], ...] = (
    _open_quote,
    _escape,
    _tab,
    _braces,
    _swallowed,
    _after_quote,
    _second_document,
    _alias,
    _brackets,
    _first_character,
    _no_colon,
    _colon,
    _indentation,
)
"""In this order: the first that knows the failure tells it."""
