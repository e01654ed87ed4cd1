"""The session with `threecx` in README.md, run unchanged with a simulated PBX as pbx.example.com."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from pbx_simulator import AS_SEEN, SimulatedPbx

ROOT = Path(__file__).resolve().parents[2]
CHANGES = 2
"""Exit status of a command that found something to do."""


def session() -> list[str]:
    found = re.search(r"<!-- session run by \S+ -->\n```console\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert found
    return found[1].splitlines()


def test_each_command_does_what_it_shows(tmp_path: Path) -> None:
    lines = session()
    commands = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
    assert [command.split()[1] for command in commands if command.startswith("threecx")] == [
        "export", "validate", "plan", "apply", "drift",
    ]  # fmt: skip
    with SimulatedPbx(traits=AS_SEEN) as pbx:
        where = (
            commands.pop(0)
            .replace("https://pbx.example.com", pbx.url)
            .replace("SECRET=...", f"SECRET={pbx.client_secret}")
        )
        environment = {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(tmp_path),
            "LC_ALL": "C.UTF-8",
        }
        printed = ""
        for command in commands:
            done = subprocess.run(
                ["sh", "-c", f"{where}\n{command}"],
                env=environment, cwd=tmp_path, capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert done.returncode == (CHANGES if " plan " in command else 0), command + done.stdout + done.stderr
            printed += done.stdout
        assert [line for line in lines if not line.startswith("$ ") and line not in printed] == []
        assert next(user for user in pbx.entities("Users") if user["Number"] == "100")["FirstName"] == "Adele"
    assert "<html" in (tmp_path / "drift.html").read_text()
    assert (tmp_path / "acme" / "threecx.lock").is_file()
