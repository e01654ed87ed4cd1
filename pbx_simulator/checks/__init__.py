"""Reasons for which a PBX refuses to store a value."""
