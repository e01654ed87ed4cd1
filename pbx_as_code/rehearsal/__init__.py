"""Rehearse a change on a simulated PBX before it is applied: the command `threecx rehearse`.

    rehearse(Stage(base, wanted, client))

The simulated PBX is built from the base, such as an export of the PBX; then the wanted files are applied to it.
"""

from pbx_as_code.rehearsal.calls import Rerouted, rerouted
from pbx_as_code.rehearsal.perform import Rehearsal, Stage, rehearse, seed_of
from pbx_as_code.rehearsal.report import as_json, as_markdown, as_text

__all__ = [
    "Rehearsal", "Rerouted", "Stage", "as_json", "as_markdown", "as_text", "rehearse", "rerouted", "seed_of",
]  # fmt: skip
