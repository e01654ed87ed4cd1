"""Errors that a type checker reports to users of the client."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from threecx_xapi.errors import ConfigurationError
from threecx_xapi.models import Fax

from tests.client.generated_support import Wire

ROOT = Path(__file__).resolve().parents[3]


WRONG = """
from threecx_xapi import XapiClient, with_response
from threecx_xapi.models import Fax, User

client = XapiClient("pbx.example.com", access_token="invented")
client.fax.delete("twelve")
client.fax.get_by_number("861").colour
client.users.create(User(colour="red"))
client.users.iterate(count=True)
with_response(client.users.get)(38).colour
with_response(client.users.get)("38")
Fax().number.upper()
"""


def complaints(folder: Path, **programs: str) -> dict[str, list[str]]:
    """Return the errors of mypy --strict in each program, without the settings of this repository.

    One run checks all of them: what it spends its time on is the client.
    """
    for name, program in programs.items():
        (folder / f"{name}.py").write_text(program)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--cache-dir={ROOT / 'build' / 'mypy'}"]
        + [f"{name}.py" for name in programs],
        env={"MYPYPATH": str(ROOT / "generated_client"), "PATH": ""},
        capture_output=True,
        text=True,
        cwd=folder,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    lines = [line for line in done.stdout.splitlines() if ": error:" in line]
    assert all(line.partition(".py:")[0] in programs for line in lines), lines
    return {name: [line for line in lines if line.startswith(f"{name}.py:")] for name in programs}


def test_the_program_of_the_readme_and_a_wrong_one(tmp_path: Path) -> None:
    found = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert found
    errors = complaints(tmp_path, readme=found[1], wrong=WRONG)
    assert errors["readme"] == []
    kinds = [line.rpartition("[")[2].rstrip("]") for line in errors["wrong"]]
    assert kinds == ["arg-type", "attr-defined", "call-arg", "call-arg", "attr-defined", "arg-type", "union-attr"], (
        errors
    )


def test_the_key_of_an_entity_that_came_without_one_is_refused() -> None:
    """The types let an entity's key be handed on as it is; that it may be absent is said before anything is sent."""
    wire = Wire(status=204)
    with pytest.raises(ConfigurationError, match=r"/Fax\(\{Id\}\) needs a value for Id"):
        wire.client.fax.delete(Fax().id)
    assert wire.requests == []
    wire.client.fax.delete(Fax(id=0).id)  # nought is a value
    assert wire.line == "DELETE /xapi/v1/Fax(0)"
