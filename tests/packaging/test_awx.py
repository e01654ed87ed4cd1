"""The files for AWX and Ansible Automation Platform fit the collection."""

from __future__ import annotations

import re
from typing import Any

import yaml

from ansible_collection.plugins.module_utils._connection_options import connection_options
from tests.collection.tree import COLLECTION, ROOT

AWX = ROOT / "awx"


class Loader(yaml.SafeLoader):
    """YAML with the tag !unsafe of Ansible."""


def _unsafe(loader: Loader, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


Loader.add_constructor("!unsafe", _unsafe)


def read(name: str) -> Any:
    return yaml.load((AWX / name).read_text(), Loader)


def test_each_injector_is_a_variable_that_the_collection_reads() -> None:
    found = read("credential_type.yml")
    fields = {field["id"]: field for field in found["credential_type_inputs"]["fields"]}
    known = {name for option in connection_options().values() for name in option["fallback"][1]}
    injectors = found["credential_type_injectors"]
    assert set(injectors) == {"env"}
    used = set()
    for variable, template in injectors["env"].items():
        assert variable in known, variable
        used |= set(re.fullmatch(r"\{\{ (\w+) \}\}", template).groups())  # type: ignore[union-attr]
    assert used == set(fields)
    secrets = {name for name, option in connection_options().items() if option.get("no_log")}
    for variable, template in injectors["env"].items():
        option = next(name for name, spec in connection_options().items() if variable in spec["fallback"][1])
        assert bool(fields[template[3:-3]].get("secret")) == (option in secrets)
    assert set(found["credential_type_inputs"]["required"]) <= set(fields)
    assert "!unsafe" in (AWX / "credential_type.yml").read_text(), "Ansible would fill the templates in"


def test_the_job_template_runs_drift_and_a_schedule_starts_it() -> None:
    [play] = read("configure.yml")
    tasks = {name: options for task in play["tasks"] for name, options in task.items() if name.startswith("awx.awx.")}
    job, schedule = tasks["awx.awx.job_template"], tasks["awx.awx.schedule"]
    [imported] = yaml.safe_load((AWX / "project" / job["playbook"]).read_text())
    assert (COLLECTION / "playbooks" / f"{imported['import_playbook'].rpartition('.')[2]}.yml").exists()
    text = (COLLECTION / "playbooks" / "drift.yml").read_text()
    for variable in (*job["extra_vars"], *imported["vars"]):
        assert f"    {variable}: " in text, variable
    assert schedule["unified_job_template"] == job["name"]
    assert re.fullmatch(r"DTSTART;TZID=\S+:\d{8}T\d{6} RRULE:FREQ=DAILY;INTERVAL=1", play["vars"]["awx_drift_rule"])
    names = {tasks[f"awx.awx.{kind}"]["name"] for kind in ("inventory", "execution_environment")}
    assert {job["inventory"], job["execution_environment"]} == names
    assert set(re.findall(r"credential_type_\w+", str(tasks))) == set(read("credential_type.yml"))


def test_the_job_templates_of_pull_requests_run_their_playbooks() -> None:
    [play] = read("configure.yml")
    [both] = [task for task in play["tasks"] if task["name"] == "Create the job templates for pull requests"]
    [survey] = play["vars"]["awx_survey"]["spec"]
    for one in both["loop"]:
        [imported] = yaml.safe_load((AWX / "project" / one["playbook"]).read_text())
        assert survey["variable"] in str(imported["vars"])
        text = (COLLECTION / "playbooks" / f"{imported['import_playbook'].rpartition('.')[2]}.yml").read_text()
        text += (COLLECTION / "playbooks" / "tasks" / "check_out.yml").read_text()
        for variable in (*both["awx.awx.job_template"]["extra_vars"], *imported["vars"]):
            known = not variable.startswith("pull_request_") or re.search(rf"\b{variable}\b", text)
            assert known, f"{variable} is no variable of {imported['import_playbook']}"
    plan, apply = both["loop"]
    assert (plan["credentials"], apply["credentials"]) == ("{{ awx_credentials }}", "{{ awx_write_credentials }}")
    forge = read("forge_credential_type.yml")
    [(variable, template)] = forge["forge_credential_type_injectors"]["env"].items()
    [token] = forge["forge_credential_type_inputs"]["fields"]
    assert template == "{{ " + token["id"] + " }}"
    assert token["secret"]
    for name in ("check_out", "comment"):
        assert variable in (COLLECTION / "playbooks" / "tasks" / f"{name}.yml").read_text()
