"""No text of a patient in a log: constant event names, listed fields, and a library that does not log at all."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.log import FIELDS
from tests.house.source import calls, dotted, files, imported, tree

LEVELS = {"debug", "info", "warning", "warn", "error", "critical", "exception", "fatal", "log", "msg"}
LOGGERS = {"_logger", "logger", "log", "_log", "logging"}
SPREAD = {"log.error_fields", "error_fields"}
"""The only call whose result may be spread into a log line."""


def logger_calls(module: ast.Module) -> Iterator[ast.Call]:
    """Every call that writes a log line."""
    for call in calls(module):
        if isinstance(call.func, ast.Attribute) and call.func.attr in LEVELS:
            owner = dotted(call.func.value).split(".")[-1]
            made = isinstance(call.func.value, ast.Call) and dotted(call.func.value.func) in {
                "log.get",
                "get",
            }
            if owner in LOGGERS or made:
                yield call


def offences(module: ast.Module) -> list[str]:
    """What in these log lines could carry more than it may."""
    found = []
    for call in logger_calls(module):
        event = call.args[0] if len(call.args) == 1 else None
        if not (isinstance(event, ast.Constant) and isinstance(event.value, str) and event.value.islower()):
            found.append(f"{call.lineno}: the event's name is not one constant in lower case")
        for keyword in call.keywords:
            spread = isinstance(keyword.value, ast.Call) and dotted(keyword.value.func) in SPREAD
            if keyword.arg is None and not spread:
                found.append(f"{call.lineno}: spreads something else than error_fields")
            if keyword.arg is not None and keyword.arg not in FIELDS:
                found.append(f"{call.lineno}: {keyword.arg} is not an allowed field")
    return found


@pytest.mark.parametrize("path", files("bot", "webhooks"), ids=str)
def test_a_log_line_has_a_constant_name_and_listed_fields(path: Path) -> None:
    assert offences(tree(path)) == []


@pytest.mark.parametrize(
    "leak",
    [
        "_logger.info(f'text from {phone}')",
        "_logger.info('text_received', phone=phone)",
        "_logger.info('text_received', **fields)",
        "_logger.info('got %s', body)",
        "_logger.warning(name)",
        "_logger.error('Text from Ana')",
        "log.get(__name__).info('x', body=body)",
        "logging.info(body)",
        "self._logger.exception(error)",
    ],
)
def test_the_detector_sees(leak: str) -> None:
    assert offences(ast.parse(leak))


def test_there_are_log_lines_to_look_at() -> None:
    assert sum(len(list(logger_calls(tree(path)))) for path in files("bot", "webhooks")) >= 5


@pytest.mark.parametrize("path", files("nlp"), ids=str)
def test_the_library_neither_logs_nor_prints(path: Path) -> None:
    module = tree(path)
    assert not {name for name, _ in imported(module)} & {"logging", "structlog", "bot.log", "bot"}
    assert [call.lineno for call in calls(module) if dotted(call.func) in {"print", "sys.stderr.write"}] == []


@pytest.mark.parametrize("path", files("bot", "webhooks"), ids=str)
def test_only_the_commands_print(path: Path) -> None:
    if path.parts[:2] != ("bot", "cli"):
        module = tree(path)
        assert [call.lineno for call in calls(module) if dotted(call.func) == "print"] == []


@pytest.mark.parametrize("path", files("bot", "webhooks"), ids=str)
def test_python_logging_is_used_only_to_quieten_others(path: Path) -> None:
    allowed = {"logging.getLogger", "logging.getLevelNamesMapping"}
    used = {dotted(call.func) for call in calls(tree(path)) if dotted(call.func).startswith("logging.")}
    assert used <= allowed
