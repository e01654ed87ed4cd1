"""Random values in playbooks, as YAML and Jinja pass them on, and random variables for the role."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pbx_simulator import SimulatedPbx
from tests.figures import record
from tests.playbook.conftest import Playbook, collections_path, playbook

__all__ = ["collections_path", "playbook"]

#: As it stands in a playbook, and what is stored; None where it is refused.
WRITTEN: list[tuple[str, str | None]] = [
    ("no", None),
    ("Yes", None),
    ("1.10", None),
    (".nan", None),
    ("[a, b]", None),
    ("{a: b}", None),
    (r"""'{{ "\"\\ud800\"" | from_json }}'""", None),
    ("'no'", "no"),
    ("0100", None),
    ("'0100'", "0100"),
    ("1e3", "1e3"),
    ("0x1F", None),
    ("1_000", None),
    ("12:30:45", None),
    ("'12:30:45'", "12:30:45"),
    ("2026-01-31", "2026-01-31"),
    ("2026-01-31 08:00:00", "2026-01-31T08:00:00"),
    ("99999999999999999999", "99999999999999999999"),
    ("!unsafe '{{ 7 * 7 }}'", "{{ 7 * 7 }}"),
    ("'{{ 7 * 7 }}'", "49"),
    ("\"{{ '7' ~ 7 }}\"", "77"),
    (r'''"{{ \"O'Brien\" }}"''', "O'Brien"),
    ("\"{{ '{{' }} x {{ '}}' }}\"", "{{ x }}"),
    ("\"{{ nothing | default('a/b') }}\"", "a/b"),
    ("'{% raw %}{{ x }}{% endraw %}'", "{{ x }}"),
    (r'"a\r\nX-Injected: 1"', "a\r\nX-Injected: 1"),
    (r'"\0"', "\0"),
    (r'"\U0001F600\u202E\uFEFF\u200B"', "\U0001f600\u202e\ufeff\u200b"),
    ("'=1+1'", "=1+1"),
    ("'*'", "*"),
    ("\"' or Name ne '\"", "' or Name ne '"),
    ("|\n      one\n      two\n", "one\ntwo\n"),
]
HOSTILE = [
    "O'Brien",
    "' or 1 eq 1 or Name eq '",
    "a/b",
    "../..",
    "100%",
    "a;b,c(d)$e&f#g+h?",
    "\U0001f600\u00e9\u202e",
    "null",
]


def access(pbx: SimulatedPbx) -> dict[str, str]:
    return {
        "THREECX_HOST": pbx.url,
        "THREECX_CLIENT_ID": pbx.client_id,
        "THREECX_CLIENT_SECRET": pbx.client_secret,
        # One thing of a play after the other, and no forks that are not needed.
        "ANSIBLE_FORKS": "1",
    }


def test_what_yaml_makes_of_it(pbx: SimulatedPbx, playbook: Playbook, tmp_path: Path) -> None:
    tasks = "".join(
        f"- name: case {n}\n  threecx.xapi.threecx_tenant_property:\n    name: case {n}\n    value: {text}\n  "
        "ignore_errors: true\n"
        for n, (text, _) in enumerate(WRITTEN)
    )
    (tmp_path / "tasks.yml").write_text(tasks)
    plays = [{"hosts": "here", "tasks": [{"include_tasks": "tasks.yml"}]}]
    first, second = (playbook(plays, env=access(pbx)).ok() for _ in range(2))
    stored = {row["Name"]: row["Value"] for row in pbx.entities("TenantProperties")}
    for n, (text, value) in enumerate(WRITTEN):
        record("inputs tried")
        [done] = [task for task in first.tasks if task.task == f"case {n}"]
        if value is None:
            assert done.outcome == "failed", text
            assert "value: " in done.result["msg"]
            assert f"case {n}" not in stored
        else:
            assert done.outcome == "ok", done.result
            assert stored[f"case {n}"] == value, text
            assert second[f"case {n}"]["changed"] is False, text
    for run in (first, second):
        assert "Traceback" not in run.output
        assert "mistake of the collection" not in run.output


def everything(texts: list[str]) -> dict[str, Any]:
    """A company where everything is called so."""
    return {
        "provision_pbx_departments": [{"name": text} for text in texts],
        "provision_pbx_users": [
            {"number": str(7000 + n), "first_name": text, "last_name": text, "mobile": f"{text} 1"}
            for n, text in enumerate(texts)
        ],
        "provision_pbx_ring_groups": [{"number": str(7100 + n), "name": text} for n, text in enumerate(texts)],
    }


def role(options: dict[str, Any]) -> list[dict[str, Any]]:
    task = {"include_role": {"name": "threecx.xapi.provision_pbx"}, "vars": options}
    return [{"hosts": "here", "tasks": [task]}]


def test_a_role_with_such_names(pbx: SimulatedPbx, playbook: Playbook) -> None:
    record("inputs tried", 3 * len(HOSTILE))
    there = {name: pbx.entities(name) for name in ("Groups", "Users", "RingGroups")}
    playbook(role(everything(HOSTILE)), env=access(pbx)).ok()
    made = {
        name: [row for row in pbx.entities(name) if row["Id"] not in {old["Id"] for old in rows}]
        for name, rows in there.items()
    }
    assert sorted(row["Name"] for row in made["Groups"]) == sorted(HOSTILE)
    assert [row["FirstName"] for row in made["Users"]] == HOSTILE
    assert [row["Name"] for row in made["RingGroups"]] == HOSTILE
    again = playbook(role(everything(HOSTILE)), env=access(pbx)).ok()
    assert not any(task.result.get("changed") for task in again.tasks)


NONSENSE: list[tuple[dict[str, Any], str]] = [
    ({"provision_pbx_users": "text"}, "provision_pbx_users"),
    ({"provision_pbx_users": [{"number": {"a": "b"}}]}, "number"),
    ({"provision_pbx_departments": [{"name": "a", "nonsense": 1}]}, "nonsense"),
    ({"provision_pbx_users": [{"number": "7000", "vm_enabled": "maybe"}]}, "vm_enabled"),
    ({"provision_pbx_users": [{"number": "7000", "phones": 5}]}, "phones"),
    ({"provision_pbx_trunks": [{"number": None, "template": []}]}, "number"),
    ({"provision_pbx_update_secrets": "sometimes"}, "provision_pbx_update_secrets"),
]


def test_a_role_that_is_given_nonsense(pbx: SimulatedPbx, playbook: Playbook) -> None:
    rescued = {"debug": {"msg": "refused"}}
    tasks = [{"block": role(options)[0]["tasks"], "rescue": [rescued]} for options, _ in NONSENSE]
    run = playbook([{"hosts": "here", "tasks": tasks}], env=access(pbx)).ok()
    failures = [json.dumps(task.result) for task in run.tasks if task.outcome == "failed"]
    assert len(failures) == len(NONSENSE)
    for failure, (options, named) in zip(failures, NONSENSE, strict=True):
        record("inputs tried")
        assert named in failure, f"{failure} for {options}"
    assert "Traceback" not in run.output
    assert pbx.writes == []
