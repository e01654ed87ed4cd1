"""Help of every command: with examples, and without waiting for what only running it needs."""

from __future__ import annotations

import json
import subprocess
import sys

from pbx_as_code.cli.main import _COMMANDS
from tests.cli.conftest import Threecx


def test_every_command_explains_itself_by_examples(threecx: Threecx) -> None:
    for name in _COMMANDS:
        done = threecx(name, "--help")
        assert done.status == 0
        assert f"Usage: threecx {name}" in done.out
        assert "Example" in done.out or name == "version"
        assert f"  threecx {name}" in done.out.partition("Example")[2] or name == "version"
        assert "--json" in done.out or name == "schema"


def test_a_misspelt_command_is_said_with_the_nearest(threecx: Threecx) -> None:
    assert "There is no command exprt; did you mean export?" in threecx("exprt").err
    assert threecx("xyz", "--json").error["message"] == "There is no command xyz."


def test_help_of_no_command_imports_what_only_running_it_needs() -> None:
    code = (
        "import sys, json; from click.testing import CliRunner; from pbx_as_code.cli.main import _COMMANDS, cli\n"
        "found = {}\n"
        "for name in sorted(_COMMANDS):\n"
        "    done = CliRunner().invoke(cli, [name, '--help'])\n"
        "    assert done.exit_code == 0, done.output\n"
        "    heavy = ('httpx', 'rich', 'jinja2', 'attrs', 'ansible')\n"
        "    found[name] = [module for module in heavy if module in sys.modules]\n"
        "print(json.dumps(found))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert {name: modules for name, modules in json.loads(done.stdout).items() if modules} == {}
