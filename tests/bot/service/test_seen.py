"""Which keys there were, and in which line first."""

from bot.service.seen import Seen


def test_the_first_line_of_each_key_is_known_however_many_there_are() -> None:
    seen, count = Seen(), 5000
    assert all(seen.first(f"key {number}", number) is None for number in range(count))
    assert all(seen.first(f"key {number}", 0) == number for number in range(count))


def test_a_key_that_was_there_keeps_its_line() -> None:
    seen = Seen()
    assert [seen.first("a", line) for line in (2, 3, 4)] == [None, 2, 2]
