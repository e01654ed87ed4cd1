"""How a PBX answers, compared with what the simulator assumes: the command `threecx doctor`.

    found = examine(client)
    found.traits, found.unknown, found.access

Builds of the PBX differ in documented ways, called traits (QUESTIONS). `examine` finds out which of them a PBX has,
by reading, or also by creating and removing marked objects (Probe). `traits_file` writes them without any name, number
or secret, in the form that the simulator loads.
"""

from pbx_as_code.doctor.examining import NotQuiet, Probe, examine
from pbx_as_code.doctor.findings import ASSUMED, QUESTIONS, Access, Examination, Finding, Question
from pbx_as_code.doctor.report import as_json, as_text, traits_file
from pbx_as_code.doctor.writing import ProbeFailed

__all__ = [
    "ASSUMED", "QUESTIONS", "Access", "Examination", "Finding", "NotQuiet", "Probe", "ProbeFailed", "Question",
    "as_json", "as_text", "examine", "traits_file",
]  # fmt: skip
