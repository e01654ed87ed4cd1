"""The version of everything in this repository. `make release` writes it here and wherever it must be repeated."""

__version__ = "0.1.0"
