"""Releases that added an operation or property. Without a known release, the PBX decides."""

from __future__ import annotations

import pytest
from threecx_xapi import index
from threecx_xapi.releases import lacking, lacks


@pytest.mark.parametrize(
    ("release", "since", "expected"),
    [
        ("20.0.5", "20.0.8", True),
        ("20.0.5.551", "20.0.8", True),
        ("20.0.5", "20.0.10", True),
        ("20.0.4", "20.0.8", True),
        ("20.0.6", "20.0.10", True),
        ("20.0.8.1121", "20.0.10", True),  # numbers, not texts
        ("20.0.8", "20.0.8", False),
        ("20.0.10", "20.0.8", False),
        ("20.0.11.3", "20.0.10", False),
        ("21.1.0", "20.0.10", False),
        # Between two known releases nobody knows.
        ("20.0.6", "20.0.7", False),
        ("20.0.6", "20.0.8", True),
        ("20.0.9.995", "20.0.10", True),
        # Parts without a known release, and releases that cannot be parsed.
        ("20.0.5", None, False),
        ("20.0.5", "20.0.5", False),
        ("20.0.5", "20.0.99", False),
        (None, "20.0.8", False),
        ("", "20.0.8", False),
        ("Update 5", "20.0.8", False),
        (f"20.0.{'9' * 5000}", "20.0.8", False),
        (f"{'0' * 5000}.0.5", "20.0.8", False),
    ],
)
def test_a_release_lacks_what_it_is_known_to_lack(release: str | None, since: str | None, expected: bool) -> None:
    assert lacks(release, since) is expected


def test_the_last_release_without_it() -> None:
    assert (lacking("20.0.10"), lacking("20.0.7"), lacking("20.0.5"), lacking(None)) == ("20.0.9", "20.0.5", None, None)


def test_an_operation_says_since_when_there_is_it() -> None:
    assert index.describe("CreateHoliday").since == "20.0.7"
    assert index.describe("CreateUser").since is None


@pytest.mark.parametrize(
    ("operation", "parameters", "body", "newer"),
    [
        ("UpdateUser", {"Id": 1}, {"FirstName": "A", "ForbidRecording": True}, {"body.ForbidRecording": "20.0.10"}),
        ("UpdateUser", {"Id": 1}, {"FirstName": "A"}, {}),
        (
            "UpdateQueue",
            {"Id": 1},
            {"Agents": [{"Number": "100"}, {"Number": "101", "Tags": ["AI", "MS"]}]},
            {"body.Agents[1].Tags": "20.0.9", "AI in body.Agents[1].Tags[0]": "20.0.9"},
        ),
        ("UpdateSyslogSettings", {}, {}, {"UpdateSyslogSettings": "20.0.9"}),
        ("DownloadEventLogs", {"$top": 5}, None, {"parameters.$top": "20.0.8"}),
        ("MakeCall", {}, {"dn": "100", "destination": "101"}, {}),
        ("MakeCall", {}, {"dn": "100", "testCall": True}, {"body.testCall": "20.0.7"}),
    ],
)
def test_a_call_says_what_of_it_is_newer(
    operation: str, parameters: dict[str, object], body: object, newer: dict[str, str]
) -> None:
    assert index.describe(operation).prepare(parameters, body).newer == newer
