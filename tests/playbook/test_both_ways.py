"""The same task gives the same result in the controller and wherever the module is shipped to."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pbx_simulator import SimulatedPbx
from tests.collection.shipped import as_a_module
from tests.collection.tree import NAMES

Playbook = Callable[..., Any]
Step = tuple[str, dict[str, Any], str]
#: module, options, and what is expected of it: changed, same or failed. Every credential here is invented.
STEPS: list[Step] = [
    ("fax_info", {}, "same"),
    ("fax_info", {"number": "7801"}, "same"),
    ("fax_info", {"number": "nobody"}, "same"),
    ("fax_info", {"id": "x"}, "failed"),
    ("fax_info", {"id": 7001, "reveal_secrets": True}, "same"),
    ("fax", {"number": "7810", "outbound_caller_id": "1", "auth_password": "CANARY-p1"}, "changed"),
    ("fax", {"number": "7810", "outbound_caller_id": "1", "auth_password": "CANARY-p1"}, "same"),
    ("fax", {"number": "7810", "outbound_caller_id": None, "transcription_mode": None}, "changed"),
    ("fax", {"number": "7810", "transcription_mode": ["Recordings", "Voicemail"]}, "changed"),
    ("fax", {"number": "7810", "transcription_mode": "Voicemail,Recordings"}, "same"),
    ("fax", {"number": 7810, "auth_password": "CANARY-p2"}, "changed"),
    ("fax", {"number": 7810, "auth_password": "CANARY-p3", "update_secrets": "on_create"}, "same"),
    ("fax", {"id": 7001, "number": "7810"}, "failed"),
    ("fax", {"id": 7001, "number": "7801", "if_match": 'W/"stale"', "state": "absent"}, "failed"),
    ("fax", {"id": 7001, "outbound_caller_id": "9", "etag": 'W/"stale"'}, "failed"),
    ("fax", {"id": 7001, "if_match": 'W/"x"', "etag": 'W/"y"', "state": "absent"}, "failed"),
    ("fax", {"number": "7801", "state": "absent"}, "changed"),
    ("fax", {"number": "7801", "state": "absent"}, "same"),
    ("fax", {"number": "7810", "state": "absent", "outbound_caller_id": "1"}, "failed"),
    ("fax", {"number": "7810", "state": "absent", "outbound_caller_id": 1.5}, "failed"),
    ("fax", {"number": "7810", "transcription_mode": []}, "changed"),
    ("fax", {"number": True, "state": "absent"}, "failed"),
    ("fax", {"number": "7810", "request_timeout": 1e300}, "failed"),
    ("fax", {"number": "7810", "if_match": ["x"], "state": "absent"}, "failed"),
    ("fax", {"number": "7810", "state": "gone"}, "failed"),
    ("fax", {"number": "7810", "nmber": "1", "state": "absent"}, "failed"),
    ("fax", {"number": "", "state": "absent"}, "failed"),
    ("fax", {"number": ["7810"], "state": "absent"}, "failed"),
    ("fax", {"id": True, "state": "absent"}, "failed"),
    ("fax", {"id": None, "state": "absent"}, "failed"),
    ("fax", {"id": 4711}, "failed"),
    ("fax", {"number": "7810", "api_client_secret": "CANARY-wrong", "token_cache": False}, "failed"),
    ("fax", {"number": "7810", "host": "http://127.0.0.1/admin"}, "failed"),
    ("fax", {"number": "7810", "host_port": "many"}, "failed"),
    ("fax", {"number": "7810", "access_token": "CANARY-token"}, "failed"),
    ("fxs_info", {}, "same"),
    (
        "fxs",
        {"mac_address": "AA-00-00-00-00-02", "name": "n", "codecs": ["PCMU", "PCMA"], "password": "CANARY-p4"},
        "changed",
    ),
    ("fxs", {"mac_address": "aa:00:00:00:00:02", "codecs": ["PCMU", "PCMA"]}, "same"),
    ("fxs", {"mac_address": "aa:00:00:00:00:02", "fxs_lines": [{"key": 1, "number": "100", "name": None}]}, "changed"),
    ("fxs", {"mac_address": "aa:00:00:00:00:02", "fxs_lines": [{"key": 1, "nmber": "100"}]}, "failed"),
    ("fxs", {"mac_address": "aa:00:00:00:00:02", "fxs_lines": [{"number": "100"}]}, "failed"),
    ("fxs", {"mac_address": "aa:00:00:00:00:02", "codecs": [None]}, "failed"),
    ("fxs", {"mac_address": 1122334455, "state": "absent"}, "failed"),
    ("fxs", {"mac_address": "not one", "state": "absent"}, "failed"),
    ("fxs", {"mac_address": "aa0000000001", "state": "absent"}, "changed"),
    ("fxs", {"mac_address": "aa0000000001", "state": "absent"}, "same"),
    ("call_flow_app_info", {"id": 7002}, "same"),
    ("call_flow_app", {"number": "7812", "name": "x", "script_code": "class A {}", "routing_type": "Trunk"}, "changed"),
    ("call_flow_app", {"number": "7812", "routing_type": None}, "changed"),
    ("call_flow_app", {"number": "7812", "compilation_result": "mine"}, "same"),
    ("call_flow_app", {"id": 7002, "state": "absent"}, "changed"),
    ("call_flow_app", {"id": 7002, "state": "absent"}, "same"),
    ("call_flow_app", {"number": "7812", "number_of": 1}, "failed"),
    ("firmware_info", {"filter": "Model eq 'T46S'"}, "same"),
    ("firmware", {"id": "f/w 'x'% 1", "state": "absent", "if_match": "*"}, "changed"),
    ("firmware", {"id": "f/w 'x'% 1", "state": "absent"}, "same"),
    ("firmware", {"id": "f/w 'x'% 1"}, "failed"),
    ("phone_logo_info", {}, "same"),
    (
        "phone_logo",
        {"filename": "O'Brien & Söhne.png", "state": "absent", "display_name": "as info gave it"},
        "changed",
    ),
    ("phone_logo", {"filename": "O'Brien & Söhne.png", "state": "absent"}, "same"),
    ("phone_logo", {"filename": "x", "state": "present"}, "failed"),
]
GENERATED = Path(__file__).resolve().parents[2] / "ansible_collection" / "plugins" / "modules"
SETS = ("Fax", "Fxs", "CallFlowApps", "Firmwares", "PhoneLogos")
MODULES = sorted(
    {f"{name}{ending}" for name, _, _ in STEPS for ending in ([""] if name.endswith("_info") else ["", "_info"])}
)
#: Fields that only describe how a task was run.
ABOUT_THE_RUN = {"ansible_facts", "ansible_job_id", "started", "finished", "results_file", "stdout", "stderr"} | {
    "stdout_lines", "stderr_lines", "attempts",
}  # fmt: skip


def planted(factory: Callable[..., SimulatedPbx]) -> SimulatedPbx:
    """A PBX with one more of everything, the same each time."""
    pbx = factory()
    pbx.put("Fax", {"Id": 7001, "Number": "7801", "OutboundCallerId": "1", "AuthPassword": "SHOWN-1"})
    pbx.put("Fxs", {"MacAddress": "aa0000000001", "Name": "old", "Password": "CANARY-stored"})
    pbx.put("CallFlowApps", {"Id": 7002, "Number": "7802", "Name": "x", "ScriptCode": "y"})
    pbx.put("Firmwares", {"Id": "f/w 'x'% 1", "Model": "T46S", "Vendor": "Yealink"})
    pbx.put("PhoneLogos", {"Filename": "O'Brien & Söhne.png"})
    return pbx


#: Connection options of the PBX of each inventory host.
ACCESS = {
    "group/threecx.xapi.all": {
        option: f"{{{{ pbx[inventory_hostname].{option} }}}}"
        for option in ("host", "api_client_id", "api_client_secret")
    }
}


def addresses(**pbxs: SimulatedPbx) -> dict[str, Any]:
    return {
        "pbx": {
            host: {"host": pbx.url, "api_client_id": pbx.client_id, "api_client_secret": pbx.client_secret}
            for host, pbx in pbxs.items()
        }
    }


def of_each_kind(steps: list[Step]) -> set[int]:
    """The first step of each outcome of each module."""
    kinds = [(name, expected) for name, _, expected in steps]
    return {kinds.index(kind) for kind in kinds}


def tasks(steps: list[Step], shipped: set[int] | None = None, /, **extra: Any) -> list[dict[str, Any]]:
    """A task for each step.

    Parameters:
        shipped: steps that a host with another connection runs in a separate process; default all. The others run in
            the controller everywhere, which costs a tenth.
    """
    in_the_controller = {"vars": {"ansible_connection": "local"}}
    return [
        {
            "name": f"{number} {name} {sorted(options)}",
            f"threecx.xapi.threecx_{name}": options,
            "ignore_errors": True,
            **extra,
            **({} if shipped is None or number in shipped else in_the_controller),
        }
        for number, (name, options, _) in enumerate(steps)
    ]


def comparable(result: dict[str, Any], pbx: SimulatedPbx) -> dict[str, Any]:
    def without_address(value: Any) -> Any:
        if isinstance(value, str):
            return value.replace(pbx.url, "http://the-pbx")
        if isinstance(value, dict):
            return {name: without_address(item) for name, item in value.items()}
        return [without_address(item) for item in value] if isinstance(value, list) else value

    kept = {
        name: value for name, value in result.items() if name not in ABOUT_THE_RUN and not name.startswith("_ansible")
    }
    return dict(without_address(kept))


def check_expectations(results: list[Any], steps: list[Step]) -> None:
    assert len(results) == len(steps)
    for got, (_, _, expected) in zip(results, steps, strict=True):
        outcome = "failed" if got.outcome == "failed" else "changed" if got.result["changed"] else "same"
        assert outcome == expected, (got.task, got.result)


def test_each_of_these_modules_has_a_step_in_each_of_its_states() -> None:
    """Between them they have whatever the others have, of which each is run both ways without ansible-playbook.

    See tests/collection/shipped.py: shipping one costs most of a second.
    """
    assert {f"threecx_{name}" for name in MODULES} <= set(NAMES)
    assert sorted({name for name, _, _ in STEPS}) == MODULES
    for name in MODULES:
        assert [step for step in STEPS if step[0] == name and step[2] == "same"], name
        if not name.endswith("_info"):
            assert [
                step for step in STEPS if step[0] == name and step[1].get("state") == "absent" and step[2] == "changed"
            ]
            assert [step for step in STEPS if step[0] == name and step[2] == "failed"], name


def test_shipped_and_in_the_controller(
    playbook: Playbook,
    pbx_factory: Callable[..., SimulatedPbx],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """All steps in the controller and as a module in this process; one of each outcome of each module is shipped."""
    here, near, module = planted(pbx_factory), planted(pbx_factory), planted(pbx_factory)
    shipping = of_each_kind(STEPS)
    play = {"hosts": "here,near", "strategy": "free", "diff": True, "module_defaults": ACCESS}
    asked = {"ANSIBLE_INJECT_INVOCATION": "1"}
    run = playbook(
        [{**play, "tasks": tasks(STEPS, shipping)}],
        "-vvvv",
        variables=addresses(here=here, near=near),
        env=asked,
    ).ok()
    check_expectations(run.on("here"), STEPS)
    for mine, shipped, (name, options, _) in zip(run.on("here"), run.on("near"), STEPS, strict=True):
        assert comparable(mine.result, here) == comparable(shipped.result, near), mine.task
        # Ansible adds `changed` and `exception` to what a failed module prints; `invocation` is that of the task.
        printed = {"changed": False, **as_a_module(name, module, monkeypatch, capsys, **options)}
        assert printed.pop("failed", False) == (mine.outcome == "failed"), mine.task
        if "warnings" in printed:  # as structures since ansible-core 2.19
            printed["warnings"] = [
                said if isinstance(said, str) else said["event"]["msg"] for said in printed["warnings"]
            ]
        expected = {key: value for key, value in comparable(mine.result, here).items() if key in printed}
        assert comparable(printed, module) == expected, mine.task
        # A process in which a test has imported the controller shows warnings instead of printing them.
        assert set(comparable(mine.result, here)) - set(printed) <= {"exception", "invocation", "warnings"}, mine.task
    written = [[(write.method, write.path, write.body) for write in pbx.writes] for pbx in (here, near, module)]
    assert written[0] == written[1] == written[2]
    assert sum("Using module file" in line for line in run.stdout.splitlines()) == len(shipping)
    assert "CANARY" not in run.output
    assert here.client_secret not in run.output
    assert "SHOWN-1" in run.output, "reveal_secrets"


def test_processes_that_have_imported_nothing(playbook: Playbook, pbx_factory: Callable[..., SimulatedPbx]) -> None:
    """As users start them. All other tests fork controller and modules from processes that have imported much."""
    steps = [next(step for step in STEPS if step[2] == outcome) for outcome in ("same", "changed", "failed")]
    here, near = planted(pbx_factory), planted(pbx_factory)
    play = {"hosts": "here,near", "strategy": "free", "diff": True, "module_defaults": ACCESS, "tasks": tasks(steps)}
    run = playbook([play], variables=addresses(here=here, near=near), fresh=True).ok()
    check_expectations(run.on("here"), steps)
    for mine, shipped in zip(run.on("here"), run.on("near"), strict=True):
        assert comparable(mine.result, here) == comparable(shipped.result, near), mine.task
    assert run.inherited == ["httpcore", "httpx", "threecx_xapi"], "what the controller imports, no worker has to"


def test_check_mode_changes_nothing_either_way(playbook: Playbook, pbx_factory: Callable[..., SimulatedPbx]) -> None:
    # The steps that build upon an earlier one have nothing to build upon in check mode.
    steps = [step for step in STEPS if step[2] == "changed" and not {"fxs_lines", "transcription_mode"} & set(step[1])]
    steps = [
        step
        for step in steps
        if step[1] not in ({"number": 7810, "auth_password": "CANARY-p2"}, {"number": "7812", "routing_type": None})
    ]
    steps += [("fax", {"id": 7001, "if_match": 'W/"stale"', "state": "absent"}, "failed")]
    assert {step[0] for step in steps} == {name for name in MODULES if not name.endswith("_info")}
    here, near = planted(pbx_factory), planted(pbx_factory)
    before = [here.entities(name) for name in SETS]
    play = {
        "hosts": "here,near",
        "strategy": "free",
        "diff": True,
        "module_defaults": ACCESS,
        "tasks": tasks(steps, of_each_kind(steps)),
    }
    run = playbook([play], "--check", variables=addresses(here=here, near=near)).ok()
    check_expectations(run.on("here"), steps)
    for mine, shipped in zip(run.on("here"), run.on("near"), strict=True):
        assert comparable(mine.result, here) == comparable(shipped.result, near), mine.task
    assert here.writes == near.writes == []
    assert [here.entities(name) for name in SETS] == before


def test_async_environment_and_become(playbook: Playbook, pbx_factory: Callable[..., SimulatedPbx]) -> None:
    """A task of each outcome; every module is shipped above, and what is tested here knows no module."""
    steps: list[Step] = [
        ("fax_info", {"id": 7001}, "same"),
        ("phone_logo", {"filename": "O'Brien & Söhne.png", "if_match": 'W/"stale"', "state": "absent"}, "failed"),
        ("fxs", {"mac_address": "aa0000000001", "name": "Söhne's", "password": "CANARY-p5"}, "changed"),
    ]
    pbxs = {host: planted(pbx_factory) for host in ("here", "later", "elsewhere", "root")}
    elsewhere = pbxs["elsewhere"]
    if os.geteuid() != 0 or shutil.which("su") is None:  # becoming root without a password needs root and su
        del pbxs["root"]
    play = {
        "hosts": ",".join(pbxs),
        "strategy": "free",
        "diff": True,
        "module_defaults": {
            "group/threecx.xapi.all": {**ACCESS["group/threecx.xapi.all"], "host": "{{ host | default(omit) }}"}
        },
        "vars": {"host": "{{ omit if inventory_hostname == 'elsewhere' else pbx[inventory_hostname].host }}"},
        "environment": "{{ {'THREECX_HOST': pbx.elsewhere.host} if inventory_hostname == 'elsewhere' else {} }}",
        "become": "{{ inventory_hostname == 'root' }}",
        "become_method": "ansible.builtin.su",
        "tasks": tasks(steps, **{"async": "{{ 60 if inventory_hostname == 'later' else 0 }}", "poll": 1}),
    }
    run = playbook([play], "-vvv", variables=addresses(**pbxs)).ok()
    check_expectations(run.on("here"), steps)
    for host, pbx in pbxs.items():
        for mine, other in zip(run.on("here"), run.on(host), strict=True):
            assert comparable(other.result, pbx) == comparable(mine.result, pbxs["here"]), (host, mine.task)
        assert pbx.sign_ins == 1, "one token for all of a user's processes"
    assert all("ansible_job_id" in task.result for task in run.on("later") if task.outcome == "ok")
    shipped = [line for line in run.stdout.splitlines() if "Using module file" in line and "/threecx_" in line]
    assert len(shipped) == len(steps) * (len(pbxs) - 1), "all but those of the first host are shipped"
    assert elsewhere.client_secret not in run.output
    assert "CANARY" not in run.output
