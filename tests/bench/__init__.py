"""Figures, each the median of repeated runs, all sides of a comparison in the same run: `make bench`."""
