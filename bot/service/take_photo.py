"""Take a photo that a patient uploaded: a new, small JPEG of the same scene, with nothing of the old file in it.

The file is not trusted. Its size in bytes and, from the header, in pixels are looked at before anything is decoded;
`picture.bare` hands the decoder the pixels' parts only; the decoder is pinned to the one format that was sniffed; and
what is kept is painted anew, so that neither metadata nor a second file behind the first can come along. Pillow's
own alarm (`Image.MAX_IMAGE_PIXELS`, 89 megapixels) lies above the bounds here: it never gets to warn.

Colours are taken as sRGB: profiles are dropped unread, since reading them is one more parser of foreign bytes.

Memory, at the worst, beside the file itself (at most 10 MB, and as much again for its bare copy). Pillow keeps 4 bytes
a pixel, and 8 a row. PNG: 160 MB at 40 megapixels. JPEG: where half the size or less is enough it is decoded so, which
makes 40 MB; a progressive one needs its coefficients whole, 2 bytes each: 240 MB at 40 megapixels, 320 MB in CMYK.
WebP: its decoder has up to three canvases of its own and Pillow two, 20 bytes a pixel, so it gets 16 megapixels only:
320 MB. White ground, colours and shrinking go in bands of about a megapixel. Measured: 210, 350 and 260 MB, below 2 s.
"""

import threading
from dataclasses import dataclass
from io import BytesIO
from typing import Literal

from PIL import Image

from bot.errors import BadPhoto
from bot.service.picture import Picture, bare

MOST_BYTES = 10 * 1024 * 1024

_ONE_AT_A_TIME = threading.Lock()
"""In each process: what one photo can need of memory is then what all can need."""

MOST_PIXELS = {"JPEG": 40_000_000, "PNG": 40_000_000, "WEBP": 16_777_216}
"""By the kind of file; what a decoder of that kind needs of memory decides."""

MOST_SIDE = 65_535
"""Pixels of a side; what JPEG can have. Every row costs memory of its own, however short it is."""

LONGEST_SIDE = 2048  # pixels, of what is kept

_QUALITY = 85
_BAND = 1_000_000  # pixels

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What makes a picture upright, by its EXIF orientation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """A photo as it is kept and shown; `width` and `height` in pixels, the longer one at most `LONGEST_SIDE`."""

    kind: Literal["image/jpeg"] = "image/jpeg"
    content: bytes
    width: int
    height: int


def take(raw: bytes) -> Photo:
    """The photo in this uploaded file: JPEG, PNG or WebP; of a moving one the first frame.

    Raises BadPhoto and nothing else: 'fault_photo_size' for too many bytes or pixels, 'fault_photo_kind' for another
    kind of file (HEIC too), 'fault_photo_broken' for an empty, cut or bent one.
    """
    if len(raw) > MOST_BYTES:
        raise BadPhoto("fault_photo_size")
    picture = bare(raw)
    pixels = picture.width * picture.height
    if pixels > MOST_PIXELS[picture.kind] or max(picture.width, picture.height) > MOST_SIDE:
        raise BadPhoto("fault_photo_size")
    try:
        with _ONE_AT_A_TIME:
            return _painted(picture)
    except Exception:  # a decoder of foreign bytes raises whatever it likes, MemoryError too
        raise BadPhoto("fault_photo_broken") from None


def _painted(picture: Picture) -> Photo:
    """Decode, shrink, turn upright, encode."""
    size = (picture.width, picture.height)
    with Image.open(BytesIO(picture.content), formats=[picture.kind]) as image:
        if image.size != size:
            raise ValueError("the decoder sees another size than the header was read to have")
        ratio = min(1.0, LONGEST_SIDE / max(size))
        image.draft(None, (max(1, int(size[0] * ratio)), max(1, int(size[1] * ratio))))
        image.load()
        canvas = _shrunk(image)
    canvas.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    if picture.orientation in _TURNS:
        canvas = canvas.transpose(_TURNS[picture.orientation])
    out = BytesIO()
    canvas.save(out, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
    return Photo(content=out.getvalue(), width=canvas.width, height=canvas.height)


def _shrunk(image: Image.Image) -> Image.Image:
    """The picture in RGB on white, made smaller by a whole factor: less than twice as large as it will be kept."""
    factor = max(1, max(image.size) // LONGEST_SIDE)
    width, height = image.size
    canvas = Image.new("RGB", (-(-width // factor), -(-height // factor)))
    rows = max(1, _BAND // (width * factor)) * factor
    for top in range(0, height, rows):
        band = image.crop((0, top, width, min(height, top + rows)))
        canvas.paste(_on_white(band).reduce(factor), (0, top // factor))
    return canvas


def _on_white(band: Image.Image) -> Image.Image:
    """RGB, white where nothing was painted."""
    if band.mode == "I;16":  # converting would cut at 255; its one transparent grey is left as it is
        return band.point(lambda grey: grey * (1 / 256)).convert("L").convert("RGB")
    if not band.has_transparency_data:
        return band.convert("RGB")
    painted = band.convert("RGBA")
    ground = Image.new("RGB", band.size, "white")
    ground.paste(painted, mask=painted.getchannel("A"))
    return ground
