"""Forwarding profiles: every user has the same five in the same order, and keys of phones name one by its index."""

from __future__ import annotations

PROFILES = ("Available", "Away", "Out of office", "Custom 1", "Custom 2")


def profile(value: str) -> str:
    """The name of a forwarding profile.

    Parameters:
        value: its name in any case, or its index from 0; an index that no known profile has stays a number
    """
    text = " ".join(value.split())
    if text.isascii() and text.isdecimal():
        return PROFILES[int(text)] if int(text) < len(PROFILES) else str(int(text))
    return next((name for name in PROFILES if name.casefold() == text.casefold()), text)


def profile_index(value: str) -> str | None:
    """The index of a forwarding profile; None if there is no such profile."""
    name = profile(value)
    return str(PROFILES.index(name)) if name in PROFILES else name if name.isdecimal() and name.isascii() else None
