"""What tests share because making it anew shows nothing: files that were read, compiled SQL and templates, ports.

Each test has a database, a runtime and apps of its own. What is kept here for the whole process depends on no test:
the same YAML is read to the same values, a statement is compiled to the same SQL for each database, a template to the
same bytecode for each app, and a server on a port passes requests on to whichever app the test of the moment has.
"""

import pickle
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from threading import Lock
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine

from bot.flowbook import draft, transcript
from bot.flowbook.source import Source, parse


@lru_cache(maxsize=2000)
def _read(file: str, text: str) -> tuple[Source, bytes]:
    source = parse(file, text)
    return source, pickle.dumps(source.value)


def _parse(file: str, text: str) -> Source:
    """What `parse` makes of this text, read once; the values are everybody's own."""
    source, value = _read(file, text)
    return replace(source, value=pickle.loads(value))


draft.parse = transcript.parse = _parse

_engines: list[Engine] = []


def share_compiled(engine: Engine) -> None:
    """Let this engine use the SQL that others of the process have compiled. The first one must have connected."""
    if _engines:
        first = _engines[0]
        engine.dialect, engine._compiled_cache = first.dialect, first._compiled_cache
    else:
        engine.connect().close()  # now its dialect knows its server
        _engines.append(engine)


class _Kept(BytecodeCache):
    """Compiled templates by name and file; Jinja itself asks whether the source is still the same."""

    def __init__(self) -> None:
        self._codes: dict[str, tuple[str, Any]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        checksum, code = self._codes.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._codes[bucket.key] = (bucket.checksum, bucket.code)


Flask.jinja_options = {"bytecode_cache": _Kept()}


class Late:
    """An app whose address is known before it is: settings need the address, the app needs settings.

    It is made by the first request, which many tests never send.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self.make: Callable[[], Any] | None = None
        self._made: Any = None

    def becomes(self, make: Callable[[], Any] | None) -> None:
        """From now on requests go to the app that this makes; None: to none."""
        with self._lock:
            self.make, self._made = make, None

    def _app(self) -> Any:
        with self._lock:
            if self._made is None and self.make is not None:
                self._made = self.make()
            return self._made or _nobody

    def __call__(self, environ: dict[str, object], start_response: Any) -> object:
        return _Closing(self._app()(environ, start_response))


def _nobody(environ: dict[str, object], start_response: Any) -> list[bytes]:
    """Answers what comes after the test that it is for."""
    start_response("503 Service Unavailable", [("Content-Length", "0")])
    return []


class _Closing:
    """An answer that is closed in any case: where a browser hangs up in the middle, werkzeug's server forgets to."""

    def __init__(self, parts: Any) -> None:
        self._parts, self._closed = parts, False

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._parts)

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            getattr(self._parts, "close", lambda: None)()

    __del__ = close
