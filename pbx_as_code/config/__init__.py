"""A whole PBX as files: reading and checking them, and writing them from what a PBX is like."""
