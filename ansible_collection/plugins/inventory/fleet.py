# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An inventory whose hosts are PBXs."""

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet
short_description: PBXs of a fleet file as hosts
version_added: 0.1.0
author: The threecx.xapi authors (@threecx-xapi)
description:
  - Reads the PBXs of a file whose name ends with C(fleet.yml), C(fleet.yaml) or C(fleet.csv). Each PBX becomes a
    host of the group C(pbxs) and of the groups it names. The command C(threecx) reads the same file.
  - The variables C(threecx_host), C(threecx_client_id), C(threecx_client_secret), C(threecx_validate_certs) and
    C(threecx_ca_path) of a host say how its PBX is reached. The playbooks of this collection use them.
  - The file contains no secrets. C(threecx_client_secret) is an expression that reads the secret when a task needs
    it, so C(ansible-inventory --list) does not show it.
  - A host has C(ansible_connection=local), since modules talk to the PBX from the controller.
  - Everything that is wrong with a file is reported at once, with line and column. Ansible tries its other inventory
    plugins on such a file, too, and repeats their complaints. Set C(enable_plugins=threecx.xapi.fleet) in section
    C(inventory) of C(ansible.cfg) to see only those of this plugin. A CSV file is read only with this setting.
extends_documentation_fragment:
  - ansible.builtin.constructed
  - ansible.builtin.inventory_cache
options:
  plugin:
    description: Name of this plugin.
    type: str
    required: true
    choices: [threecx.xapi.fleet]
  pbxs:
    description:
      - PBXs by their names. Each takes the settings of O(defaults), and C(groups), a list of groups.
      - A setting of a PBX overrides those of its groups; a setting of an inner group those of outer groups, and all
        of them those of O(defaults). C(layers) add up instead.
    type: dict
    default: {}
  defaults:
    description:
      - Settings of all PBXs. In texts, C({name}) stands for the name of the PBX, and C({NAME}) for the same in
        capital letters with underscores, as in C(SECRET_{NAME}).
      - Relative paths are relative to the directory of the file.
    type: dict
    default: {}
    suboptions:
      url:
        description: Address of the PBX, such as V(https://pbx.example.com).
        type: str
      client_id:
        description: Client ID of the service principal, such as V(900).
        type: str
      client_secret_env:
        description: Environment variable of the controller that contains the client secret.
        type: str
      client_secret_command:
        description: Program with its arguments that prints the client secret, such as V([pass, show, "3cx/{name}"]).
        type: list
        elements: str
      client_secret_variable:
        description: Ansible variable that contains the client secret, such as V(vault_acme), or
          V(vault_secrets[{name}]) for an entry of a dictionary. Define it in an encrypted file of C(group_vars) or
          C(host_vars).
        type: str
      keyring:
        description: Whether the keyring of the controller contains the client secret, by address and client ID.
          Needs the Python package C(keyring).
        type: bool
      profile:
        description: Profile of C(~/.config/threecx/config.toml) that contains address, client ID and secret.
        type: str
      validate_certs:
        description: Whether the TLS certificate of the PBX must be valid.
        type: bool
      ca_path:
        description: PEM file with the certificate authorities to trust.
        type: str
      layers:
        description: Directories or files of configuration that the PBX is to follow, in the variable
          C(threecx_layers). Later ones win. C(threecx_home) is the directory of its C(threecx.lock).
        type: list
        elements: str
      limits:
        description: Limits on removals (C(objects), C(percent)), in the variable C(threecx_limits).
        type: dict
      canary:
        description: Whether changes are applied to this PBX before the others, in the variable C(threecx_canary). The
          group C(pbx_canaries) has these PBXs.
        type: bool
      vars:
        description: Variables of the PBX. A number with leading zeros or a plus sign stays a text.
        type: dict
  groups:
    description:
      - Groups by their names. A group whose value is a text gets the hosts for which this Jinja2 expression is true.
      - Any other group gets the PBXs that name it in C(groups). Its value may contain the settings of O(defaults)
        for these PBXs, and C(children), a list of the groups within it.
      - A list declares groups without settings.
    type: raw
    default: {}
  tables:
    description: CSV files with further PBXs, one in each row. The column C(name) names the PBX, and columns such as
      C(url) and C(groups) are settings. Other columns become variables. Cells of C(groups) and C(layers) separate
      their values by blanks or commas.
    type: list
    elements: str
    default: []
  objects:
    description:
      - Objects of each PBX to list as further hosts. The plugin then signs in to every PBX when the inventory is
        read, unless the result is cached.
      - V(users) adds hosts such as C(north_100) to the groups C(users), C(users_of_north) and C(users_of_GROUP) for
        each group of the PBX, with the variables C(threecx_user) and C(threecx_pbx).
      - V(phones) adds hosts such as C(north_805ec0123456) for registered phones in the same way, with
        C(threecx_phone) and the address of the phone as C(ansible_host).
      - If a PBX does not answer, its objects are missing and a warning says so; with O(strict=true), the inventory
        fails.
      - Secrets must be available without Ansible variables, so O(defaults.client_secret_variable) cannot be used.
    type: list
    elements: str
    choices: [users, phones]
    default: []
  parallel:
    description: Number of PBXs to work on at a time. The command C(threecx) and O(objects) use it, and playbooks
      C(forks).
    type: int
  max_failures:
    description: Number of failed PBXs after which the command C(threecx) and the playbook C(threecx.xapi.apply) begin
      no further one, in the variable C(threecx_max_failures).
    type: int
requirements:
  - The Python package C(threecx-xapi) on the controller
seealso:
  - module: threecx.xapi.threecx_config
"""

EXAMPLES = r"""
# fleet.yml: three PBXs, each with its secret in an environment variable such as SECRET_NORTH
plugin: threecx.xapi.fleet
defaults:
  url: https://{name}.example.com
  client_id: "900"
  client_secret_env: SECRET_{NAME}
  layers: [layers/standard]
groups:
  customers:
    children: [acme]
  acme:
    layers: [layers/acme]
    limits: {objects: 20}
    vars: {support_level: gold}
  gold: support_level | default('') == 'gold'
pbxs:
  north: {groups: [acme], canary: true, vars: {site: berlin}}
  south: {groups: [acme], vars: {site: bonn}}
  pbx7: {url: "pbx.example.org:5001", client_secret_variable: vault_pbx7}
keyed_groups:
  - key: site
    prefix: site
compose:
  contact: site ~ '@example.com'

# ansible-inventory -i fleet.yml --graph
# ansible-playbook -i fleet.yml threecx.xapi.health --limit acme

---
# fleet.yml: PBXs of a table, and their users as hosts that are read at most once an hour
plugin: threecx.xapi.fleet
tables: [customers.csv]
defaults:
  client_id: "900"
  client_secret_command: [pass, show, "3cx/{name}"]
groups: [berlin, bonn]
objects: [users]
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/fleet

# customers.csv
# name,url,groups,contract
# north,https://north.example.com,berlin,4711
"""

import shlex  # noqa: E402
import sys  # noqa: E402
from contextlib import suppress  # noqa: E402
from typing import Any  # noqa: E402

from ansible.errors import AnsibleParserError  # noqa: E402
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable  # noqa: E402
from ansible.utils.unsafe_proxy import wrap_var  # noqa: E402

from ..module_utils._library import PROBLEM, fleet_library  # noqa: E402

try:
    from ansible.template import trust_as_template
except ImportError:  # an ansible-core before 2.19 takes every text that is not wrapped for a template

    def trust_as_template(value: str) -> str:
        """The same text."""
        return value


_ENDINGS = ("fleet.yml", "fleet.yaml", "fleet.csv")
_PBXS = "pbxs"
_CANARIES = "pbx_canaries"
_OF_ENVIRONMENT = "{{ lookup('ansible.builtin.env', threecx_client_secret_env, default=undef()) }}"
_OF_COMMAND = "{{ lookup('ansible.builtin.pipe', threecx_client_secret_command) }}"


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):  # type: ignore[misc]
    """See DOCUMENTATION."""

    NAME = "threecx.xapi.fleet"

    def verify_file(self, path: str) -> bool:
        """Return whether this plugin reads a file of this name."""
        return bool(super().verify_file(path)) and path.endswith(_ENDINGS)

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        """Add the PBXs of a file to the inventory.

        Raises:
            AnsibleParserError: the file or the library cannot be used
        """
        super().parse(inventory, loader, path, cache)
        if PROBLEM is not None:
            raise AnsibleParserError(PROBLEM)
        library = fleet_library()
        try:
            fleet = library.load_fleet(path)
        except library.ConfigError as error:
            raise AnsibleParserError(str(error)) from None
        # Ansible's own reader would read the whole file again, in most of the time that a large fleet takes.
        self.set_options(direct={"plugin": self.NAME, **_trusted(dict(fleet.for_ansible))}, var_options=self._vars)
        self.load_cache_plugin()
        self._add_groups(fleet)
        homes = library.homes_of(fleet)
        for pbx in fleet.pbxs.values():
            self._add_pbx(pbx, homes.get(pbx.name))
        self._add_canaries(fleet)
        if fleet.objects:
            self._add_objects(library, fleet, path, cache)
        for host in [*self.inventory.groups[_PBXS].get_hosts(), *self._object_hosts()]:
            self._construct(fleet, host.name)

    def _add_groups(self, fleet: Any) -> None:
        self.inventory.add_group(_PBXS)
        if fleet.max_failures is not None:
            self.inventory.set_variable(_PBXS, "threecx_max_failures", fleet.max_failures)
        for name, value in fleet.variables.items():
            self.inventory.set_variable(_PBXS, name, _trusted(value))
        for name, group in fleet.groups.items():
            self.inventory.add_group(name)
            for variable, value in group.variables.items():
                self.inventory.set_variable(name, variable, _trusted(value))
        for name, group in fleet.groups.items():
            for child in group.children:
                self.inventory.add_child(name, child)

    def _add_canaries(self, fleet: Any) -> None:
        names = [name for name, pbx in fleet.pbxs.items() if pbx.canary]
        if names:
            self.inventory.add_group(_CANARIES)
        for name in names:
            self.inventory.add_host(name, group=_CANARIES)

    def _add_pbx(self, pbx: Any, home: Any) -> None:
        self.inventory.add_host(pbx.name, group=_PBXS)
        for group in pbx.groups:
            self.inventory.add_host(pbx.name, group=group)
        of_a_table = pbx.place.file.endswith(".csv")
        variables = {
            **_connection(pbx),
            "threecx_layers": [str(layer.path) for layer in pbx.layers],
            **({"threecx_home": str(home)} if home is not None else {}),
            "threecx_limits": dict(pbx.limits),
            "threecx_canary": pbx.canary,
        }
        for name, value in variables.items():
            self.inventory.set_variable(pbx.name, name, value)
        for name, value in pbx.variables.items():
            self.inventory.set_variable(pbx.name, name, wrap_var(value) if of_a_table else _trusted(value))

    def _construct(self, fleet: Any, host: str) -> None:
        """Add composed variables and constructed groups, as every inventory plugin does."""
        strict = self.get_option("strict")
        variables = self.inventory.get_host(host).get_vars()
        for group in self.inventory.get_host(host).get_groups():
            variables = {**group.get_vars(), **variables}
        self._set_composite_vars(self.get_option("compose"), variables, host, strict=strict)
        self._add_host_to_composed_groups(
            {name: trust_as_template(condition) for name, condition in fleet.conditions.items()},
            variables, host, strict=strict,
        )  # fmt: skip
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), variables, host, strict=strict)

    def _object_hosts(self) -> list[Any]:
        groups = [self.inventory.groups[name] for name in ("users", "phones") if name in self.inventory.groups]
        return [host for group in groups for host in group.get_hosts()]

    def _add_objects(self, library: Any, fleet: Any, path: str, cache: bool) -> None:
        for name, found in self._objects(library, fleet, path, cache).items():
            pbx = fleet.pbxs.get(name)
            if pbx is None:  # the cache is older than the file
                continue
            for kind in fleet.objects:
                group = self._object_group(fleet, kind, pbx)
                for row in found.get(kind, []):
                    self._add_object(kind, group, name, row)

    def _objects(self, library: Any, fleet: Any, path: str, cache: bool) -> dict[str, Any]:
        """Rows of each PBX: those in the cache, if it may be used, and those of the PBXs that it lacks."""
        keep, key = self.get_option("cache"), self.get_cache_key(path)
        found: dict[str, Any] = {}
        if keep and cache:
            with suppress(KeyError):  # it has expired, or nothing was kept yet
                found = dict(self._cache[key])
        missing = [
            pbx for name, pbx in fleet.pbxs.items() if not set(fleet.objects) <= set(found.get(name, {}))
        ]  # fmt: skip
        for name, read in library.objects_of(missing, fleet.objects, fleet.parallel).items():
            if not isinstance(read, str):
                found[name] = read
            elif self.get_option("strict"):
                raise AnsibleParserError(f"The {' and '.join(fleet.objects)} of {name} cannot be listed: {read}")
            else:
                self.display.warning(f"The {' and '.join(fleet.objects)} of {name} cannot be listed: {read}")
        if keep and missing:
            self._cache[key] = found
        return found

    def _object_group(self, fleet: Any, kind: str, pbx: Any) -> str:
        """Add the groups for objects of a kind; return the one of the PBX, with the variables of its connection."""
        group: str = self.inventory.add_group(self._sanitize_group_name(f"{kind}_of_{pbx.name}"))
        outer = [kind, *(f"{kind}_of_{name}" for name in fleet.groups if pbx.name in fleet.members(name))]
        for name in outer:
            self.inventory.add_child(self.inventory.add_group(name), group)
        for name, value in {"threecx_pbx": pbx.name, **_connection(pbx)}.items():
            self.inventory.set_variable(group, name, value)
        return group

    def _add_object(self, kind: str, group: str, pbx: str, row: dict[str, Any]) -> None:
        key = row["number"] if kind == "users" else row["mac"]
        host: str = self.inventory.add_host(f"{pbx}_{key}", group=group)
        # The PBX's texts are data and never templates.
        self.inventory.set_variable(host, "threecx_user" if kind == "users" else "threecx_phone", wrap_var(row))
        if kind == "phones" and row.get("ip_address"):
            self.inventory.set_variable(host, "ansible_host", wrap_var(row["ip_address"]))


def _connection(pbx: Any) -> dict[str, Any]:
    """Variables that say how a PBX is reached."""
    source, value, _place = pbx.secret
    variables: dict[str, Any] = {
        "ansible_connection": "local",
        # A task in a separate process, such as one with async, finds the library in the controller's Python.
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "threecx_host": pbx.url,
        "threecx_client_id": pbx.client_id,
        "threecx_validate_certs": pbx.validate_certs,
        **({"threecx_ca_path": pbx.ca_path} if pbx.ca_path else {}),
    }
    if source == "client_secret_variable":
        name, bracket, key = value.partition("[")
        variables["threecx_client_secret"] = f"{{{{ {name}['{key[:-1]}'] }}}}" if bracket else f"{{{{ {name} }}}}"
    elif source == "client_secret_env":
        variables.update(threecx_client_secret_env=value, threecx_client_secret=_OF_ENVIRONMENT)
    else:
        command = value or (sys.executable, "-m", "keyring", "get", pbx.url, pbx.client_id)
        variables.update(threecx_client_secret_command=shlex.join(command), threecx_client_secret=_OF_COMMAND)
    return {name: _trusted(inner) for name, inner in variables.items()}


def _trusted(value: Any) -> Any:
    """A value of the file, whose texts may be templates as in every inventory of YAML."""
    if isinstance(value, dict):
        return {name: _trusted(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_trusted(inner) for inner in value]
    return trust_as_template(value) if isinstance(value, str) else value
