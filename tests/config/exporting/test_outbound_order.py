"""Outbound rules of equal priority keep the order of their creation, on another PBX, too."""

from __future__ import annotations

import pytest

from pbx_simulator import AS_SEEN, STRICT_ODATA, SimulatedPbx
from tests.config.applying import Site, site

NAMES = ("Zürich", "10", "9", "Any", "Mobile", "11", "Berlin", "Abroad")


def rules(at: Site) -> list[tuple[str, str]]:
    rows = sorted(at.simulated.entities("OutboundRules"), key=lambda row: (row["Priority"] or 0, row["Id"]))
    return [(row["Name"], row["Prefix"]) for row in rows]


@pytest.mark.parametrize("traits", [AS_SEEN, STRICT_ODATA], ids=["as-seen", "strict-odata"])
@pytest.mark.parametrize("parallel", [1, 4])
def test_the_order_of_outbound_rules_of_equal_priority_is_kept(traits: tuple[str, ...], parallel: int) -> None:
    trunks = [{"Number": "10000", "Gateway": {"Name": "One"}}]
    seed = {
        "Trunks": trunks,
        "OutboundRules": [
            {"Name": name, "Priority": 1 if n in (3, 6) else 5, "Prefix": str(n), "Routes": []}
            | ({} if n % 2 else {"NumberLengthRanges": "3"})
            for n, name in enumerate(NAMES)
        ],
    }
    with (
        SimulatedPbx(seed=seed, traits=traits) as old,
        SimulatedPbx(seed={"Trunks": trunks, "OutboundRules": []}, traits=traits) as new,
        site(old) as source,
        site(new) as target,
    ):
        files = source.exported()
        assert [one.values["prefix"] for one in files.of("outbound_rule")] == ["3", "6", "0", "1", "2", "4", "5", "7"]
        files.definitions = files.of("outbound_rule")
        applied = target.apply(files, parallel=parallel)
        assert not applied.failed, [one.why for one in applied.fates]
        assert rules(target) == rules(source)
        assert target.plan(files).operations == []
