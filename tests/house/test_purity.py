"""The core is pure: no clock, no chance, no I/O, no logger; it imports what can't do any of it, and no more."""

import ast
from pathlib import Path

import pytest

from tests.house.source import calls, dotted, files, imported, tree

CORE = files("bot/core")
MAY_IMPORT = {
    *(
        "abc",
        "collections",
        "dataclasses",
        "datetime",
        "decimal",
        "enum",
        "functools",
        "hashlib",
        "itertools",
    ),
    *("math", "operator", "re", "string", "typing", "unicodedata", "uuid", "zoneinfo"),
    *("babel", "babel.dates", "difflib", "jinja2", "jinja2.runtime", "jinja2.sandbox", "pydantic"),
    "nlp.reading",
}
CLOCKS = {"now", "utcnow", "today", "fromtimestamp", "utcfromtimestamp", "localtime", "time_ns", "monotonic"}
CHANCE = {
    "uuid1",
    "uuid4",
    "uuid6",
    "uuid7",
    "random",
    "randint",
    "choice",
    "shuffle",
    "urandom",
    "token_hex",
}
WORLD = {
    "open",
    "print",
    "input",
    "exec",
    "eval",
    "compile",
    "breakpoint",
    "__import__",
    "globals",
    "id",
    "hash",
}


def offences(module: ast.Module) -> list[str]:
    """What in this file is not pure."""
    found = [
        f"{node.lineno}: imports {name}"
        for name, node in imported(module)
        if name not in MAY_IMPORT and name.split(".")[0] not in MAY_IMPORT and not name.startswith("bot.core")
        if name != "bot.core"
    ]
    for call in calls(module):
        name = dotted(call.func) or (call.func.attr if isinstance(call.func, ast.Attribute) else "")
        last = name.split(".")[-1]
        if (
            name in WORLD
            or (last in CLOCKS | CHANCE and isinstance(call.func, ast.Attribute))
            or last in CHANCE
        ):
            found.append(f"{call.lineno}: calls {name}")
    found += [
        f"{node.lineno}: uses {node.names}"
        for node in ast.walk(module)
        if isinstance(node, ast.Global | ast.Nonlocal)
    ]
    return found


@pytest.mark.parametrize("path", CORE, ids=str)
def test_a_file_of_the_core_is_pure(path: Path) -> None:
    assert offences(tree(path)) == []


@pytest.mark.parametrize(
    "impure",
    [
        "from datetime import datetime\ndatetime.now()",
        "from datetime import datetime, UTC\nwhen = datetime.now(UTC)",
        "import datetime\ndatetime.datetime.utcnow()",
        "from datetime import date\ndate.today()",
        "import time",
        "from time import monotonic",
        "import random",
        "import os",
        "from os import urandom",
        "import io",
        "import logging",
        "import structlog",
        "from uuid import uuid4\nuuid4()",
        "import uuid\nuuid.uuid4()",
        "open('x')",
        "print('x')",
        "def f():\n    import socket",
        "from bot import log",
        "from bot.settings import HOME",
        "from nlp.reader import Reader",
        "import yaml",
        "hash('x')",
        "n = 0\ndef f():\n    global n",
    ],
)
def test_the_detector_sees(impure: str) -> None:
    assert offences(ast.parse(impure))
