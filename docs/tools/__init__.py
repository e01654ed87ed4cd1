"""Builds the documentation: see `python -m docs.tools --help`."""
