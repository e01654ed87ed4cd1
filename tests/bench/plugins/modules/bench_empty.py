#!/usr/bin/python
"""The least a module that speaks HTTP by httpx can cost when it is shipped: it imports httpx, and does nothing."""

import httpx
from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = """
module: bench_empty
short_description: Imports httpx and does nothing
"""

if __name__ == "__main__":
    AnsibleModule({}).exit_json(version=httpx.__version__)
