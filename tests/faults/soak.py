"""Whether the whole of it is to be run: make soak. Otherwise the tests take what is bounded, and the same each time."""

from __future__ import annotations

import os

SOAK = bool(os.environ.get("THREECX_SOAK"))
