# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How to reach a PBX: the options that every module has."""

from __future__ import annotations

from typing import Any

from ansible.module_utils.basic import env_fallback
from ansible.module_utils.errors import AnsibleFallbackNotFound

#: Variables of the environment that are not called as the options are, which must differ from every entity's.
_VARIABLES = {
    "host_port": "THREECX_PORT",
    "api_client_id": "THREECX_CLIENT_ID",
    "api_client_secret": "THREECX_CLIENT_SECRET",
    "login_username": "THREECX_USERNAME",
    "login_password": "THREECX_PASSWORD",
}


def _from_environment(variable: str) -> str:
    """The value of a variable; one that is empty is unset, as CI systems and AWX set it for what was left out."""
    value: str = env_fallback(variable)
    if not value:
        raise AnsibleFallbackNotFound
    return value


def _connection(name: str, **spec: Any) -> dict[str, Any]:
    return {**spec, "fallback": (_from_environment, [_VARIABLES.get(name, f"THREECX_{name.upper()}")])}


def connection_options() -> dict[str, dict[str, Any]]:
    """How to reach a PBX; each has a fallback in the environment, such as THREECX_HOST."""
    specs: dict[str, dict[str, Any]] = {
        "host": {"type": "str", "required": True},
        "host_port": {"type": "int"},
        "api_client_id": {"type": "str"},
        "api_client_secret": {"type": "str", "no_log": True},
        "login_username": {"type": "str"},
        "login_password": {"type": "str", "no_log": True},
        "security_code": {"type": "str", "no_log": True},
        "access_token": {"type": "str", "no_log": True},
        "validate_certs": {"type": "bool", "default": True},
        "ca_path": {"type": "path"},
        "connect_timeout": {"type": "float", "default": 10.0},
        "request_timeout": {"type": "float", "default": 30.0},
        "task_deadline": {"type": "float"},
        "token_cache": {"type": "raw", "default": True, "no_log": False},
    }
    return {name: _connection(name, **spec) for name, spec in specs.items()}
