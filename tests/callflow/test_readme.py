"""The trace in the README is what the command prints."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from pbx_as_code.cli.main import cli

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent


def test_the_trace_of_the_readme(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(HERE)
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.search(r"<!-- trace run by \S+ -->\n```console\n\$ threecx (.*?)\n(.*?)```", text, re.DOTALL)
    assert found is not None
    done = CliRunner().invoke(cli, shlex.split(found[1]))
    assert done.exit_code == 0, done.output
    assert done.stdout == found[2]
