"""What a text costs. Vectors marked T: TwilioDevEd/message-segment-calculator, tests/index.test.js."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.segments import room, segments

GSM_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)


@pytest.mark.parametrize(
    ("body", "encoding", "units", "count"),
    [
        ("", "GSM-7", 0, 0),
        ("a", "GSM-7", 1, 1),
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ("{" + "a" * 158, "GSM-7", 160, 1),  # T
        ("{" + "a" * 159, "GSM-7", 161, 2),  # T
        ("a" * 152 + "{" + "a" * 152, "GSM-7", 306, 3),  # the brace is not split: parts of 152, 153 and 1
        ("a" * 151 + "{" + "a" * 153, "GSM-7", 306, 2),
        ("€" * 80, "GSM-7", 160, 1),
        ("€" * 81, "GSM-7", 162, 2),
        ("ç", "UCS-2", 1, 1),
        ("ç" * 70, "UCS-2", 70, 1),
        ("ç" * 71, "UCS-2", 71, 2),
        ("ç" * 134, "UCS-2", 134, 2),
        ("ç" * 135, "UCS-2", 135, 3),
        ("😀" + "a" * 68, "UCS-2", 70, 1),  # T
        ("😀" + "a" * 69, "UCS-2", 71, 2),  # T
        ("a" * 66 + "😀" + "a" * 66, "UCS-2", 134, 3),  # the pair is not split: parts of 66, 67 and 1
        ("a" * 65 + "😀" + "a" * 67, "UCS-2", 134, 2),
        ("{" + "ç", "UCS-2", 2, 1),  # in UCS-2 the brace is a character like any other
    ],
)
def test_a_body_costs_what_carriers_bill(body: str, encoding: str, units: int, count: int) -> None:
    counted = segments(body)
    assert (counted.encoding, counted.units, counted.count) == (encoding, units, count)


@pytest.mark.parametrize("char", GSM_BASIC)
def test_a_character_of_the_basic_table_is_one_septet(char: str) -> None:
    assert segments(char).units == 1
    assert segments(char).encoding == "GSM-7"


@pytest.mark.parametrize("char", "\f^{}\\[~]|€")
def test_a_character_of_the_extension_table_is_two_septets(char: str) -> None:
    assert segments(char).units == 2
    assert segments(char).encoding == "GSM-7"


@pytest.mark.parametrize("char", "çáíóúÁÍÓÚ`’“”–…\t\u00a0\u202f😀")
def test_anything_else_forces_ucs2_and_is_named(char: str) -> None:
    counted = segments(f"a{char}b{char}")
    assert counted.encoding == "UCS-2"
    assert counted.culprits == (char,)


def test_culprits_stand_in_the_order_of_their_appearance() -> None:
    assert segments("“hí” “").culprits == ("“", "í", "”")


@given(st.text(max_size=400))
def test_segments_hold_the_body_and_no_more(body: str) -> None:
    counted = segments(body)
    whole, part = (160, 153) if counted.encoding == "GSM-7" else (70, 67)
    if counted.units <= whole:
        assert counted.count == min(counted.units, 1)
    else:
        assert counted.count * part >= counted.units > 0
        assert (counted.count - 1) * (part - 1) < counted.units  # a part is at most one unit short


@given(st.text(alphabet=st.sampled_from(GSM_BASIC), max_size=400), st.sampled_from(GSM_BASIC))
def test_one_more_character_never_costs_less(body: str, more: str) -> None:
    assert segments(body).count <= segments(body + more).count


@pytest.mark.parametrize(
    ("body", "most", "left"),
    [
        ("x" * 100, 1, 60),
        ("x" * 160, 1, 0),
        ("x" * 161, 1, -1),
        ("x", 6, 917),
        ("é✓", 1, 68),
        ("✓" * 403, 6, -1),
    ],
)
def test_room_is_what_still_fits(body: str, most: int, left: int) -> None:
    assert room(segments(body), most) == left
