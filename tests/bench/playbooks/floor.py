"""A collection as large as ours whose actions do next to nothing: the floor of a task.

Ansible looks a module up several times for each task, and lists the folder of its collection each time. That takes the
longer the more modules there are, whatever they do.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.bench.machine import BUILD, ROOT

ACTIONS = Path(__file__).resolve().parent / "plugins" / "action"
#: Folder of collections that Ansible is told of.
PLACE = BUILD / "collections"


def collection() -> Path:
    """Make the collection bench.floor and return the folder to find it in."""
    plugins = PLACE / "ansible_collections" / "bench" / "floor" / "plugins"
    shutil.rmtree(PLACE, ignore_errors=True)
    for kind in ("action", "modules"):
        (plugins / kind).mkdir(parents=True)
    names = [module.stem for module in (ROOT / "ansible_collection" / "plugins" / "modules").glob("threecx_*.py")]
    actions = sorted(ACTIONS.glob("*.py"))
    for source in actions:
        shutil.copy(source, plugins / "action")
    for name in (*names[: -len(actions)], *(source.stem for source in actions)):
        (plugins / "modules" / f"{name}.py").write_text('DOCUMENTATION = ""\n')
    return PLACE


def nothing(number: str) -> str:
    """A task of it that sends no request."""
    return f'    - bench.floor.nothing: {{number: "{number}", state: absent}}\n'


def get(number: str) -> str:
    """A task of it that looks a fax up."""
    return f'    - bench.floor.get: {{number: "{number}"}}\n'
