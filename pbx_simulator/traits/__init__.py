"""Traits: behaviours in which builds of the PBX differ, each with a name, so that a simulated PBX
can have any of them.
"""

from .registry import AS_SEEN, SETS, STRICT_ODATA, TRAITS, TraitError, Traits, describe, read, resolve

__all__ = ["AS_SEEN", "SETS", "STRICT_ODATA", "TRAITS", "TraitError", "Traits", "describe", "read", "resolve"]
