"""threecx_operation by ansible-playbook: in the controller and shipped, with downloads, and without a secret in any
output.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pbx_simulator import SimulatedPbx
from tests.playbook.test_both_ways import ACCESS, Step, addresses, check_expectations, comparable, planted, tasks

Playbook = Callable[..., Any]
#: Folder for the downloads of a host.
PLACE = "{{ place }}/{{ inventory_hostname }}"


def step(operation: str, expected: str, parameters: Any = None, **options: Any) -> Step:
    given = {"operation": operation, **options}
    return "operation", (given if parameters is None else {**given, "parameters": parameters}), expected


#: Every credential here is invented.
STEPS: list[Step] = [
    step("ListFax", "same", {"$filter": "Number eq '7801'", "$select": ["Id", "Number"], "$count": True}),
    step("GetFaxByNumber", "failed", {"Number": "O'Brien"}),
    step("GetFax", "same", {"Id": "{{ 7001 }}"}, reveal_secrets=True),
    step("GetPhoneSecret", "failed", {"Id": 6}),
    step("CreateFax", "changed", body={"Number": 7810, "AuthPassword": "CANARY-p1"}),
    step("CreateFax", "failed", body={"Number": 7810, "AuthPassword": "CANARY-p2"}),
    step("UpdateFax", "changed", {"Id": 7001}, body={"OutboundCallerId": None, "AuthPassword": "CANARY-p3"}),
    step("UpdateFax", "changed", {"Id": 7001}, body='{"FaxServer": false, "AuthPassword": "CANARY-p4"}'),
    step("UpdateFax", "failed", {"Id": 7001}, body={"OutboundCalerId": "1", "AuthPassword": ["CANARY-p5"]}),
    step("UpdateFax", "failed", {"Id": 7001}, body={"AuthPassword": "CANARY-p6"}, nobody=1),
    step("DeleteFax", "failed", {"Id": 7001}, if_match='W/"stale"'),
    step("DeleteFax", "changed", {"Id": 7001}, if_match="*"),
    step("DeletFax", "failed", "no mapping"),
    step("ExportExtensions", "changed", dest=f"{PLACE}/", mode="0640"),
    step("ExportExtensions", "same", dest=f"{PLACE}/"),
    step("ExportExtensions", "changed", dest=f"{PLACE}/e.csv"),
    step("ExportExtensions", "failed", dest=f"{PLACE}/missing/e.csv"),
]


def test_shipped_and_in_the_controller(
    playbook: Playbook, pbx_factory: Callable[..., SimulatedPbx], tmp_path: Path
) -> None:
    pbxs = {"here": planted(pbx_factory), "near": planted(pbx_factory)}
    for host in pbxs:
        (tmp_path / "downloads" / host).mkdir(parents=True)
    play = {"hosts": "here,near", "strategy": "free", "diff": True, "module_defaults": ACCESS, "tasks": tasks(STEPS)}
    variables = {**addresses(**pbxs), "place": str(tmp_path / "downloads")}

    playbook([{**play, "hosts": "here", "check_mode": True}], variables=variables)
    assert {host: pbx.writes for host, pbx in pbxs.items()} == {"here": [], "near": []}
    assert not [path for path in (tmp_path / "downloads").rglob("*") if path.is_file()]

    run = playbook([play], "-vvvv", variables=variables).ok()

    check_expectations(run.on("here"), STEPS)
    for mine, shipped in zip(run.on("here"), run.on("near"), strict=True):
        texts = [
            json.dumps(comparable(task.result, pbxs[task.host]), sort_keys=True).replace(f"/{task.host}", "/host")
            for task in (mine, shipped)
        ]
        assert texts[0] == texts[1], mine.task
    files = {
        host: {
            (path.name, path.stat().st_mode & 0o777, path.read_bytes())
            for path in (tmp_path / "downloads" / host).iterdir()
        }
        for host in pbxs
    }
    assert files["here"] == files["near"]
    assert {(name, mode) for name, mode, _ in files["here"]} == {("ExportExtensions.csv", 0o640), ("e.csv", 0o600)}
    writes = [[(write.method, write.path, write.body) for write in pbx.writes] for pbx in pbxs.values()]
    assert writes[0] == writes[1]
    assert "CANARY" not in run.output
    assert "SHOWN-1" in run.output, "reveal_secrets"
    assert all(pbx.client_secret not in run.output for pbx in pbxs.values())


def test_notices_of_the_client_are_warnings_both_ways(
    playbook: Playbook, pbx_factory: Callable[..., SimulatedPbx]
) -> None:
    """Somebody else signs in with the same client id before every second request: with a result and with a failure."""
    pbxs = {"here": pbx_factory(), "near": pbx_factory()}
    listed = {"threecx.xapi.threecx_operation": {"operation": "ListFax"}}
    missing = {"threecx.xapi.threecx_operation": {"operation": "GetFax", "parameters": {"Id": 9999}}}
    tasks_of_play: list[dict[str, Any]] = [{"name": f"t{n}", **listed} for n in range(4)]
    tasks_of_play.append({"name": "t4", **missing, "ignore_errors": True})
    for host, pbx in pbxs.items():
        pbx.go_by({"faults": [{"path": "/Fax", "every": 2, "revoke": True}]})
        play = {"hosts": host, "module_defaults": ACCESS, "tasks": tasks_of_play}
        run = playbook([play], variables=addresses(**pbxs)).ok()
        told = [any("ended" in warning for warning in task.result.get("warnings", ())) for task in run.on(host)]
        assert told == [False, False, False, True, True], host
