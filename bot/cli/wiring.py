"""How a command gets its runtime: settings, and embedded servers where none are named."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from bot import log, settings
from bot.gateways import embedded
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.runtime import Runtime


@contextmanager
def runtime(**overrides: object) -> "Iterator[Runtime]":
    """A runtime for one command. Raises BadSettings with one clear line."""
    from bot.runtime import Runtime  # what only needs servers is spared the rest

    log.configure()
    with servers(settings.load(**overrides)) as ready:
        ready.require("master_keys")
        rt = Runtime(ready)
        try:
            yield rt
        finally:
            rt.engine.dispose()


@contextmanager
def servers(given: Settings) -> Iterator[Settings]:
    """The settings with DATABASE_URL and REDIS_URL filled in: embedded servers where they were unset.

    Servers that another process of ours runs on the same DATA_DIR are shared.
    """
    with ExitStack() as stack:
        found = {}
        if not given.database_url:
            found["database_url"] = stack.enter_context(embedded.postgres(given.data_dir))
        if not given.redis_url:
            found["redis_url"] = stack.enter_context(embedded.valkey(given.data_dir))
        yield given.model_copy(update=found)
