"""A JSON Schema of the clinic's files, for completion and hints while one types them in an editor.

It comes from the models that read the files. They read every value as text, so here a text may also be typed as
a number, and a number as text. What only `lint` can know, such as whether a step exists, is not in it.

A file names its part in a remark: `# yaml-language-server: $schema=../schema.json#/$defs/Flow`.
"""

import json
import re
from typing import Any

from pydantic.json_schema import models_json_schema

from bot.core.shape import Shape
from bot.flowbook.draft import MODELS

_DIALECT = "http://json-schema.org/draft-07/schema#"
_TEXT = {"type": ["string", "number", "boolean"]}
_NAMES = ("properties", "patternProperties")
_UNUSED = ("title", "format", "default")
_REFERENCE = re.compile(r'"#/\$defs/(\w+)"')
_ENTRY = re.compile(r"^(?P<key>\w+) +(?P<text>\S.*(?:\n {4,}.*)*)$", re.MULTILINE)


def schema() -> str:
    """The text of flows/schema.json."""
    models = tuple(dict.fromkeys(MODELS.values()))
    _, whole = models_json_schema([(model, "validation") for model in models])
    named = _named({model.__name__ for model in models}, whole["$defs"])
    definitions = {name: _as_typed(whole["$defs"][name]) for name in sorted(named)}
    choices = definitions["Wording"]["properties"]["choices"]["additionalProperties"]
    choices["additionalProperties"] = {
        "anyOf": [_TEXT, choices["additionalProperties"]]
    }  # one may stand alone
    for model in _all_below(Shape):
        _explain(model, definitions.get(model.__name__, {}))
    kinds = [{"$ref": f"#/$defs/{model.__name__}"} for model in models]
    return json.dumps(
        {"$schema": _DIALECT, "title": "A clinic's flows", "anyOf": kinds, "$defs": definitions},
        indent=2,
        ensure_ascii=False,
    )


def _named(names: set[str], definitions: dict[str, Any]) -> set[str]:
    """These and all that they refer to: what is read from words, like a duration, has no part of its own."""
    while True:
        referred = set(_REFERENCE.findall(json.dumps([definitions[name] for name in names])))
        if referred <= names:
            return names
        names |= referred


def _all_below(model: type[Shape]) -> list[type[Shape]]:
    return [each for below in model.__subclasses__() for each in (below, *_all_below(below))]


def _explain(model: type[Shape], definition: dict[str, Any]) -> None:
    """Each key gets the words that the model's docstring has for it."""
    properties = definition.get("properties", {})
    first, _, rest = (model.__doc__ or "").partition("\n\n")
    if properties:
        definition["description"] = " ".join(first.split())
    lines = "\n".join(line.removeprefix("    ") for line in rest.splitlines())
    for found in _ENTRY.finditer(lines):
        if found["key"] in properties:
            properties[found["key"]]["description"] = " ".join(found["text"].split())


def _as_typed(part: Any) -> Any:
    """The part as an editor meets it: it takes 12 for a number and true for a truth value, we take the text."""
    if isinstance(part, list):
        return [_as_typed(each) for each in part]
    if not isinstance(part, dict):
        return part
    typed = {
        key: {name: _as_typed(below) for name, below in each.items()} if key in _NAMES else _as_typed(each)
        for key, each in part.items()
        if key not in _UNUSED
    }
    if "enum" in part or "const" in part:
        typed.pop("type", None)
    elif part.get("type") == "string":
        typed |= _TEXT
    elif part.get("type") in ("integer", "number"):
        typed["type"] = [part["type"], "string"]
    return typed
