"""Clones: a PBX, or its files, as files of another PBX with other numbers and names.

clone(load(Path("acme")), read_map(Path("map.yml"))).files
"""

from pbx_as_code.cloning.clone import Clone, Target, clone
from pbx_as_code.cloning.hints import line_hints
from pbx_as_code.cloning.mapping import CloneMap, read_map
from pbx_as_code.cloning.report import as_json, as_text

__all__ = ["Clone", "CloneMap", "Target", "as_json", "as_text", "clone", "line_hints", "read_map"]
