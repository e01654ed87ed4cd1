"""The same thing in different spellings: what of a number or an address is compared."""

from __future__ import annotations

from typing import Any


def digits(value: Any) -> str:
    """A telephone number or a MAC address without what people put between its digits, in small letters."""
    return "".join(c for c in str(value).lower() if c.isalnum() or c in "*#")
