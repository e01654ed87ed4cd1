"""Faults: their effects, the requests they hit, and when."""
