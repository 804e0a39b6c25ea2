"""A flow that extends another: one location's own way of it, without copying.

    flow: appointment_downtown
    extends: appointment
    site: Downtown
    steps:
      remind: {ask: reminder_downtown}

says only what differs. Here it is laid over its base, so that everything else sees a whole flow.
"""

from collections.abc import Mapping

from bot.flowbook.source import Plain, Source

_OWN = ("flow", "title", "extends", "site")


def with_base(source: Source, bases: Mapping[str, Source]) -> Source:
    """The source with all of the base that it doesn't say itself; as it stands, if there is no such base."""
    value = source.value
    base = bases.get(str(value.get("extends"))) if isinstance(value, dict) else None
    if base is None or base is source or not isinstance(value, dict) or not isinstance(base.value, dict):
        return source
    if "extends" in base.value:
        return source  # one level only; the linter says so
    return Source(
        file=source.file,
        value=_over({key: part for key, part in base.value.items() if key not in _OWN}, value),
        lines=source.lines,
        keys=source.keys,
        values=source.values,
        faults=source.faults,
    )


def _over(below: Plain, above: Plain) -> Plain:
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    kept = {key: part for key, part in below.items() if key not in above}
    merged = {key: _over(below[key], part) if key in below else part for key, part in above.items()}
    ordered: dict[str, Plain] = {key: merged.get(key, part) for key, part in below.items()}
    return {**ordered, **{key: part for key, part in merged.items() if key not in kept}}
