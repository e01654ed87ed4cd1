"""What a PBX remembers, and what follows from changing it."""
