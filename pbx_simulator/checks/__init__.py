"""What a PBX refuses to store."""
