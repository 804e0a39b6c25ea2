"""The holes of a sentence: {{first_name}} and {{days|plural(one='day', other='days')}}, and what is none.

Jinja could do more; a sentence must not, so that what it can say is seen at once, and read without running it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_HOLE = re.compile(r"\{\{(?P<inside>.*?)\}\}", re.DOTALL)
_STRAY = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")
_NAME = re.compile(r"\s*(?P<name>[A-Za-z_]\w*(?:\.\w+)*)\s*")
_QUOTED = r"""(?:"[^"]*"|'[^']*')"""
_PLURAL = re.compile(
    rf"\s*(?P<name>[A-Za-z_]\w*)\s*\|\s*plural\(\s*(?P<forms>[a-z]+\s*=\s*{_QUOTED}(?:\s*,\s*[a-z]+\s*=\s*{_QUOTED})*)\s*\)\s*"
)
_FORM = re.compile(rf"(?P<form>[a-z]+)\s*=\s*(?P<text>{_QUOTED})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """A value's place in a sentence. `forms` are the words to choose from by a number, where that is wanted."""

    name: str
    written: str
    forms: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A sentence taken apart: its holes, and the first thing in it that can't be read."""

    text: str
    holes: tuple[Hole, ...]
    broken: str | None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its values, each once."""
        return tuple(dict.fromkeys(hole.name for hole in self.holes))

    def filled(self, values: Mapping[str, str], other: str = "") -> str:
        """The text with these values, `other` for those that are not there, and the longest form of each plural."""
        text = self.text
        for hole in self.holes:
            said = (
                max((form for _, form in hole.forms), key=len) if hole.forms else values.get(hole.name, other)
            )
            text = text.replace(hole.written, said)
        return text


def read(text: str) -> Template:
    """Take a sentence apart; nothing is raised."""
    holes, broken = [], []
    for found in _HOLE.finditer(text):
        hole = _hole(found["inside"], found[0])
        if hole:
            holes.append(hole)
        else:
            broken.append(found[0])
    left = _STRAY.search(_HOLE.sub("", text))
    if left and not broken:
        broken.append(left[0])
    return Template(text=text, holes=tuple(holes), broken=broken[0] if broken else None)


def _hole(inside: str, written: str) -> Hole | None:
    if found := _NAME.fullmatch(inside):
        return Hole(name=found["name"], written=written)
    if found := _PLURAL.fullmatch(inside):
        forms = tuple(_forms(found["forms"]))
        if "other" in dict(forms):
            return Hole(name=found["name"], written=written, forms=forms)
    return None


def _forms(text: str) -> Iterator[tuple[str, str]]:
    for found in _FORM.finditer(text):
        yield found["form"], found["text"][1:-1]
