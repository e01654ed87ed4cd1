"""Versions, changelogs and packages of a release: `make build` and `make release`."""
