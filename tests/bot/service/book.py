"""Editions for tests: the small one of `tests/edition` with other flows and sentences, made current without lint."""

from collections.abc import Mapping

import yaml

from bot.flowbook import loader
from bot.runtime import Runtime
from bot.store import editions
from tests.conftest import EDITION


def make_current(
    rt: Runtime,
    flows: Mapping[str, str],
    sentences: Mapping[str, str] | None = None,
    *,
    by: str = "operator",
    move: bool = False,
    without: tuple[str, ...] = (),
) -> str:
    """Make an edition current that has these flows beside the small one's; every process knows it at once."""
    files = {path: text for path, text in loader.collect(EDITION).items() if path not in without}
    files |= {f"dialogs/{name}.yaml": text for name, text in flows.items()}
    wording = yaml.safe_load(files["wording/en.yaml"])
    wording["sentences"] |= sentences or {}
    files["wording/en.yaml"] = yaml.safe_dump(wording, default_flow_style=False)
    edition = loader.read(files).edition
    with rt.begin() as db:
        editions.publish(db, edition, files, rt.now(), by=by, move=move)
    rt.remembered.clear()
    return edition
