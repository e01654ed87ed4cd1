"""The one exception by which the programs behind make refuse their input."""

from __future__ import annotations


class CodegenError(Exception):
    """What is wrong with the input and what to do, in one line for a person."""
