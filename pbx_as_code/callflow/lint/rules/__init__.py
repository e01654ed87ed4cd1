"""The rules of lint, one in each module."""
