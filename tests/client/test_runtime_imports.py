"""What a program pays before its first request. Times are shown by `make bench`; here only what is loaded."""

from __future__ import annotations

import json
import subprocess
import sys


def loaded_by(statement: str) -> set[str]:
    program = (
        "import sys, json, httpx, attrs; before = set(sys.modules);"
        f"{statement}; print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def test_the_package_alone_is_nearly_free() -> None:
    assert loaded_by("import threecx_xapi") == {"threecx_xapi", "threecx_xapi._version"}


def test_a_client_loads_only_its_own_modules() -> None:
    loaded = loaded_by("import threecx_xapi.client, threecx_xapi.operation")
    assert {name for name in loaded if not name.startswith("threecx_xapi")} == set()
    for later in ("_answers", "_store", "_wire", "tokens", "paging", "models"):
        assert f"threecx_xapi.{later}" not in loaded
    assert len(loaded) <= 14


def test_making_a_client_loads_nothing_heavy() -> None:
    made = "from threecx_xapi import XapiClient; XapiClient('pbx', client_id='1', client_secret='x')"
    assert not {"filelock", "certifi", "anyio", "threecx_xapi._wire", "threecx_xapi._store"} & loaded_by(made)
