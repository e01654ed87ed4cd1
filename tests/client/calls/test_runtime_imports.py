"""Modules that a program loads before its first request. `make bench` measures the time."""

from __future__ import annotations

import json
import subprocess
import sys


def loaded_by(statement: str, before: str = "httpx, attrs") -> set[str]:
    # httpx imports click and rich where it finds them, and much with them that would then be loaded already.
    program = (
        "import sys; sys.modules['click'] = sys.modules['rich'] = None;"
        f"import json, {before}; before = set(sys.modules);"
        f"{statement}; print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def test_the_package_alone_is_nearly_free() -> None:
    assert loaded_by("import threecx_xapi") == {"threecx_xapi", "threecx_xapi._version"}


def test_a_client_loads_only_its_own_modules() -> None:
    loaded = loaded_by("import threecx_xapi.client, threecx_xapi.api.fax", before="httpx")  # not even attrs
    assert {name for name in loaded if not name.startswith("threecx_xapi")} == set()
    later = ["_operations", "_request.answers", "_request.rights", "_token_store", "_transport"]
    later += ["models", "paging", "reply", "tokens"]
    assert not {f"threecx_xapi.{name}" for name in later} & loaded
    assert len(loaded) <= 21  # attrs would be 26


def test_making_a_client_loads_nothing_heavy() -> None:
    made = "from threecx_xapi import XapiClient; XapiClient('pbx', client_id='1', client_secret='x')"
    assert not {"certifi", "anyio", "threecx_xapi._transport", "threecx_xapi._token_store"} & loaded_by(made)
