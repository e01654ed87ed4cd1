"""A missing package of an extra is one line that names the pip command."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from pbx_as_code.cli.main import _COMMANDS
from pbx_simulator import SimulatedPbx
from pbx_simulator.command import NEEDED

ROOT = Path(__file__).resolve().parents[2]
OURS = {"pbx_as_code", "pbx_simulator", "threecx_xapi"}
#: Packages that `pip install threecx-xapi` installs.
CORE = {"anyio", "attr", "attrs", "certifi", "h11", "httpcore", "httpx", "idna", "sniffio", "typing_extensions"}
#: Packages whose import name is not that of an extra's requirement.
IMPORTED_AS = {"graphviz-pure": "graphviz_pure", "Jinja2": "jinja2", "PyJWT": "jwt", "PyYAML": "yaml"}
#: Imported if they are installed; the message names the package itself.
OPTIONAL = {"ansible", "keyring", "uvloop"}
#: Packages whose absence the entry point of a folder explains.
CHECKED_FIRST = {
    "pbx_as_code/cli/": {"click", "rich"},
    "pbx_simulator/": {module for modules in NEEDED.values() for module in modules},
}
_BLOCKED = """
import contextlib, io, json, sys
blocked = sys.argv[1]
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == blocked:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Blocker())
class Terminal(io.StringIO):
    def isatty(self):
        return True
from pbx_as_code.cli.main import main
for arguments in json.loads(sys.argv[2]):
    with contextlib.redirect_stderr(Terminal()) as err, contextlib.redirect_stdout(io.StringIO()):
        try:
            main(arguments)
        except SystemExit as ended:
            status = ended.code
    print(json.dumps([arguments, status, err.getvalue()]))
"""


def extras() -> dict[str, set[str]]:
    """Import names of the packages of each extra."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = {
        extra: {each.partition(">")[0] for each in each_of}
        for extra, each_of in project["optional-dependencies"].items()
    }
    return {extra: {IMPORTED_AS.get(name, name.replace("-", "_")) for name in names} for extra, names in named.items()}


def imports(tree: ast.AST, guarded: bool = False) -> Iterator[tuple[str, bool]]:
    """Top-level packages that a file imports when it runs, each with whether a guard explains their absence."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from ((each.name.partition(".")[0], guarded) for each in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield (node.module or "").partition(".")[0], guarded
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            yield from (each for other in node.orelse for each in imports(other, guarded))
        else:
            with_extra = isinstance(node, ast.With) and ast.unparse(node.items[0]).startswith("extra(")
            caught = isinstance(node, ast.Try) and any(
                handler.type is not None and ast.unparse(handler.type) in ("ImportError", "ModuleNotFoundError")
                for handler in node.handlers
            )
            yield from imports(node, guarded or with_extra or caught)


def test_each_import_of_another_package_is_installed_or_explained() -> None:
    known = set().union(*extras().values()) | {module for modules in NEEDED.values() for module in modules}
    files = [path for folder in OURS for path in (ROOT / folder).rglob("*.py")]
    files += [path for path in (ROOT / "generated_client").rglob("*.py") if "/models/" not in str(path)]
    seen: set[str] = set()
    for path in files:
        name = path.relative_to(ROOT).as_posix()
        if name.startswith("pbx_as_code/entities/"):
            continue
        first = set().union(*(modules for folder, modules in CHECKED_FIRST.items() if name.startswith(folder)))
        text = path.read_text()
        found = list(imports(ast.parse(text)))
        explained = first | {module for module, guarded in found if guarded}
        for module in {module for module, _ in found} - OURS - CORE - set(sys.stdlib_module_names):
            assert module in known | OPTIONAL, f"{name} imports {module}, which no extra installs"
            said = module in first or "pip install" in text or "extra(" in text
            unexplained = f"{name} imports {module} without a message if it is missing; see pbx_as_code/extras.py"
            assert module in explained, unexplained
            assert said, unexplained
            seen.add(module)
    assert {"click", "jinja2", "rich", "starlette", "yaml"} <= seen


@pytest.mark.parametrize("package", sorted(extras()["cli"]))
def test_each_command_says_in_one_line_what_is_missing(package: str, tmp_path: Path) -> None:
    (tmp_path / "pbx.yml").write_text("# nothing\n")
    files = tmp_path / "files"
    files.mkdir()
    (files / "vars.yml").write_text("name: Sales\n")
    (files / "groups.yml").write_text('groups:\n  - name: "{{ name | title }}"\n')
    with SimulatedPbx() as pbx:
        where = ["--url", pbx.url, "--client-id", pbx.client_id]
        lines: dict[str, list[str]] = {
            "api": [*where, "ListUser"],
            "apply": [*where, str(files), "--yes"],
            "drift": [*where, str(files)],
            "export": [*where, str(tmp_path / "acme")],
            "get": [*where, "users"],
            "plan": [*where, str(files)],
            "schema": [],
            "validate": [str(files)],
            "version": [],
        }
        assert set(lines) <= set(_COMMANDS)
        commands = [[name, *lines.get(name, ["--help"])] for name in sorted(_COMMANDS)]
        done = subprocess.run(
            [sys.executable, "-c", _BLOCKED, package, json.dumps(commands)],
            env={"HOME": str(tmp_path), "THREECX_CLIENT_SECRET": pbx.client_secret, "LC_ALL": "C.UTF-8"},
            capture_output=True, text=True, cwd=tmp_path, check=False,
        )  # fmt: skip
    if package == "click":
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == "threecx needs the extra cli: pip install 'threecx-xapi[cli]'\n"
        return
    assert done.returncode == 0, done.stderr
    ended = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(ended) == len(commands)
    line = f"Error: The package {package} is not installed. Run: pip install 'threecx-xapi[cli]'\n"
    failed = {arguments[0]: said for arguments, status, said in ended if status == 1}
    assert failed, "no command uses it"
    assert failed == dict.fromkeys(failed, line)


def test_a_rehearsal_without_the_simulator_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "all.yml").write_text('users:\n- {number: "100", first_name: Ines}\n')
    commands = [["rehearse", str(tmp_path), "--base", str(tmp_path)]]
    done = subprocess.run(
        [sys.executable, "-c", _BLOCKED, "starlette", json.dumps(commands)], capture_output=True, text=True, check=True
    )
    [(_, status, said)] = map(json.loads, done.stdout.splitlines())
    assert (status, said) == (1, "Error: starlette is not installed. Run: pip install 'threecx-xapi[simulator]'\n")


def test_a_program_is_told_the_same() -> None:
    for package, code in (
        ("yaml", "from pbx_as_code.config.loader import load"),
        ("starlette", "from pbx_simulator import SimulatedPbx"),
    ):
        blocked = (
            _BLOCKED.partition("class Terminal")[0]
            + f"try:\n    {code}\nexcept ImportError as error:\n    print(error)"
        )
        done = subprocess.run([sys.executable, "-c", blocked, package], capture_output=True, text=True, check=True)
        extra = next(extra for extra, packages in reversed(extras().items()) if package in packages)
        [line] = done.stdout.splitlines()
        assert package in line
        assert line.endswith(f"not installed. Run: pip install 'threecx-xapi[{'cli' if package == 'yaml' else extra}]'")


def test_every_entry_point_tells_the_same_version() -> None:
    commands = (
        ["-m", "threecx_xapi", "--version"],
        ["-m", "pbx_simulator", "--version"],
        ["-c", "from pbx_as_code.cli.main import main; main(['--version'])"],
        ["-c", "from pbx_as_code.cli.main import main; main(['version'])"],
        ["-c", "from importlib.metadata import version; print('threecx-xapi', version('threecx-xapi'))"],
    )
    said = {
        subprocess.run([sys.executable, *command], capture_output=True, text=True, check=True).stdout.splitlines()[0]
        for command in commands
    }
    assert len(said) == 1, said
    assert next(iter(said)).startswith("threecx-xapi ")
