"""The rules of `lint` with their reasons and examples, read from `rulebook/`, one file per family.

An entry there looks like this; `test_rules` runs every example, so they are the rules' tests as well:

    ## family/name (warning)                    without the bracket it is an error
    One sentence that says what is wrong.

    Why it matters.

    ```yaml bad wording/en.yaml                 without a path: dialogs/example.yaml
    sentences:
      reminder: "Hello — there"   # ← plain hyphen
    ```

    ```yaml good wording/en.yaml
    …

An example has only the lines that matter: its keys replace those of the small edition in the tests, down to
single steps and sentences; after `whole` it is the whole file. A fence `yaml and PATH` adds a file to the
example above it. `# ←` marks the line with the fault, and the words after it stand in what is told.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bot.flowbook.faults import Severity
from bot.flowbook.lint import FAMILIES

RULEBOOK = Path(__file__).parent / "rulebook"
PAGE = "docs/rules.md"
_USUAL = "dialogs/example.yaml"

_ENTRY = re.compile(r"^## (?P<name>[a-z]+/[a-z-]+)(?P<warning> \(warning\))?\n", re.MULTILINE)
_FENCE = re.compile(
    r"^```yaml (?P<kind>bad|good|and)(?P<path> \S+/\S+| (?:clinic|words|oncall|roles)\.yaml)?(?P<whole> whole)?\n"
    r"(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """Some lines of a file, or the whole of it."""

    text: str
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """What one should write, or should not: excerpts by path."""

    good: bool
    files: Mapping[str, Excerpt]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`title` is one sentence, `why` markdown."""

    name: str
    severity: Severity
    title: str
    why: str
    examples: tuple[Example, ...]

    @property
    def address(self) -> str:
        """Where the rule is explained, relative to the house."""
        return f"{PAGE}#{self.anchor}"

    @property
    def anchor(self) -> str:
        """Its name as a part of an address."""
        return self.name.replace("/", "-")


@lru_cache
def rules() -> tuple[Rule, ...]:
    """All rules, in the order of their families."""
    return tuple(rule for family in families() for rule in _entries(_book(family)))


def families() -> tuple[str, ...]:
    """The names of the families, in the order in which they are looked at."""
    return tuple(family.__name__.rpartition(".")[2] for family in FAMILIES)


def page() -> str:
    """The page of all rules, as markdown."""
    parts = [_PREFACE]
    for family in families():
        found = [rule for rule in rules() if rule.name.startswith(f"{family}/")]
        rows = [f"| [{rule.name}](#{rule.anchor}) | {rule.title} |" for rule in found]
        about = _book(family).split("\n## ")[0].strip().removeprefix("# ")
        parts += [f"## {about}\n", "| rule | what is wrong |", "|---|---|", *rows, ""]
        parts += [section(rule) for rule in found]
    return "\n".join(parts)


def section(rule: Rule, level: int = 3) -> str:
    """One rule, as markdown."""
    heading = f'<a id="{rule.anchor}"></a>\n{"#" * level} {rule.name}\n'
    note = " A warning: it doesn't keep the flows from being published." if rule.severity == "warning" else ""
    parts = [heading, f"**{rule.title}**{note}\n", f"{rule.why}\n"]
    for example in rule.examples:
        for number, (path, excerpt) in enumerate(example.files.items()):
            said = "and" if number else "Like this" if example.good else "Not like this"
            where = "" if path == _USUAL else f" in `{path}`" if number else f", in `{path}`"
            parts.append(f"{said}{where}:\n\n```yaml\n{excerpt.text}```\n")
    return "\n".join(parts)


_PREFACE = """\
# The rules for flows

What `bot flow lint` says, why, and how to mend it. An error keeps the flows from being published, a warning does not.
The examples show only the lines that matter. `# ←` marks the line that is told; don't write it.

This page is made from `bot/flowbook/lint/rulebook/` with `bot flow rules > docs/rules.md`. Its examples run as tests.
"""


def _book(family: str) -> str:
    return (RULEBOOK / f"{family}.md").read_text(encoding="utf-8")


def _entries(book: str) -> Iterator[Rule]:
    heads = list(_ENTRY.finditer(book))
    ends = [head.start() for head in heads[1:]] + [len(book)]
    for head, end in zip(heads, ends, strict=True):
        text = book[head.end() : end]
        fences = list(_FENCE.finditer(text))
        words = text[: fences[0].start()] if fences else text
        title, _, why = words.strip().partition("\n\n")
        yield Rule(
            name=head["name"],
            severity="warning" if head["warning"] else "error",
            title=" ".join(title.split()),
            why=why.strip(),
            examples=tuple(_examples(fences)),
        )


def _examples(fences: list[re.Match[str]]) -> Iterator[Example]:
    begins = [number for number, fence in enumerate(fences) if fence["kind"] != "and"]
    for begin, end in zip(begins, [*begins[1:], len(fences)], strict=True):
        files = {
            (fence["path"] or _USUAL).strip(): Excerpt(text=fence["text"], whole=bool(fence["whole"]))
            for fence in fences[begin:end]
        }
        yield Example(good=fences[begin]["kind"] == "good", files=files)
