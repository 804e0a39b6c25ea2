"""Who may import whom: the contracts of pyproject.toml hold, and there are as many of them as there must be."""

import subprocess
import sys
import tomllib
from pathlib import Path

from bot.settings import HOME

CONTRACTS = tomllib.loads((HOME / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def test_every_contract_holds(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-c",
        LINT,
        "--config",
        str(HOME / "pyproject.toml"),
        "--cache-dir",
        str(tmp_path),
    ]
    result = subprocess.run(command, cwd=HOME, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    assert f"{len(CONTRACTS)} kept, 0 broken" in result.stdout


def test_the_contracts_that_the_house_stands_on_are_there() -> None:
    contract = next(contract for contract in CONTRACTS if contract["type"] == "layers")
    layers = [set(layer.split(" | ")) for layer in contract["layers"]]
    wanted = [
        {"webhooks", "bot.jobs", "bot.cli"},
        {"bot.service"},
        {"bot.runtime"},
        {"bot.store", "bot.gateways", "bot.flowbook"},
        {"bot.core"},
        {"nlp"},
        {"bot.settings", "bot.vault", "bot.log"},
        {"bot.errors"},
    ]
    assert len(layers) == len(wanted)
    assert all(there >= layer for there, layer in zip(layers, wanted, strict=True))
    forbidden: dict[str, set[str]] = {}
    for contract in CONTRACTS:
        for source in contract.get("source_modules", ()):
            forbidden.setdefault(source, set()).update(contract["forbidden_modules"])
    assert {"bot", "webhooks", "flask", "sqlalchemy", "redis", "rq", "twilio"} <= forbidden["nlp"]
    assert {"flask", "sqlalchemy", "redis", "rq", "twilio", "requests", "yaml"} <= forbidden["bot.core"]
    assert {"bot.store", "sqlalchemy"} <= forbidden["webhooks"]
