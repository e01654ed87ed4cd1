"""The lookup threecx.xapi.threecx: one property of one object, read once in a run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collection.plugins.plugin_utils._one_object import ObjectError, Wanted, property_of
from pbx_simulator import AS_SEEN, STRICT_ODATA, SimulatedPbx
from tests import warm_ansible
from tests.collection.tree import environment
from tests.playbook.test_playbooks import CANARY, row

NAME = "'threecx.xapi.threecx'"
LOOKUPS: dict[str, tuple[str, Any]] = {
    "email": ("'user', '100', 'email_address'", "ada.moreno@example.com"),
    "mobile": ("'threecx_user', 100, 'mobile'", "+15550110"),
    "by email": ("'user', 'ada.moreno@example.com', 'number'", "100"),
    "department": ("'user', '100', 'groups'", "DEFAULT"),
    "trunk": ("'trunk', '10000', 'gateway.name'", "Example Telecom"),
    "rule": ("'inbound_rule', {'rule_name': 'Main number'}, 'data'", "+15550100"),
    "settings": ("'mail_settings', 'mail_user'", None),
    "absent": ("'user', '4711', 'mobile', default='none'", "none"),
}


def run(pbx: SimulatedPbx, scratch: Path, tasks: list[dict[str, Any]], **env: str) -> str:
    """Run tasks on three hosts; return all output."""
    connection = {
        "ansible_connection": "local", "threecx_host": pbx.url, "threecx_client_id": pbx.client_id,
        "threecx_client_secret": "{{ lookup('env', 'SECRET') }}",
    }  # fmt: skip
    hosts = {"all": {"hosts": {"a": {}, "b": {}, "c": {}}, "vars": connection}}
    (scratch / "hosts.json").write_text(json.dumps(hosts))
    (scratch / "play.yml").write_text(json.dumps([{"hosts": "all", "gather_facts": False, "tasks": tasks}]))
    done = warm_ansible.run(
        ["ansible-playbook", "-i", "hosts.json", "play.yml", "-vv"],
        env=environment(scratch, SECRET=pbx.client_secret, **env),
        cwd=scratch,
    )
    assert pbx.client_secret not in done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("traits", [AS_SEEN, STRICT_ODATA], ids=["as-seen", "strict-odata"])
def test_properties_are_looked_up_once(pbx_factory: Callable[..., SimulatedPbx], tmp_path: Path, traits: Any) -> None:
    pbx = pbx_factory(traits=traits)
    pbx.put("Users", {**row(pbx, "Users", Number="100"), "AuthPassword": f"{CANARY}-of-100"})
    # One task for all of them: each task is three processes.
    shown_of_all = " ".join(
        f"[{name}={{{{ lookup({NAME}, {terms}) | to_json }}}}]" for name, (terms, _) in LOOKUPS.items()
    )
    tasks = [{"name": "all", "ansible.builtin.debug": {"msg": shown_of_all}}]
    out = run(pbx, tmp_path, tasks).replace('\\"', '"')
    for name, (_, expected) in LOOKUPS.items():
        shown = f'"group": "{expected}"' if name == "department" else f"[{name}={json.dumps(expected)}]"
        if expected is not None:
            assert out.count(shown) == 3, (name, out)
    assert CANARY not in out
    reads = [(request.path, request.query) for request in pbx.requests if request.path.endswith(("/Users", "/Trunks"))]
    assert len(reads) >= 5
    assert len(reads) == len(set(reads)), "three hosts, each object once"
    assert not list((tmp_path / "ansible" / "tmp").glob("*/threecx_lookup")), "Ansible has removed what was kept"


def test_credentials_are_asked_for_and_never_kept(pbx: SimulatedPbx, tmp_path: Path) -> None:
    pbx.put("Users", {**row(pbx, "Users", Number="100"), "AuthPassword": f"{CANARY}-of-100"})
    password = "'user', '100', 'auth_password'"
    secret = f"lookup({NAME}, {password}, reveal_secrets=true)"
    tasks: list[dict[str, Any]] = [
        {"ansible.builtin.assert": {"that": f"{secret} == '{CANARY}-of-' ~ (50 * 2)"}, "no_log": True},
        {"ansible.builtin.assert": {"that": f"lookup('pipe', 'grep -rl {CANARY} {tmp_path}/ansible || true') == ''"}},
        {"name": "hidden", "ansible.builtin.debug": {"msg": f"{{{{ lookup({NAME}, {password}) }}}}"}},
    ]  # fmt: skip
    out = run(pbx, tmp_path, tasks)
    assert out.count("auth_password is a credential") >= 3, out
    assert "TASK [hidden]" in out
    assert CANARY not in out


def test_it_is_read_again_when_a_task_has_changed_it(pbx: SimulatedPbx, tmp_path: Path) -> None:
    mobile = f"lookup({NAME}, 'user', '100', 'mobile'"
    connection = {
        "host": "{{ threecx_host }}",
        "api_client_id": "900",
        "api_client_secret": "{{ threecx_client_secret }}",
    }
    tasks: list[dict[str, Any]] = [
        {"ansible.builtin.assert": {"that": f"{mobile}) == '+15550110'"}},
        {"threecx.xapi.threecx_user": {**connection, "number": "100", "mobile": "+15550155"}, "run_once": True},
        {"ansible.builtin.assert": {"that": f"{mobile}) == '+15550110'"}},
        {"ansible.builtin.assert": {"that": f"{mobile}, cache=false) == '+15550155'"}},
        {"ansible.builtin.assert": {"that": f"{mobile}) == '+15550155'"}},
    ]
    out = run(pbx, tmp_path, tasks)
    assert out.count("failed=0") == 3, out


def test_the_secret_of_the_environment_is_not_sent_to_a_pbx_of_the_inventory(pbx: SimulatedPbx, tmp_path: Path) -> None:
    tasks = [
        {
            "ansible.builtin.debug": {"msg": f"{{{{ lookup({NAME}, 'user', '100', 'mobile') }}}}"},
            "vars": {"threecx_client_secret": None},
        }
    ]
    pbx.clear_log()
    out = run(pbx, tmp_path, tasks, THREECX_CLIENT_SECRET=f"{CANARY}-of-another")
    assert "not threecx_client_secret" in out, out
    assert pbx.requests == []


@pytest.mark.parametrize(
    ("terms", "why"),
    [
        (["user"], "Give a kind"),
        (["user", "100"], "user needs a name, then a property"),
        (["usr", "100", "mobile"], "There is no kind usr"),
        (["mail_settings", "a", "b"], "needs only a property"),
        (["user", "100", "mobil"], "did you mean mobile?"),
        (["trunk", "1", "gateway.names"], "did you mean name?"),
        (["user", "100", "auth_password"], "is a credential"),
    ],
)
def test_wrong_terms_are_one_sentence(terms: list[str], why: str) -> None:
    with pytest.raises(ObjectError) as failure:
        property_of(Wanted.of_terms(terms), {})
    assert why in str(failure.value)
