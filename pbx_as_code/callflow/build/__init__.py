"""A call graph from files or from a PBX."""
