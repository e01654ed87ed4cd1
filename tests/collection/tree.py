"""The collection where Ansible looks for it, without building it: a link to its source."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COLLECTION = ROOT / "ansible_collection"
MODULES = sorted((COLLECTION / "plugins" / "modules").glob("threecx_*.py"))
NAMES = [path.stem for path in MODULES]
#: The modules that are no entity's.
CONFIG, OPERATION = "threecx_config", "threecx_operation"
OF_ENTITIES = [name for name in NAMES if name not in (CONFIG, OPERATION)]


def environment(scratch: Path, **extra: str) -> dict[str, str]:
    """An environment for Ansible's programs in which nothing of the person who runs the tests counts.

    Args:
        scratch: an empty folder; it becomes HOME and holds the tree of collections.
        extra: more variables, such as THREECX_HOST.
    """
    place = scratch / "collections" / "ansible_collections" / "threecx"
    place.mkdir(parents=True, exist_ok=True)
    if not (place / "xapi").exists():
        (place / "xapi").symlink_to(COLLECTION, target_is_directory=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "THREECX_", "XDG_"))}
    return {
        **kept,
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath))),
        "HOME": str(scratch),
        "XDG_RUNTIME_DIR": str(scratch),
        "ANSIBLE_COLLECTIONS_PATH": str(scratch / "collections"),
        "ANSIBLE_HOME": str(scratch / "ansible"),
        "ANSIBLE_LOCALHOST_WARNING": "False",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "False",
        "ANSIBLE_NOCOLOR": "1",
        **extra,
    }
