"""Picture files taken apart: of JPEG, PNG and WebP only what makes the pixels goes on to the decoder.

Sniffed by content, never by name or declared type. What is left out is where the harm sits: places and names in
EXIF, XMP, IPTC and comments, second pictures, profiles that unfold to a megabyte each, thousands of scans, tails.
Every walk is linear and bounded by `MOST_PARTS`. Formats: ITU-T T.81 (JPEG), W3C PNG 3, RFC 9649 (WebP).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from bot.errors import BadPhoto

MOST_PARTS = 20_000
"""Segments or chunks; a photo has some dozens, a PNG that was written in small pieces some thousands."""

MOST_SCANS = 64
"""Passes of a progressive JPEG; encoders make 10 or so. Each costs time like the whole picture, and some 100 bytes."""

UPRIGHT = 1
"""The EXIF orientation of a picture that needs no turning."""

_PNG = b"\x89PNG\r\n\x1a\n"
_EOI, _SOS, _EXIF = 0xD9, 0xDA, 0xE1
_FRAMES = {0xC0, 0xC1, 0xC2}  # baseline, extended, progressive: what cameras write and the decoder reads
_OTHER_FRAMES = {*range(0xC3, 0xD0)} - {0xC4, 0xC8, 0xCC}  # lossless, hierarchical, arithmetic
_NEEDED = _FRAMES | {0xC4, 0xDB, 0xDD, _SOS, _EOI}  # and the tables: Huffman, quantisation, restart interval
_COLOURS = {0xE0: b"JFIF\0", 0xEE: b"Adobe"}  # these two say how the colours are coded
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""In coded pixels, anything but a stuffed byte, a restart and a fill is the next segment."""

_ORIENTATION = 0x0112


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The bare picture: `kind` 'JPEG', 'PNG' or 'WEBP'; sizes in pixels, as the header has them; EXIF's orientation."""

    kind: str
    content: bytes
    width: int
    height: int
    orientation: int


def bare(raw: bytes) -> Picture:
    """Only the picture of this file, its first frame where it moves.

    Raises BadPhoto: 'fault_photo_kind' where it is none of the three, 'fault_photo_broken' where it is cut or bent.
    """
    if not raw:
        raise BadPhoto("fault_photo_broken")
    if raw.startswith(b"\xff\xd8\xff"):
        return _jpeg(raw)
    if raw.startswith(_PNG):
        return _png(raw)
    if raw[:4] == b"RIFF" and raw[8:12] == b"WEBP":
        return _webp(raw)
    raise BadPhoto("fault_photo_kind")


def _segments(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """The segments of a JPEG after its SOI, to its EOI, as marker and bytes; a scan has its coded pixels with it."""
    at = 2
    while at + 2 <= len(raw):
        if raw[at] != 0xFF:
            raise BadPhoto("fault_photo_broken")
        marker = raw[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if marker == _EOI:
            yield marker, raw[at : at + 2]
            return
        end = at + 2 + int.from_bytes(raw[at + 2 : at + 4])
        if marker == _SOS:
            following = _MARKER.search(raw, end)
            end = following.start() if following else len(raw)
        if end < at + 4 or end > len(raw):
            raise BadPhoto("fault_photo_broken")
        yield marker, raw[at:end]
        at = end


def _jpeg(raw: bytes) -> Picture:
    kept, orientation, scans, size = [b"\xff\xd8"], UPRIGHT, 0, (0, 0)
    for number, (marker, segment) in enumerate(_segments(raw)):
        body = segment[4:]
        if marker in _OTHER_FRAMES:
            raise BadPhoto("fault_photo_kind")
        if marker in _FRAMES:
            if size != (0, 0):  # a second size would not be the one that was looked at
                raise BadPhoto("fault_photo_broken")
            size = int.from_bytes(body[3:5]), int.from_bytes(body[1:3])
        scans += marker == _SOS
        if number > MOST_PARTS or scans > MOST_SCANS:
            raise BadPhoto("fault_photo_broken")
        if marker == _EXIF and body.startswith(b"Exif\0\0") and orientation == UPRIGHT:
            orientation = _orientation(body)
        if marker in _NEEDED or (marker in _COLOURS and body.startswith(_COLOURS[marker])):
            kept.append(segment)
    return _picture("JPEG", b"".join(kept), size, orientation)


def _chunks(raw: bytes, at: int, *, riff: bool) -> Iterator[tuple[bytes, bytes, bytes]]:
    """The chunks of a PNG or RIFF file: kind, body, and all of their bytes. One that is cut is the last."""
    count = 0
    while at + 8 <= len(raw):
        count += 1
        if count > MOST_PARTS:
            raise BadPhoto("fault_photo_broken")
        head = raw[at : at + 8]
        if riff:  # RIFF: little-endian, padded to even
            kind, length = head[:4], int.from_bytes(head[4:], "little")
            end = at + 8 + length + length % 2
        else:  # PNG: big-endian, a checksum behind
            kind, length = head[4:], int.from_bytes(head[:4])
            end = at + 12 + length
        yield kind, raw[at + 8 : at + 8 + length], raw[at:end]
        at = end


def _png(raw: bytes) -> Picture:
    kept, orientation, size = [_PNG], UPRIGHT, (0, 0)
    for kind, body, whole in _chunks(raw, len(_PNG), riff=False):
        if (kind == b"IHDR") != (len(kept) == 1):  # it comes first, and once
            raise BadPhoto("fault_photo_broken")
        if kind == b"IHDR":
            size = int.from_bytes(body[:4]), int.from_bytes(body[4:8])
        if kind == b"eXIf":
            orientation = _orientation(body)
        if kind in {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}:
            kept.append(whole)
        if kind == b"IEND":
            break
    return _picture("PNG", b"".join(kept), size, orientation)


def _webp(raw: bytes) -> Picture:
    kept: dict[bytes, bytes] = {}
    order: tuple[bytes, ...]
    orientation = UPRIGHT
    for kind, body, whole in _chunks(raw, len(b"RIFFsizeWEBP"), riff=True):
        if kind == b"EXIF":
            orientation = _orientation(body)
        kept.setdefault(kind, whole)  # of the frames that move, the first
    if b"VP8X" in kept:
        extended = kept[b"VP8X"]
        if len(extended) < 18:
            raise BadPhoto("fault_photo_broken")
        order = (b"VP8X", b"ANIM", b"ANMF", b"ALPH", b"VP8 ", b"VP8L")
        size = _little(extended[12:15]) + 1, _little(extended[15:18]) + 1
    elif b"VP8L" in kept:
        order = (b"VP8L",)  # alone: the size that is looked at must be the one that is decoded
        packed = _little(kept[b"VP8L"][9:13])
        size = (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
    else:
        order = (b"VP8 ",)
        head = kept.get(b"VP8 ", b"")
        size = _little(head[14:16]) & 0x3FFF, _little(head[16:18]) & 0x3FFF
    content = b"WEBP" + b"".join(kept[kind] for kind in order if kind in kept)
    return _picture("WEBP", b"RIFF" + len(content).to_bytes(4, "little") + content, size, orientation)


def _little(number: bytes) -> int:
    return int.from_bytes(number, "little")


def _picture(kind: str, content: bytes, size: tuple[int, int], orientation: int) -> Picture:
    width, height = size
    if not width or not height:
        raise BadPhoto("fault_photo_broken")
    return Picture(kind=kind, content=content, width=width, height=height, orientation=orientation)


def _orientation(exif: bytes) -> int:
    """The orientation that this EXIF block names, 1 to 8; upright where it names none or can't be read.

    Only the first directory is walked (at most 65,535 entries of 12 bytes) and nothing that it points to is followed.
    """
    tiff = exif.removeprefix(b"Exif\0\0")
    if tiff[:4] == b"II*\0":
        return _turned(tiff, "little")
    return _turned(tiff, "big") if tiff[:4] == b"MM\0*" else UPRIGHT


def _turned(tiff: bytes, order: Literal["little", "big"]) -> int:
    start = int.from_bytes(tiff[4:8], order)
    count = int.from_bytes(tiff[start : start + 2], order)
    for at in range(start + 2, min(start + 2 + 12 * count, len(tiff)), 12):
        if int.from_bytes(tiff[at : at + 2], order) == _ORIENTATION:
            value = int.from_bytes(tiff[at + 8 : at + 10], order)
            return value if 1 <= value <= 8 else UPRIGHT
    return UPRIGHT
