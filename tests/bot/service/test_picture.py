"""What makes the pixels goes on to the decoder, and nothing else; what would cost too much goes nowhere."""

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from bot.errors import BadPhoto
from bot.service.picture import MOST_PARTS, MOST_SCANS, bare


def encoded(kind: str, mode: str = "RGB", **options: object) -> bytes:
    out = BytesIO()
    Image.linear_gradient("L").resize((40, 20)).convert(mode).save(out, kind, **options)
    return out.getvalue()


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def exif(orientation: int, order: str = ">", at: int = 8) -> bytes:
    start = b"MM\0*" if order == ">" else b"II*\0"
    entry = struct.pack(f"{order}HHIHH", 0x0112, 3, 1, orientation, 0)
    return start + struct.pack(f"{order}I", at) + bytes(at - 8) + struct.pack(f"{order}H", 1) + entry


def fault(raw: bytes) -> str:
    with pytest.raises(BadPhoto) as refused:
        bare(raw)
    return refused.value.fault


MODES = {"JPEG": ["RGB", "L", "CMYK"], "PNG": ["RGB", "RGBA", "L", "P"], "WEBP": ["RGB", "RGBA", "L", "P"]}


@pytest.mark.parametrize(("kind", "mode"), [(kind, mode) for kind, modes in MODES.items() for mode in modes])
def test_the_bare_picture_has_the_same_pixels(kind: str, mode: str) -> None:
    raw = encoded(kind, mode)
    picture = bare(raw)
    assert (picture.kind, picture.width, picture.height, picture.orientation) == (kind, 40, 20, 1)
    before, after = Image.open(BytesIO(raw)), Image.open(BytesIO(picture.content))
    assert before.convert("RGBA").tobytes() == after.convert("RGBA").tobytes()


def test_of_a_jpeg_nothing_is_left_that_talks() -> None:
    raw = encoded("JPEG")
    talk = b"".join(segment(marker, b"PLANTED") for marker in (*range(0xE0, 0xF0), 0xFE))
    picture = bare(raw[:2] + talk + raw[2:-2] + talk + raw[-2:] + b"PLANTED")
    assert b"PLANTED" not in picture.content
    assert picture.content == bare(raw).content


def test_of_a_png_nothing_is_left_that_talks() -> None:
    raw = encoded("PNG")
    talk = b"".join(chunk(kind, b"PLANTED") for kind in (b"tEXt", b"zTXt", b"iCCP", b"acTL", b"prVt"))
    picture = bare(raw[:33] + talk + raw[33:-12] + talk + raw[-12:] + b"PLANTED")
    assert picture.content == raw


def test_of_a_webp_nothing_is_left_that_talks() -> None:
    raw = encoded("WEBP", icc_profile=b"PLANTED", xmp=b"PLANTED", exif=b"Exif\0\0" + exif(6))
    picture = bare(raw + b"PLANTED")
    assert picture.orientation == 6
    assert b"PLANTED" not in picture.content
    assert b"Exif" not in picture.content
    assert not Image.open(BytesIO(picture.content)).info.keys() & {"exif", "xmp", "icc_profile"}


def test_a_jpeg_of_too_many_passes_is_refused() -> None:
    raw = encoded("JPEG", progressive=True)
    last = raw.rindex(b"\xff\xda")
    scans = raw.count(b"\xff\xda")
    again = raw[last:-2] * (MOST_SCANS - scans)
    assert bare(raw[:-2] + again + raw[-2:]).width == 40
    assert fault(raw[:-2] + again + raw[last:]) == "fault_photo_broken"


def test_a_picture_in_too_many_parts_is_refused() -> None:
    jpeg, png, webp = encoded("JPEG"), encoded("PNG"), encoded("WEBP")
    note, text, odd = segment(0xFE, b""), chunk(b"tEXt", b"a"), b"ODD \x01\0\0\0a\0"
    for many in (MOST_PARTS // 2, MOST_PARTS + 1):
        files = (jpeg[:2] + note * many + jpeg[2:], png[:33] + text * many + png[33:], webp + odd * many)
        for raw in files:
            if many > MOST_PARTS:
                assert fault(raw) == "fault_photo_broken"
            else:
                assert bare(raw).width == 40


def test_the_size_that_is_told_is_the_one_that_is_decoded() -> None:
    jpeg, png = encoded("JPEG"), encoded("PNG")
    frame = segment(0xC0, struct.pack(">BHHB", 8, 1, 1, 1) + b"\x01\x11\0")
    assert fault(jpeg[:-2] + frame + jpeg[-2:]) == "fault_photo_broken"
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    assert fault(png[:33] + header + png[33:]) == "fault_photo_broken"
    assert fault(png[:8] + chunk(b"tEXt", b"a") + png[8:]) == "fault_photo_broken"
    lossless, lossy = encoded("WEBP", lossless=True)[12:], encoded("WEBP")[12:]
    for both in (lossless + lossy, lossy + lossless):
        picture = bare(b"RIFF\0\0\0\0WEBP" + both)
        assert (b"VP8L" in picture.content) != (b"VP8 " in picture.content)


@pytest.mark.parametrize("marker", [0xC3, 0xC5, 0xC9, 0xCA, 0xCF])
def test_jpeg_as_no_camera_writes_it_is_another_kind(marker: int) -> None:
    assert fault(encoded("JPEG").replace(b"\xff\xc0", bytes((0xFF, marker)))) == "fault_photo_kind"


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("orientation", [0, 1, 6, 8, 9, 65535])
def test_orientation_is_read_in_both_orders_of_bytes(orientation: int, order: str) -> None:
    raw = encoded("JPEG")
    wanted = orientation if 1 <= orientation <= 8 else 1
    for block in (exif(orientation, order), exif(orientation, order, at=30)):
        turned = raw[:2] + segment(0xE1, b"Exif\0\0" + block) + raw[2:]
        assert bare(turned).orientation == wanted


@pytest.mark.parametrize(
    "block",
    [
        b"",
        b"MM",
        b"MM\0*",
        b"MM\0*\xff\xff\xff\xff",
        exif(6)[:15],
        b"XX\0*" + exif(6)[4:],
        b"MM\0*\0\0\0\x08\xff\xff",
    ],
)
def test_orientation_that_cannot_be_read_is_upright(block: bytes) -> None:
    png = encoded("PNG")
    assert bare(png[:33] + chunk(b"eXIf", block) + png[33:]).orientation == 1


def test_what_has_no_size_is_broken() -> None:
    for raw in (b"\xff\xd8\xff\xd9", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP", b""):
        assert fault(raw) == "fault_photo_broken"
    assert fault(b"\xff\xd8" + segment(0xDB, b"") + b"no marker") == "fault_photo_broken"
    assert fault(b"\xff\xd8\xff\xe0\0\0") == "fault_photo_broken"
    assert fault(b"\xff\xd8\xff\xe0\xff\xff") == "fault_photo_broken"
    assert fault(b"RIFF\0\0\0\0WEBPVP8X\x02\0\0\0\0\0") == "fault_photo_broken"
