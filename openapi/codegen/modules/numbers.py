"""How many modules there are, as the READMEs say it."""

from __future__ import annotations

import sys

from openapi.codegen.modules.files import FOLDERS
from openapi.codegen.modules.generation import COLLECTION
from openapi.codegen.modules.modules_page import numbers
from pbx_as_code.entities import NAMES, description


def run() -> None:
    """Print the numbers."""
    texts = {f"{FOLDERS[0]}/{path.name}": path.read_text() for path in (COLLECTION / FOLDERS[0]).glob("threecx_*.py")}
    sys.stdout.write(numbers(texts, {name: description(name) for name in NAMES}).sentence() + "\n")
