"""Which keys may stand at which place of a file, as they are written there."""

from collections.abc import Iterator
from typing import Annotated, get_args, get_origin

from pydantic import BeforeValidator
from pydantic.fields import FieldInfo

from bot.core.shape import Shape
from bot.flowbook.source import Where

_ENTRIES = {"steps": "a step", "starts": "a start"}
_TOP = "at the top of the file"


def keys_at(model: type[Shape], where: Where) -> list[str]:
    """The keys that may stand at this place; of a place that has none, those around it."""
    here = [model]
    for part in where:
        found = [shape for each in here for shape in _below(each, part)]
        here = found or here
    return list(dict.fromkeys(name for each in here for name in _fields(each)))


def homes(model: type[Shape], key: str) -> list[str]:
    """Every place of the file that has this key, in words: 'at the top of the file', 'in a step'."""
    return [words for words, each in dict(_places(model, _TOP, ())).items() if key in _fields(each)]


def _places(
    model: type[Shape], words: str, above: tuple[type[Shape], ...]
) -> Iterator[tuple[str, type[Shape]]]:
    yield words, model
    for name, info in _fields(model).items():
        for shape in _shapes(info):
            if shape not in (*above, model):
                yield from _places(shape, f"in {_entry(name, info)}", (*above, model))


def _entry(name: str, info: FieldInfo) -> str:
    return _ENTRIES.get(name, f"an entry of '{name}'") if _is_many(info.annotation) else f"'{name}'"


def _is_many(annotation: object) -> bool:
    return get_origin(annotation) in (dict, tuple, list) or any(map(_is_many, get_args(annotation)))


def _below(model: type[Shape], part: str | int) -> list[type[Shape]]:
    info = _fields(model).get(str(part))
    return _shapes(info) if info else []


def _fields(model: type[Shape]) -> dict[str, FieldInfo]:
    return {info.alias or name: info for name, info in model.model_fields.items()}


def _shapes(info: FieldInfo) -> list[type[Shape]]:
    """The models that a value is written as; one that is read from words, like a duration, has no keys."""
    return [] if _is_words(info.metadata) else list(_shapes_in(info.annotation))


def _shapes_in(annotation: object) -> Iterator[type[Shape]]:
    if isinstance(annotation, type) and issubclass(annotation, Shape):
        yield annotation
    elif get_origin(annotation) is not Annotated or not _is_words(get_args(annotation)[1:]):
        for part in get_args(annotation):
            yield from _shapes_in(part)


def _is_words(metadata: object) -> bool:
    return isinstance(metadata, list | tuple) and any(isinstance(each, BeforeValidator) for each in metadata)
