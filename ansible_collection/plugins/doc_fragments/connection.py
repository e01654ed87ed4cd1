# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connection options that are common to all modules of the collection."""

from __future__ import annotations


class ModuleDocFragment:
    """Documentation shared by all modules."""

    DOCUMENTATION = r"""
options:
  host:
    description:
      - Address of the PBX. It is a host name (V(pbx.example.com)), a host name with a port (V(pbx.example.com:5001)) or
        a URL (V(https://pbx.example.com:5001)).
      - The connection uses HTTPS, unless the URL begins with V(http://).
      - If not given, the environment variable E(THREECX_HOST) is used.
    type: str
    required: true
  host_port:
    description:
      - Port of the PBX, if O(host) does not contain one. The default is the default port of HTTPS or HTTP.
      - If not given, the environment variable E(THREECX_PORT) is used.
    type: int
  api_client_id:
    description:
      - Client ID of a service principal, such as V(900). Create service principals in the admin console under
        Integrations > API. Needs O(api_client_secret).
      - If not given, the environment variable E(THREECX_CLIENT_ID) is used.
    type: str
  api_client_secret:
    description:
      - Client secret (API key) of the service principal in O(api_client_id).
      - If not given, the environment variable E(THREECX_CLIENT_SECRET) is used.
    type: str
  login_username:
    description:
      - Extension number or email address of a user to sign in as, as an alternative to a service principal. Needs
        O(login_password).
      - If not given, the environment variable E(THREECX_USERNAME) is used.
    type: str
  login_password:
    description:
      - Password of the user in O(login_username).
      - If not given, the environment variable E(THREECX_PASSWORD) is used.
    type: str
  security_code:
    description:
      - Second factor (2FA code) of the user in O(login_username), if the PBX requires one.
      - If not given, the environment variable E(THREECX_SECURITY_CODE) is used.
    type: str
  access_token:
    description:
      - Access token from another source, as an alternative to signing in. The module does not renew it.
      - If not given, the environment variable E(THREECX_ACCESS_TOKEN) is used.
    type: str
  validate_certs:
    description:
      - Whether the TLS certificate of the PBX must be valid. Disable this only in test environments. Prefer O(ca_path)
        for a private certificate.
      - If not given, the environment variable E(THREECX_VALIDATE_CERTS) is used.
    type: bool
    default: true
  ca_path:
    description:
      - Path of a PEM file with the certificate authorities to trust, for a PBX without a public certificate.
      - If not given, the environment variable E(THREECX_CA_PATH) is used.
    type: path
  connect_timeout:
    description:
      - Seconds to wait for a connection to the PBX, including name resolution and the TLS handshake. Never more than
        O(request_timeout).
      - If not given, the environment variable E(THREECX_CONNECT_TIMEOUT) is used.
    type: float
    default: 10.0
  request_timeout:
    description:
      - Seconds to wait for the PBX in each request.
      - If not given, the environment variable E(THREECX_REQUEST_TIMEOUT) is used.
    type: float
    default: 30.0
  task_deadline:
    description:
      - Maximum duration of the task in seconds. In a loop, it applies to each item. It includes all requests, the
        sign-in, pauses between retries, responses that never end, and C(wait_timeout) if the module has that option.
      - If not given, the environment variable E(THREECX_TASK_DEADLINE) is used. The default is 300 seconds, plus
        C(wait_timeout) for each time the module waits.
    type: float
  token_cache:
    description:
      - Whether tasks share the access token through a file that only its owner can read. A PBX accepts only one access
        token per client at a time. With V(false) the token is kept in memory, and parallel tasks sign each other out.
      - The URL of a redis server, such as V(rediss://:password@redis.example.com:6379/0), shares the token among
        several controllers or execution nodes. It needs the Python package C(threecx-xapi[redis]). Tokens are encrypted
        with a key derived from the client secret. While the server does not answer, the file is used, with a warning.
      - If not given, the environment variable E(THREECX_TOKEN_CACHE) is used.
    type: raw
    default: true
requirements:
  - Python 3.11 or newer where the module runs (the controller, unless the task is delegated to another host)
  - The Python package C(threecx-xapi) on the same host
notes:
  - The module needs a service principal (O(api_client_id) and O(api_client_secret)), a user (O(login_username) and
    O(login_password)) or O(access_token).
  - Set the connection options once for all modules with C(module_defaults) and the group C(group/threecx.xapi.all), or
    with environment variables.
  - A failed task returns C(msg), and C(pbx), C(kind), C(status), C(code) and C(target) if they are known.
    M(threecx.xapi.threecx_operation) documents them.
"""
