"""Directories of the lock and the journal of each PBX of a fleet."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from pbx_as_code.config.lock import home
from pbx_as_code.fleet.model import Fleet


def homes_of(fleet: Fleet) -> dict[str, Path]:
    """Directory with the lock and the journal of each PBX: its last layer, which belongs to no other PBX.

    PBXs that have all layers in common with others get `.threecx/NAME` beside the fleet file.

    Parameters:
        fleet: whose PBXs are worked on
    """
    last = {name: home(pbx.layers[-1].path) for name, pbx in fleet.pbxs.items() if pbx.layers}
    shared = Counter(path.resolve() for path in last.values())
    own = fleet.path.parent / ".threecx"
    return {name: path if shared[path.resolve()] == 1 else own / name for name, path in last.items()}
