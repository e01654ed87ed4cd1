"""The inventory plugin threecx.xapi.fleet, as ansible-inventory and ansible show it."""

from __future__ import annotations

import json
import re
import subprocess
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pbx_simulator import AS_SEEN, STRICT_ODATA, SimulatedPbx
from tests import warm_ansible
from tests.collection.tree import environment

NAME = "threecx.xapi.fleet"
CANARY = "CANARY-1nv3nt0ry"  # invented
FLEET = """
plugin: threecx.xapi.fleet
defaults:
  url: https://{name}.example.com
  client_id: "900"
  client_secret_env: SECRET_{NAME}
  layers: [layers/standard]
  vars: {contact: "{{ 'help@' ~ site }}"}
groups:
  customers: {children: [acme]}
  acme: {layers: [layers/acme], limits: {objects: 5}, vars: {level: gold}}
  careful: threecx_canary
pbxs:
  north: {groups: [acme], canary: true, vars: {site: berlin}}
  south: {client_secret_command: [sh, -c, printf %s "$SECRET_COMMAND"], vars: {site: bonn}}
  west: {client_secret_variable: "vault_secrets[{name}]", validate_certs: false, vars: {site: bonn}}
keyed_groups: [{key: site, prefix: site}]
compose: {rank: "1 if threecx_canary else 2"}
"""


class Inventory:
    """Runs Ansible's programs on a fleet file."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self.environment = environment(
            scratch, SECRET_NORTH=f"{CANARY}-of-north", SECRET_COMMAND=f"{CANARY}-of-a-command"
        )

    def write(self, text: str, name: str = "fleet.yml") -> None:
        (self.scratch / name).write_text(textwrap.dedent(text).lstrip("\n"))

    def run(self, program: str, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        return warm_ansible.run([program, *arguments], env={**self.environment, **env}, cwd=self.scratch)

    def listed(self, file: str = "fleet.yml", **env: str) -> dict[str, Any]:
        done = self.run("ansible-inventory", "-i", file, "--list", "--export", **env)
        assert done.returncode == 0, done.stderr
        assert done.stderr.strip() == "", done.stderr
        assert CANARY not in done.stdout
        found: dict[str, Any] = plain(json.loads(done.stdout))
        return found

    def value(self, expression: str, limit: str = "pbxs", *more: str) -> dict[str, Any]:
        """An expression on each host."""
        given = ("-m", "ansible.builtin.debug", "-a", f"var={expression}", *more)
        done = self.run("ansible", "-i", "fleet.yml", limit, *given)
        return dict(re.findall(r"^(\S+) \| \S+ => \{(.*?)^\}", done.stdout, re.DOTALL | re.MULTILINE))


def plain(value: Any) -> Any:
    """A value without the mark that ansible-core 2.19 gives to texts that are no templates."""
    if isinstance(value, dict):
        return value.get("__ansible_unsafe") or {name: plain(inner) for name, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list) else value


@pytest.fixture
def inventory(tmp_path: Path) -> Inventory:
    return Inventory(tmp_path)


def test_pbxs_are_hosts_with_groups_and_connections(inventory: Inventory) -> None:
    inventory.write(f"max_failures: 2\n{FLEET.replace(f'plugin: {NAME}', '')}")  # as the command reads it
    found = inventory.listed(ANSIBLE_INVENTORY_ENABLED=NAME)
    groups = {name: set(group.get("hosts", ())) for name, group in found.items() if name != "_meta"}
    assert groups["pbxs"] == {"north", "south", "west"}
    assert groups["acme"] == groups["careful"] == groups["pbx_canaries"] == {"north"}
    assert (groups["site_berlin"], groups["site_bonn"]) == ({"north"}, {"south", "west"})
    assert found["customers"]["children"] == ["acme"]
    north, west = (found["_meta"]["hostvars"][name] for name in ("north", "west"))
    assert (north["threecx_host"], north["threecx_client_id"]) == ("https://north.example.com", "900")
    assert found["pbxs"]["vars"]["threecx_max_failures"] == 2
    assert (north["ansible_connection"], str(north["rank"]), north["threecx_limits"]) == ("local", "1", {"objects": 5})
    assert [Path(layer).name for layer in north["threecx_layers"]] == ["standard", "acme"]
    assert north["threecx_client_secret"].startswith("{{ lookup('ansible.builtin.env'")
    assert (west["threecx_client_secret"], west["threecx_validate_certs"]) == ("{{ vault_secrets['west'] }}", False)
    inventory.write(FLEET)
    graph = inventory.run("ansible-inventory", "-i", "fleet.yml", "--graph", "customers").stdout
    assert graph == "@customers:\n  |--@acme:\n  |  |--north\n"


def test_secrets_are_read_when_a_task_needs_them(inventory: Inventory) -> None:
    inventory.write(FLEET)
    (inventory.scratch / "group_vars").mkdir()
    (inventory.scratch / "group_vars" / "pbxs.yml").write_text(f"vault_secrets: {{west: {CANARY}-of-a-variable}}\n")
    shown = inventory.value("threecx_client_secret~contact")
    for name, of, site in (
        ("north", "north", "berlin"),
        ("south", "a-command", "bonn"),
        ("west", "a-variable", "bonn"),
    ):
        assert f"{CANARY}-of-{of}help@{site}" in shown[name], shown
    del inventory.environment["SECRET_NORTH"]
    missing = str(inventory.value("threecx_client_secret", "north"))
    assert CANARY not in missing
    assert "SECRET_NORTH" in missing or "NOT DEFINED" in missing, missing


def test_a_broken_file_is_one_message_with_its_place(inventory: Inventory) -> None:
    broken = {
        "fleet.yml:13:20: There is no group called acne; did": FLEET.replace("[acme], can", "[acne], can"),
        "fleet.yml:4:3: client_secret: this file contains no secrets.": FLEET.replace(
            "  client_id:", f"  client_secret: {CANARY}\n  client_id:"
        ),
        "fleet.yml:8:9: This is not YAML: the [ that begins here has no end": FLEET.replace("groups:\n", "groups: [\n"),
    }
    for said, text in broken.items():
        inventory.write(text)
        done = inventory.run("ansible-inventory", "-i", "fleet.yml", "--list", ANSIBLE_INVENTORY_ENABLED=NAME)
        flat = " ".join(done.stderr.split())
        assert flat.count("[WARNING]: ") == 2, flat  # the second is Ansible's: the file was not parsed
        assert said in flat.replace(f"{inventory.scratch}/", ""), flat
        assert "Traceback" not in flat
        assert CANARY not in flat + done.stdout
    inventory.write(next(iter(broken.values())))
    found = " ".join(inventory.run("ansible-inventory", "-i", "fleet.yml", "--list").stderr.split())
    assert "There is no group called acne" in found, "the plugin auto hands it on"


def test_names_of_files(inventory: Inventory) -> None:
    inventory.write(FLEET, "customers.fleet.yml")
    assert "north" in inventory.listed("customers.fleet.yml")["pbxs"]["hosts"]
    inventory.write(FLEET, "hosts.yml")
    done = inventory.run("ansible-inventory", "-i", "hosts.yml", "--list")
    assert "could not be verified by inventory plugin" in " ".join(done.stderr.split())


def test_pbxs_of_a_table_and_its_cells_are_no_templates(inventory: Inventory) -> None:
    table = "name,url,client_id,client_secret_env,groups,note\nn,n.example.com,900,S,acme,{{ 6 * 7 }}\n"
    inventory.write(table, "fleet.csv")
    found = inventory.listed("fleet.csv", ANSIBLE_INVENTORY_ENABLED=NAME)
    assert found["acme"]["hosts"] == ["n"]
    inventory.write("plugin: threecx.xapi.fleet\ntables: fleet.csv\ngroups: [acme]\n")
    assert inventory.listed()["acme"]["hosts"] == ["n"]
    assert "{{ 6 * 7 }}" in inventory.value("note")["n"]


@pytest.mark.parametrize("traits", [AS_SEEN, STRICT_ODATA], ids=["as-seen", "strict-odata"])
def test_users_and_phones_are_hosts_and_cached(
    inventory: Inventory, pbx_factory: Callable[..., SimulatedPbx], traits: Any
) -> None:
    pbx = pbx_factory(traits=traits)
    text = f"""
    plugin: threecx.xapi.fleet
    objects: [users, phones]
    groups: [acme]
    defaults: {{client_id: "{pbx.client_id}", client_secret_env: SECRET_HERE}}
    pbxs:
      here: {{url: "{pbx.url}", groups: [acme]}}
    keyed_groups: [{{key: threecx_user.groups, prefix: department}}]
    """
    cache = "cache: true\ncache_plugin: ansible.builtin.jsonfile\ncache_connection: cache\n"
    inventory.write(textwrap.dedent(text) + cache)
    inventory.environment["SECRET_HERE"] = pbx.client_secret
    found = inventory.listed()
    users = [row["Number"] for row in pbx.entities("Users")]
    assert set(found["users_of_here"]["hosts"]) == {f"here_{number}" for number in users}
    assert found["users"]["children"] == found["users_of_acme"]["children"] == ["users_of_here"]
    assert found["pbxs"]["hosts"] == found["acme"]["hosts"] == ["here"]
    one = found["_meta"]["hostvars"]["here_100"]
    assert one["threecx_user"]["email_address"] == "ada.moreno@example.com"
    assert "here_100" in found["department_DEFAULT"]["hosts"]
    assert found["users_of_here"]["vars"]["threecx_host"] == pbx.url
    phone = found["_meta"]["hostvars"]["here_805ec0123456"]
    assert (phone["ansible_host"], phone["threecx_phone"]["extension"]) == ("192.0.2.51", "300")
    asked = len(pbx.requests)
    if traits is AS_SEEN:
        assert inventory.listed() == found
        assert len(pbx.requests) == asked, "the second time, the cache has it"
    assert pbx.client_secret not in "".join(path.read_text() for path in (inventory.scratch / "cache").iterdir())


def test_a_pbx_that_is_away_has_no_users_and_that_is_said(inventory: Inventory) -> None:
    text = """
    plugin: threecx.xapi.fleet
    objects: [users]
    pbxs: {gone: {url: "http://127.0.0.1:9", client_id: "900", client_secret_env: SECRET_NORTH}}
    """
    inventory.write(text)
    done = inventory.run("ansible-inventory", "-i", "fleet.yml", "--graph")
    assert "The users of gone cannot be listed: " in " ".join(done.stderr.split())
    assert "|--gone" in done.stdout
