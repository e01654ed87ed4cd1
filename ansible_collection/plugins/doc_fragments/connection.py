# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How to reach a PBX: the options every module of the collection has."""

from __future__ import annotations


class ModuleDocFragment:
    """Documentation shared by all modules."""

    DOCUMENTATION = r"""
options:
  host:
    description:
      - The PBX, as a host name (V(pbx.example.com)), a host name with a port (V(pbx.example.com:5001)) or a URL
        (V(https://pbx.example.com:5001)).
      - Plain HTTP is used only where the URL says V(http://).
      - If not given, the environment variable E(THREECX_HOST) is used.
    type: str
    required: true
  host_port:
    description:
      - The port of the PBX, where O(host) does not name one. Without either, the usual port of the scheme.
      - If not given, the environment variable E(THREECX_PORT) is used.
    type: int
  api_client_id:
    description:
      - The client id of a service principal, such as V(900). Service principals are made in the admin console below
        Integrations, API. Goes with O(api_client_secret).
      - If not given, the environment variable E(THREECX_CLIENT_ID) is used.
    type: str
  api_client_secret:
    description:
      - The secret (API key) of the service principal.
      - If not given, the environment variable E(THREECX_CLIENT_SECRET) is used.
    type: str
  login_username:
    description:
      - The extension number or the e-mail address of a person to sign in as, instead of a service principal. Goes with O(login_password).
      - If not given, the environment variable E(THREECX_USERNAME) is used.
    type: str
  login_password:
    description:
      - The password of the person.
      - If not given, the environment variable E(THREECX_PASSWORD) is used.
    type: str
  security_code:
    description:
      - The second factor of the person, where one is asked for.
      - If not given, the environment variable E(THREECX_SECURITY_CODE) is used.
    type: str
  access_token:
    description:
      - An access token that was obtained elsewhere, instead of signing in. It is never renewed.
      - If not given, the environment variable E(THREECX_ACCESS_TOKEN) is used.
    type: str
  validate_certs:
    description:
      - Whether the TLS certificate of the PBX must be valid. Switch it off in laboratories only, or better, set O(ca_path).
      - If not given, the environment variable E(THREECX_VALIDATE_CERTS) is used.
    type: bool
    default: true
  ca_path:
    description:
      - A file with the certificate authorities to trust (PEM) when the PBX has no public certificate.
      - If not given, the environment variable E(THREECX_CA_PATH) is used.
    type: path
  request_timeout:
    description:
      - How long to wait for the PBX, in seconds, each time it is asked something.
      - If not given, the environment variable E(THREECX_REQUEST_TIMEOUT) is used.
    type: float
    default: 30.0
  task_deadline:
    description:
      - How long the task may take in all, in seconds, which is each item of a loop. It counts all requests together, the sign-in,
        the pauses between attempts, answers that never end, and C(wait_timeout) where a module has one.
      - If not given, the environment variable E(THREECX_TASK_DEADLINE) is used. Without either it is 300 seconds, and C(wait_timeout) for
        each time a module waits on top of that.
    type: float
  token_cache:
    description:
      - A PBX accepts one access token of a client at a time, so the token is kept in a file that only its owner can read and
        that all tasks share. Set to V(false) to keep it in memory; tasks that run in parallel then sign each other out.
      - If not given, the environment variable E(THREECX_TOKEN_CACHE) is used.
    type: bool
    default: true
requirements:
  - Python 3.11 or newer where the module runs (the controller, unless the task is delegated to another host)
  - The Python package C(threecx-xapi) in the same place
notes:
  - A service principal (O(api_client_id) and O(api_client_secret)), a person (O(login_username) and O(login_password)) or O(access_token) is needed.
  - Give the connection once for all modules with C(module_defaults) and the group C(group/threecx.xapi.all), or by the environment.
  - A failed task returns C(pbx), C(kind), C(status), C(code) and C(target) beside C(msg), as far as they are known.
    M(threecx.xapi.threecx_operation) documents them.
"""
