"""The part of random companies that calls leave by: outbound and emergency rules, trunks, settings."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

TRUNKS = ("10000", "10001", "10002")
OUTSIDE = ("0049301234", "01234", "112", "+49301234", "+4420123", "5551234")
"""Outside numbers that are dialled and forwarded to."""
PREFIXES = (None, "0", "00", "00,5", "112", "+")
LENGTHS = (None, "3", "3-5", "3,10-12", "8-11")


@st.composite
def outbound_rules(draw: st.DrawFn, position: int) -> dict[str, Any]:
    """An outbound rule."""
    ranges: tuple[Any, ...] = ((), ({"from": "101", "to": "102"},), ({"from": "103", "to": None},))
    return {
        "name": f"out {position}", "priority": position, "prefix": draw(st.sampled_from(PREFIXES)),
        "number_length_ranges": draw(st.sampled_from(LENGTHS)), "dn_ranges": list(draw(st.sampled_from(ranges))),
        "groups": list(draw(st.sampled_from(((), ("A",), ("B",))))),
        "emergency_rule": draw(st.sampled_from((False, False, True))),
        "routes": draw(st.lists(routes(), max_size=3)),
    }  # fmt: skip


@st.composite
def routes(draw: st.DrawFn) -> dict[str, Any]:
    """A route, which may name no trunk."""
    return {
        "trunk": draw(st.sampled_from((*TRUNKS, "10000", None))),
        "strip_digits": draw(st.sampled_from((0, 1, 2, None))), "prepend": draw(st.sampled_from((None, "9", "+"))),
        "append": draw(st.sampled_from((None, "7"))), "caller_id": draw(st.sampled_from((None, "+15550001"))),
    }  # fmt: skip


def trunks(dids: list[str], order: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A trunk for calls in both directions, one with its own caller id, and one without outgoing calls."""
    return [
        {"number": "10000", "did_numbers": dids, "routing_rules": order, "external_number": dids[0]},
        {"number": "10001", "outbound_caller_id": "+15550002", "external_number": "+15550009"},
        {"number": "10002", "enable_outbound_calls": False},
    ]


@st.composite
def settings(draw: st.DrawFn) -> dict[str, Any]:
    """Settings about outgoing calls."""
    return {
        "general_settings_for_pbx": {
            "allow_forward_to_external": draw(st.sampled_from((True, True, None, False))),
            "disable_outbound_calls_out_office_hours": draw(st.sampled_from((False, False, True))),
        },
        "e164_settings": draw(st.sampled_from((
            None, {"enabled": False},
            {"enabled": True, "country_code": "49", "area_code": "30", "international_code": "00",
             "national_code": "0", "remove_country_code": True, "remove_area_code": True},
        ))),
        "dial_code_settings": {"dial_code_park": "*0"},
        "outbound_rules": [draw(outbound_rules(position)) for position in range(draw(st.integers(0, 4)))],
    }  # fmt: skip
