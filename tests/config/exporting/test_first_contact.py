"""First contact with a large PBX: its export is complete, has the same bytes twice, and holds no credential.

`make soak` exports 10,000 users.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from threecx_xapi import XapiClient

from pbx_as_code import Pbx
from pbx_as_code.config.checks import check
from pbx_as_code.config.export import export
from pbx_as_code.config.loader import load_sources
from pbx_as_code.config.planning.planner import plan
from pbx_simulator import SimulatedPbx
from tests.faults.soak import SOAK

CANARY = "CANARY-f1rst"  # invented
PAGE = 100


@pytest.mark.parametrize("traits", ["as-seen", "strict-odata"])
def test_an_export_of_a_large_pbx_is_what_it_has(traits: str, tmp_path: Path) -> None:
    users = 10_000 if SOAK else 1000
    row = {
        "Number": "{n}", "FirstName": "First {n}", "LastName": "Last {n}", "EmailAddress": "u{n}@example.com",
        "AuthPassword": CANARY, "VMPIN": "CANARY-p1n",
    }  # fmt: skip
    seed = {"Users": [{"$times": users, "$from": 20000, **row}]}
    (tmp_path / "seed.json").write_text(json.dumps(seed))
    with (
        SimulatedPbx(tmp_path / "seed.json", traits=(traits,)) as running,
        XapiClient(
            running.url, client_id=running.client_id, client_secret=running.client_secret, read_only=True
        ) as client,
    ):
        pbx, own = Pbx(client), running.client_id
        first = export(pbx, own_number=own)
        asked = len(running.requests)
        configuration = load_sources([(path, text.encode()) for path, text in first.files.items()])
        assert check(configuration) == []
        made = plan(configuration, pbx, own_number=own)
        assert (made.operations, made.impossible, made.unmanaged) == ([], [], [])
        assert len(configuration.of("user")) >= users
        assert len(made.equal) >= users
        again = export(pbx, own_number=own)
    assert again.files == first.files
    assert not any(CANARY in text for text in first.files.values())
    assert asked <= 2 * users / PAGE + 150, "requests are for pages, not for objects"
    assert running.writes == []
