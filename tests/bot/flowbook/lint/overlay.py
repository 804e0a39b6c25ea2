"""The small edition that the rulebook's examples are laid over, and how they are laid over it.

It has its own flow, policy and sentences; the sentences that every clinic needs are the shipped ones.
"""

import re
from pathlib import Path

from bot.flowbook import loader
from bot.flowbook.lint.rules import Example, Excerpt
from bot.flowbook.lint.words import EVERYWHERE, FOR_PAGES, TO_STAFF
from bot.settings import HOME

EDITION = Path(__file__).parent / "edition"
MARK = re.compile(r"[ \t]*# ←(?P<said>.*)$", re.MULTILINE)
_TOP = re.compile(r"(?P<key>[^\s#-][^:]*):")
_BELOW = re.compile(r"  (?P<key>[^\s#-][^:]*):")


def edition() -> dict[str, str]:
    """Its files."""
    files = loader.collect(EDITION)
    shipped = _blocks((HOME / "flows/wording/en.yaml").read_text(encoding="utf-8"), _BELOW)
    needed = [block for key, block in shipped.items() if key in {**EVERYWHERE, **FOR_PAGES, **TO_STAFF}]
    return {**files, "wording/en.yaml": files["wording/en.yaml"] + "".join(needed)}


def files_of(example: Example) -> dict[str, str]:
    """The edition with this example in it, its marks too."""
    files = edition()
    for path, excerpt in example.files.items():
        files[path] = excerpt.text if excerpt.whole else laid_over(files.get(path, ""), excerpt)
    return files


def laid_over(text: str, excerpt: Excerpt) -> str:
    """The text with the keys of the excerpt in it: a key that has keys below it keeps those not named."""
    blocks = _blocks(text, _TOP)
    for key, new in _blocks(excerpt.text, _TOP).items():
        old, below = _blocks(blocks.get(key, ""), _BELOW), _blocks(new, _BELOW)
        blocks[key] = "".join({**old, **below}.values()) if len(old) > 1 and len(below) > 1 else new
    return "".join(blocks.values())


def _blocks(text: str, head: re.Pattern[str]) -> dict[str, str]:
    """The lines from each key on to the next; those before the first stand under ''."""
    blocks = {"": ""}
    key = ""
    for line in text.splitlines(keepends=True):
        found = head.match(line)
        if found and found["key"] not in blocks:
            key = found["key"]
            blocks[key] = ""
        blocks[key] += line
    return blocks
