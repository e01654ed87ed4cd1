"""How reports call kinds and objects."""

from __future__ import annotations

from pbx_as_code.config.configuration import Identity, title_of
from pbx_as_code.config.kinds import KINDS, SECTIONS
from pbx_as_code.entities import description


def title(kind: str, identity: Identity) -> str:
    """Title of an object of a plan."""
    if kind in KINDS:
        return title_of(KINDS[kind], identity)
    return " ".join((description(kind).label, *(str(part) for part in identity)))


def section(kind: str) -> str:
    """The key of files under which a kind stands."""
    about = description(kind)
    return next((name for name, one in SECTIONS.items() if one.name == kind), getattr(about, "plural", kind))
