"""The environment and the clients of each test are its own."""

from __future__ import annotations

from tests.collection.conftest import _private

__all__ = ["_private"]
