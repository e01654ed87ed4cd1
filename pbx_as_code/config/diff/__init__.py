"""Differences between two configurations: directories, plan files and PBXs in any combination.

difference(of_files("acme", load(Path("acme"))), of_pbx("beta", Pbx(client)))
"""

from pbx_as_code.config.diff.pairs import Difference, ObjectDifference, difference
from pbx_as_code.config.diff.report import as_json, as_markdown, as_text
from pbx_as_code.config.diff.sides import Side, of_files, of_pbx, of_plan

__all__ = [
    "Difference", "ObjectDifference", "Side", "as_json", "as_markdown", "as_text", "difference", "of_files", "of_pbx",
    "of_plan",
]  # fmt: skip
