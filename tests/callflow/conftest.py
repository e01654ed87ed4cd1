"""The company of the worked scenarios, as files."""

from __future__ import annotations

from pathlib import Path

import pytest

from pbx_as_code.callflow import CallGraph, from_directory

ACME = Path(__file__).parent / "acme"


@pytest.fixture(scope="session")
def acme() -> CallGraph:
    """Its graph."""
    return from_directory(ACME)
