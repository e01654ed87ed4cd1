"""A rulebook with the event source, run by ansible-rulebook in a separate venv; see requirements-rulebook.in.

`make environment-rulebook` creates the venv. Without it, or without Java 17, these tests are skipped with the reason.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from pbx_simulator import SimulatedPbx
from tests.collection.tree import COLLECTION, ROOT, environment
from tests.fleet.test_event_source import write

VENV = ROOT / ".venvs" / "rulebook"
LONGEST = 60.0
RULES: list[dict[str, Any]] = [  # the first one that matches
    {"name": "end", "condition": 'event.message == "Last"', "action": {"shutdown": {"delay": 0.1}}},
    {"name": "entry", "condition": 'event.log == "event_log"', "action": {"debug": {"msg": "GOT {{ event.message }}"}}},
]


def reason() -> str | None:
    """The reason for which no rulebook can run here."""
    if not (VENV / "bin" / "ansible-rulebook").exists():
        return "there is no ansible-rulebook in .venvs/rulebook: make environment-rulebook"
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        return "ansible-rulebook needs Java 17 or newer: apt-get install openjdk-17-jre-headless"
    return None


needs_rulebook = pytest.mark.skipif(reason() is not None, reason=str(reason()))


class Rulebook:
    """Runs a rulebook with the source threecx.xapi.events until its rule `end` ends it."""

    def __init__(self, pbx: SimulatedPbx, scratch: Path) -> None:
        self.scratch = scratch
        source = {
            "host": pbx.url, "client_id": pbx.client_id, "client_secret": "{{ SECRET }}", "interval": 0.05,
            "logs": ["event_log"], "from_beginning": True, "state_dir": str(scratch / "state"),
        }  # fmt: skip
        sources = [{"name": "logs", "threecx.xapi.events": source}]
        book = [{"name": "Logs", "hosts": "all", "sources": sources, "rules": RULES}]
        (scratch / "rulebook.yml").write_text(yaml.safe_dump(book))
        (scratch / "hosts.yml").write_text("all: {hosts: {localhost: {ansible_connection: local}}}\n")
        self.environment = environment(
            scratch,
            PYTHONPATH=f"{ROOT}:{ROOT / 'generated_client'}",
            SECRET=pbx.client_secret,
            PATH=os.pathsep.join((str(VENV / "bin"), os.environ["PATH"])),
        )

    def run(self) -> str:
        """Run until the rule `end` has ended it; return all output."""
        done = subprocess.run(
            ["ansible-rulebook", "-r", "rulebook.yml", "-i", "hosts.yml", "--env-vars", "SECRET"],
            env=self.environment, cwd=self.scratch, capture_output=True, text=True, timeout=LONGEST, check=False,
        )  # fmt: skip
        return done.stdout + done.stderr


@needs_rulebook
def test_a_rulebook_gets_each_entry_once_over_a_restart(pbx: SimulatedPbx, tmp_path: Path) -> None:
    rulebook = Rulebook(pbx, tmp_path)
    write(pbx, 101, 1, Message="Entry 101")
    write(pbx, 102, 2, Message="Last")
    first = rulebook.run()
    write(pbx, 103, 3, Message="Entry 103")
    write(pbx, 104, 4, Message="Last")
    second = rulebook.run()
    assert first.count("GOT Entry 101") == 1, first
    assert "GOT Entry 103" in second, second
    assert "GOT Entry 101" not in second, second
    assert pbx.client_secret not in first + second


def test_the_rulebook_of_the_collection_uses_only_options_there_are() -> None:
    [book] = yaml.safe_load((COLLECTION / "extensions" / "eda" / "rulebooks" / "events.yml").read_text())
    [source] = book["sources"]
    documented = (COLLECTION / "extensions" / "eda" / "plugins" / "event_source" / "events.py").read_text()
    for option in source["threecx.xapi.events"]:
        assert f"\n  {option}:\n" in documented
