"""An uploaded photo comes out as a new, small JPEG, or is refused by name; no bytes whatever do anything else."""

import struct
import zlib
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from bot.errors import BadPhoto
from bot.service.take_photo import LONGEST_SIDE, MOST_BYTES, Photo, take

RED, GREEN, BLUE, WHITE = (254, 0, 0), (0, 128, 0), (0, 0, 254), (255, 255, 255)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def corners(width: int = 64, height: int = 32, mode: str = "RGB") -> Image.Image:
    """Left half red, right half blue, a green square in the upper left corner."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (width // 2, 0, width, height))
    image.paste(GREEN, (0, 0, width // 4, height // 2))
    return image.convert(mode)


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, *chunks: bytes, depth: int = 8) -> bytes:
    """A grey PNG of zeros, as small as it gets; `chunks` stand behind the header."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0))
    row = bytes(1 + (width * depth + 7) // 8)
    pixels = zlib.compress(row * height, 9) if width * height < 1 << 28 else zlib.compress(row[:100])
    return b"".join((b"\x89PNG\r\n\x1a\n", head, *chunks, chunk(b"IDAT", pixels), chunk(b"IEND", b"")))


def seen(photo: Photo) -> Image.Image:
    """The photo as a browser would show it; checks on the way that it is what it says."""
    assert photo.kind == "image/jpeg"
    image = Image.open(BytesIO(photo.content), formats=["JPEG"])
    assert image.size == (photo.width, photo.height)
    assert max(image.size) <= LONGEST_SIDE
    assert markers(photo.content) <= {0xE0, 0xDB, 0xC2, 0xC4, 0xDA}
    return image.convert("RGB")


def markers(jpeg: bytes) -> set[int]:
    """The kinds of segments, read to the end marker, behind which nothing may stand."""
    at, found = 2, set()
    while jpeg[at + 1] != 0xD9:
        found.add(jpeg[at + 1])
        in_scan = jpeg[at + 1] == 0xDA
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4])
        while in_scan and not (jpeg[at] == 0xFF and jpeg[at + 1] != 0):
            at += 1
    assert jpeg[at:] == b"\xff\xd9"
    return found


def near(image: Image.Image, at: tuple[int, int], colour: tuple[int, int, int]) -> bool:
    there = image.getpixel(at)
    assert isinstance(there, tuple)
    return all(abs(one - other) < 24 for one, other in zip(there, colour, strict=True))


def fault(raw: bytes) -> str:
    with pytest.raises(BadPhoto) as refused:
        take(raw)
    assert refused.value.__cause__ is None
    return refused.value.fault


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[tuple[bytes, list[str]]]:
    """What the decoder is handed: bytes, and the formats that they may have."""
    handed, real = [], Image.open

    def spy(file: BytesIO, formats: list[str]) -> Image.Image:
        handed.append((file.getvalue(), formats))
        return real(file, formats=formats)

    monkeypatch.setattr(Image, "open", spy)
    return handed


KINDS: dict[str, Callable[[], bytes]] = {
    "JPEG": lambda: encoded(corners(), "JPEG", quality=95, subsampling=0),
    "progressive": lambda: encoded(corners(), "JPEG", quality=95, progressive=True),
    "grey JPEG": lambda: encoded(corners(mode="L"), "JPEG", quality=95),
    "PNG": lambda: encoded(corners(), "PNG"),
    "palette": lambda: encoded(corners(mode="P"), "PNG"),
    "grey PNG": lambda: encoded(corners(mode="L"), "PNG"),
    "black and white": lambda: encoded(corners(mode="1"), "PNG"),
    "RGBA": lambda: encoded(corners(mode="RGBA"), "PNG"),
    "WebP": lambda: encoded(corners(), "WEBP", quality=95),
    "lossless WebP": lambda: encoded(corners(), "WEBP", lossless=True),
    "WebP with alpha": lambda: encoded(corners(mode="RGBA"), "WEBP", lossless=True),
    "CMYK": lambda: encoded(corners(mode="CMYK"), "JPEG", quality=95),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_photo_shows_what_the_upload_showed(kind: str) -> None:
    image = seen(take(KINDS[kind]()))
    assert image.size == (64, 32)
    if kind in {"grey JPEG", "grey PNG"}:
        wanted = corners(mode="L").convert("RGB")
    elif kind == "black and white":
        wanted = corners(mode="1").convert("RGB").resize((1, 1))
        assert near(image.resize((1, 1)), (0, 0), wanted.getpixel((0, 0)))  # type: ignore[arg-type]
        return
    else:
        wanted = corners()
    for at in ((5, 5), (24, 24), (56, 16)):
        assert near(image, at, wanted.getpixel(at))  # type: ignore[arg-type]


def test_sixteen_bits_keep_their_lightness() -> None:
    grey = Image.new("I;16", (32, 32), 0x8000)
    for raw in (encoded(grey, "PNG"), encoded(grey, "PNG", transparency=7)):
        assert near(seen(take(raw)), (16, 16), (128, 128, 128))
    rows = b"".join(b"\0" + struct.pack(">HHH", 0xFE00, 0x8000, 0) * 8 for _ in range(8))
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 16, 2, 0, 0, 0))
    deep = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    assert near(seen(take(deep)), (4, 4), (254, 128, 0))


def test_what_is_transparent_becomes_white() -> None:
    clear = Image.new("RGBA", (32, 32), (0, 0, 0, 0))
    clear.paste(RED, (0, 0, 16, 32))
    indexed = Image.new("P", (32, 32), 0)
    indexed.putpalette([0, 0, 0, 255, 0, 0])
    indexed.paste(1, (0, 0, 16, 32))
    uploads = (
        encoded(clear, "PNG"),
        encoded(clear, "WEBP", lossless=True),
        encoded(indexed, "PNG", transparency=0),
        encoded(indexed, "PNG", transparency=b"\x00\xfe"),
        encoded(clear.convert("LA"), "PNG"),
    )
    for raw in uploads:
        image = seen(take(raw))
        assert near(image, (26, 16), WHITE)
        assert not near(image, (5, 16), WHITE)


@pytest.mark.parametrize("size", [(5000, 2500), (2500, 5000), (4096, 16), (2049, 1), (1, 2049), (3000, 3000)])
def test_a_large_photo_is_made_smaller(size: tuple[int, int]) -> None:
    for kind in ("JPEG", "PNG", "WEBP"):
        photo = take(encoded(corners(*size), kind))
        assert max(photo.width, photo.height) == LONGEST_SIDE
        wanted = round(min(size) * LONGEST_SIDE / max(size))
        assert abs(min(photo.width, photo.height) - max(1, wanted)) <= 1
        if min(size) > 1000:
            image = seen(photo)
            assert near(image, (photo.width // 8, photo.height // 4), GREEN)
            assert near(image, (photo.width * 3 // 8, photo.height * 3 // 4), RED)
            assert near(image, (photo.width * 7 // 8, photo.height // 2), BLUE)


def test_a_small_photo_keeps_its_size() -> None:
    photo = take(encoded(corners(2048, 100), "PNG"))
    assert (photo.width, photo.height) == (2048, 100)


def test_noise_of_the_largest_size_can_be_written() -> None:
    noise = Image.merge("RGB", [Image.effect_noise((2048, 2048), 200) for _ in range(3)])
    assert seen(take(encoded(noise, "JPEG", quality=70))).size == (2048, 2048)


# The upper left corner is green, and the right half blue; told where they are once it stands upright.
UPRIGHT: dict[int, Callable[[Image.Image], Image.Image]] = {
    1: lambda image: image,
    2: lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    3: lambda image: image.rotate(180),
    4: lambda image: image.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
    5: lambda image: image.rotate(-90, expand=True).transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    6: lambda image: image.rotate(-90, expand=True),
    7: lambda image: image.rotate(90, expand=True).transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    8: lambda image: image.rotate(90, expand=True),
}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", UPRIGHT)
def test_a_photo_stands_upright(orientation: int, kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = seen(take(encoded(corners(), kind, exif=exif)))
    wanted = UPRIGHT[orientation](corners())
    assert image.size == wanted.size
    right, bottom = image.width, image.height
    for at in ((4, 4), (right - 5, 4), (4, bottom - 5), (right - 5, bottom - 5)):
        assert near(image, at, wanted.getpixel(at))  # type: ignore[arg-type]


SECRETS = (b"PLANTED", "PLANTED".encode("utf-16-le"))


def telling(kind: str) -> bytes:
    """A picture that tells where it was made, by whom and with what, in every way that its kind has."""
    exif = Image.Exif()
    exif[0x010F] = "PLANTED maker"
    exif[0x0112] = 6
    exif[0x9C9B] = "PLANTED".encode("utf-16-le")
    exif.get_ifd(0x8769)[0x927C] = b"PLANTED MakerNote"
    exif.get_ifd(0x8825).update({1: "N", 2: (40.0, 26.0, 46.0), 29: "PLANTED"})
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf tiff:Orientation="3">PLANTED</rdf></x:xmpmeta>'
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes() + b"PLANTED"
    image = corners()
    if kind == "JPEG":
        raw = encoded(image, kind, exif=exif, xmp=xmp, comment=b"PLANTED", icc_profile=profile)
        photoshop = b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0\0\0\0\x07PLANTED\0"
        iptc = b"\xff\xed" + struct.pack(">H", len(photoshop) + 2) + photoshop
        return raw[:2] + iptc + b"\xff\xef\0\x09PLANTED" + raw[2:]
    if kind == "PNG":
        notes = PngImagePlugin.PngInfo()
        notes.add_text("Author", "PLANTED")
        notes.add_itxt("XML:com.adobe.xmp", xmp)
        notes.add(b"prVt", b"PLANTED", after_idat=True)
        return encoded(image, kind, exif=exif, pnginfo=notes, icc_profile=profile)
    return encoded(image, kind, exif=exif, xmp=xmp, icc_profile=profile)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_nothing_of_what_the_file_tells_beside_its_pixels_is_kept(kind: str) -> None:
    raw = telling(kind)
    assert SECRETS[0] in raw
    photo = take(raw)
    assert seen(photo).size == (32, 64)  # EXIF turns it; XMP does not
    assert not any(secret in photo.content for secret in (*SECRETS, b"Exif", b"http", b"8BIM", b"ICC_"))
    assert set(Image.open(BytesIO(photo.content)).info) <= {
        "jfif",
        "jfif_version",
        "jfif_unit",
        "jfif_density",
        "progressive",
        "progression",
    }


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(
    "tail", [b"<html><script>alert(1)</script>", b"PK\x03\x04 an archive PK\x05\x06", b"%PDF-1.7"]
)
def test_a_second_file_behind_the_picture_is_gone(kind: str, tail: bytes) -> None:
    photo = take(encoded(corners(), kind) + tail)
    seen(photo)
    assert tail[:5] not in photo.content


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_decoder_gets_the_bare_picture_as_what_it_is(
    kind: str, decoded: list[tuple[bytes, list[str]]]
) -> None:
    take(telling(kind) + b"PLANTED")
    ((content, formats),) = decoded
    assert formats == [kind]
    assert not any(secret in content for secret in SECRETS)


def test_a_page_hidden_within_a_picture_is_gone() -> None:
    page = b"*/<script>alert(document.domain)</script>/*"
    raw = encoded(corners(), "JPEG", comment=page)
    assert page in raw
    assert b"script" not in take(raw).content


@pytest.mark.parametrize(
    "raw",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<?xml version='1.0'?><svg/>",
        b"<!doctype html><title>photo.jpg</title>",
        b"%PDF-1.7\n1 0 obj",
        encoded(corners(), "GIF"),
        encoded(corners(), "BMP"),
        encoded(corners(), "TIFF"),
        encoded(corners(), "AVIF"),
        encoded(corners(), "JPEG2000"),
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
        b"RIFF\x24\0\0\0WAVEfmt ",
        b"PK\x03\x04",
        b"%!PS-Adobe-3.0 EPSF-3.0",
        b"\0",
        b"\0" * 1000,
    ],
    ids=lambda raw: repr(raw[:16]),
)
def test_other_kinds_of_files_are_refused(raw: bytes) -> None:
    assert fault(raw) == "fault_photo_kind"


def test_a_moving_picture_shows_its_first_frame() -> None:
    frames = [Image.new("RGB", (32, 32), colour) for colour in (RED, GREEN, BLUE)]
    clear = [frame.convert("RGBA") for frame in frames]
    for raw in (
        encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=100),
        encoded(clear[0], "WEBP", save_all=True, append_images=clear[1:], duration=100, lossless=True),
        encoded(frames[0], "PNG", save_all=True, append_images=frames[1:]),
        encoded(frames[0], "MPO", save_all=True, append_images=frames[1:]),
    ):
        assert near(seen(take(raw)), (16, 16), RED)


def test_too_many_bytes_are_refused_unread() -> None:
    assert fault(bytes(50 * 1024 * 1024)) == "fault_photo_size"
    whole = encoded(corners(), "JPEG")
    padded = whole + bytes(MOST_BYTES - len(whole))
    assert seen(take(padded)).size == (64, 32)
    assert fault(padded + b"\0") == "fault_photo_size"


def test_too_many_pixels_are_refused_by_the_header(decoded: list[tuple[bytes, list[str]]]) -> None:
    claims = [
        png(50_000, 50_000),  # a claim
        png(20_000, 10_000, depth=1),  # really so large, in a few hundred bytes
        png(40_000_001, 1, depth=1),
        png(1, 70_000, depth=1),
        png(2**31 - 1, 2**31 - 1),
        resized_jpeg(65_000, 65_000),
        resized_webp(16_384, 16_384),
        resized_webp(5_000, 5_000),
    ]
    assert len(claims[1]) < 30_000
    for raw in claims:
        assert fault(raw) == "fault_photo_size"
    assert decoded == []
    assert seen(take(png(8_000, 5_000, depth=1))).size == (2048, 1280)
    assert decoded[0][1] == ["PNG"]


def resized_jpeg(width: int, height: int) -> bytes:
    raw = bytearray(encoded(corners(), "JPEG"))
    at = raw.index(b"\xff\xc0")
    raw[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(raw)


def resized_webp(width: int, height: int) -> bytes:
    raw = bytearray(
        encoded(corners(mode="RGBA"), "WEBP", save_all=True, append_images=[Image.new("RGB", (64, 32))])
    )
    at = raw.index(b"VP8X")
    raw[at + 12 : at + 18] = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return bytes(raw)


@pytest.mark.parametrize("kind", ["JPEG", "progressive", "PNG", "WebP", "lossless WebP", "RGBA"])
@pytest.mark.parametrize("part", [0.2, 0.5, 0.8])
def test_a_cut_photo_is_refused(kind: str, part: float) -> None:
    raw = KINDS[kind]()
    assert fault(raw[: int(len(raw) * part)]) == "fault_photo_broken"


def test_an_empty_file_is_refused() -> None:
    assert fault(b"") == "fault_photo_broken"


REAL = [*(make() for make in KINDS.values()), *(telling(kind) for kind in ("JPEG", "PNG", "WEBP"))]
HEADS = [b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP", b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0"]


def a_photo_or_bad_photo(raw: bytes) -> None:
    with suppress(BadPhoto):
        seen(take(raw))


@settings(deadline=None, max_examples=300)
@given(head=st.sampled_from(HEADS), rest=st.binary(max_size=400))
@example(head=b"\xff\xd8\xff", rest=b"")
@example(head=b"\xff\xd8\xff", rest=b"\xff" * 9)
def test_any_bytes_are_a_photo_or_bad_photo(head: bytes, rest: bytes) -> None:
    a_photo_or_bad_photo(head + rest)


@settings(deadline=None, max_examples=400)
@given(data=st.data(), raw=st.sampled_from(REAL))
def test_any_damage_to_a_picture_makes_a_photo_or_bad_photo(data: st.DataObject, raw: bytes) -> None:
    bent = bytearray(raw)
    places = st.integers(0, len(raw) - 1)
    for at, value in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), max_size=8)):
        bent[at] = value
    start, end = sorted((data.draw(places), data.draw(places)))
    if data.draw(st.booleans()):
        del bent[start : min(end, start + 40)]
    if data.draw(st.booleans()):
        bent[start:start] = raw[start:end]
    a_photo_or_bad_photo(
        bytes(bent[: data.draw(st.integers(0, len(bent)))] if data.draw(st.booleans()) else bent)
    )
