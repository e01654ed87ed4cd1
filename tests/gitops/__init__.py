"""Tests of the workflow for pull requests."""
