# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking up one property of one object of a PBX."""

from __future__ import annotations

DOCUMENTATION = r"""
name: threecx
short_description: Property of an object or of settings of a 3CX phone system
version_added: 0.1.0
author: The threecx.xapi authors (@threecx-xapi)
description:
  - Returns one property of one object, such as the email address of extension 100, or of settings.
  - References are returned as names, as modules return them. Credentials are returned only with
    O(reveal_secrets=true).
  - An object is read once in a run of Ansible, however many tasks look it up. Set O(cache=false) to read it again,
    such as after a task has changed it. Objects read with O(reveal_secrets=true) are never kept.
options:
  _terms:
    description:
      - Kind, name of the object and property, such as V('user', '100', 'email_address'). For settings, kind and
        property, such as V('mail_settings', 'smtp_server').
      - The kind is the name of the module without C(threecx_). The name is the number of an extension, trunk or
        department, the name of another object, or a dictionary of options.
      - A dot leads into a structure, as in V(gateway.name).
    type: list
    elements: raw
    required: true
  reveal_secrets:
    description: Whether to read credentials. Use it with C(no_log).
    type: bool
    default: false
  cache:
    description: Whether a value read earlier in this run may be returned.
    type: bool
    default: true
  default:
    description: Value to return if there is no such object. Without it, the lookup fails.
    type: raw
  host:
    description: Address of the PBX.
    type: str
    vars:
      - name: threecx_host
    env:
      - name: THREECX_HOST
  host_port:
    description: Port of the PBX, if O(host) does not contain one.
    type: int
    env:
      - name: THREECX_PORT
  api_client_id:
    description: Client ID of a service principal.
    type: str
    vars:
      - name: threecx_client_id
    env:
      - name: THREECX_CLIENT_ID
  api_client_secret:
    description: Client secret of the service principal.
    type: str
    vars:
      - name: threecx_client_secret
    env:
      - name: THREECX_CLIENT_SECRET
  validate_certs:
    description: Whether the TLS certificate of the PBX must be valid.
    type: bool
    default: true
    vars:
      - name: threecx_validate_certs
    env:
      - name: THREECX_VALIDATE_CERTS
  ca_path:
    description: Path of a PEM file with the certificate authorities to trust.
    type: str
    vars:
      - name: threecx_ca_path
    env:
      - name: THREECX_CA_PATH
requirements:
  - The Python package C(threecx-xapi) on the controller
notes:
  - A host of an inventory that has the variable C(threecx_host) takes none of the options from environment variables.
seealso:
  - module: threecx.xapi.threecx_user_info
"""

EXAMPLES = r"""
- name: Show the email address of an extension
  ansible.builtin.debug:
    msg: "{{ lookup('threecx.xapi.threecx', 'user', '100', 'email_address') }}"

- name: Name the provider of the main trunk of another PBX
  ansible.builtin.debug:
    msg: "{{ lookup('threecx.xapi.threecx', 'trunk', '10000', 'gateway.name', host='north.example.com',
      api_client_id='900', api_client_secret=north_secret) }}"

- name: Configure the fallback of a queue
  threecx.xapi.threecx_queue:
    number: "800"
    forward_no_answer:
      to: External
      external: "{{ lookup('threecx.xapi.threecx', 'user', '100', 'mobile', default='+15550100') }}"

- name: Show the number that an inbound rule is for
  ansible.builtin.debug:
    msg: "{{ lookup('threecx.xapi.threecx', 'inbound_rule', {'rule_name': 'Main number'}, 'data') }}"

- name: Read a server of the settings
  ansible.builtin.set_fact:
    mail_server: "{{ lookup('threecx.xapi.threecx', 'mail_settings', 'smtp_server') }}"
"""

RETURN = r"""
_raw:
  description: The value of the property, or null if the PBX has none.
  type: list
  elements: raw
  sample: ["ada.moreno@example.com"]
"""

from typing import Any  # noqa: E402

from ansible import constants  # noqa: E402
from ansible.errors import AnsibleError  # noqa: E402
from ansible.plugins.lookup import LookupBase  # noqa: E402

from ..module_utils._library import PROBLEM  # noqa: E402
from ..plugin_utils._one_object import CONNECTION, ObjectError, Wanted, property_of, read_once  # noqa: E402


class LookupModule(LookupBase):  # type: ignore[misc]
    """See DOCUMENTATION."""

    def run(self, terms: list[Any], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[Any]:
        """Return the property.

        Raises:
            AnsibleError: the terms or the connection are wrong, there is no such object, or the PBX refuses
        """
        self.set_options(var_options=variables, direct=kwargs)
        if PROBLEM is not None:
            raise AnsibleError(PROBLEM)
        try:
            wanted = Wanted.of_terms(terms)
            connection = self._connection(variables or {}, kwargs)
            row = read_once(
                wanted,
                {name: value for name, value in connection.items() if value is not None},
                reveal_secrets=self.get_option("reveal_secrets"),
                cache=self.get_option("cache"),
            )
            if row is None:
                if "default" in kwargs:
                    return [kwargs["default"]]
                raise ObjectError(f"There is no {wanted.title}. Give default for a value to return instead.")
            return [property_of(wanted, row)]
        except ObjectError as error:
            raise AnsibleError(f"threecx.xapi.threecx: {error}") from None

    def _connection(self, variables: dict[str, Any], direct: dict[str, Any]) -> dict[str, Any]:
        """The options of the connection. Ansible does not resolve templates in the variables that options come from."""
        found: dict[str, Any] = {name: value for name, value in direct.items() if name in CONNECTION}
        for name in CONNECTION:
            if name in found:
                continue
            value, origin = constants.config.get_config_value_and_origin(
                name, plugin_type="lookup", plugin_name=self._load_name, variables=variables
            )
            if str(origin).startswith("env: ") and "threecx_host" in variables and "host" not in direct:
                # It belongs to another PBX than the one that the inventory names.
                if name in ("api_client_id", "api_client_secret"):
                    variable = f"threecx_{name.removeprefix('api_')}"
                    raise ObjectError(f"The host has the variable threecx_host, but not {variable}. Nothing was sent.")
                continue
            found[name] = self._templar.template(value) if str(origin).startswith("var: ") else value
        return found
