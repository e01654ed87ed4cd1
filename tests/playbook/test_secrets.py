"""Nothing secret in anything that leaves the process, however much is asked to be shown."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from pbx_simulator import SimulatedPbx

Playbook = Callable[..., Any]
#: Invented; each is looked for in everything that is written.
CANARY = "CANARY"


def test_no_credential_in_any_output(playbook: Playbook, pbx: SimulatedPbx) -> None:
    pbx.put("Fax", {"Id": 7001, "Number": "7801", "AuthPassword": f"{CANARY}-stored-1"})
    pbx.put("Fxs", {"MacAddress": "aa0000000001", "Password": f"{CANARY}-stored-2", "Secret": f"{CANARY}-stored-3",
                    "Provisioning": {"ProvLink": f"http://x/{CANARY}-stored-4"}})  # fmt: skip
    access = {"host": pbx.url, "api_client_id": pbx.client_id, "api_client_secret": pbx.client_secret}
    fax, fxs = "threecx.xapi.threecx_fax", "threecx.xapi.threecx_fxs"
    bodies: list[dict[str, Any]] = [
        {fax: {**access, "number": "7801", "auth_password": f"{CANARY}-given-1"}},
        # Ansible shows the items of a loop, but must not show values derived from them.
        {fax: {**access, "number": "{{ item }}", "auth_password": "{{ passwords[item] }}"}, "loop": ["7802", "7803"]},
        {fxs: {**access, "mac_address": "aa0000000001", "password": f"{CANARY}-given-3",
            "secret": f"{CANARY}-given-4"}},
        {fxs: {**access, "mac_address": "aa0000000001", "password": f"{CANARY}-given-5", "unknown": 1}},
        {fax: {**access, "api_client_secret": f"{CANARY}-given-6", "number": "7801", "token_cache": False}},
        {fax: {"host": pbx.url, "login_username": "100", "login_password": f"{CANARY}-given-7",
            "security_code": f"{CANARY}-given-8", "number": "1"}},
        {fax: {"host": pbx.url, "access_token": f"{CANARY}-given-9", "number": "7801"}},
        {fax: {**access, "access_token": f"{CANARY}-given-10", "number": "7801"}},
        {fax: {**access, "host": "http://127.0.0.1:1", "number": "7801", "auth_password": f"{CANARY}-given-11"}},
        {f"{fxs}_info": access},
        {f"{fax}_info": access, "register": "info"},
        {"ansible.builtin.debug": {"var": "info"}},
        {f"{fax}_info": {**access, "reveal_secrets": True}, "no_log": True},
        {fxs: {**access, "mac_address": "aa0000000001", "state": "absent"}},
    ]  # fmt: skip
    tasks = [{"name": f"{number}", "ignore_errors": True, **body} for number, body in enumerate(bodies)]
    env = {"THREECX_PASSWORD": f"{CANARY}-environment"}
    passwords = {"passwords": {"7802": f"{CANARY}-given-2", "7803": f"{CANARY}-given-2"}}
    plays = [
        {"hosts": host, "diff": True, "vars": passwords, "tasks": tasks[:last]}
        for host, last in (("here", 99), ("near", 10))
    ]
    run = playbook(plays, "-vvvv", env=env).ok()
    failed = [int(task.task) for task in run.on("here") if task.outcome == "failed"]
    assert failed == [3, 4, 5, 6, 7, 8]
    assert [int(task.task) for task in run.on("near") if task.outcome == "failed"] == failed
    assert "(hidden, changed)" in run.stdout, "the diff says that there is one"
    shown = [line for line in run.output.splitlines() if CANARY in line or pbx.client_secret in line]
    assert shown == []
    assert "HTTP Request:" not in run.log, "what the client's libraries log is not for Ansible's log"
    assert {row["AuthPassword"] for row in pbx.entities("Fax") if row["Number"] == "7802"} == {f"{CANARY}-given-2"}


def test_a_pbx_that_repeats_everything(playbook: Playbook, pbx: SimulatedPbx) -> None:
    """Tasks of every kind, in the controller and shipped, refused by an answer that repeats what was sent and what it
    has.
    """
    pbx.put("Fax", {"Id": 7001, "Number": "7801", "AuthPassword": f"{CANARY}-stored"})
    access = {"host": pbx.url, "api_client_id": pbx.client_id, "api_client_secret": pbx.client_secret}
    fax, mail, secret = "threecx.xapi.threecx_fax", "threecx.xapi.threecx_mail_settings", f"{CANARY} 'given' <ä>"
    call = {"operation": "UpdateFax", "parameters": {"Id": 7001}, "body": {"Number": "7801", "AuthPassword": secret}}
    bodies: list[dict[str, Any]] = [
        {fax: {**access, "number": "7801", "auth_password": secret}},
        {fax: {**access, "number": "{{ item }}", "auth_password": "{{ password }}"}, "loop": ["7802", "7803"]},
        {mail: {**access, "mail_password": secret}},
        {"threecx.xapi.threecx_operation": {**access, **call}},
        {fax: {**access, "number": "7801", "auth_password": secret, "groups": [[secret], {"x": secret}]}},
    ]
    said = f"cannot take {secret} or {json.dumps(secret)} " + json.dumps({"AuthPassword": f"{CANARY}-other"})
    details = [{"code": said, "message": said, "target": said}]
    for method in ("POST", "PATCH"):
        error = {"error": {"message": said, "details": details}}
        pbx.fail("/xapi/v1/", method=method, status=400, times=None, body=json.dumps(error))
    tasks = [{"name": f"{number}", "ignore_errors": True, **task} for number, task in enumerate(bodies)]
    plays = [{"hosts": host, "diff": True, "vars": {"password": secret}, "tasks": tasks} for host in ("here", "near")]
    run = playbook(plays, "-vvvv").ok()
    for host in ("here", "near"):
        assert [int(task.task) for task in run.on(host) if task.outcome == "failed"] == [0, 1, 2, 3, 4], run.stdout
    shown = [line for line in run.output.splitlines() if CANARY in line or pbx.client_secret in line]
    assert shown == []


def test_a_credential_in_the_wrong_place(playbook: Playbook, pbx: SimulatedPbx) -> None:
    """Ansible shows the values of unknown options, because it hides only those that are declared no_log."""
    access = {"host": pbx.url, "api_client_id": pbx.client_id, "api_client_secret": pbx.client_secret}
    user, call = "threecx.xapi.threecx_user", "threecx.xapi.threecx_operation"
    wrong: list[tuple[str, dict[str, Any]]] = [
        (user, {"number": "100", "auth_pasword": f"{CANARY}-1", "AuthPassword": f"{CANARY}-2", "vmpin": f"{CANARY}-3"}),
        (user, {"number": "100", "phones": [{"Secret": f"{CANARY}-4", "mac": "x", "more": {"pw": [f"{CANARY}-5"]}}]}),
        (user, {"number": "100", "host": pbx.url.replace("//", f"//me:{CANARY}-6:@x@")}),
        (f"{user}_info", {"client_secrets": f"{CANARY}-7"}),
        (call, {"operation": "ListFax", "acces_token": f"{CANARY}-8"}),
    ]
    tasks = [
        {"name": f"{number}", "ignore_errors": True, module: {**access, **options}}
        for number, (module, options) in enumerate(wrong)
    ]
    shown = {"ANSIBLE_INJECT_INVOCATION": "1"}  # what ansible-core 2.21 leaves out otherwise
    run = playbook([{"hosts": host, "tasks": tasks} for host in ("here", "near")], "-vvvv", env=shown).ok()
    for host in ("here", "near"):
        assert [int(task.task) for task in run.on(host) if task.outcome == "failed"] == [0, 1, 2, 3, 4], run.stdout
        assert "auth_pasword" in run.on(host)[0].result["msg"], "its name is what one has to know"
        assert '"100"' in json.dumps(run.on(host)[0].result), "what is no credential stays"
    assert [line for line in run.output.splitlines() if CANARY in line] == []
