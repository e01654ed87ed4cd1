"""One generation of the committed document that several tests compare with. It takes seconds."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from openapi.codegen import client
from openapi.codegen.modules import generation

#: Marks tests that need a generation, so that one worker of pytest-xdist runs all of them.
SHARED = pytest.mark.xdist_group("generation")


@cache
def client_files() -> dict[str, str]:
    """The text of each generated file of the client by its path."""
    return client.generate()


@cache
def module_files() -> dict[Path, dict[str, str]]:
    """The text of each other generated file by its path, below the collection and below the library."""
    return generation.generate()
