"""How many SMS segments a body costs. GSM-7: 160/153 septets, UCS-2: 70/67 units (3GPP 23.038)."""

from dataclasses import dataclass

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")
_LIMITS = {"GSM-7": (160, 153), "UCS-2": (70, 67)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Segments:
    """`count` segments in `encoding`; `culprits` are the characters that force UCS-2, in order of appearance."""

    encoding: str
    count: int
    units: int
    culprits: tuple[str, ...] = ()


def segments(body: str) -> Segments:
    """Count the segments of `body` as carriers bill them."""
    culprits = tuple(dict.fromkeys(c for c in body if c not in _BASIC and c not in _EXTENDED))
    sizes = [len(c.encode("utf-16-be")) // 2 if culprits else 1 + (c in _EXTENDED) for c in body]
    encoding = "UCS-2" if culprits else "GSM-7"
    whole, part = _LIMITS[encoding]
    units = sum(sizes)
    count = min(units, 1) if units <= whole else _parts(sizes, part)
    return Segments(encoding=encoding, count=count, units=units, culprits=culprits)


def _parts(sizes: list[int], limit: int) -> int:
    """A character is never split over two segments, so a part may stay one unit short."""
    parts, used = 1, 0
    for size in sizes:
        if used + size > limit:
            parts, used = parts + 1, 0
        used += size
    return parts


def room(size: Segments, most: int) -> int:
    """Units that still fit into `most` segments, in the encoding that it has; below 0 it is too long."""
    whole, part = _LIMITS[size.encoding]
    return (whole if most == 1 else part * most) - size.units
