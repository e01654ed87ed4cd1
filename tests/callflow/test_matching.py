"""Numbers against the patterns of rules."""

from __future__ import annotations

from pbx_as_code.callflow.trace.matching import matches


def test_patterns() -> None:
    table = {
        ("+4930101", "+4930101"): True,
        ("4930101", "+4930101"): True,
        ("+4930101", "4930101"): True,
        ("+49 (30) 101", "+4930101"): True,
        ("004930101", "+4930101"): False,  # leading zeros count
        ("+493010", "+4930101"): False,
        ("*101", "+4930101"): True,
        ("*301", "+4930101"): False,  # within, not at the end
        ("*", "+4930101"): True,
        ("+1, *99; +4930101", "+4930101"): True,
        ("+1 *0101", "+4930101"): True,
        ("+1,*99", "+4930101"): False,
        ("", "+4930101"): False,
    }
    assert {key: matches(*key) for key in table} == table
