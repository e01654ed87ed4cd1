"""Messages and patterns of the first day, as ansible-playbook shows them in both ways of running."""

from __future__ import annotations

from pbx_simulator import SimulatedPbx
from tests.playbook.conftest import Playbook

USER = "threecx.xapi.threecx_user"


def test_a_dictionary_as_a_task_near_names_and_one_summary(playbook: Playbook, pbx: SimulatedPbx) -> None:
    access = {"host": pbx.url, "api_client_id": pbx.client_id, "api_client_secret": pbx.client_secret}
    group = {"group/threecx.xapi.all": access}
    wrong = {"name": "misspelt", USER: {"number": "100", "frist_name": "A"}, "ignore_errors": True}
    tasks = [
        # The name of the module is a key of module_defaults, so it takes a whole dictionary, without any warning.
        {
            "name": "dictionary",
            USER: None,
            "module_defaults": {**group, USER: "{{ item }}"},
            "loop": "{{ users }}",
        },
        wrong,
        {"name": "group", "threecx.xapi.threecx_group": {"name": "Berlin"}, "check_mode": True},
        {"name": "first", USER: {"number": "177", "primary_group": "Berlin"}, "check_mode": True},
        {"name": "second", USER: {"number": "178", "primary_group": "Berlin"}, "check_mode": True},
    ]
    users = [{"number": "100", "first_name": "Given"}, {"number": "101", "first_name": "Given"}]
    shipped = {**wrong, "name": "shipped"}
    run = playbook(
        [
            {"hosts": "here", "module_defaults": group, "tasks": tasks},
            {"hosts": "near", "module_defaults": group, "tasks": [shipped]},
        ],
        variables={"users": users},
    ).ok()
    assert [row["FirstName"] for row in pbx.entities("Users") if row["Number"] in ("100", "101")] == ["Given"] * 2
    assert "argsplat" not in run.stderr
    for name in ("misspelt", "shipped"):
        assert "frist_name. Did you mean first_name, last_name or " in run[name]["msg"], run[name]["msg"]
        assert "Supported parameters include" not in run[name]["msg"]
    (summary,) = run["first"]["warnings"]
    assert "earlier tasks of this run would create" in summary
    assert "department Berlin" in summary
    assert not run["second"].get("warnings")


def test_the_password_of_a_token_store_is_shown_nowhere(playbook: Playbook, pbx: SimulatedPbx) -> None:
    access = {"host": pbx.url, "api_client_id": pbx.client_id, "api_client_secret": pbx.client_secret}
    store = "redis://:CANARY-invented@127.0.0.1:1/0"
    plays = [
        {
            "hosts": hosts,
            "tasks": [{"name": hosts, f"{USER}_info": {**access, "number": "100", "token_cache": store}}],
        }
        for hosts in ("here", "near")
    ]
    run = playbook(plays, "-vvv").ok()
    assert "CANARY" not in run.output
    assert "The shared token store redis://127.0.0.1:1/0 does not answer" in str(run["here"]["warnings"])
