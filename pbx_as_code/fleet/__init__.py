"""Many PBXs in one file, fleet.yml: how each is reached, its groups, layers and limits. No PBX is contacted.

The inventory plugin threecx.xapi.fleet and the command threecx read the same file with this package.
"""

from pbx_as_code.config.nodes import ConfigError
from pbx_as_code.fleet.homes import homes_of
from pbx_as_code.fleet.loader import load_fleet
from pbx_as_code.fleet.model import Fleet, FleetGroup, FleetPbx, Layer, SecretReference
from pbx_as_code.fleet.objects import objects_of
from pbx_as_code.fleet.patterns import PatternError, select

__all__ = [
    "ConfigError",
    "Fleet",
    "FleetGroup",
    "FleetPbx",
    "Layer",
    "PatternError",
    "SecretReference",
    "homes_of",
    "load_fleet",
    "objects_of",
    "select",
]
