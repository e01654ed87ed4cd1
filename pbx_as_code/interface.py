"""Which interface the collection threecx.xapi finds here."""

from typing import Final

INTERFACE: Final = 3
"""Raised by one whenever what the collection calls changes; the collection names the one that it was written for."""
