"""Photos of messages: only pictures come in, nothing but the picture is kept, and only its owner sees it."""

import struct
import zlib
from io import BytesIO
from uuid import UUID, uuid4

from PIL import Image
from werkzeug.test import TestResponse

from bot.core.flow import Page
from tests.webhooks.pages.conftest import Pages
from tests.webhooks.pages.practice import Seat, crowd, link, raw, visitor
from webhooks.pages.opened import LARGEST

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(document.domain)</script>"
HERE = b"GPSLatitude-zebra"


def jpeg(*, exif: bool = False, comment: bytes = b"") -> bytes:
    """A small photo; with where it was taken, and words in it."""
    out = BytesIO()
    picture = Image.new("RGB", (64, 48), "olive")
    data = Image.Exif()
    if exif:
        data[0x010E] = HERE.decode()
        data[0x010F] = "Zebraphone"
        data.get_ifd(0x8825)[29] = "1970:01:02"
        data.get_ifd(0x8825)[2] = (38.0, 53.0, 51.6)
    picture.save(out, "JPEG", exif=data, comment=comment)
    return out.getvalue()


def bomb() -> bytes:
    """A PNG of a few hundred bytes that says it has 900 million pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(1000)))
        + chunk(b"IEND", b"")
    )


def seat_of(pages: Pages, page: Page = Page.MESSAGES, **more: object) -> Seat:
    """A browser with the page open."""
    (seat,) = crowd(pages, link(pages, page, **more), inside=True)  # type: ignore[arg-type]
    return seat


def upload(seat: Seat, *files: bytes, name: str = "photo.jpg", kind: str = "image/jpeg") -> TestResponse:
    """Send photos, put together by hand: what the test client puts together goes by a file of its own."""
    part = b"--zebra\r\nContent-Disposition: form-data; name=%s\r\n\r\n%s\r\n"
    head = f'"photo"; filename="{name}"\r\nContent-Type: {kind}'.encode()
    body = part % (b'"csrf"', seat.proof.encode()) + b"".join(part % (head, content) for content in files)
    return raw(seat, seat.here, body + b"--zebra--\r\n", content_type="multipart/form-data; boundary=zebra")


def kept(pages: Pages) -> list[UUID]:
    """The ids of all photos, oldest first."""
    with pages.rt.begin() as db:
        return list(db.conn.exec_driver_sql("SELECT id FROM photos ORDER BY at, id").scalars())


def test_what_is_no_picture_is_refused_whatever_it_is_called(pages: Pages) -> None:
    seat = seat_of(pages)
    for content in (
        SVG,
        HTML,
        b"",
        b"\xff\xd8\xff",
        b"GIF89a" + HTML,
        b"%PDF-1.7",
        b"PK\x03\x04",
        jpeg()[:-200],
        bomb(),
    ):
        for name, kind in (
            ("photo.jpg", "image/jpeg"),
            ("photo.svg", "image/svg+xml"),
            ("../../x.html", "text/html"),
        ):
            assert upload(seat, content, name=name, kind=kind).status_code == 422, content[:20]
    assert kept(pages) == []


def test_one_file_too_many_bytes_is_refused_before_it_is_read(pages: Pages) -> None:
    seat = seat_of(pages)
    assert upload(seat, bytes(50 * 1024 * 1024)).status_code == 413
    assert upload(seat, bytes(LARGEST)).status_code == 413
    assert upload(seat, jpeg() + bytes(11 * 1024 * 1024)).status_code == 422
    assert kept(pages) == []


def test_a_photo_comes_back_without_where_it_was_taken(pages: Pages) -> None:
    """V5.4, V14.2.8: only the pixels come through, and whatever hides behind the picture stays outside."""
    sent = jpeg(exif=True, comment=b"Ana Morales") + b"PK\x03\x04" + HTML
    assert HERE in sent
    seat = seat_of(pages)
    assert upload(seat, sent, name="IMG_Ana_1970.jpg").status_code == 303
    (photo,) = kept(pages)
    answer = seat.get(f"{seat.here}/photo/{photo}")
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    for hidden in (HERE, b"Zebraphone", b"1970", b"Morales", b"script", b"PK\x03\x04", b"Exif", b"GPS"):
        assert hidden not in answer.data
    with Image.open(BytesIO(answer.data)) as picture:
        assert (picture.format, picture.size, dict(picture.getexif())) == ("JPEG", (64, 48), {})
    assert "IMG_Ana" not in seat.get().text


def test_no_more_than_three_photos_of_a_message_are_kept(pages: Pages) -> None:
    assert upload(seat_of(pages), *[jpeg()] * 5).status_code == 303
    assert len(kept(pages)) == 3


def test_a_photo_is_its_patients_alone(pages: Pages) -> None:
    """V8.2.2."""
    ana = seat_of(pages)
    upload(ana, jpeg())
    (photo,) = kept(pages)
    there = f"/photo/{photo}"
    assert ana.get(ana.here + there).status_code == 200
    ben = seat_of(pages, patient=pages.house.patient("Ben"))  # on the same phone, even
    other_page, locked, stranger = seat_of(pages, Page.HISTORY), crowd(pages, link(pages))[0], visitor(pages)
    nobody = f"/photo/{uuid4()}"
    for seat in (ben, other_page, locked):
        assert seat.get(seat.here + there).status_code == 404
        assert seat.get(seat.here + there).data == seat.get(seat.here + nobody).data
    assert stranger.get(ana.here + there).status_code == 404
    assert ben.get(f"{ben.here}/photo/../{photo}").status_code == 404


def test_a_photo_is_gone_with_its_page(pages: Pages) -> None:
    seat = seat_of(pages)
    upload(seat, jpeg())
    (photo,) = kept(pages)
    seat.post(f"{seat.here}/done", {})
    assert seat.get(f"{seat.here}/photo/{photo}").status_code == 404


def test_photos_that_nobody_asked_for_are_not_kept(pages: Pages) -> None:
    for page, form in ((Page.PREFERENCES, None), (Page.FORM, "refill")):
        seat = seat_of(pages, page, form=form)
        photos = {name: [(BytesIO(jpeg()), "x.jpg", "image/jpeg")] for name in ("photo", "file", "medicine")}
        assert seat.post(seat.here, dict(photos)).status_code in (200, 303, 422)
    assert kept(pages) == []
