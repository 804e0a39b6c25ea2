"""Lists of the REST API: newest first, in pages that link to each other, narrowed by numbers and dates."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode

from bot.gateways.twilio_twin.rules import Refused

DEFAULT_PAGE, LARGEST_PAGE = 50, 1000
DAY = timedelta(days=1)


class _Listed(Protocol):
    @property
    def sid(self) -> str: ...


Listed = TypeVar("Listed", bound=_Listed)


def page(
    found: Sequence[Listed],
    args: Mapping[str, str],
    *,
    base: str,
    name: str,
    kept: Sequence[str],
    show: Callable[[Listed], dict[str, Any]],
) -> dict[str, Any]:
    """One page of `found`. A PageToken goes on after its element, whatever came meanwhile.

    `base`: the list's URI; `name`: what it is a list of; `kept`: filters that the links repeat.
    """
    size = min(max(_whole(args, "PageSize", DEFAULT_PAGE), 1), LARGEST_PAGE)
    number = max(_whole(args, "Page", 0), 0)
    start = number * size
    if token := args.get("PageToken", "").removeprefix("PA"):
        start = next((n + 1 for n, one in enumerate(found) if one.sid == token), len(found))
    shown = found[start : start + size]
    filters = [(name, args[name]) for name in kept if name in args]

    def link(page: int, token: str = "") -> str:
        tokens = [("PageToken", token)] if token else []
        return f"{base}?{urlencode([*filters, ('PageSize', size), ('Page', page), *tokens])}"

    more = start + size < len(found)
    return {
        "end": start + max(len(shown) - 1, 0),
        "first_page_uri": link(0),
        name: [show(one) for one in shown],
        "next_page_uri": link(number + 1, "PA" + shown[-1].sid) if more else None,
        "page": number,
        "page_size": size,
        "previous_page_uri": link(number - 1) if number else None,
        "start": start,
        "uri": link(number),
    }


def within(at: datetime | None, name: str, args: Mapping[str, str]) -> bool:
    """Whether a moment passes the filters `name`, `name<` and `name>`.

    A date stands for its whole day; bounds are inclusive. What has no moment yet passes none of them.
    """
    for bound in ("", "<", ">"):
        if name + bound not in args:
            continue
        first, end = _span(args[name + bound])
        whole = at and at.replace(microsecond=0)
        if whole is None or (bound != "<" and whole < first) or (bound != ">" and whole >= end):
            return False
    return True


def _span(text: str) -> tuple[datetime, datetime]:
    """`YYYY-MM-DD`, or a moment `YYYY-MM-DDTHH:MM:SSZ`, as [first, end). Raises Refused."""
    try:
        first = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(20001) from None
    first = first if first.tzinfo else first.replace(tzinfo=UTC)
    return first, first + (DAY if len(text) == len("YYYY-MM-DD") else timedelta(seconds=1))


def _whole(args: Mapping[str, str], name: str, default: int) -> int:
    try:
        return int(args.get(name, default))
    except ValueError:
        return default
