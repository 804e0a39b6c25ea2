"""Where wrong answers come from: a network that guesses at many patients is refused, and no other one with it."""

from datetime import timedelta

from tests.webhooks.pages.conftest import Pages
from tests.webhooks.pages.practice import Seat, crowd, link, raw

HOUR_LIMIT = 30
PUBLIC, ELSEWHERE = "8.8.8.8", "9.9.9.9"


def guess(
    pages: Pages, address: str, times: int, *, who: int = 0, headers: dict[str, str] | None = None
) -> None:
    """So many wrong answers from this address, spread over patients so that no other limit is reached."""
    for number in range(0, times, 5):
        phone = f"+1202555{who:02d}{number:02d}"
        made = link(pages, patient=pages.house.patient("Ben", phone), phone=phone)
        for seat in crowd(pages, made, min(5, times - number)):
            assert answered(seat, address, year="1999", headers=headers) == 422


def answer(pages: Pages, address: str) -> int:
    """The status for Ana's right answer from this address."""
    (seat,) = crowd(pages, link(pages))
    return answered(seat, address)


def answered(seat: Seat, address: str, *, year: str = "1970", headers: dict[str, str] | None = None) -> int:
    """The status for an answer from this address."""
    data = {"csrf": seat.proof, "day": "2", "month": "1", "year": year}
    return raw(seat, f"{seat.here}/unlock", data, address=address, headers=headers).status_code


def test_thirty_wrong_answers_of_one_network_refuse_it_for_an_hour_and_no_other(pages: Pages) -> None:
    guess(pages, PUBLIC, HOUR_LIMIT - 1)
    assert answer(pages, PUBLIC) == 303
    guess(pages, PUBLIC, 1, who=1)
    assert answer(pages, PUBLIC) == 422
    assert answer(pages, ELSEWHERE) == 303
    assert answer(pages, f"::ffff:{PUBLIC}") == 422  # the same host, at a socket for both kinds
    assert answer(pages, f"::ffff:{ELSEWHERE}") == 303
    pages.rt.move_clock(timedelta(hours=1, seconds=1))
    assert answer(pages, PUBLIC) == 303


def test_a_network_is_told_by_its_address_and_not_by_what_it_says(pages: Pages) -> None:
    """V4.1.3, V15.3.4: whatever stands in the headers of a proxy that there is none of."""
    told = {
        "X-Forwarded-For": ELSEWHERE,
        "X-Real-IP": ELSEWHERE,
        "Forwarded": f"for={ELSEWHERE}",
        "X-Forwarded-Host": "evil.example",
    }
    guess(pages, PUBLIC, HOUR_LIMIT, headers=told)
    assert answer(pages, ELSEWHERE) == 303
    assert answer(pages, PUBLIC) == 422


def test_all_of_a_house_is_one_network_in_ipv6(pages: Pages) -> None:
    guess(pages, "2606:4700:1:2::1", 15)
    guess(pages, "2606:4700:1:2:ffff::9", 15, who=1)
    assert answer(pages, "2606:4700:1:2:abcd::7") == 422
    assert answer(pages, "2606:4700:1:3::1") == 303


def test_an_address_inside_is_our_proxys_and_is_not_counted(pages: Pages) -> None:
    for address in ("127.0.0.1", "10.1.2.3", "192.168.0.9", "::1", "fd00::1", "::ffff:10.0.0.1", "", "unix:"):
        assert answer(pages, address) == 303
    with pages.rt.begin() as db:
        kept = db.conn.exec_driver_sql("SELECT scope FROM guards").scalars().all()
    assert set(kept) == {"patient"}


def test_no_address_is_kept(pages: Pages) -> None:
    guess(pages, PUBLIC, 1)
    with pages.rt.begin() as db:
        kept = db.conn.exec_driver_sql(
            "SELECT coalesce(string_agg(g::text, '|'), '') FROM guards g"
        ).scalar_one()
    assert PUBLIC not in kept
    assert PUBLIC.encode().hex() not in kept
