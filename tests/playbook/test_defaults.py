"""Sources of the options of a task, and names of tasks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible.parsing.vault import VaultLib, VaultSecret

from pbx_simulator import SimulatedPbx
from tests.collection.tree import OPERATION

Playbook = Callable[..., Any]


def test_defaults_reach_the_module_they_are_for_and_no_other(playbook: Playbook, pbx: SimulatedPbx) -> None:
    fax = {"Id": 7001, "Number": "7801"}
    pbx.put("Fax", fax)
    connection = {"host": pbx.url, "api_client_id": pbx.client_id, "api_client_secret": pbx.client_secret}
    defaults = {
        "group/threecx.xapi.all": connection,
        "threecx.xapi.threecx_fax": {"number": fax["Number"], "state": "absent"},
        "threecx.xapi.threecx_fax_info": {"number": fax["Number"]},
        # Defaults of the action plugin's module must not reach other modules, which would refuse the first one and use
        # the second one.
        f"threecx.xapi.{OPERATION}": {"no_such_option": 1, "host": "http://127.0.0.1:1"},
    }
    tasks: list[dict[str, Any]] = [
        {"name": "by name", "threecx.xapi.threecx_fax_info": {}},
        {"name": "own option wins", "threecx.xapi.threecx_fax_info": {"number": "nobody"}},
        {"name": "no other's", "threecx.xapi.threecx_firmware_info": {}},
        {"name": "short", "collections": ["threecx.xapi"], "threecx_phone_logo_info": {}},
        {"name": "action", "action": "threecx.xapi.threecx_fxs_info"},
        {"name": "templated", "action": "{{ which }}"},
        {"name": "shipped", "threecx.xapi.threecx_fax_info": {}, "async": 60, "poll": 1},
        {"name": "shipped short", "collections": ["threecx.xapi"], "threecx_firmware_info": {}, "async": 60, "poll": 1},
        {"name": "no state", "threecx.xapi.threecx_firmware": {"id": "x"}, "ignore_errors": True},
        {"name": "its own", f"threecx.xapi.{OPERATION}": {"operation": "ListFax"}, "ignore_errors": True},
        {"name": "remove", "threecx.xapi.threecx_fax": {}},
    ]
    play = {
        "hosts": "here",
        "vars": {"which": "threecx.xapi.threecx_call_flow_app_info"},
        "module_defaults": defaults,
        "tasks": tasks,
    }
    run = playbook([play]).ok()
    assert [one["number"] for one in run["by name"]["faxes"]] == [fax["Number"]]
    assert run["own option wins"]["faxes"] == []
    assert len(run["no other's"]["firmwares"]) == len(pbx.entities("Firmwares"))
    assert len(run["short"]["phone_logos"]) == len(pbx.entities("PhoneLogos"))
    assert len(run["action"]["fxs_gateways"]) == len(pbx.entities("Fxs"))
    assert len(run["templated"]["call_flow_apps"]) == len(pbx.entities("CallFlowApps"))
    assert run["shipped"]["faxes"] == run["by name"]["faxes"]
    assert run["shipped short"]["firmwares"] == run["no other's"]["firmwares"]
    assert run["no state"]["msg"] == "missing required arguments: state"
    assert "Unsupported parameters" in run["its own"]["msg"]
    assert "no_such_option" in run["its own"]["msg"]
    assert run["remove"]["changed"]
    assert pbx.sign_ins == 1
    assert "[WARNING]" not in run.stderr.replace("[WARNING]: Both option", ""), run.stderr


def test_loops_warnings_and_a_vault(playbook: Playbook, pbx: SimulatedPbx, tmp_path: Path) -> None:
    for number in range(20):
        pbx.put("Fax", {"Id": 8000 + number, "Number": str(8100 + number)})
    name = "threecx.xapi.threecx_fax"
    tasks: list[dict[str, Any]] = [
        {"name": "all", f"{name}_info": {"filter": "Id ge 8000"}, "register": "found"},
        {
            "name": "fed back",
            name: "{{ item }}",
            "loop": "{{ found.faxes }}",
        },
        {
            "name": "removed",
            name: {"id": "{{ item.id }}", "if_match": "{{ item.etag }}", "state": "absent"},
            "loop": "{{ found.faxes }}",
        },
        {"name": "gone", f"{name}_info": {"filter": "Id ge 8000"}},
        {"name": "both", name: {"number": "x", "if_match": "*", "etag": "*", "state": "absent"}},
    ]
    # The secret comes from a vault, as most people's does.
    (tmp_path / "password").write_text("an invented vault password\n")
    vaulted = VaultLib([("default", VaultSecret(b"an invented vault password"))]).encrypt(pbx.client_secret).decode()
    secret = "secret: !vault |\n" + "".join(f"  {line}\n" for line in vaulted.splitlines())
    (tmp_path / "vaulted.yml").write_text(secret)
    env = {"THREECX_HOST": pbx.url, "THREECX_CLIENT_ID": pbx.client_id}
    play = {
        "hosts": "here",
        "vars_files": ["vaulted.yml"],
        "module_defaults": {"group/threecx.xapi.all": {"api_client_secret": "{{ secret }}"}},
        "tasks": tasks,
    }
    run = playbook([play], "--vault-password-file", "password", env=env).ok()
    assert [item["changed"] for item in run["fed back"]["results"]] == [False] * 20
    assert [item["changed"] for item in run["removed"]["results"]] == [True] * 20
    assert run["gone"]["faxes"] == []
    assert "Both option if_match and its alias etag are set" in run.output
    assert len(pbx.writes) == 20
    assert pbx.sign_ins == 1
