"""The house as syntax trees."""

import ast
from collections.abc import Iterator
from pathlib import Path

from bot.settings import HOME

ROOMS = ("bot", "nlp", "webhooks")


def files(*rooms: str) -> list[Path]:
    """Every Python file of these rooms, relative to the house."""
    return [path.relative_to(HOME) for room in rooms for path in sorted((HOME / room).rglob("*.py"))]


def tree(path: Path) -> ast.Module:
    """The syntax tree of a file of the house."""
    return ast.parse((HOME / path).read_text(), str(path))


def imported(module: ast.Module) -> Iterator[tuple[str, ast.stmt]]:
    """Every module that is imported, anywhere in the file, by its full name."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "", node


def calls(module: ast.AST) -> Iterator[ast.Call]:
    """Every call."""
    return (node for node in ast.walk(module) if isinstance(node, ast.Call))


def dotted(node: ast.expr) -> str:
    """'a.b.c' of an expression that is one, else ''."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (front := dotted(node.value)):
        return f"{front}.{node.attr}"
    return ""
