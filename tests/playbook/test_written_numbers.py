"""Numbers that YAML has changed are refused where the source shows it, and accepted where it shows that nothing was
lost.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pbx_simulator import SimulatedPbx
from tests.playbook.test_both_ways import addresses

Playbook = Callable[..., Any]
try:
    from ansible._internal._datatag._tags import Origin as _Origin
except ImportError:
    _Origin = None
#: ansible-core before 2.19 keeps no origin of values: what is not written in the task itself cannot be seen there.
ORIGINS = _Origin is not None

PLAY = """
- hosts: here,near
  gather_facts: false
  vars_files: [numbers.yml]
  module_defaults:
    group/threecx.xapi.all:
      host: "{{ pbx[inventory_hostname].host }}"
      api_client_id: "{{ pbx[inventory_hostname].api_client_id }}"
      api_client_secret: "{{ pbx[inventory_hostname].api_client_secret }}"
    threecx.xapi.threecx_fax:
      outbound_caller_id: 0144
  tasks:
"""
#: The task's options, and the message of its refusal; None where it is accepted. The PINs are invented.
LITERALS: list[tuple[str, str, str | None]] = [
    ("user", "{number: 100, mobile: +15550133}",
        'mobile: +15550133 is written here, which YAML reads as 15550133; put it in quotes: "+15550133".'),
    ("user", "{number: 100, mobile: 00441234567}", "mobile: 00441234567 is written here, which YAML reads as 75839863"),
    ("user", "{number: 100, vm_pin: 0123}",
        "vm_pin: YAML reads what is written here as another value; put it in quotes."),
    ("user", "{number: 0144, mobile: '1'}", "number: 0144 is written here, which YAML reads as 100"),
    ("user", "\n        number: 100\n        mobile: 1_555", "mobile: 1_555 is written here, which YAML reads as 1555"),
    ("user", "{number: 100, first_name: 1.10}", "first_name: 1.10 is written here, which YAML reads as 1.1"),
    ("user", "{number: 100, first_name: yes}", "first_name: a text is needed here, not true; put it in quotes."),
    ("user", "{number: 100, emergency_additional_info: 10:30}",
        "emergency_additional_info: 10:30 is written here, which YAML reads as 630"),
    ("inbound_rule", "{rule_name: X, office_hours_destination: {to: Extension, number: 0144}}",
        "office_hours_destination.number: 0144 is written here"),
    ("trunk", "{number: 10000, did_numbers: ['1', 0144]}",
        "did_numbers[1]: 0144 is written here, which YAML reads as 100"),
    ("user_info", "{id: 010}", "id: 010 is written here, which YAML reads as 8"),
    ("user_info", "{number: 0144}", "number: 0144 is written here, which YAML reads as 100"),
    ("operation", "{operation: UpdateUser, parameters: {Id: 1}, body: {Number: 0144}}",
        "body.Number: 0144 is written here, which YAML reads as 100"),
    ("operation", "{operation: UpdateUser, parameters: {Id: 1}, body: {VMPIN: 0123}}",
        "body.VMPIN: YAML reads what is written here as another value"),
    ("user", "{number: 100, mobile: 15550133, vm_pin: 1234}", None),
    ("user", "{number: 100, mobile: '0144'}", None),
    ("user_info", "{number: 100}", None),
]  # fmt: skip


def test_literals(playbook: Playbook, pbx_factory: Callable[..., SimulatedPbx], tmp_path: Path) -> None:
    """In block and flow style, nested, in lists, in a body; the same in the controller and shipped."""
    tasks = "".join(
        f"    - {{name: '{n}', ignore_errors: true, threecx.xapi.threecx_{module}: {options}}}\n"
        if "\n" not in options
        else f"    - name: '{n}'\n      ignore_errors: true\n      threecx.xapi.threecx_{module}:{options}\n"
        for n, (module, options, _) in enumerate(LITERALS)
    )
    run = _run(playbook, pbx_factory, tmp_path, tasks, "{}")
    for host in ("here", "near"):
        assert len(run.on(host)) == len(LITERALS)
        for task, (module, options, expected) in zip(run.on(host), LITERALS, strict=True):
            if expected is None:
                assert task.outcome == "ok", (options, task.result)
            else:
                assert task.outcome == "failed", (module, options)
                assert task.result["msg"].startswith(expected), task.result["msg"]
                assert task.result["msg"].endswith("Nothing was sent.")
    assert not [line for line in json.dumps([task.result for task in run.tasks]).splitlines() if "0123" in line]


def test_values_from_elsewhere(playbook: Playbook, pbx_factory: Callable[..., SimulatedPbx], tmp_path: Path) -> None:
    """Variables, loops and module_defaults where the core keeps their origin; elsewhere telephone numbers must be
    texts.
    """
    tasks = """
    - {name: vars, ignore_errors: true, threecx.xapi.threecx_user: {number: "100", mobile: "{{ mobile }}"}}
    - {name: loop, ignore_errors: true, threecx.xapi.threecx_user: {number: "100", vm_pin: "{{ item }}"}, loop: [0123]}
    - {name: defaults, ignore_errors: true, threecx.xapi.threecx_fax: {number: "7801"}}
    - {name: same, ignore_errors: true, threecx.xapi.threecx_user: {number: "{{ extension }}", mobile: "{{ whole }}"}}
    - name: computed
      ignore_errors: true
      threecx.xapi.threecx_user: {number: "{{ 99 + 1 }}", mobile: "{{ 15550133 + 0 }}"}
    - {name: json, ignore_errors: true, threecx.xapi.threecx_user: {number: "100", vm_pin: "{{ from_json.pin }}"}}
    - {name: extension, threecx.xapi.threecx_user: {number: "{{ from_json.number }}", first_name: A}}
"""
    variables = "{mobile: 00441234567, extension: 100, whole: 15550133}"
    run = _run(playbook, pbx_factory, tmp_path, tasks, variables, from_json={"pin": 1234, "number": 100})
    for host in ("here", "near"):
        results = {task.task: task for task in run.on(host)}
        assert results["extension"].outcome == "ok"
        # Without origins nobody can tell a number that was changed from one that was not: both are refused.
        assert results["same"].outcome == ("ok" if ORIGINS else "failed")
        assert results["vars"].outcome == results["loop"].outcome == "failed"
        if ORIGINS:  # before, a template other than a bare variable turns a number into text
            assert results["computed"].outcome == results["json"].outcome == "failed"
        assert results["defaults"].outcome == "failed", "an int that is no text is seen on any core"
        if ORIGINS:
            assert results["vars"].result["msg"].startswith("mobile: 00441234567 is written here")
            assert results["defaults"].result["msg"].startswith("outbound_caller_id: 0144 is written here")
            assert "vm_pin: YAML reads what is written here as another value" in json.dumps(results["loop"].result)
            assert (
                results["computed"].result["msg"].startswith("mobile: a text is needed here, and YAML has read the num")
            )
            assert results["json"].result["msg"].startswith("vm_pin: a text is needed here, and YAML has read a number")
            assert "1234" not in json.dumps(results["json"].result)


@pytest.mark.parametrize("option", ["login_password", "api_client_secret"])
def test_credentials_of_the_connection(
    playbook: Playbook, pbx_factory: Callable[..., SimulatedPbx], tmp_path: Path, option: str
) -> None:
    tasks = f"\n    - {{name: x, ignore_errors: true, threecx.xapi.threecx_fax_info: {{{option}: 0123}}}}\n"
    run = _run(playbook, pbx_factory, tmp_path, tasks, "{}")
    for task in run.tasks:
        assert task.result["msg"].startswith(f"{option}: YAML reads what is written here as another value"), task.result


def _run(
    playbook: Playbook, pbx_factory: Callable[..., SimulatedPbx], folder: Path, tasks: str, variables: str, **more: Any
) -> Any:
    pbxs = {host: pbx_factory() for host in ("here", "near")}
    (folder / "numbers.yml").write_text(variables)
    return playbook(PLAY + tasks, "-v", variables={**addresses(**pbxs), **more}).ok()
