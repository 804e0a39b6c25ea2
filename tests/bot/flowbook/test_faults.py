"""Tests of bot/flowbook/faults.py."""

from dataclasses import replace

from bot.flowbook.faults import Fault, errors, in_order

FAULT = Fault(file="b.yaml", line=3, column=7, rule="shape/x", message="It is bad.", mend="Make it good.")


def test_it_reads_like_a_compiler_message() -> None:
    assert str(FAULT) == "b.yaml:3:7: error shape/x: It is bad. Make it good."


def test_order_is_by_place_and_each_stands_once() -> None:
    first, later = replace(FAULT, file="a.yaml", line=9), replace(FAULT, line=20)
    before = replace(FAULT, column=2, rule="z/z")
    assert in_order([later, FAULT, first, before, FAULT]) == [first, before, FAULT, later]


def test_warnings_are_no_errors() -> None:
    assert errors([FAULT, replace(FAULT, severity="warning")]) == [FAULT]
