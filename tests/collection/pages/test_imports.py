"""Files packed into a shipped module: Ansible follows every import, even within functions."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

from tests.each import each

PLUGINS = Path(__file__).resolve().parents[3] / "ansible_collection" / "plugins"
SHIPPED = sorted([*(PLUGINS / "module_utils").glob("*.py"), *(PLUGINS / "modules").glob("*.py")])


def imports(file: Path) -> list[tuple[int, str, bool]]:
    """Level and name of each import, and whether it is for type checkers alone."""
    tree = ast.parse(file.read_text())
    typing = {
        child
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for child in ast.walk(node)
    }
    found: list[tuple[int, str, bool]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(0, alias.name, node in typing) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found.append((node.level, node.module or "", node in typing))
    return found


@each("file", SHIPPED)
def test_a_shipped_file_drags_nothing_along(file: Path) -> None:
    for level, name, typing in imports(file):
        top = name.partition(".")[0]
        if level:
            assert name.removeprefix("module_utils.").startswith("_") or name == "", f"{name}: not a private name"
        elif top == "ansible":
            assert name.startswith("ansible.module_utils."), f"{name} exists on the controller only"
        elif top in ("pbx_as_code", "threecx_xapi"):
            assert typing or file.name == "_library.py", "it may be missing: only _library.py imports it"
        else:
            assert top in sys.stdlib_module_names, f"{name} need not be there"
