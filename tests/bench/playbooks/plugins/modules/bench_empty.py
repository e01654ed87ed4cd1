#!/usr/bin/python
"""The least that a module with one request by httpx costs when it is shipped: it sends a GET, and does nothing else."""

import os

import httpx
from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = """
module: bench_empty
short_description: Sends one GET by httpx
"""

if __name__ == "__main__":
    module = AnsibleModule({})
    token = os.environ["BENCH_TOKEN"]
    with httpx.Client(headers={"Authorization": f"Bearer {token}"}) as http:
        found = http.get(os.environ["THREECX_HOST"] + "/xapi/v1/Fax", params={"$filter": "Number eq '80000'"})
    module.exit_json(status=found.status_code)
