"""How many modules there are, as the READMEs say it."""

from __future__ import annotations

from openapi.codegen.modules.modules_page import numbers
from pbx_as_code.entities import NAMES, description


def run() -> None:
    """Print the numbers."""
    print(numbers(map(description, NAMES)))
