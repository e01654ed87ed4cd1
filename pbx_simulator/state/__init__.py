"""State of a PBX, and the consequences of changing it."""
