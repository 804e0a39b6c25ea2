"""`bot understand` without its command line: one JSON line in, one answer out. The shapes are public.

A line that can't be read, or lacks a field, gets an error with its `id` (null where even that is unknown),
and the next line is answered as if nothing had been. No error repeats the text of a message.
"""

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from nlp.reader import Reader
from nlp.reading import BloodPressure, Choice, Date, Number, Scale, Value, Window, YesNo
from nlp.replies import LIKELY

Asked = YesNo | Scale | Choice | Number | BloodPressure | Date
"""What a line may ask; what else a flow may expect has no public shape."""

LANGUAGES = ("en", "es")

_EXPECT: TypeAdapter[Asked] = TypeAdapter(Annotated[Asked, Field(discriminator="type")])


class _Unreadable(ValueError):
    """A line that can't be answered; the message says why."""


def answer_line(reader: Reader, line: str) -> dict[str, Any]:
    """The answer to one line, ready for `json.dumps`."""
    fields: Any = {}
    try:
        fields = _parsed(line)
        return {"id": fields.get("id"), **_KINDS[_kind(fields)](reader, fields)}
    except _Unreadable as fault:
        known = fields.get("id") if isinstance(fields, dict) else None
        return {"id": known, "error": str(fault)}


def _parsed(line: str) -> dict[str, Any]:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as fault:
        raise _Unreadable("not valid JSON") from fault
    if not isinstance(fields, dict):
        raise _Unreadable("not a JSON object")
    return fields


def _kind(fields: Mapping[str, Any]) -> str:
    kind = fields.get("kind")
    if not isinstance(kind, str) or kind not in _KINDS:
        raise _Unreadable(f"field 'kind' must be one of {', '.join(_KINDS)}")
    return kind


def _text(fields: Mapping[str, Any]) -> str:
    text = fields.get("text")
    if not isinstance(text, str):
        raise _Unreadable("field 'text' must be a string")
    return text


def _language(fields: Mapping[str, Any]) -> str | None:
    language = fields.get("lang")
    if language is None or language in LANGUAGES:
        return language
    raise _Unreadable(f"field 'lang' must be {' or '.join(LANGUAGES)}, or be left out")


def _now(fields: Mapping[str, Any], *, needed: bool) -> datetime | None:
    given = fields.get("now")
    if given is None and not needed:
        return None
    try:
        now = datetime.fromisoformat(str(given))
    except ValueError as fault:
        raise _Unreadable("field 'now' must be an ISO 8601 moment") from fault
    if now.tzinfo is None:
        raise _Unreadable("field 'now' must have an offset")
    return now


def _expect(fields: Mapping[str, Any]) -> Asked:
    if "expects" not in fields:
        raise _Unreadable("field 'expects' is missing")
    try:
        return _EXPECT.validate_python(fields["expects"])
    except ValidationError as fault:
        first = fault.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in ("expects", *first["loc"]))
        raise _Unreadable(f"field '{place}': {first['msg']}") from fault


def _intent(reader: Reader, fields: Mapping[str, Any]) -> dict[str, Any]:
    reading = reader.read(_text(fields), language=_language(fields), now=_now(fields, needed=False))
    return {"intent": str(reading.intent), "confidence": reading.confidence}


def _answer(reader: Reader, fields: Mapping[str, Any]) -> dict[str, Any]:
    expect = _expect(fields)
    now = _now(fields, needed=isinstance(expect, Date))
    reading = reader.read(_text(fields), expect=expect, language=_language(fields), now=now)
    return {"value": _plain(reading.value), "confidence": reading.confidence}


def _when(reader: Reader, fields: Mapping[str, Any]) -> dict[str, Any]:
    reading = reader.read(_text(fields), language=_language(fields), now=_now(fields, needed=True))
    sure = max(reading.confidence, LIKELY) if reading.when is not None else reading.confidence
    return {"value": _window(reading.when), "confidence": sure}


def _triage(reader: Reader, fields: Mapping[str, Any]) -> dict[str, Any]:
    reading = reader.read(_text(fields), language=_language(fields), now=_now(fields, needed=False))
    return {"level": str(reading.level), "category": reading.category, "confidence": reading.level_confidence}


_KINDS: Mapping[str, Callable[[Reader, Mapping[str, Any]], dict[str, Any]]] = {
    "intent": _intent,
    "answer": _answer,
    "when": _when,
    "triage": _triage,
}


def _plain(value: Value | None) -> object:
    """A value as JSON has it; a whole number without its ".0"."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _window(window: Window | None) -> dict[str, str | None] | None:
    if window is None:
        return None
    return {
        "date_from": window.date_from.isoformat() if window.date_from else None,
        "date_to": window.date_to.isoformat() if window.date_to else None,
        "time_from": window.time_from.strftime("%H:%M") if window.time_from else None,
        "time_to": window.time_to.strftime("%H:%M") if window.time_to else None,
    }
