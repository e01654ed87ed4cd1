"""Expectations about calls, kept beside the configuration in calls.yml: the command `threecx test`.

    outcomes = check(graph, read(Path("acme")))

An expectation names a call and the places that it has to pass if nobody answers and nobody presses a key; what is
assumed about people, or pressed, is said in the expectation.
"""

from pbx_as_code.callflow.expectations.checking import Outcome, State, check
from pbx_as_code.callflow.expectations.model import FILE, Expectation
from pbx_as_code.callflow.expectations.reading import file_of, read, read_files
from pbx_as_code.callflow.expectations.recording import recorded
from pbx_as_code.callflow.expectations.renaming import NewNames, renamed
from pbx_as_code.callflow.expectations.report import as_json, as_junit, as_text

__all__ = [
    "FILE", "Expectation", "NewNames", "Outcome", "State", "as_json", "as_junit", "as_text", "check", "file_of", "read",
    "read_files", "recorded", "renamed",
]  # fmt: skip
